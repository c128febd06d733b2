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


@dataclass(frozen=True)
class Ranked:
    """Rows from the highest probability to the lowest. order: the place of each among the rows as they were given."""

    order: np.ndarray
    probability: np.ndarray
    came_back: np.ndarray

    @cached_property
    def log_odds(self) -> np.ndarray:
        return log_odds(self.probability)

    @cached_property
    def tie_starts(self) -> np.ndarray:
        """The first row of each run of equal probabilities."""
        return np.flatnonzero(np.r_[True, self.probability[1:] != self.probability[:-1]])

    @cached_property
    def tenth_starts(self) -> np.ndarray:
        """The first row of each tenth of the rows; fewer than ten where equal probabilities would be torn apart."""
        edges = np.quantile(self.probability, TENTHS)
        tenth = np.searchsorted(edges, self.probability, side="right")
        return np.flatnonzero(np.r_[True, tenth[1:] != tenth[:-1]])

    def weighed(self, weights: np.ndarray | None = None) -> Weighed:
        """These rows, each counted as often as its weight (of the rows as they were given) says."""
        sorted_weights = np.ones(len(self.order)) if weights is None else weights[self.order]
        back = sorted_weights * self.came_back
        count = np.add.reduceat(sorted_weights, self.tie_starts)
        positive = np.add.reduceat(back, self.tie_starts)
        return Weighed(self, sorted_weights, back, positive, count - positive)


@dataclass(frozen=True)
class Weighed:
    """Ranked rows and what they weigh. positive, negative: the weight of those who came back and not, per run of ties."""

    rows: Ranked
    weight: np.ndarray
    weight_back: np.ndarray
    positive: np.ndarray
    negative: np.ndarray

    @cached_property
    def total(self) -> float:
        return float(self.weight.sum())

    @cached_property
    def events(self) -> float:
        return float(self.weight_back.sum())

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
