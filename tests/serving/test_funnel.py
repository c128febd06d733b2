"""Binomial limits agree with the exact distribution, and a group is placed by the limits of its own size."""

from __future__ import annotations

from math import comb, sqrt

import pytest

from pipeline.serving.funnel import LIMITS, binomial_limit, binomial_quantile, funnel, limits


@pytest.mark.parametrize(
    ("out_of", "centre", "chance", "expected"),
    [(10, 0.5, 0.025, 2), (10, 0.5, 0.975, 8), (100, 0.1, 0.001, 2), (100, 0.1, 0.999, 20), (20, 0.25, 0.975, 9), (5, 0.5, 0.5, 2)],
)
def test_quantiles_are_those_of_published_tables(out_of, centre, chance, expected):
    assert binomial_quantile(out_of, centre, chance) == expected


@pytest.mark.parametrize(("out_of", "centre"), [(11, 0.15), (60, 0.08), (400, 0.12), (900, 0.5)])
def test_a_limit_lies_between_the_counts_whose_exact_chances_enclose_it(out_of, centre):
    def at_most(count: int) -> float:
        return sum(comb(out_of, k) * centre**k * (1 - centre) ** (out_of - k) for k in range(count + 1))

    limit = binomial_limit(out_of, centre, 0.975) * out_of
    assert at_most(int(limit)) <= 0.975 + 1e-9
    assert at_most(int(limit) + 1) >= 0.975 - 1e-9


def test_limits_of_a_large_group_are_those_of_the_normal_distribution():
    error = sqrt(0.12 * 0.88 / 200_000)
    found = limits(200_000, 0.12)
    assert (found.low_inner, found.high_inner) == pytest.approx((0.12 - 1.96 * error, 0.12 + 1.96 * error), abs=error / 50)
    assert (found.low_outer, found.high_outer) == pytest.approx((0.12 - 3.09 * error, 0.12 + 3.09 * error), abs=error / 20)


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_where_nothing_varies_the_limits_are_the_centre(centre):
    assert limits(50, centre).low_outer == limits(50, centre).high_outer == centre


def test_limits_narrow_as_groups_grow_and_the_outer_enclose_the_inner():
    curve = funnel([("North", 120, 1_000), ("South", 100, 1_000)]).curve
    widths = [one.high_outer - one.low_outer for one in curve]
    assert widths[0] > widths[len(widths) // 2] > widths[-1]
    assert all(one.low_outer <= one.low_inner <= one.high_inner <= one.high_outer for one in curve)


def test_a_group_outside_a_limit_is_named_with_the_widest_one():
    found = funnel([("Usual", 10_000, 100_000), ("High", 121, 1_000), ("Low", 60, 1_000), ("Far", 300, 1_000)])
    assert [(one.name, one.place_text) for one in found.outside] == [
        ("Far", "above the 99.8 % limit"), ("Low", "below the 99.8 % limit"), ("High", "above the 95 % limit"),
    ]  # fmt: skip
    assert {one.outside for one in found.outside} == set(LIMITS)


def test_groups_of_one_size_are_judged_alike_at_the_limit():
    bounds = limits(1_000, 0.1)
    inside, beyond = int(bounds.high_inner * 1_000), int(bounds.high_inner * 1_000) + 1
    rest = ("Rest", 100_000 - inside - beyond, 1_000_000 - 2_000)
    places = {one.name: one.place_text for one in funnel([rest, ("In", inside, 1_000), ("Out", beyond, 1_000)]).groups}
    assert (places["In"], places["Out"]) == ("inside the limits", "above the 95 % limit")


def test_small_groups_are_in_the_pooled_rate_but_not_drawn():
    found = funnel([("North", 10, 100), ("South", 20, 100), ("Tiny", 10, 10), ("None", 0, 0)])
    assert found.centre.share == 40 / 210
    assert [one.name for one in found.groups] == ["North", "South"]
    assert (found.small_group_count, found.can_compare) == (1, True)


def test_one_group_or_none_cannot_be_compared():
    assert not funnel([("North", 10, 100)]).can_compare
    assert funnel([]).curve == ()
