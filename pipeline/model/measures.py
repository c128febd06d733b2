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

from pipeline.model.ranked import Weighed, calibration_level, calibration_line

ALERT_BUDGET = 0.1
"""The share of discharges that is flagged, where nothing else is said."""


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
    chance = weighed.rows.distinct
    return float((weighed.positive * (1 - chance) ** 2 + weighed.negative * chance**2).sum() / weighed.total)


def scaled_brier(weighed: Weighed) -> float | None:
    if weighed.is_one_sided:
        return None
    rate = weighed.events / weighed.total
    return 1 - brier(weighed) / (rate * (1 - rate))


def slope(weighed: Weighed) -> float | None:
    """By logistic regression of the outcome on the log-odds."""
    if weighed.rows.plain_line is None:
        return None
    line = calibration_line(weighed, weighed.rows.plain_line)
    return None if line is None else line[1]


def intercept(weighed: Weighed) -> float | None:
    """The level that logistic regression adds to the log-odds, their slope held at 1."""
    return calibration_level(weighed)


def ece(weighed: Weighed) -> float:
    missed = weighed.weight * weighed.rows.distinct - weighed.positive
    return float(np.abs(np.add.reduceat(missed, weighed.rows.tenths)).sum() / weighed.total)


def sensitivity(weighed: Weighed, share: float = ALERT_BUDGET) -> float | None:
    return None if weighed.events <= 0 else _found(weighed, share) / weighed.events


def ppv(weighed: Weighed, share: float = ALERT_BUDGET) -> float:
    return _found(weighed, share) / (share * weighed.total)


def _found(weighed: Weighed, share: float) -> float:
    """The weight of those who came back among the highest probabilities that fill the share."""
    flagged = np.cumsum(weighed.weight)
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
