"""Curves: tenths, thresholds and capacities, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.model.curves import budget_by_day, budget_by_share, calibration_curve, net_benefit_curve, wilson


def test_tenths_go_from_low_to_high_and_hold_all_rows():
    chance = np.linspace(0.01, 0.5, 1_000)
    points = calibration_curve(np.arange(1_000) % 10 == 0, chance)
    assert [point.rows for point in points] == [100] * 10
    assert [point.predicted for point in points] == sorted(point.predicted for point in points)
    assert points[0].observed == pytest.approx(0.1)
    assert points[0].low < 0.1 < points[0].high


def test_equal_probabilities_are_one_point():
    assert [point.rows for point in calibration_curve(np.arange(50) < 5, np.full(50, 0.1))] == [50]


def test_the_wilson_interval_is_the_published_one():
    """Newcombe, Stat Med 1998;17:857: 81 of 263, and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_net_benefit_counts_those_found_less_those_flagged_in_vain():
    back = np.array([True, True, False, False, False, False, False, False, False, False])
    chance = np.array([0.9, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    by_threshold = {point.threshold: point for point in net_benefit_curve(back, chance)}
    assert by_threshold[0.2].model == pytest.approx((1 - 2 * 0.25) / 10)
    assert by_threshold[0.2].treat_all == pytest.approx((2 - 8 * 0.25) / 10)
    assert by_threshold[0.04].model == pytest.approx(by_threshold[0.04].treat_all)


def test_a_capacity_flags_the_highest_of_each_day():
    day = np.array(["2025-01-01"] * 3 + ["2025-01-02"], dtype="datetime64[D]")
    points = budget_by_day(np.array([True, False, True, False]), np.array([0.3, 0.2, 0.1, 0.4]), day)
    one, two, three = points[:3]
    assert (one.flagged, one.true_positives, one.sensitivity, one.ppv, one.number_needed_to_review) == (2, 1, 0.5, 0.5, 2.0)
    assert (two.flagged, two.cut_off, two.flags_per_100) == (3, 0.2, 75.0)
    assert (three.flagged, three.sensitivity) == (4, 1.0)
    assert (points[-1].flagged, points[-1].cut_off) == (4, None)


def test_a_share_flags_the_highest_of_all():
    points = budget_by_share(np.arange(200) < 20, np.linspace(1, 0.1, 200))
    tenth = points[9]
    assert (tenth.capacity, tenth.flagged, tenth.true_positives, tenth.sensitivity, tenth.ppv) == (0.1, 20, 20, 1.0, 1.0)
    assert tenth.cut_off == pytest.approx(np.linspace(1, 0.1, 200)[19])
