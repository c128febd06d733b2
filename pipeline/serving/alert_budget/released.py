"""The figures of a budget without small counts: fewer capacities, further apart. Pure.

A stay that one capacity names and a smaller one does not is counted by their difference, so differences count as cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.model.evaluation import BudgetPoint
from pipeline.model.evidence import Evidence
from pipeline.serving.rates import FEWEST


def released_evidence(evidence: Evidence) -> Evidence:
    """The evidence with the capacities of each model that may be shown; the rest of it is as it was."""
    evaluation = evidence.evaluation
    models = tuple(replace(one, budget=shown_points(one.budget, evaluation.cohort.events)) for one in evaluation.models)
    return replace(evidence, evaluation=replace(evaluation, models=models))


def shown_points(points: Sequence[BudgetPoint], events: int) -> tuple[BudgetPoint, ...]:
    """From the smallest capacity up, those with no small count: of stays found, named for nothing or missed, nor in what they add.

    events: readmissions in all.
    """
    shown: list[BudgetPoint] = []
    for point in sorted(points, key=lambda one: one.capacity):
        found, needless = point.true_positives, point.flagged - point.true_positives
        before = (shown[-1].true_positives, shown[-1].flagged - shown[-1].true_positives) if shown else (0, 0)
        cells = found, needless, point.flagged, events - found, found - before[0], needless - before[1]
        if not any(0 < abs(cell) < FEWEST for cell in cells):
            shown.append(point)
    return tuple(shown)
