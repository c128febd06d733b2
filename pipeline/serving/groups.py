"""Who came and how they measured: demographic shares, vital averages by age group, and volume over time.

Pure: monthly sums in, one row per group out. A mean is always sum divided by count, taken after the filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import pandas as pd

from pipeline.serving.filters import Months
from pipeline.serving.rates import WITHHELD
from pipeline.serving.reference import reference_rows
from pipeline.serving.wording import AGE_GROUP_YEARS, UNKNOWN, count_text, decimal_text, share_text

AGE_GROUPS = ("Pediatric", "Adult", "Senior")
SEXES = ("Female", "Male", "Other", "Unknown")
BANDED_GROUPS = ("Adult", "Senior")
"""Children are never held against an adult reference range."""

ENCOUNTER_CLASSES = ("Emergency", "Inpatient", "Outpatient")
WEEKLY_UP_TO_MONTHS = 6


@dataclass(frozen=True)
class VitalSign:
    """One vital sign: its words, the stem of its columns in gold.vital_averages, and how it is written."""

    name: str
    short_name: str
    stem: str
    reference_column: str
    unit: str
    decimals: int


VITAL_SIGNS = (
    VitalSign("Heart rate", "HR", "heart_rate", "heart_rate_bpm", "/min", 0),
    VitalSign("Systolic blood pressure", "SBP", "systolic_bp", "systolic_bp_mmhg", "mmHg", 0),
    VitalSign("Oxygen saturation", "SpO₂", "spo2", "spo2_pct", "%", 1),
    VitalSign("Temperature", "Temp", "temperature", "temperature_c", "°C", 1),
    VitalSign("Respiratory rate", "RR", "respiratory_rate", "respiratory_rate_per_min", "/min", 0),
)


@dataclass(frozen=True)
class GroupShare:
    """One group's share of all encounters (0-1), and the share of its own encounters at risk level High.

    A number is None where it is hidden as a small cell; suppressed and high_risk_suppressed are then written in the place of
    the two counts.
    """

    group: str
    encounter_count: int | None
    share: float | None
    high_risk_count: int | None
    high_risk_share: float | None
    suppressed: str = ""
    high_risk_suppressed: str = ""

    @property
    def counted_text(self) -> str:
        """The count as written."""
        return self.suppressed or count_text(self.encounter_count)

    @property
    def shared_text(self) -> str:
        """The share as written."""
        return WITHHELD if self.share is None else share_text(self.share)

    @property
    def high_risk_text(self) -> str:
        """The share at risk level High as written."""
        return WITHHELD if self.high_risk_share is None else share_text(self.high_risk_share)


@dataclass(frozen=True)
class VitalAverage:
    """The mean of one vital sign in one age group, over the encounters that have it, and where it lies in the adult range.

    band_position: 0 is the lower edge of the adult reference range, 1 the upper; None for children and for no value.
    suppressed: what is written for a measured_count that is hidden as a small cell, and its mean with it.
    """

    age_group: str
    vital_sign: str
    short_name: str
    unit: str
    decimals: int
    mean: float | None
    measured_count: int | None
    encounter_count: int | None
    reference_low: float
    reference_high: float
    band_position: float | None
    suppressed: str = ""


def in_months(frame: pd.DataFrame, months: Months) -> pd.DataFrame:
    """The rows whose arrival_month lies in the months, both ends included."""
    return frame[(frame["arrival_month"] >= months.first) & (frame["arrival_month"] <= months.last)]


def shares(demographics: pd.DataFrame, column: str, groups: tuple[str, ...]) -> tuple[GroupShare, ...]:
    """One row per group that occurs, in the given order, from rows with `column`, risk_level and encounter_count."""
    total = int(demographics["encounter_count"].sum())
    counts = demographics.groupby(column)["encounter_count"].sum()
    high = demographics[demographics["risk_level"] == "High"].groupby(column)["encounter_count"].sum()
    return tuple(
        GroupShare(
            name, int(counts[name]), int(counts[name]) / total, int(high.get(name, 0)), int(high.get(name, 0)) / int(counts[name])
        )
        for name in groups
        if name in counts.index
    )


@cache
def adult_reference() -> dict[str, tuple[float, float]]:
    """Low and high of each vital sign for adults, by column name, from data/reference."""
    return {row["column_name"]: (float(row["low"]), float(row["high"])) for row in reference_rows("adult_vital_reference")}


def vital_averages(sums: pd.DataFrame) -> tuple[VitalAverage, ...]:
    """One row per age group that occurs and vital sign, from the columns of gold.vital_averages."""
    totals = sums.groupby("age_group").sum(numeric_only=True)
    return tuple(_average(group, sign, totals.loc[group]) for group in AGE_GROUPS if group in totals.index for sign in VITAL_SIGNS)


def _average(group: str, sign: VitalSign, totals: pd.Series) -> VitalAverage:
    low, high = adult_reference()[sign.reference_column]
    count = int(totals[f"{sign.stem}_count"])
    mean = float(totals[f"{sign.stem}_sum"]) / count if count else None
    position = (mean - low) / (high - low) if mean is not None and group in BANDED_GROUPS else None
    return VitalAverage(
        group,
        sign.name,
        sign.short_name,
        sign.unit,
        sign.decimals,
        mean,
        count,
        int(totals["encounter_count"]),
        low,
        high,
        position,
    )


def volume(arrivals: pd.DataFrame, months: Months) -> pd.DataFrame:
    """Encounters over time: one row per step and class, step_start, encounter_class, encounter_count.

    Steps are weeks (from Monday) up to six months and calendar months beyond. Reads arrival_date and arrival_month.
    """
    chosen = in_months(arrivals, months)
    steps = chosen["arrival_month"] if step_name(months) == "month" else chosen["arrival_date"].map(_monday)
    counted = chosen.assign(step_start=steps).groupby(["step_start", "encounter_class"], as_index=False)["encounter_count"].sum()
    return counted.astype({"encounter_count": "int64"})


def drawn_volume(volumes: pd.DataFrame) -> pd.DataFrame:
    """The rows of a volume that can be drawn: without those whose count is hidden."""
    return volumes.dropna(subset=["encounter_count"]).astype({"encounter_count": "int64"})


def step_name(months: Months) -> str:
    """The length of one step of the volume chart: week or month."""
    span = (months.last.year - months.first.year) * 12 + months.last.month - months.first.month + 1
    return "week" if span <= WEEKLY_UP_TO_MONTHS else "month"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def vital_table(averages: tuple[VitalAverage, ...]) -> pd.DataFrame:
    """The true values behind the strip: one row per vital sign, one column per age group (mean, number measured)."""
    rows = [_vital_row(sign, [one for one in averages if one.vital_sign == sign.name]) for sign in VITAL_SIGNS]
    return pd.DataFrame([row for row in rows if row])


def _vital_row(sign: VitalSign, averages: list[VitalAverage]) -> dict[str, str]:
    if not averages:
        return {}
    means = {f"{one.age_group} {AGE_GROUP_YEARS[one.age_group]}": mean_text(one) for one in averages}
    reference = f"{averages[0].reference_low:g}–{averages[0].reference_high:g}"
    return {"Vital sign": f"{sign.short_name} {sign.unit}", **means, "Adult reference": reference}


def mean_text(average: VitalAverage) -> str:
    """A mean with the number of encounters behind it: 81 (n 29,139)."""
    if average.suppressed:
        return f"{UNKNOWN} (n {average.suppressed})"
    return f"{decimal_text(average.mean, average.decimals)} (n {count_text(average.measured_count)})"
