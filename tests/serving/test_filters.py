"""Periods count back from the newest arrival month, and nothing off the list is asked."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.errors import BadRequest
from pipeline.serving.filters import ALL_SITES, Choices, Filters, Months, days_of, months_of, prior_months

DATA = Choices(("North", "South"), date(2024, 11, 5), date(2026, 2, 10))


@pytest.mark.parametrize(
    ("period", "first"),
    [("1 month", date(2026, 2, 1)), ("3 months", date(2025, 12, 1)), ("12 months", date(2025, 3, 1)), ("All", date(2024, 11, 1))],
)
def test_a_period_ends_with_the_newest_month(period, first):
    assert months_of(Filters(period), DATA) == Months(first, date(2026, 2, 1))


def test_the_prior_period_is_equally_long_and_ends_where_the_period_begins():
    assert prior_months(Filters("3 months"), DATA) == Months(date(2025, 9, 1), date(2025, 11, 1))


@pytest.mark.parametrize("period", ["12 months", "All"])
def test_there_is_no_prior_period_when_the_data_does_not_hold_all_of_it(period):
    assert prior_months(Filters(period), DATA) is None


def test_days_are_those_the_data_covers():
    assert days_of(Months(date(2024, 11, 1), date(2024, 11, 1)), DATA) == 26
    assert days_of(Months(date(2026, 1, 1), date(2026, 2, 1)), DATA) == 31 + 10


@pytest.mark.parametrize("filters", [Filters(period="24 h"), Filters(site_name="Elsewhere"), Filters(site_name="' or 1 = 1 --")])
def test_a_value_off_the_list_is_refused_without_repeating_it(filters):
    with pytest.raises(BadRequest, match="Choose one of") as refused:
        filters.checked(DATA)
    assert filters.site_name == ALL_SITES or filters.site_name not in str(refused.value)
