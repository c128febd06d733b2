"""Monitoring says when a model no longer fits, and keeps quiet where there is too little to tell."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import exp, fsum, lgamma, log
from statistics import mean

import numpy as np
import pandas as pd
import pytest

from pipeline.governance.policy import Viewer
from pipeline.model.deployed import deploy
from pipeline.refresh.run import refresh
from pipeline.serving.model_drift import (
    MOVED,
    STEADY,
    UNSURE,
    WATCH,
    Ratio,
    chance_of,
    drift,
    judged_together,
    observed_over_expected,
)
from pipeline.serving.model_watch import ModelInUse, ModelWatch, _watched, model_watch
from pipeline.settings import load_settings
from tests.model.models import promoted, small_model

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANALYST = Viewer("test", "analyst")
IN_USE = ModelInUse("readmission", 3, datetime(2026, 11, 1), "Dr Test", 22)
LABELS = ["missing", "under 65", "65 and over"]
GROUP_SIZES = tuple(np.linspace(60.0, 900.0, 30))
"""Readmissions expected of thirty groups, as many as a year of months, bands, sexes, ages and sites make."""


def by_chance(sizes: Sequence[float], seed: int, factor: float = 1.0) -> tuple[Ratio, ...]:
    """Groups whose readmissions are drawn around what is expected of them, or around a multiple of it."""
    draw = np.random.default_rng(seed)
    return tuple(observed_over_expected("Group", 5_000, size, int(draw.poisson(factor * size))) for size in sizes)


@pytest.mark.parametrize(
    ("observed", "low", "high"),
    [(0, 0.0, 0.0369), (10, 0.0479, 0.1839), (100, 0.8136, 1.2163)],
    ids=["nothing came", "few", "as expected"],
)
def test_the_interval_is_byars(observed, low, high):
    """The exact Poisson limits are 3.69 of 0, 4.80-18.39 of 10 and 81.4-121.6 of 100."""
    found = observed_over_expected("All", 1000, 100.0, observed)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0005)


@pytest.mark.parametrize(
    ("stays", "expected", "observed", "verdict"),
    [
        (5_000, 500.0, 500, STEADY),
        (5_000, 500.0, 560, MOVED),
        (5_000, 500.0, 440, MOVED),
        (900, 100.0, 112, STEADY),
        (90_000, 10_000.0, 10_300, WATCH),
        (499, 60.0, 120, UNSURE),
        (5_000, 49.0, 120, UNSURE),
        (0, 0.0, 0, UNSURE),
    ],
)
def test_a_ratio_is_judged_by_chance_and_then_by_its_size(stays, expected, observed, verdict):
    assert observed_over_expected("All", stays, expected, observed).verdict == verdict


@pytest.mark.parametrize(("observed", "expected"), [(49, 62.0), (62, 50.0), (100, 100.5), (545, 500.0), (4_870, 5_000.0)])
def test_the_chance_is_nearly_that_of_the_exact_poisson_test(observed, expected):
    counts = range(observed + 1) if observed < expected else range(observed)
    below = fsum(exp(count * log(expected) - expected - lgamma(count + 1)) for count in counts)
    exact = 2 * (below if observed < expected else 1 - below)
    assert chance_of(observed, expected) == pytest.approx(min(1, exact), rel=0.02)


@pytest.mark.parametrize("observed", [81, 82, 100, 121, 122])
def test_judged_alone_a_ratio_is_beyond_chance_where_its_interval_leaves_1_out(observed):
    found = observed_over_expected("All", 1000, 100.0, observed)
    assert found.is_beyond_chance == (not found.low <= 1 <= found.high)


def test_of_models_that_fit_at_most_one_in_twenty_has_any_group_beyond_chance():
    looks = [by_chance(GROUP_SIZES, seed) for seed in range(600)]
    together = [any(one.verdict != STEADY for one in judged_together(ratios)) for ratios in looks]
    alone = [any(one.verdict != STEADY for one in ratios) for ratios in looks]
    assert mean(together) <= 0.05
    assert mean(alone) > 0.5


def test_a_group_that_really_moved_is_seen_among_thirty():
    looks = [(*by_chance(GROUP_SIZES[1:], seed), *by_chance((600.0,), seed, factor=1.3)) for seed in range(100)]
    seen = [judged_together(ratios)[-1].verdict == MOVED for ratios in looks]
    assert mean(seen) > 0.95


def test_groups_too_small_to_be_judged_make_the_others_no_less_sure():
    found = observed_over_expected("North", 5_000, 500.0, 560)
    small = tuple(observed_over_expected(f"Ward {number}", 40, 4.0, 9) for number in range(20))
    assert judged_together((found, *small))[0].verdict == MOVED
    assert {one.verdict for one in judged_together((found, *small))[1:]} == {UNSURE}


def test_the_same_shares_are_no_drift_whatever_the_size():
    assert drift("age_years", LABELS, {1: 50, 2: 950}, {1: 5, 2: 95}).index == 0


def test_what_was_measured_and_is_missing_now_is_a_drift_of_its_own():
    found = drift("haemoglobin_g_dl", LABELS, {0: 300, 1: 350, 2: 350}, {1: 500, 2: 500})
    assert (found.bin_label, found.share_now, found.share_then, found.verdict) == ("missing", 0.3, 0.0, MOVED)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [({1: 550, 2: 450}, STEADY), ({1: 670, 2: 330}, WATCH), ({1: 730, 2: 270}, MOVED), ({1: 73, 2: 27}, UNSURE), ({}, UNSURE)],
)
def test_a_drift_is_judged_by_its_index(now, verdict):
    assert drift("age_years", LABELS, now, {1: 500, 2: 500}).verdict == verdict


def test_groups_that_fit_less_and_features_that_moved_are_named():
    outcomes = pd.DataFrame(
        {
            "stay_month": [date(2026, 8, 1), date(2026, 9, 1)], "band_name": ["under 10 %", "10 % and over"],
            "sex": ["Female", "Male"], "age_group": ["Senior", "Senior"],
            "site_name": ["North", "North"], "mature_count": [3000, 3000], "immature_count": [0, 40],
            "expected_count": [300.0, 300.0], "readmission_count": [300, 420],
        }
    )  # fmt: skip
    terms = pd.DataFrame({"feature": "age_years", "bin_number": [0, 1, 2], "label": LABELS, "row_count": [0, 500, 500]})
    period = {"first_month": date(2026, 7, 1), "last_month": date(2026, 9, 1)}
    bins = pd.DataFrame({"feature": "age_years", "bin_number": [1, 2], "stay_count": [900, 100], **period})
    found = _watched(IN_USE, outcomes, terms, bins)
    assert [(month, ratio.observed) for month, ratio in found.months] == [(date(2026, 8, 1), 300), (date(2026, 9, 1), 420)]
    assert (found.overall.ratio, found.immature_count, found.drift_period) == (1.2, 40, "Jul 2026 – Sep 2026")
    assert found.reasons_to_train_again == (
        "Readmissions are 1.20 (1.11–1.29) of what the model expects.",
        "Month Sep 2026: 1.40 (1.27–1.54) of what it expects.",
        "Probability 10 % and over: 1.40 (1.27–1.54) of what it expects.",
        "Sex Male: 1.40 (1.27–1.54) of what it expects.",
        "Age group Senior: 1.20 (1.11–1.29) of what it expects.",
        "Site North: 1.20 (1.11–1.29) of what it expects.",
        "Age: stays lie otherwise than in training (index 0.88, most at 65 and over).",
    )


def test_a_model_is_looked_at_again_after_a_year():
    old = ModelInUse("readmission", 3, datetime(2025, 11, 1), "Dr Test", 387)
    assert ModelWatch(old, None).reasons_to_train_again == ("The model has been in use for 387 days.",)


def test_without_a_model_it_is_said_why(tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    found = model_watch(ANALYST, AS_OF)
    assert (found.model, found.not_scored_because) == (None, "no model has been promoted")
    assert found.reasons_to_train_again == ()


def test_what_the_tables_say_is_what_is_watched(small_hospital_scored):
    found = model_watch(ANALYST, AS_OF)
    assert (found.model.version, found.model.days_in_use) == (3, 22)
    assert found.overall.stay_count == sum(ratio.stay_count for _, ratio in found.months) > 300
    assert {heading for heading, _ in found.groups} == {"Probability", "Sex", "Age group", "Site"}
    assert all(sum(one.observed for one in ratios) == found.overall.observed for _, ratios in found.groups)
    assert {one.feature for one in found.drifts} == {"age_years", "disposition"}
    assert found.drifts[0].stay_count == found.drifts[1].stay_count > 0


@pytest.fixture
def small_hospital_scored(small_hospital, tmp_path, monkeypatch):
    """A copy of the small hospital that a model scores."""
    home = load_settings({"MEDIPULSE_HOME": str(tmp_path / "scored"), "MEDIPULSE_THREADS": "2"})
    shutil.copytree(small_hospital.home, home.home, ignore=shutil.ignore_patterns("governance", "refresh.lock", "scratch"))
    deploy(home, promoted(small_model(), 3))
    assert refresh(home, requested_by="test").status == "succeeded"
    monkeypatch.setenv("MEDIPULSE_HOME", str(home.home))
