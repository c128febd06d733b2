"""Folds keep patients whole and alike; a split by time learns only from what was known then."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import ModelRefused
from pipeline.model.splits import RUN_OUT, folds_by_patient, split_by_time
from tests.model.cohorts import made_up_cohort

COHORT = made_up_cohort()
FOLD = folds_by_patient(COHORT.patient, COHORT.is_readmitted, seed=3)


def test_no_patient_is_in_two_folds():
    assert all(len(set(FOLD[COHORT.patient == patient])) == 1 for patient in range(200))


def test_folds_are_alike_in_stays_and_returns():
    stays = np.bincount(FOLD)
    rates = np.bincount(FOLD, weights=COHORT.is_readmitted) / stays
    assert stays.max() / stays.min() < 1.01
    assert rates.max() - rates.min() < 0.005


def test_a_seed_makes_the_folds():
    assert (folds_by_patient(COHORT.patient, COHORT.is_readmitted, seed=3) == FOLD).all()
    assert (folds_by_patient(COHORT.patient, COHORT.is_readmitted, seed=4) != FOLD).any()


def test_the_last_quarter_is_later_and_outcomes_not_known_by_then_teach_nothing():
    split = split_by_time(COHORT.ended_at, COHORT.patient)
    assert split.is_later.mean() == pytest.approx(0.25, abs=0.01)
    assert COHORT.ended_at[split.is_earlier].max() < COHORT.ended_at[split.is_later].min() - RUN_OUT
    assert not (split.is_earlier & split.is_later).any()


def test_unseen_patients_have_no_stay_before_the_split():
    split = split_by_time(COHORT.ended_at, COHORT.patient)
    assert 0 < split.is_unseen.sum() < split.is_later.sum()
    assert not set(COHORT.patient[split.is_unseen]) & set(COHORT.patient[~split.is_later])


def test_without_days_the_order_splits():
    split = split_by_time(np.arange(100), np.arange(100))
    assert (split.is_earlier.sum(), split.is_later.sum(), split.is_unseen.sum()) == (75, 25, 25)


def test_stays_that_end_at_once_cannot_be_split():
    with pytest.raises(ModelRefused, match="too close together"):
        split_by_time(np.full(10, np.datetime64("2025-01-01", "us")), np.arange(10))
