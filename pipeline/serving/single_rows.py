"""Whether a viewer gets a list of single encounters or stays: decided here for every page and its files.

A list is cut by a period of months, or by a day. Of a single encounter a role may see the year alone, or no date: for it such a
cut would be wrong, and a right one would tell the month. It gets the list over the whole period, in which nothing is cut, or a
sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.filters import WHOLE_PERIOD


@dataclass(frozen=True)
class Cut:
    """The column that a list is cut by. rows: what is listed; unit: month or day."""

    table: str
    column: str
    rows: str
    unit: str


ENCOUNTERS_BY_MONTH = Cut("gold.high_risk_seniors", "arrival_month", "encounters", "month")
STAYS_BY_MONTH = Cut("gold.index_stays", "stay_month", "stays", "month")
STAYS_BY_DAY = Cut("gold.index_stays", "discharge_date", "stays", "day")


def is_cut_right(viewer: Viewer, cut: Cut) -> bool:
    """Whether what the viewer's role sees of the column cuts the rows as the column itself would."""
    return access.shows(viewer, cut.table, cut.column)


def why_not_listed(viewer: Viewer, cut: Cut, period: str | None = None) -> str:
    """The sentence that stands for the list; empty where the rows can be listed.

    period: of the page's filter; None on a page that lists the rows of one day.
    """
    if is_cut_right(viewer, cut) or period == WHOLE_PERIOD:
        return ""
    tells_year = access.treatment(viewer, cut.table, cut.column) == "year"
    because = f"your role sees their year, not their {cut.unit}" if tells_year else f"your role does not see their {cut.unit}"
    where = "not listed by day" if period is None else "listed over all periods only"
    return f"Single {cut.rows} are {where}, because {because}."
