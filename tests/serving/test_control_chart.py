"""The p-chart keeps Shewhart's limits, and each rule fires at its number and not one short of it."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.serving.control_chart import ChartedMonth, MonthCount, control_chart, signals
from pipeline.serving.rates import rate

JANUARY = date(2025, 1, 1)


def month(place: int) -> date:
    return date(2025 + place // 12, place % 12 + 1, 1)


def by_deviation(*deviations: float) -> tuple[ChartedMonth, ...]:
    """Months by how many standard errors they lie from the centre, each share a little apart so that none is equal."""
    return tuple(
        ChartedMonth(month(place), rate(round(1_000 + 100 * deviation), 10_000), 0.05, 0.15, deviation)
        for place, deviation in enumerate(deviations)
    )


def by_share(*counts: int) -> tuple[ChartedMonth, ...]:
    """Months by their count out of 10,000, all close to the centre and alternating its sides."""
    return tuple(
        ChartedMonth(month(place), rate(count, 10_000), 0.05, 0.15, 0.1 if place % 2 else -0.1)
        for place, count in enumerate(counts)
    )


def rules(months: tuple[ChartedMonth, ...]) -> list[str]:
    return [signal.rule for signal in signals(months)]


def test_limits_are_three_standard_errors_of_a_month_of_that_size():
    chart = control_chart([MonthCount(JANUARY, 10, 100), MonthCount(month(1), 90, 900)])
    small, large = chart.months
    assert chart.centre.share == 0.1
    assert (small.lower, small.upper) == pytest.approx((0.01, 0.19))
    assert (large.lower, large.upper) == pytest.approx((0.07, 0.13))
    assert small.deviation == 0


def test_a_lower_limit_is_never_below_nothing():
    assert control_chart([MonthCount(JANUARY, 1, 20)]).months[0].lower == 0


def test_the_centre_is_the_pooled_share_and_not_the_mean_of_months():
    chart = control_chart([MonthCount(JANUARY, 20, 100), MonthCount(month(1), 10, 900)])
    assert chart.centre.share == 30 / 1_000


def test_months_with_few_cases_or_open_follow_up_are_left_out_and_named():
    counts = [MonthCount(JANUARY, 5, 100), MonthCount(month(1), 9, 10), MonthCount(month(2), 30, 40, is_whole=False)]
    chart = control_chart(counts)
    assert [one.month for one in chart.months] == [JANUARY]
    assert (chart.centre.share, chart.small_months, chart.open_months) == (0.05, (month(1),), (month(2),))


def test_no_month_gives_an_empty_chart():
    chart = control_chart([])
    assert (chart.months, chart.signals, chart.centre.share, chart.is_long_enough) == ((), (), None, False)


@pytest.mark.parametrize("count", [0, 100])
def test_months_that_are_all_alike_signal_nothing(count):
    assert control_chart([MonthCount(month(place), count, 100) for place in range(12)]).signals == ()


@pytest.mark.parametrize(
    ("deviation", "expected"), [(3.01, "above the upper limit"), (-3.01, "below the lower limit"), (3.0, None), (-2.9, None)]
)
def test_one_month_beyond_three_standard_errors(deviation, expected):
    found = signals(by_deviation(0.5, deviation, -0.5))
    assert [signal.words for signal in found] == ([] if expected is None else [f"Feb 2025: {expected}"])


@pytest.mark.parametrize(
    ("deviations", "expected"),
    [
        ((2.1, 0.2, 2.2), ["Two of three"]),
        ((2.1, 2.2, -0.3), ["Two of three"]),
        ((-2.1, -0.2, -2.2), ["Two of three"]),
        ((2.1, 0.2, 2.0), []),
        ((2.1, 0.2, -2.2), []),
        ((2.1, 0.2, -0.3, 2.2), []),
    ],
)
def test_two_of_three_months_beyond_two_standard_errors_on_one_side(deviations, expected):
    assert rules(by_deviation(*deviations)) == expected


@pytest.mark.parametrize(
    ("deviations", "expected"),
    [
        ((0.1, 0.4, 0.2, 0.5, 0.3, 0.6, 0.2, 0.4), ["Run on one side"]),
        ((-0.1, -0.4, -0.2, -0.5, -0.3, -0.6, -0.2, -0.4, -0.1), ["Run on one side"]),
        ((0.1, 0.4, 0.2, 0.5, 0.3, 0.6, 0.2, -0.1), []),
        ((0.1, 0.4, 0.2, 0.0, 0.3, 0.6, 0.2, 0.4), []),
    ],
)
def test_eight_months_in_a_row_on_one_side(deviations, expected):
    assert rules(by_deviation(*deviations)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((900, 901, 902, 903, 904, 905), ["Trend"]),
        ((905, 904, 903, 902, 901, 900), ["Trend"]),
        ((950, 900, 901, 902, 903, 904, 905, 800), ["Trend"]),
        ((900, 901, 902, 903, 904), []),
        ((900, 901, 902, 902, 903, 904), []),
        ((900, 901, 902, 901, 903, 904, 905, 906), []),
    ],
)
def test_six_months_in_a_row_rising_or_falling(counts, expected):
    assert rules(by_share(*counts)) == expected


def test_a_signal_names_its_months_and_its_rule_in_words():
    trend = signals(by_share(950, 900, 901, 902, 903, 904, 905, 800))[0]
    assert trend.words == "Feb 2025 – Jul 2025: 6 months in a row rising"
    assert (trend.mark, len(trend.months)) == ("6 rising", 6)


def test_a_long_run_is_one_signal():
    found = signals(by_deviation(*(0.1 + 0.1 * (place % 2) for place in range(13))))
    assert [(signal.rule, len(signal.months)) for signal in found] == [("Run on one side", 13)]
