"""The full model that the additive one is held against: boosted trees with interactions on the features as they are.

It shows what additivity costs; it is judged and never deployed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from pipeline.model.additive import Boosting
from pipeline.model.specification import NUMBER
from pipeline.model.threads import one_thread

FULL_BOOSTING = Boosting(learning_rate=0.06, iterations=200, leaves=15, least_rows_in_leaf=100, l2=20.0, feature_share=0.3, fits=2)
"""Chosen on the first three quarters of UCI Diabetes 130-US, by patient."""

MOST_CATEGORIES = 32
"""Categories with more levels are numbered in the order of their names, which for diagnosis codes is the order of the book."""

Predict = Callable[[pd.DataFrame], np.ndarray]
"""Features to probabilities, one for each row."""


def fit_full(
    features: pd.DataFrame, kinds: Mapping[str, str], came_back: np.ndarray, *, seed: int, boosting: Boosting = FULL_BOOSTING
) -> Predict:
    """The full model of these stays, as a function of features; levels it has not seen are missing to it."""
    levels = {name: sorted(features[name].dropna().unique()) for name, kind in kinds.items() if kind != NUMBER}
    is_category = [name in levels and len(levels[name]) <= MOST_CATEGORIES for name in kinds]
    models = boosting.fitted(_numbers(features, kinds, levels), came_back, seed=seed, categorical_features=is_category)

    def predict(rows: pd.DataFrame) -> np.ndarray:
        numbers = _numbers(rows, kinds, levels)
        with one_thread():
            told = np.mean([model.decision_function(numbers) for model in models], axis=0)
        return 1 / (1 + np.exp(-told))

    return predict


def _numbers(features: pd.DataFrame, kinds: Mapping[str, str], levels: Mapping[str, list[str]]) -> np.ndarray:
    columns = []
    for name in kinds:
        if name in levels:
            number = {level: place for place, level in enumerate(levels[name])}
            columns.append(features[name].map(number).to_numpy(float))
        else:
            columns.append(features[name].to_numpy(float))
    return np.column_stack(columns)
