"""The five headline numbers, each with its denominator, its change against the prior equal period and its last thirteen months.

Pure. A change is only shown when the data holds every month of the prior period, and changes of counts are per day covered,
because the newest month is rarely over. A missing number is a dash, never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from pipeline.serving.filters import Choices, Filters, Months, days_of, months_before, months_of, prior_months
from pipeline.serving.quality import Quality
from pipeline.serving.wording import NO_BREAK, UNKNOWN, count_text, decimal_text, plural, share_text, signed_text

TREND_MONTHS = 13
PER_DAY_TREND = "The trend shows the last 13 months, per day covered, because the newest month is rarely over."


@dataclass(frozen=True)
class Tile:
    """One headline number.

    value: the number itself (shares are 0-1), None when it cannot be computed; text: as written for a reader.
    change_text: against the prior equal period, None when there is none; change_note: in words what it compares.
    note: what is counted, and out of what. suppressed: what stands for a value that is hidden as a small cell, empty otherwise.
    monthly: the trend by month, oldest first, None for a month without data; trend_note says what it shows.
    """

    name: str
    value: float | None
    text: str
    change_text: str | None
    change_note: str
    note: str
    source_table: str
    monthly: tuple[float | None, ...]
    trend_note: str = "The line shows the last 13 months."
    suppressed: str = ""


@dataclass(frozen=True)
class _Measures:
    day_count: int
    encounter_count: int
    senior_count: int
    high_risk_senior_count: int
    spo2_count: int
    spo2_sum: float

    @property
    def senior_share(self) -> float | None:
        return self.senior_count / self.encounter_count if self.encounter_count else None

    @property
    def mean_spo2(self) -> float | None:
        return self.spo2_sum / self.spo2_count if self.spo2_count else None


def tiles(
    demographics: pd.DataFrame, vitals: pd.DataFrame, *, quality: Quality, filters: Filters, choices: Choices
) -> tuple[Tile, ...]:
    """The tiles of a period, from all months of gold.demographics and gold.vital_averages at the chosen sites."""

    counted = _by_month(demographics, vitals)

    def measured(months: Months) -> _Measures:
        return _measures(counted, months, days_of(months, choices))

    months, prior = months_of(filters, choices), prior_months(filters, choices)
    now, before = measured(months), None if prior is None else measured(prior)
    trend = [measured(Months(month, month)) for month in trend_months(months.last, choices.oldest_month)]
    against = "vs prior"
    return (
        _encounters(now, before, trend, against),
        _seniors(now, before, trend, against),
        _high_risk_seniors(now, before, trend, against),
        _mean_spo2(now, before, trend, against),
        _rows_passing(quality),
    )


def _by_month(demographics: pd.DataFrame, vitals: pd.DataFrame) -> pd.DataFrame:
    """One row per arrival month, in order: what the tiles add up."""
    senior = demographics["age_group"] == "Senior"
    people = demographics.assign(
        senior_count=demographics["encounter_count"].where(senior, 0),
        high_risk_senior_count=demographics["encounter_count"].where(senior & (demographics["risk_level"] == "High"), 0),
    )
    counted = people.groupby("arrival_month")[["encounter_count", "senior_count", "high_risk_senior_count"]].sum()
    measured = vitals.groupby("arrival_month")[["spo2_count", "spo2_sum"]].sum()
    # A month without any vital set has measured nothing: zero readings, not a missing count.
    return counted.join(measured, how="left").fillna(0).sort_index()


def _measures(counted: pd.DataFrame, months: Months, day_count: int) -> _Measures:
    total = counted.loc[months.first : months.last].sum()
    return _Measures(
        day_count=day_count,
        encounter_count=int(total["encounter_count"]),
        senior_count=int(total["senior_count"]),
        high_risk_senior_count=int(total["high_risk_senior_count"]),
        spo2_count=int(total["spo2_count"]),
        spo2_sum=float(total["spo2_sum"]),
    )


def trend_months(last: date, oldest: date) -> list[date]:
    """Up to thirteen months ending with the period, starting no earlier than the data."""
    months = [months_before(last, back) for back in reversed(range(TREND_MONTHS))]
    return [month for month in months if month >= oldest]


def _per_day_change(now: int, before: int, days: int, days_before: int) -> str | None:
    return signed_text(100 * ((now / days) / (before / days_before) - 1), 1, "%") if before else None


def _encounters(now: _Measures, before: _Measures | None, trend: list[_Measures], against: str) -> Tile:
    change = None
    if before is not None:
        change = _per_day_change(now.encounter_count, before.encounter_count, now.day_count, before.day_count)
    return Tile(
        "Encounters", now.encounter_count, count_text(now.encounter_count), change, f"per day {against}",
        "All encounters that arrived in the period", "gold.demographics",
        tuple(one.encounter_count / one.day_count for one in trend), PER_DAY_TREND,
    )  # fmt: skip


def _seniors(now: _Measures, before: _Measures | None, trend: list[_Measures], against: str) -> Tile:
    change = None
    if before is not None and before.senior_share is not None and now.senior_share is not None:
        change = signed_text(100 * (now.senior_share - before.senior_share), 1, "points")
    return Tile(
        "Seniors 65+", now.senior_share, share_text(now.senior_share), change, against,
        f"{count_text(now.senior_count)} of {plural(now.encounter_count, 'encounter', 'encounters')}", "gold.demographics",
        tuple(one.senior_share for one in trend),
    )  # fmt: skip


def _high_risk_seniors(now: _Measures, before: _Measures | None, trend: list[_Measures], against: str) -> Tile:
    change = None
    if before is not None:
        change = _per_day_change(now.high_risk_senior_count, before.high_risk_senior_count, now.day_count, before.day_count)
    share = now.high_risk_senior_count / now.senior_count if now.senior_count else None
    return Tile(
        "High-risk seniors", now.high_risk_senior_count, count_text(now.high_risk_senior_count), change, f"per day {against}",
        f"{share_text(share)} of the {plural(now.senior_count, 'encounter', 'encounters')} of seniors; "
        "risk level High by the transparent rule", "gold.demographics",
        tuple(one.high_risk_senior_count / one.day_count for one in trend), PER_DAY_TREND,
    )  # fmt: skip


def _mean_spo2(now: _Measures, before: _Measures | None, trend: list[_Measures], against: str) -> Tile:
    change = None
    if before is not None and before.mean_spo2 is not None and now.mean_spo2 is not None:
        change = signed_text(now.mean_spo2 - before.mean_spo2, 1, "points")
    text = UNKNOWN if now.mean_spo2 is None else f"{decimal_text(now.mean_spo2, 1)}{NO_BREAK}%"
    return Tile(
        "Mean SpO₂", now.mean_spo2, text, change, against,
        f"Mean of {plural(now.spo2_count, 'encounter', 'encounters')} with a reading, latest vital set of each",
        "gold.vital_averages",
        tuple(one.mean_spo2 for one in trend),
    )  # fmt: skip


def _rows_passing(quality: Quality) -> Tile:
    return Tile(
        "Rows passing quality", quality.accepted_share, share_text(quality.accepted_share, 2), None, "",
        f"{count_text(quality.accepted_count)} of {count_text(quality.checked_count)} rows, over all files and all periods; "
        f"{count_text(quality.quarantined_count)} quarantined", "ops.row_ledger", (), "",
    )  # fmt: skip
