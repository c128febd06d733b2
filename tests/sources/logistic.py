"""A plain logistic regression and its AUROC, tested on patients it has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd


def held_out_auroc(features: np.ndarray, outcome: np.ndarray, patient: pd.Series) -> float:
    """The probability, 0 to 1, that a random case scores above a random non-case; 0.5 is chance. 5 patient-wise folds."""
    fold = pd.util.hash_pandas_object(patient, index=False).to_numpy() % 5
    standard = np.column_stack((np.ones(len(features)), (features - features.mean(axis=0)) / features.std(axis=0)))
    score = np.zeros(len(features))
    for held_out in range(5):
        train = fold != held_out
        score[~train] = standard[~train] @ _fitted(standard[train], outcome[train])
    return auroc(score, outcome)


def auroc(score: np.ndarray, outcome: np.ndarray) -> float:
    """Mann-Whitney from mean ranks, ties counted half."""
    rank = pd.Series(score).rank().to_numpy()
    cases = outcome.sum()
    return float((rank[outcome].sum() - cases * (cases + 1) / 2) / (cases * (len(outcome) - cases)))


def _fitted(features: np.ndarray, outcome: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Coefficients by eight Newton steps."""
    weights = np.zeros(features.shape[1])
    for _ in range(8):
        chance = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (outcome - chance) - ridge * weights
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + ridge * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, slope)
    return weights
