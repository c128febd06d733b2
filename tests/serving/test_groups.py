"""Groups are summed before they are divided, and children are held against no adult range."""

from __future__ import annotations

from datetime import date

import pandas as pd

from pipeline.serving.charts.screen import vital_strip
from pipeline.serving.filters import Months
from pipeline.serving.groups import VITAL_SIGNS, shares, vital_averages, vital_table, volume

MONTH = date(2026, 1, 1)


def sums(group: str, count: int, heart_rate_count: int, heart_rate_sum: float) -> dict:
    empty = {f"{sign.stem}_{what}": 0 for sign in VITAL_SIGNS for what in ("count", "sum")}
    measured = {"heart_rate_count": heart_rate_count, "heart_rate_sum": heart_rate_sum}
    return {"age_group": group, "encounter_count": count, **empty, **measured}


def test_a_mean_is_the_sum_over_months_divided_by_the_count():
    found = vital_averages(pd.DataFrame([sums("Adult", 3, 2, 140.0), sums("Adult", 9, 8, 640.0)]))
    assert (found[0].mean, found[0].measured_count, found[0].encounter_count) == (78.0, 10, 12)


def test_a_vital_sign_nobody_had_has_no_mean_and_no_place_in_the_strip():
    found = vital_averages(pd.DataFrame([sums("Adult", 3, 2, 140.0)]))
    assert (found[2].mean, found[2].band_position) == (None, None)
    assert vital_table(found).iloc[2]["Adult 18–64"] == "– (n 0)"


def test_children_are_in_the_table_but_never_in_the_adult_strip():
    found = vital_averages(pd.DataFrame([sums("Pediatric", 3, 2, 260.0), sums("Senior", 3, 2, 140.0)]))
    drawn = {trace["name"]: len(trace["x"]) for trace in vital_strip(found, "light")["data"]}
    assert drawn == {"Adult": 0, "Senior": 1}
    assert vital_table(found).iloc[0]["Pediatric 0–17"] == "130 (n 2)"


def test_shares_are_of_all_encounters_and_high_risk_is_of_the_group():
    rows = [("Adult", "Low", 60), ("Senior", "High", 10), ("Senior", "Not assessed", 30)]
    found = shares(pd.DataFrame(rows, columns=["age_group", "risk_level", "encounter_count"]), "age_group", ("Adult", "Senior"))
    assert [(one.share, one.high_risk_share) for one in found] == [(0.6, 0.0), (0.4, 0.25)]


def test_volume_is_by_week_for_short_periods_and_by_month_for_long_ones():
    rows = [(date(2026, 1, 7), MONTH, "Emergency", 2), (date(2026, 1, 9), MONTH, "Emergency", 3)]
    arrivals = pd.DataFrame(rows, columns=["arrival_date", "arrival_month", "encounter_class", "encounter_count"])
    weekly = volume(arrivals, Months(MONTH, MONTH)).to_dict("records")
    monthly = volume(arrivals, Months(date(2025, 1, 1), MONTH)).to_dict("records")
    assert weekly == [{"step_start": date(2026, 1, 5), "encounter_class": "Emergency", "encounter_count": 5}]
    assert monthly == [{"step_start": MONTH, "encounter_class": "Emergency", "encounter_count": 5}]
