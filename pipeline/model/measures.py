"""How good predicted probabilities are. Pure numpy.

AUROC, 0-1: how often a stay that came back has the higher probability of a random pair; 0.5 is chance, higher is better, and
readmission models that know no future reach 0.60-0.75. AUPRC, 0-1: mean PPV over all cut-offs; chance is the share that
comes back, higher is better. Brier score, 0-1: mean squared distance of probability and outcome; lower is better. Scaled Brier,
up to 1: how much of the distance that the plain rate has is taken away; 0 is no better than the rate, below 0 is worse.
Calibration slope: 1 is right, below 1 the probabilities are too extreme, above 1 too timid. Calibration intercept (in the
large), log-odds: 0 is right, above 0 more came back than was predicted. ECE, 0-1: mean distance of predicted and observed
share over tenths of the rows by probability; 0 is right, and chance alone leaves about 0.002 at 100,000 rows.
Sensitivity and PPV, 0-1: of the stays that come back the share that is flagged, and of the flagged the share that comes back,
when as many are flagged as the budget says; stays with equal probability at the edge count in part.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.model.ranked import Weighed

ALERT_BUDGET = 0.1
"""The share of discharges that is flagged, where nothing else is said."""

LEAST_SPREAD = 1e-9
"""Variance of the log-odds below which there is no line to fit: all rows have the same probability."""

MOST_STEPS = 25
CONVERGED = 1e-9


def auroc(weighed: Weighed) -> float | None:
    if weighed.is_one_sided:
        return None
    below = np.cumsum(weighed.negative[::-1])[::-1] - weighed.negative / 2
    return float((weighed.positive * below).sum() / (weighed.events * (weighed.total - weighed.events)))


def auprc(weighed: Weighed) -> float | None:
    if weighed.events <= 0:
        return None
    found = np.cumsum(weighed.positive)
    flagged = found + np.cumsum(weighed.negative)
    share = np.divide(found, flagged, out=np.zeros_like(found), where=flagged > 0)
    return float((weighed.positive * share).sum() / weighed.events)


def brier(weighed: Weighed) -> float:
    return float((weighed.weight * (weighed.rows.probability - weighed.rows.came_back) ** 2).sum() / weighed.total)


def scaled_brier(weighed: Weighed) -> float | None:
    if weighed.is_one_sided:
        return None
    rate = weighed.events / weighed.total
    return 1 - brier(weighed) / (rate * (1 - rate))


def slope(weighed: Weighed) -> float | None:
    """By logistic regression of the outcome on the log-odds."""
    x, weight = weighed.rows.log_odds, weighed.weight
    mean = (weight * x).sum() / weighed.total
    if weighed.is_one_sided or (weight * (x - mean) ** 2).sum() / weighed.total < LEAST_SPREAD:
        return None
    rise, level = 1.0, 0.0
    for _ in range(MOST_STEPS):
        expected = 1 / (1 + np.exp(-(level + rise * x)))
        miss = weighed.weight_back - weight * expected
        curve = weight * expected * (1 - expected)
        curve_x = curve * x
        a, b, c = curve.sum(), curve_x.sum(), (curve_x * x).sum()
        up, across = miss.sum(), (miss * x).sum()
        step = (a * across - b * up) / (a * c - b * b)
        level += (c * up - b * across) / (a * c - b * b)
        rise += step
        if abs(step) < CONVERGED:
            return float(rise)
    return None


def intercept(weighed: Weighed) -> float | None:
    """The level that logistic regression adds to the log-odds, their slope held at 1."""
    if weighed.is_one_sided:
        return None
    level = 0.0
    for _ in range(MOST_STEPS):
        expected = 1 / (1 + np.exp(-(level + weighed.rows.log_odds)))
        step = (weighed.events - (weighed.weight * expected).sum()) / (weighed.weight * expected * (1 - expected)).sum()
        level += step
        if abs(step) < CONVERGED:
            return float(level)
    return None


def ece(weighed: Weighed) -> float:
    miss = weighed.weight * weighed.rows.probability - weighed.weight_back
    return float(np.abs(np.add.reduceat(miss, weighed.rows.tenth_starts)).sum() / weighed.total)


def sensitivity(weighed: Weighed, share: float = ALERT_BUDGET) -> float | None:
    return None if weighed.events <= 0 else _found(weighed, share) / weighed.events


def ppv(weighed: Weighed, share: float = ALERT_BUDGET) -> float:
    return _found(weighed, share) / (share * weighed.total)


def _found(weighed: Weighed, share: float) -> float:
    """The weight of those who came back among the highest probabilities that fill the share."""
    flagged = np.cumsum(weighed.positive + weighed.negative)
    found = np.cumsum(weighed.positive)
    return float(np.interp(share * weighed.total, np.r_[0, flagged], np.r_[0, found]))


MEASURES: dict[str, Callable[[Weighed], float | None]] = {
    "auroc": auroc,
    "auprc": auprc,
    "brier": brier,
    "scaled_brier": scaled_brier,
    "slope": slope,
    "intercept": intercept,
    "ece": ece,
    "sensitivity": sensitivity,
    "ppv": ppv,
}
"""By the names they have in `evaluation.Measures`."""
