"""Whose stays are looked at: adults, as in the all-payer form of the measure, or patients of 65 and over, as CMS publishes it.

Pure arithmetic over the counts of gold.readmission_rates; a stay outside the population stays in the table as the first
step of the waterfall, so that every waterfall begins with all stays.
"""

from __future__ import annotations

import pandas as pd

from pipeline.errors import BadRequest

ADULTS, SENIORS = "Adults 18+", "65 and over"
POPULATIONS = (ADULTS, SENIORS)

TOO_YOUNG = {ADULTS: "Under 18", SENIORS: "Under 65"}
"""The first step of the waterfall; for adults, as gold.readmission_rates names it."""

SENIOR = "Senior"
"""The age group that is the population of 65 and over."""

PEOPLE = {ADULTS: "adults", SENIORS: "patients of 65 and over"}

NOT_FOLLOWED = "Less than 30 days of follow-up"
"""What gold.readmission_rates calls a stay of which only that is against counting it."""

OUTCOME_COUNTS = ("index_count", "readmission_count", "planned_return_count", "coded_count")
RAW_COUNTS = ("raw_index_count", "raw_return_count")


def checked_population(population: str) -> str:
    """Itself, when it is on the list; BadRequest when not."""
    if population not in POPULATIONS:
        raise BadRequest(f"There is no such population. Choose one of: {', '.join(POPULATIONS)}.")
    return population


def of_population(rows: pd.DataFrame, population: str) -> pd.DataFrame:
    """The same rows with is_in_population; outside of it counted_as is the first step and every count but stay_count is 0.

    The raw counts of stays without 30 days of follow-up are 0 as well: nobody knows yet whether those patients come back.
    """
    inside = rows["counted_as"] != TOO_YOUNG[ADULTS]
    if population == SENIORS:
        inside = rows["age_group"] == SENIOR
    followed = inside & (rows["counted_as"] != NOT_FOLLOWED)
    counted = rows.assign(is_in_population=inside, counted_as=rows["counted_as"].where(inside, TOO_YOUNG[population]))
    return counted.assign(
        **{name: counted[name].where(inside, 0) for name in OUTCOME_COUNTS},
        **{name: counted[name].where(followed, 0) for name in RAW_COUNTS},
    )
