"""Scores without a model's training, as probabilities: the plain rate, and logistic regression of the outcome on one score.

So a score that was made for another place or outcome is judged by how it ranks stays, and not by what it once promised.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from pipeline.model.challenger import Predict


def fit_rate(came_back: np.ndarray) -> Predict:
    """Everybody's probability is the share that came back."""
    rate = float(came_back.mean())
    return lambda rows: np.full(len(rows), rate)


def fit_score(score: pd.Series, came_back: np.ndarray) -> Predict:
    """The probability by a score, learnt where it is computable; rows without it get NaN."""
    known = score.notna().to_numpy()
    line = LogisticRegression(C=np.inf).fit(score[known].to_numpy(float).reshape(-1, 1), came_back[known])

    def predict(rows: pd.DataFrame) -> np.ndarray:
        points = rows[str(score.name)].to_numpy(float)
        told = line.intercept_[0] + line.coef_[0, 0] * points
        return 1 / (1 + np.exp(-told))

    return predict
