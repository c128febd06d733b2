"""The two rates of every age group, site, ward and month, as they may be shown: nothing of a group under 11 index stays.

Pure: counts are added over the rows of a group before they are divided.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from pipeline.serving.groups import AGE_GROUPS
from pipeline.serving.rates import FEWEST, NO_RATE, NOT_SHOWN, Rate, rate, shown_rate
from pipeline.serving.readmissions.population import ADULTS
from pipeline.serving.wording import AGE_GROUP_YEARS, month_text

AGE_GROUP, SITE, WARD, MONTH = "Age group", "Site", "Ward", "Month"
COLUMNS = {AGE_GROUP: "age_group", SITE: "site_name", WARD: "ward_name", MONTH: "stay_month"}
GROUPINGS = tuple(COLUMNS)

CHILDREN = "Pediatric"
FOR_ADULTS = "The measure is for adults; the newest 30 days are in this rate, so it is a little low"
FOLLOW_UP_CUT = "Follow-up not complete"
SUMMED = ["stay_count", "raw_index_count", "raw_return_count", "index_count", "readmission_count", "planned_return_count"]


@dataclass(frozen=True)
class RateGroup:
    """One group. measure: the measure's rate, of index stays; raw: any next stay within 30 days, of stays left alive and
    followed for 30 days. Neither of a group with fewer than 11 index stays.

    planned_return_count: index stays whose first return was planned; None where the group is too small to be shown.
    note: what else to know about the group; empty when nothing.
    """

    grouped_by: str
    name: str
    measure: Rate
    raw: Rate
    planned_return_count: int | None
    note: str = ""


@dataclass(frozen=True)
class Overall:
    """The sums of the population over the whole view, and both rates, which a view under 11 index stays does not show.

    A count is None where it is hidden as a small cell.
    """

    stay_count: int | None
    coded_count: int | None
    index_count: int | None
    planned_return_count: int | None
    measure: Rate
    raw: Rate


def overall(rows: pd.DataFrame) -> Overall:
    """From rows of the population; stays outside of it are not counted."""
    total = rows[rows["is_in_population"]][[*SUMMED, "coded_count"]].sum()
    group = _group("", "", total)
    counts = (int(total[name]) for name in ("stay_count", "coded_count", "index_count", "planned_return_count"))
    return Overall(*counts, group.measure, group.raw)


def group_sums(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The counts of every group that holds a stay of the population, by grouping: one row per group, named by the index."""
    inside = rows[rows["is_in_population"]]
    return {grouped_by: inside.groupby(column)[SUMMED].sum() for grouped_by, column in COLUMNS.items()}


def rate_groups(sums: dict[str, pd.DataFrame], whole_until: date) -> tuple[RateGroup, ...]:
    """The groups of group_sums. Age groups and months are in their own order, sites and wards by the measure's rate.

    whole_until: the last day of discharge whose 30 days of follow-up are over.
    """
    ages, sites, wards, months = ([_group(by, str(row.Index), row) for row in sums[by].itertuples()] for by in GROUPINGS)
    return (
        *sorted(ages, key=lambda one: AGE_GROUPS.index(one.name)),
        *sorted(sites, key=_by_rate),
        *sorted(wards, key=_by_rate),
        *(_month_group(one, whole_until) for one in months),
    )


def children(rows: pd.DataFrame, population: str) -> tuple[RateGroup, ...]:
    """The raw rate of children beside adults, from rows as read; none beside patients of 65 and over or without children."""
    counts = rows[rows["age_group"] == CHILDREN][SUMMED].sum()
    if population != ADULTS or not counts["raw_index_count"]:
        return ()
    raw = shown_rate(int(counts["raw_return_count"]), int(counts["raw_index_count"]))
    return (RateGroup(AGE_GROUP, CHILDREN, NO_RATE, raw, None, FOR_ADULTS),)


def group_label(group: RateGroup) -> str:
    """The group's name for a reader: Senior 65+, Mar 2026, North Campus."""
    if group.grouped_by == AGE_GROUP:
        return f"{group.name} {AGE_GROUP_YEARS.get(group.name, '')}".strip()
    return month_text(date.fromisoformat(group.name)) if group.grouped_by == MONTH else group.name


def _group(grouped_by: str, name: str, counts: Any) -> RateGroup:
    """From one row of sums, whose columns are read as attributes."""
    if counts.index_count < FEWEST:
        return RateGroup(grouped_by, name, NOT_SHOWN, NOT_SHOWN, None)
    measure = rate(int(counts.readmission_count), int(counts.index_count))
    raw = shown_rate(int(counts.raw_return_count), int(counts.raw_index_count))
    return RateGroup(grouped_by, name, measure, raw, int(counts.planned_return_count))


def _month_group(group: RateGroup, whole_until: date) -> RateGroup:
    is_whole = last_day(date.fromisoformat(group.name)) <= whole_until
    # Of its excluded stays nobody says which are followed up, so the raw rate of such a month would be too low.
    return group if is_whole else replace(group, raw=NO_RATE, note=FOLLOW_UP_CUT)


def last_day(month: date) -> date:
    """The last day of a month given as any of its days."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def _by_rate(group: RateGroup) -> tuple[bool, float, str]:
    """Highest rate first, groups without one last."""
    share = group.measure.share
    return share is None, -(share or 0.0), group.name
