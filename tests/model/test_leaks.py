"""Planted leaks of every kind are caught, and honest features are not accused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import REFUSE, WARN
from pipeline.model.leaks import apart, overall, require_clean, scan
from pipeline.model.specification import CATEGORY
from pipeline.model.splits import folds_by_patient
from pipeline.model.train import train
from tests.model.cohorts import STAYS, made_up_cohort, with_feature

COHORT = made_up_cohort()
BACK = COHORT.is_readmitted
CHANCE = np.random.default_rng(8)
ENDED = pd.Series(COHORT.ended_at)


def _next_stay() -> pd.Series:
    frame = pd.DataFrame({"patient": COHORT.patient, "ended": ENDED}).sort_values("ended")
    return frame.groupby("patient")["ended"].shift(-1).reindex(ENDED.index)


def _days_until_next() -> np.ndarray:
    return ((_next_stay() - ENDED).dt.total_seconds() / 86_400).round().to_numpy(float)


def _stays_in_whole_file() -> np.ndarray:
    return pd.Series(COHORT.patient).groupby(COHORT.patient).transform("size").to_numpy(float)


LEAKS = {
    "the label": (BACK.astype(float), "number", {"single feature", "rule for the label"}),
    "the label in words": (np.where(BACK, "yes", "no").astype(object), CATEGORY, {"single feature", "rule for the label"}),
    "the label, a tenth of it wrong": (
        np.where(CHANCE.random(STAYS) < 0.1, ~BACK, BACK).astype(float), "number", {"single feature"},
    ),
    "a value that half of those who came back have": (
        np.where(BACK & (CHANCE.random(STAYS) < 0.5), "seen again", "other").astype(object), CATEGORY, {"rule for the label"},
    ),
    "a value of many of whom none came back": (
        np.where(~BACK & (CHANCE.random(STAYS) < 0.3), 1.0, 0.0), "number", {"rule for the label"},
    ),
    "days until the next stay": (_days_until_next(), "number", {"future"}),
    "stays of the patient in the whole file": (_stays_in_whole_file(), "number", {"future"}),
    "the number of the patient": (COHORT.patient.astype(float) * 7, "number", {"identifier"}),
    "the patient's name": (np.array([f"N-{number}" for number in COHORT.patient], object), CATEGORY, {"identifier"}),
    "the number of the stay": (CHANCE.permutation(STAYS).astype(float), "number", {"identifier"}),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_caught_by_name(name):
    values, kind, kinds = LEAKS[name]
    found = scan(with_feature(COHORT, "planted", values, kind))
    assert {finding.feature for finding in found} == {"planted"}
    assert kinds <= {finding.kind for finding in found if finding.severity == REFUSE}


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_honest_features_are_not_accused(seed):
    assert scan(made_up_cohort(seed)) == ()


def test_a_few_stays_of_which_none_came_back_are_a_warning():
    hospice = np.where(~BACK & (np.arange(STAYS) % 12 == 0), "Hospice", "Home").astype(object)
    (finding,) = scan(with_feature(COHORT, "disposition", hospice, CATEGORY))
    assert (finding.severity, finding.kind) == (WARN, "rule for the label")


def test_earlier_stays_may_be_counted():
    earlier = ENDED.groupby(COHORT.patient).rank(method="first").to_numpy(float) - 1
    assert scan(with_feature(COHORT, "earlier", earlier)) == ()


def test_nothing_is_trained_on_a_leak():
    with pytest.raises(ModelRefused, match="planted"):
        train(with_feature(COHORT, "planted", BACK.astype(float)), seed=1)


def test_a_patient_on_both_sides_of_a_split_is_refused():
    by_row = CHANCE.integers(5, size=STAYS)
    (finding,) = apart(COHORT.patient, by_row)
    assert finding.severity == REFUSE
    with pytest.raises(ModelRefused, match="both sides"):
        require_clean((finding,))


def test_a_split_by_patient_is_not_refused():
    assert apart(COHORT.patient, folds_by_patient(COHORT.patient, BACK, seed=3)) == ()


def test_a_model_too_good_to_be_true_is_a_warning():
    assert [finding.severity for finding in overall("model", 0.91)] == [WARN]
    assert overall("model", 0.72) == overall("model", None) == ()
