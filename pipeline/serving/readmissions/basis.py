"""What the rates rest on, and what the result may be called: the row of gold.readmission_basis. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import pandas as pd

from pipeline.errors import NotPublished
from pipeline.serving.reference import reference_rows

BASIS = "select first_date, last_date, measure_name from gold.readmission_basis"


@dataclass(frozen=True)
class Basis:
    """measure_name: what the result may be called, given the codes that were sent. first_date, last_date: the days of the first
    and the newest arrival. whole_until: the last day of discharge whose 30 days of follow-up are over.
    """

    measure_name: str
    first_date: date
    last_date: date
    whole_until: date

    @property
    def tells_planned_returns(self) -> bool:
        """Whether codes enough were sent to tell planned returns apart; the name says so."""
        return "unplanned" in self.measure_name

    @property
    def headline(self) -> str:
        """The name for a narrow place that says elsewhere what it leaves out: Unplanned readmission."""
        return self.measure_name.partition(", ")[0].removeprefix("30-day ").capitalize()

    @property
    def variant(self) -> str:
        """The name after its comma: CMS-style."""
        return self.measure_name.partition(", ")[2]


def basis_of(row: pd.Series) -> Basis:
    """From the one row of gold.readmission_basis; NotPublished when the data holds no encounter."""
    if pd.isna(row["last_date"]):
        raise NotPublished("The published data holds no encounters yet. Put files into the landing folder and refresh.")
    first, last = (pd.Timestamp(row[name]).date() for name in ("first_date", "last_date"))
    return Basis(str(row["measure_name"]), first, last, last - timedelta(days=follow_up_days()))


@cache
def follow_up_days() -> int:
    """How long after discharge a stay must be followed to count, from data/reference."""
    return next(int(row["limit_value"]) for row in reference_rows("readmission_limits") if row["limit_name"] == "follow-up")
