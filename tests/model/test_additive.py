"""The additive model that is kept is the boosted model to a millionth, bin by bin, and no thin bin shouts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.additive import ADDITIVE_BOOSTING, MOST_THIN_POINTS, fit_additive, grow, read_out, rounded_model
from pipeline.model.bins import LEAST_EVENTS, LEAST_ROWS, MOST_BINS, bin_count, binned, blank_terms, has_support
from pipeline.model.golden_values import with_golden_rows
from pipeline.model.specification import CATEGORY, NUMBER, from_json
from tests.model.cohorts import made_up_cohort

COHORT = made_up_cohort()
SUPPORTED = replace(COHORT, features=COHORT.features.assign(ward=COHORT.features["ward"].replace("Closed ward", "Surgery")))
PRIOR, WARD, SIGN = blank_terms(COHORT.features, COHORT.kinds, COHORT.is_readmitted)


def _fit(cohort, seed=11):
    return fit_additive(cohort.features, cohort.kinds, cohort.is_readmitted, seed=seed, fingerprint="f00d")


MODEL = _fit(COHORT)


def test_every_bin_of_a_number_has_its_support():
    for term in (PRIOR, SIGN):
        assert min(term.row_counts[1:]) >= LEAST_ROWS
        assert min(term.event_counts[1:]) >= LEAST_EVENTS
        assert 3 <= bin_count(term) <= MOST_BINS + 1
    assert sum(SIGN.row_counts) == len(COHORT.features)
    assert SIGN.row_counts[0] == COHORT.features["sign"].isna().sum()


def test_a_level_of_few_stays_is_every_other_level():
    assert WARD.levels == ("Cardiology", "Respiratory", "Surgery")
    assert 20 < WARD.row_counts[-1] < LEAST_ROWS


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 60, 1_000]))
def test_bins_are_supported_whatever_the_values(seed, distinct):
    chance = np.random.default_rng(seed)
    values = pd.Series(chance.integers(distinct, size=3_000).astype(float) ** 2, name="x")
    (term,) = blank_terms(pd.DataFrame({"x": values}), {"x": NUMBER}, chance.random(3_000) < 0.1)
    assert list(term.cuts) == sorted(set(term.cuts))
    assert len(term.cuts) < MOST_BINS
    assert len(term.cuts) == 0 or (min(term.row_counts[1:]) >= LEAST_ROWS and min(term.event_counts[1:]) >= LEAST_EVENTS)


def test_the_points_are_the_boosted_model_to_a_millionth():
    """Where every bin has its support. Before rounding by the points themselves, after it by the text that is kept."""
    terms = blank_terms(SUPPORTED.features, SUPPORTED.kinds, SUPPORTED.is_readmitted)
    bins = binned(terms, SUPPORTED.features)
    models = grow(terms, bins, SUPPORTED.is_readmitted, seed=11)
    told = np.mean([model.decision_function(bins) for model in models], axis=0)
    intercept, points = read_out(models, terms)
    summed = intercept + sum(term_points[bins[:, place]] for place, term_points in enumerate(points))
    assert np.abs(summed - told).max() < 1e-9
    kept = from_json(rounded_model(intercept, points, terms, "f00d").to_json())
    assert np.abs(kept.probabilities(SUPPORTED.features) - 1 / (1 + np.exp(-told))).max() < 1e-6


def test_each_terms_mean_over_the_training_stays_is_nothing():
    for term in MODEL.terms:
        assert np.average(term.points, weights=term.row_counts) == pytest.approx(0, abs=1e-8)


def test_what_is_promised_is_what_came():
    assert MODEL.probabilities(COHORT.features).sum() == pytest.approx(COHORT.is_readmitted.sum(), rel=0.01)


def test_more_prior_stays_are_more_points():
    prior = MODEL.terms[0].points[1:]
    assert prior[-1] - prior[0] > 0.8


def test_a_bin_of_few_stays_is_held_back():
    """Forty stays that nearly all came back would otherwise carry some log-odds of 3."""
    closed = (COHORT.features["ward"] == "Closed ward").to_numpy()
    came_back = COHORT.is_readmitted | closed
    model = fit_additive(COHORT.features, COHORT.kinds, came_back, seed=11, fingerprint="f00d")
    for term in model.terms:
        thin = ~has_support(term)
        assert np.abs(np.asarray(term.points)[thin]).max(initial=0) <= MOST_THIN_POINTS
    assert model.terms[1].points[0] == 0, "no stay is without a ward"


@pytest.mark.parametrize(("events", "iterations"), [(0, 20), (1_600, 100), (6_400, 200), (1_000_000, 200)])
def test_fewer_returns_get_fewer_iterations(events, iterations):
    assert replace(ADDITIVE_BOOSTING, iterations=200).iterations_for(events) == iterations


def test_the_same_seed_gives_the_same_text():
    assert _fit(COHORT).to_json() == MODEL.to_json()
    assert _fit(COHORT, seed=99).to_json() != MODEL.to_json()


def test_golden_rows_meet_every_bin_and_carry_their_probability():
    golden = with_golden_rows(MODEL, seed=1).golden_rows
    rows = pd.DataFrame([row.values for row in golden])
    assert len(golden) >= 100
    for term in MODEL.terms:
        typed = rows[term.feature].astype("object" if term.kind == CATEGORY else "float64")
        assert set(term.bins(typed)) == set(range(bin_count(term))), term.feature
    assert MODEL.probabilities(rows) == pytest.approx([row.probability for row in golden])
    assert with_golden_rows(MODEL, seed=1).golden_rows == golden


def test_a_number_of_a_golden_row_is_one_that_a_column_of_whole_numbers_can_hold():
    golden = with_golden_rows(MODEL, seed=1).golden_rows
    assert all(row.values["sign"] is None or row.values["sign"] % 1 == 0 for row in golden)
