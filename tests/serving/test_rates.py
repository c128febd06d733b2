"""Wilson's interval gives the published numbers, and a group of 1 to 10 has no rate."""

from __future__ import annotations

import pytest

from pipeline.serving.rates import NO_RATE, NOT_SHOWN, rate, shown_rate, wilson


@pytest.mark.parametrize(
    ("count", "out_of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombe_1998_table_1(count, out_of, low, high):
    assert wilson(count, out_of) == pytest.approx((low, high), abs=0.00005)


@pytest.mark.parametrize(("count", "out_of"), [(0, 1), (1, 1), (29, 29), (0, 100_000)])
def test_the_interval_stays_within_a_share_and_holds_it(count, out_of):
    low, high = wilson(count, out_of)
    assert 0 <= low <= count / out_of <= high <= 1


def test_a_mirrored_share_has_the_mirrored_interval():
    low, high = wilson(3, 40)
    assert wilson(37, 40) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("out_of", "is_small"), [(0, False), (1, True), (10, True), (11, False)])
def test_only_groups_of_1_to_10_are_withheld(out_of, is_small):
    assert shown_rate(0, out_of).is_small is is_small


def test_a_withheld_rate_says_fewer_than_11_and_holds_no_number():
    assert (NOT_SHOWN.text, NOT_SHOWN.interval_text, NOT_SHOWN.counts_text) == ("–", "–", "<\u00a011")
    assert (NOT_SHOWN.count, NOT_SHOWN.out_of, NOT_SHOWN.share) == (None, None, None)


def test_nothing_counted_has_no_share_and_is_not_zero():
    assert (rate(0, 0).share, rate(0, 0).text, NO_RATE.counts_text) == (None, "–", "– of –")


def test_a_rate_is_written_with_its_interval_and_its_counts():
    found = rate(123, 1_000)
    assert (found.text, found.interval_text, found.counts_text) == ("12.3\u00a0%", "10.4–14.5\u00a0%", "123 of 1,000")
