"""Fits the additive model: boosted trees on bins that may use one feature each, read out as points per bin.

Nothing is resampled and no class weighed, so that probabilities need no recalibration.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.model.bins import LEAST_EVENTS, LEAST_ROWS, bin_count, binned, blank_terms, has_support
from pipeline.model.specification import CATEGORY, Specification, Term, rounded
from pipeline.model.threads import one_thread

MOST_THIN_POINTS = 0.6
"""Log-odds: no bin without enough stays and readmissions behind it may say more, either way."""


FULL_EVENTS, LEAST_ITERATIONS = 6_400, 20
"""At 1,336 readmissions of a synthetic hospital this gives 91 iterations: calibration slope 1.00, and 0.92 with all 200."""


@dataclass(frozen=True)
class Boosting:
    """How trees are grown. fits: how many models of other seeds are averaged; a mean of sums is a sum.

    iterations: with `FULL_EVENTS` readmissions or more; fewer teach less and get fewer, by the square root of their number.
    """

    learning_rate: float
    iterations: int
    leaves: int
    least_rows_in_leaf: int
    l2: float
    feature_share: float
    fits: int

    def iterations_for(self, events: int) -> int:
        return max(LEAST_ITERATIONS, round(self.iterations * min(1.0, (events / FULL_EVENTS) ** 0.5)))

    def fitted(
        self, numbers: np.ndarray, came_back: np.ndarray, *, seed: int, **shape: object
    ) -> list[HistGradientBoostingClassifier]:
        """The models, one for each seed. shape: what they may make of the features, in the words of scikit-learn."""
        models = [
            HistGradientBoostingClassifier(
                learning_rate=self.learning_rate,
                max_iter=self.iterations_for(int(came_back.sum())),
                max_leaf_nodes=self.leaves,
                min_samples_leaf=self.least_rows_in_leaf,
                l2_regularization=self.l2,
                max_features=self.feature_share,
                early_stopping=False,
                random_state=seed + number,
                **shape,
            )
            for number in range(self.fits)
        ]
        with one_thread():
            return [model.fit(numbers, came_back) for model in models]


ADDITIVE_BOOSTING = Boosting(learning_rate=0.2, iterations=200, leaves=4, least_rows_in_leaf=200, l2=5.0, feature_share=0.3, fits=3)
"""Chosen on the first three quarters of UCI Diabetes 130-US, by patient; what was chosen there holds for every cohort."""


def fit_additive(
    features: pd.DataFrame, kinds: Mapping[str, str], came_back: np.ndarray, *, seed: int, fingerprint: str
) -> Specification:
    """The additive model of these stays, its points rounded; without golden rows."""
    terms = blank_terms(features, kinds, came_back)
    models = grow(terms, binned(terms, features), came_back, seed=seed)
    intercept, points = read_out(models, terms)
    return rounded_model(intercept, points, terms, fingerprint)


def grow(
    terms: Sequence[Term], bins: np.ndarray, came_back: np.ndarray, *, seed: int, boosting: Boosting = ADDITIVE_BOOSTING
) -> list[HistGradientBoostingClassifier]:
    """The boosted models, one for each seed, on the bin numbers."""
    is_category = [term.kind == CATEGORY for term in terms]
    return boosting.fitted(bins, came_back, seed=seed, interaction_cst="no_interactions", categorical_features=is_category)


def read_out(models: Sequence[HistGradientBoostingClassifier], terms: Sequence[Term]) -> tuple[float, list[np.ndarray]]:
    """The mean log-odds of the models as an intercept and points per bin, by changing one bin at a time. Exact."""
    counts = [bin_count(term) for term in terms]
    probe = np.zeros((1 + sum(counts), len(terms)))
    row = 1
    for place, count in enumerate(counts):
        probe[row : row + count, place] = np.arange(count)
        row += count
    with one_thread():
        told = np.mean([model.decision_function(probe) for model in models], axis=0)
    ends = 1 + np.cumsum(counts)
    return float(told[0]), [told[end - count : end] - told[0] for end, count in zip(ends, counts, strict=True)]


def rounded_model(intercept: float, points: Sequence[np.ndarray], terms: Sequence[Term], fingerprint: str) -> Specification:
    """The model that is kept: each term's mean over the training stays is 0, and thin bins say no more than they may."""
    kept = []
    for term, raw in zip(terms, points, strict=True):
        centred, mean = _centred(term, raw)
        intercept += mean
        kept.append(replace(term, points=rounded(centred)))
    return Specification(rounded(np.array([intercept]))[0], tuple(kept), fingerprint, made_with())


def made_with() -> dict[str, str]:
    """The libraries that fit, and their versions."""
    return {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "python": platform.python_version()}


def _centred(term: Term, raw: np.ndarray) -> tuple[np.ndarray, float]:
    """Points with mean 0, and the mean that was taken out.

    The points of a thin bin shrink towards the mean by the share of the support that it has, a bin that no stay fell into gets 0;
    the others make up for it.
    """
    rows, events = np.asarray(term.row_counts, float), np.asarray(term.event_counts, float)
    thin = ~has_support(term)
    mean = float((rows * raw).sum() / rows.sum())
    points = raw - mean
    share = np.minimum(rows / LEAST_ROWS, events / LEAST_EVENTS)
    points[thin] = np.clip(points[thin] * share[thin], -MOST_THIN_POINTS, MOST_THIN_POINTS)
    if thin.all():
        return np.zeros_like(points), mean
    left = float((rows * points).sum() / rows[~thin].sum())
    points[~thin] -= left
    return points, mean + left
