"""Predictions sorted once, so that measuring them again under other weights is cheap. Pure numpy.

A weight is how often a row counts: 1 for the rows as they are, how often its patient was drawn when patients are resampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

TENTHS = np.arange(0.1, 0.95, 0.1)

NEAREST_TO_CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1 where their log-odds are taken."""

LEAST_SPREAD = 1e-9
"""Variance of the log-odds below which there is no line to fit: all rows have the same probability."""

MOST_STEPS = 25
CONVERGED = 1e-7


@dataclass(frozen=True)
class Ranked:
    """Rows from the highest probability to the lowest. order: the place of each among the rows as they were given."""

    order: np.ndarray
    probability: np.ndarray
    came_back: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """The first row of each run of equal probabilities."""
        return np.flatnonzero(np.r_[True, self.probability[1:] != self.probability[:-1]])

    @cached_property
    def distinct(self) -> np.ndarray:
        """The probabilities that occur, from the highest to the lowest."""
        return self.probability[self.starts]

    @cached_property
    def log_odds(self) -> np.ndarray:
        """Of the probabilities that occur."""
        return log_odds(self.distinct)

    @cached_property
    def tenths(self) -> np.ndarray:
        """Where each tenth of the rows starts in `distinct`; fewer than ten where equal probabilities would be torn apart."""
        edges = np.quantile(self.probability, TENTHS)
        tenth = np.searchsorted(edges, self.distinct, side="right")
        return np.flatnonzero(np.r_[True, tenth[1:] != tenth[:-1]])

    @cached_property
    def plain_line(self) -> tuple[float, float] | None:
        """Level and rise of the calibration line of the rows as they are: near to that of any draw of them."""
        return calibration_line(self.weighed())

    def weighed(self, weights: np.ndarray | None = None) -> Weighed:
        """These rows, each counted as often as its weight (of the rows as they were given) says."""
        by_rank = np.ones(len(self.order)) if weights is None else weights[self.order]
        positive = np.add.reduceat(by_rank * self.came_back, self.starts)
        return Weighed(self, positive, np.add.reduceat(by_rank, self.starts) - positive)


@dataclass(frozen=True)
class Weighed:
    """What the rows of each distinct probability weigh: those who came back, and those who did not."""

    rows: Ranked
    positive: np.ndarray
    negative: np.ndarray

    @cached_property
    def weight(self) -> np.ndarray:
        return self.positive + self.negative

    @cached_property
    def total(self) -> float:
        return float(self.weight.sum())

    @cached_property
    def events(self) -> float:
        return float(self.positive.sum())

    @property
    def is_one_sided(self) -> bool:
        """Nobody came back, or everybody: nothing can be told apart."""
        return self.events <= 0 or self.events >= self.total


def ranked(came_back: np.ndarray, probability: np.ndarray) -> Ranked:
    """Rows ranked by probability; among equals their order stays."""
    order = np.argsort(-probability, kind="stable")
    return Ranked(order, np.asarray(probability, float)[order], np.asarray(came_back, float)[order])


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Of probabilities, kept from being infinite."""
    kept = np.clip(probability, NEAREST_TO_CERTAIN, 1 - NEAREST_TO_CERTAIN)
    return np.log(kept / (1 - kept))


def calibration_line(weighed: Weighed, start: tuple[float, float] = (0.0, 1.0)) -> tuple[float, float] | None:
    """Level and rise of the logistic regression of the outcome on the log-odds (Newton's method); None where there is none."""
    x, weight = weighed.rows.log_odds, weighed.weight
    mean = (weight * x).sum() / weighed.total
    if weighed.is_one_sided or (weight * (x - mean) ** 2).sum() / weighed.total < LEAST_SPREAD:
        return None
    level, rise = start
    for _ in range(MOST_STEPS):
        expected = 1 / (1 + np.exp(-(level + rise * x)))
        missed = weighed.positive - weight * expected
        curve = weight * expected * (1 - expected)
        a, b, c = curve.sum(), (curve * x).sum(), (curve * x * x).sum()
        up, across = missed.sum(), (missed * x).sum()
        level, rise = level + (c * up - b * across) / (a * c - b * b), rise + (a * across - b * up) / (a * c - b * b)
        if abs(a * across - b * up) < CONVERGED * abs(a * c - b * b):
            return float(level), float(rise)
    return None


def calibration_level(weighed: Weighed) -> float | None:
    """The level alone, the rise held at 1."""
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
