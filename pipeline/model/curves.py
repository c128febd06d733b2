"""Curves that show how far a model's probabilities can be trusted and what acting on them buys. Pure numpy.

Calibration: the nearer a tenth lies to the diagonal the better; its Wilson interval says what chance alone may do.
Net benefit, readmissions found for each discharge: those found less those flagged in vain, weighed by the odds of the threshold.
Higher is better; a model is worth using where it lies above both following up everybody and nobody (0).
Alert budget: each capacity for follow-up and what it finds, of predictions by models that never saw the patient.
"""

from __future__ import annotations

import numpy as np

from pipeline.model.evaluation import BudgetPoint, CurvePoint, NetBenefitPoint
from pipeline.model.ranked import ranked

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 26))
"""Probabilities from which on a clinician might act: 2-50 %."""

CAPACITIES = tuple(range(1, 61))
"""Follow-ups a day, or per cent of discharges."""

WILSON_Z = 1.959964
"""For 95 %."""


def calibration_curve(came_back: np.ndarray, probability: np.ndarray) -> tuple[CurvePoint, ...]:
    """Tenths of the rows, the lowest probabilities first."""
    rows = ranked(came_back, probability)
    starts = rows.starts[rows.tenths]
    ends = np.r_[starts[1:], len(rows.order)]
    points = []
    for start, end in zip(starts, ends, strict=True):
        observed = float(rows.came_back[start:end].mean())
        low, high = wilson(observed, int(end - start))
        points.append(CurvePoint(float(rows.probability[start:end].mean()), observed, low, high, int(end - start)))
    return tuple(points[::-1])


def wilson(share: float, count: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a share of `count` rows."""
    squared = WILSON_Z**2
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = WILSON_Z / (1 + squared / count) * np.sqrt(share * (1 - share) / count + squared / (4 * count**2))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def net_benefit_curve(came_back: np.ndarray, probability: np.ndarray) -> tuple[NetBenefitPoint, ...]:
    """At each threshold, flagging what reaches it."""
    back, rate = np.asarray(came_back, float), float(np.mean(came_back))
    points = []
    for threshold in THRESHOLDS:
        odds, flagged = threshold / (1 - threshold), probability >= threshold
        net = float((back[flagged].sum() - (1 - back[flagged]).sum() * odds) / len(back))
        points.append(NetBenefitPoint(threshold, net, rate - (1 - rate) * odds))
    return tuple(points)


def budget_by_day(came_back: np.ndarray, probability: np.ndarray, day: np.ndarray) -> tuple[BudgetPoint, ...]:
    """For each number a day, the highest of each day of discharge; days with fewer discharges flag all of them."""
    order = np.lexsort((-probability, day))
    back, chance, days = np.asarray(came_back, float)[order], probability[order], day[order]
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
    sizes = np.diff(np.r_[starts, len(days)])
    rank = np.arange(len(days)) - np.repeat(starts, sizes)
    points = []
    for capacity in CAPACITIES:
        full = starts[sizes >= capacity] + capacity - 1
        cut_off = float(np.median(chance[full])) if len(full) else None
        points.append(_point(float(capacity), back, rank < capacity, cut_off))
    return tuple(points)


def budget_by_share(came_back: np.ndarray, probability: np.ndarray) -> tuple[BudgetPoint, ...]:
    """For each per cent of all discharges, the highest of them."""
    rows = ranked(came_back, probability)
    place = np.arange(len(rows.order))
    points = []
    for capacity in CAPACITIES:
        flagged = round(len(place) * capacity / 100)
        cut_off = float(rows.probability[flagged - 1]) if flagged else None
        points.append(_point(capacity / 100, rows.came_back, place < flagged, cut_off))
    return tuple(points)


def _point(capacity: float, back: np.ndarray, is_flagged: np.ndarray, cut_off: float | None) -> BudgetPoint:
    flagged, found, events = int(is_flagged.sum()), int(back[is_flagged].sum()), int(back.sum())
    return BudgetPoint(
        capacity=capacity,
        flagged=flagged,
        true_positives=found,
        sensitivity=found / events if events else 0.0,
        ppv=found / flagged if flagged else 0.0,
        number_needed_to_review=flagged / found if found else None,
        flags_per_100=100 * flagged / len(back),
        cut_off=cut_off,
    )
