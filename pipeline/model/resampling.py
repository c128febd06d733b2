"""95 % intervals by drawing patients again and again, with all their stays. Pure numpy; the seed is a parameter.

Stays of one patient resemble each other, so patients are drawn and not stays. All models of an evaluation are measured on the
same draws, so that their difference has an interval too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.model.evaluation import Interval, Measures
from pipeline.model.measures import MEASURES, auroc
from pipeline.model.ranked import Ranked, Weighed, ranked

LOW, HIGH = 2.5, 97.5

LEAST_SHARE_OF_DRAWS = 0.9
"""Below this share of draws in which a measure exists there is no interval worth showing."""


@dataclass(frozen=True)
class Draws:
    """How often each row counts in each draw. patient: a number per row, equal for the stays of one patient."""

    patient: np.ndarray
    count: int
    seed: int

    def __iter__(self) -> Iterator[np.ndarray]:
        _, patient = np.unique(self.patient, return_inverse=True)
        patients = int(patient.max()) + 1
        chance = np.random.default_rng(self.seed)
        for _ in range(self.count):
            drawn = np.bincount(chance.integers(patients, size=patients), minlength=patients)
            yield drawn.astype(float)[patient]

    def of(self, rows: np.ndarray) -> Draws:
        """Draws for some of the rows alone, by a mask."""
        return Draws(self.patient[rows], self.count, self.seed)


def measured(came_back: np.ndarray, probability: np.ndarray, draws: Draws) -> Measures:
    """Every measure of these predictions with its interval."""
    rows = ranked(came_back, probability)
    found = with_intervals(rows, MEASURES, draws)
    return Measures(rows=len(probability), events=int(np.sum(came_back)), **found)


def with_intervals(
    rows: Ranked, measures: dict[str, Callable[[Weighed], float | None]], draws: Draws
) -> dict[str, Interval | None]:
    """Some measures of ranked rows, each with its interval; None where it does not exist."""
    plain = rows.weighed()
    values = {name: measure(plain) for name, measure in measures.items()}
    existing = {name: measure for name, measure in measures.items() if values[name] is not None}
    drawn: dict[str, list[float | None]] = {name: [] for name in existing}
    for weights in draws:
        weighed = rows.weighed(weights)
        for name, measure in existing.items():
            drawn[name].append(measure(weighed))
    return {name: _interval(name, values[name], drawn.get(name, [])) for name in measures}


def difference_in_auroc(came_back: np.ndarray, first: np.ndarray, second: np.ndarray, draws: Draws) -> Interval | None:
    """AUROC of the first predictions minus that of the second, over the same draws."""
    one, other = ranked(came_back, first), ranked(came_back, second)
    value = _minus(auroc(one.weighed()), auroc(other.weighed()))
    return _interval("auroc", value, [_minus(auroc(one.weighed(w)), auroc(other.weighed(w))) for w in draws])


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _interval(name: str, value: float | None, drawn: list[float | None]) -> Interval | None:
    told = np.array([figure for figure in drawn if figure is not None], float)
    if value is None or len(told) < LEAST_SHARE_OF_DRAWS * len(drawn):
        return None
    low, high = np.percentile(told, [LOW, HIGH]) if len(told) else (value, value)
    if name == "ece" and len(told):
        # Distances are counted without their sign, so every draw adds some: the draws' spread holds, their level does not.
        shift = value - np.median(told)
        low, high = max(0.0, low + shift), high + shift
    return Interval(float(value), float(low), float(high))
