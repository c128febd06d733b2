"""Measures agree with scikit-learn, and with what they are by definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from pipeline.model import measures
from pipeline.model.ranked import log_odds, ranked

CHANCE = np.random.default_rng(1)
LEVELS = np.round(1 / (1 + np.exp(-CHANCE.normal(-2, 1, 3_000))), 2).clip(0.01, 0.99)
BACK = CHANCE.random(3_000) < LEVELS**1.2
WEIGHTS = CHANCE.integers(0, 4, 3_000).astype(float)

predictions = st.lists(st.tuples(st.booleans(), st.integers(1, 99)), min_size=20, max_size=80).filter(
    lambda rows: len({back for back, _ in rows}) == 2
)


def _split(rows):
    back, hundredths = zip(*rows, strict=True)
    return np.array(back), np.array(hundredths) / 100


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["as they are", "weighed"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(measures.auroc, roc_auc_score), (measures.auprc, average_precision_score), (measures.brier, brier_score_loss)],
    ids=["auroc", "auprc", "brier"],
)
def test_a_measure_is_that_of_scikit_learn(ours, theirs, weights):
    assert ours(ranked(BACK, LEVELS).weighed(weights)) == pytest.approx(theirs(BACK, LEVELS, sample_weight=weights), abs=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["as they are", "weighed"])
def test_the_slope_is_that_of_a_logistic_regression(weights):
    line = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds(LEVELS).reshape(-1, 1), BACK, sample_weight=weights)
    assert measures.slope(ranked(BACK, LEVELS).weighed(weights)) == pytest.approx(line.coef_[0, 0], abs=1e-4)


def test_the_intercept_makes_expected_returns_the_observed_ones():
    level = measures.intercept(ranked(BACK, LEVELS).weighed())
    assert (1 / (1 + np.exp(-(log_odds(LEVELS) + level)))).sum() == pytest.approx(BACK.sum(), abs=1e-3)


def test_a_weight_of_two_is_the_row_twice():
    twice = ranked(np.r_[BACK, BACK[:500]], np.r_[LEVELS, LEVELS[:500]]).weighed()
    weighed = ranked(BACK, LEVELS).weighed(np.r_[np.full(500, 2.0), np.ones(2_500)])
    for measure in (measures.auroc, measures.auprc, measures.scaled_brier, measures.slope, measures.sensitivity, measures.ppv):
        assert measure(weighed) == pytest.approx(measure(twice), abs=1e-9)


def test_equal_probabilities_at_the_edge_of_the_budget_are_flagged_in_part():
    back = np.array([True, False] * 50)
    weighed = ranked(back, np.full(100, 0.5)).weighed()
    assert (measures.sensitivity(weighed), measures.ppv(weighed)) == pytest.approx((0.1, 0.5))


def test_the_tenth_that_comes_back_is_found_by_a_model_that_knows():
    back = np.arange(100) < 10
    weighed = ranked(back, np.where(back, 0.9, 0.1)).weighed()
    assert [measure(weighed) for measure in (measures.auroc, measures.auprc, measures.sensitivity, measures.ppv)] == [1, 1, 1, 1]


def test_ece_is_the_mean_distance_over_tenths():
    chance = np.repeat(np.arange(0.05, 1, 0.1), 10)
    assert measures.ece(ranked(np.zeros(100, bool), chance).weighed()) == pytest.approx(0.5)


@pytest.mark.parametrize("measure", [measures.auroc, measures.slope, measures.intercept, measures.scaled_brier])
def test_where_nobody_came_back_there_is_nothing_to_tell(measure):
    assert measure(ranked(np.zeros(50, bool), LEVELS[:50]).weighed()) is None


def test_one_probability_for_all_has_no_slope():
    weighed = ranked(BACK, np.full(len(BACK), 0.1)).weighed()
    assert (measures.slope(weighed), measures.auroc(weighed)) == (None, 0.5)


@settings(max_examples=60, deadline=None)
@given(predictions)
def test_auroc_does_not_change_when_probabilities_are_stretched_and_turns_when_they_are_turned(rows):
    back, chance = _split(rows)
    found = measures.auroc(ranked(back, chance).weighed())
    assert measures.auroc(ranked(back, chance**3).weighed()) == pytest.approx(found)
    assert measures.auroc(ranked(back, 1 - chance).weighed()) == pytest.approx(1 - found)


@settings(max_examples=60, deadline=None)
@given(predictions, st.randoms())
def test_no_measure_hangs_on_the_order_of_rows(rows, shuffler):
    back, chance = _split(rows)
    shuffler.shuffle(rows)
    other_back, other_chance = _split(rows)
    one, other = ranked(back, chance).weighed(), ranked(other_back, other_chance).weighed()
    for measure in (measures.auroc, measures.auprc, measures.brier, measures.ece, measures.sensitivity, measures.ppv):
        assert measure(other) == pytest.approx(measure(one))


@settings(max_examples=60, deadline=None)
@given(predictions)
def test_measures_stay_within_their_range(rows):
    weighed = ranked(*_split(rows)).weighed()
    for measure in (measures.auroc, measures.auprc, measures.brier, measures.ece, measures.sensitivity, measures.ppv):
        assert 0 <= measure(weighed) <= 1 + 1e-12
    assert measures.scaled_brier(weighed) <= 1
