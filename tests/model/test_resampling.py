"""Intervals come from patients drawn again: the same seed gives the same, more patients give narrower ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.model.resampling import Draws, difference_in_auroc, measured
from pipeline.model.subgroups import subgroup_results

CHANCE = np.random.default_rng(2)
PROBABILITY = 1 / (1 + np.exp(-CHANCE.normal(-1.5, 0.8, 6_000)))
BACK = CHANCE.random(6_000) < PROBABILITY
PATIENT = np.arange(6_000) // 2
DRAWS = Draws(PATIENT, 60, 7)


def test_a_value_lies_in_its_interval():
    found = measured(BACK, PROBABILITY, DRAWS)
    for name in ("auroc", "auprc", "brier", "scaled_brier", "slope", "intercept", "ece", "sensitivity", "ppv"):
        interval = getattr(found, name)
        assert interval.low <= interval.value <= interval.high, name
        assert interval.low < interval.high, name


def test_the_same_seed_draws_the_same_patients():
    assert measured(BACK, PROBABILITY, DRAWS) == measured(BACK, PROBABILITY, Draws(PATIENT, 60, 7))
    assert measured(BACK, PROBABILITY, DRAWS) != measured(BACK, PROBABILITY, Draws(PATIENT, 60, 8))


def test_all_stays_of_a_patient_are_drawn_together():
    weights = next(iter(DRAWS))
    assert (weights[0::2] == weights[1::2]).all()
    assert weights.sum() == 6_000


def test_stays_that_repeat_their_patient_make_no_interval_narrower():
    alone = measured(BACK[:2_000], PROBABILITY[:2_000], Draws(np.arange(2_000), 200, 7)).auroc
    three = measured(np.tile(BACK[:2_000], 3), np.tile(PROBABILITY[:2_000], 3), Draws(np.tile(np.arange(2_000), 3), 200, 7)).auroc
    assert three.high - three.low == pytest.approx(alone.high - alone.low, rel=1e-6)


def test_a_difference_over_the_same_patients_is_surer_than_its_parts():
    noisy = np.clip(PROBABILITY + CHANCE.normal(0, 0.02, 6_000), 0.001, 0.999)
    ahead = difference_in_auroc(BACK, PROBABILITY, noisy, DRAWS)
    part = measured(BACK, PROBABILITY, DRAWS).auroc
    assert ahead.low <= ahead.value <= ahead.high
    assert ahead.high - ahead.low < (part.high - part.low) / 2


def test_a_model_that_sells_one_group_short_is_seen_there():
    groups = pd.DataFrame({"site": np.where(np.arange(6_000) < 3_000, "North", "South")})
    told = np.where(groups["site"] == "North", PROBABILITY, PROBABILITY / 2)
    north, south = subgroup_results(groups, BACK, told, DRAWS)
    assert north.observed_over_expected.low < 1 < north.observed_over_expected.high
    assert south.observed_over_expected.low > 1.6
    assert south.sensitivity.value < north.sensitivity.value


def test_a_group_of_few_is_not_judged_and_missing_is_a_group():
    groups = pd.DataFrame({"sex": np.where(np.arange(6_000) < 499, None, "Female")}, dtype="object")
    by_name = {result.group: result for result in subgroup_results(groups, BACK, PROBABILITY, DRAWS)}
    assert by_name["not recorded"].is_too_few
    assert by_name["not recorded"].rows == 499
    assert not by_name["Female"].is_too_few
