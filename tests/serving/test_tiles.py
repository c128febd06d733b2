"""Headline numbers: their changes compare like with like, and a missing number is never a zero."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pipeline.serving.filters import Choices, Filters
from pipeline.serving.quality import Quality, balanced, quality, quarantined_by_reason
from pipeline.serving.tiles import tiles

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
DATA = Choices(("North",), date(2026, 1, 1), date(2026, 2, 14))


def people(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["arrival_month", "age_group", "sex", "risk_level", "encounter_count"])


def saturations(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["arrival_month", "spo2_count", "spo2_sum"])


def by_name(demographics: pd.DataFrame, vitals: pd.DataFrame, period: str) -> dict:
    shown = tiles(demographics, vitals, quality=Quality(95, 5), filters=Filters(period), choices=DATA)
    return {tile.name: tile for tile in shown}


@pytest.fixture
def two_months() -> dict:
    """January is whole with 310 encounters, of February 14 days are in the data with 154: 10 and 11 a day."""
    demographics = people(
        (JANUARY, "Adult", "Male", "Low", 248), (JANUARY, "Senior", "Female", "High", 62),
        (FEBRUARY, "Adult", "Male", "Low", 112), (FEBRUARY, "Senior", "Female", "High", 42),
    )  # fmt: skip
    return by_name(demographics, saturations((JANUARY, 100, 9700.0), (FEBRUARY, 50, 4800.0)), "1 month")


def test_counts_are_compared_per_day_because_the_newest_month_is_not_over(two_months):
    assert (two_months["Encounters"].text, two_months["Encounters"].change_text) == ("154", "+10.0\u00a0%")
    assert two_months["Encounters"].monthly == (10.0, 11.0)
    assert two_months["High-risk seniors"].change_text == "+50.0\u00a0%"


def test_shares_and_means_are_compared_in_points(two_months):
    assert (two_months["Seniors 65+"].text, two_months["Seniors 65+"].change_text) == ("27.3\u00a0%", "+7.3\u00a0points")
    assert (two_months["Mean SpO₂"].text, two_months["Mean SpO₂"].change_text) == ("96.0\u00a0%", "−1.0\u00a0points")


def test_all_data_has_no_change():
    shown = by_name(people((JANUARY, "Adult", "Male", "Low", 3)), saturations((JANUARY, 1, 97.0)), "All")
    assert {tile.change_text for tile in shown.values()} == {None}


def test_a_mean_of_nothing_is_a_dash():
    shown = by_name(people((JANUARY, "Adult", "Male", "Low", 3)), saturations((JANUARY, 0, 0.0)), "All")
    assert (shown["Mean SpO₂"].value, shown["Mean SpO₂"].text) == (None, "–")


def test_quality_counts_rows_accepted_into_silver_and_quarantined_anywhere():
    ledger = pd.DataFrame(
        {"layer": ["bronze", "silver", "gold"], "accepted_count": [99, 95, 90], "quarantined_count": [1, 4, 0]},
    )  # fmt: skip
    assert quality(ledger) == Quality(95, 5)
    assert quality(ledger.iloc[:0]).accepted_share is None


def test_a_ledger_line_that_lost_a_row_does_not_balance():
    lines = pd.DataFrame({"received_count": [10, 10], "accepted_count": [7, 7], "quarantined_count": [1, 1],
                          "duplicate_count": [1, 1], "superseded_count": [1, 0]})  # fmt: skip
    assert balanced(lines).tolist() == [True, False]


def test_a_row_refused_for_two_reasons_counts_in_both():
    refused = pd.DataFrame({"feed": ["vital_sets", "vital_sets"], "reasons": ["a; b", "b"], "row_count": [3, 2]})
    assert quarantined_by_reason(refused).to_dict("list") == {"feed": ["vital_sets"] * 2, "reason": ["b", "a"], "row_count": [5, 3]}
