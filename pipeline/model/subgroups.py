"""The same model, group by group: whether it finds, and promises, as much for one group of patients as for another. Pure numpy.

Observed over expected: 1 is right; above 1 more of the group came back than was predicted, so the model sells it short.
Sensitivity and PPV are those at the cut-off that holds for everybody.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from pipeline.model.evaluation import Interval, SubgroupResult
from pipeline.model.measures import ALERT_BUDGET, auroc
from pipeline.model.ranked import Weighed, ranked
from pipeline.model.resampling import Draws, with_intervals

LEAST_ROWS, LEAST_EVENTS = 500, 50
"""Below either, a group's figures are chance: of three patients of unknown sex they once made the largest gap of all."""

NOT_RECORDED = "not recorded"


def subgroup_results(
    groups: pd.DataFrame, came_back: np.ndarray, probability: np.ndarray, draws: Draws
) -> tuple[SubgroupResult, ...]:
    """Every group of every grouping (a column), in the order of their names. One row of `groups` for each prediction."""
    cut_off = float(np.quantile(probability, 1 - ALERT_BUDGET))
    results = []
    for grouping in groups.columns:
        names = groups[grouping].astype("object").where(groups[grouping].notna(), NOT_RECORDED).astype(str).to_numpy()
        for name in sorted(set(names)):
            rows = names == name
            results.append(_result(str(grouping), name, came_back[rows], probability[rows], cut_off, draws.of(rows)))
    return tuple(results)


def _result(
    grouping: str, name: str, came_back: np.ndarray, probability: np.ndarray, cut_off: float, draws: Draws
) -> SubgroupResult:
    count, events = len(came_back), int(came_back.sum())
    found: dict[str, Interval | None] = dict.fromkeys(("auroc", "observed_over_expected", "sensitivity", "ppv"))
    if count >= LEAST_ROWS and events >= LEAST_EVENTS:
        measures = {
            "auroc": auroc,
            "observed_over_expected": observed_over_expected,
            "sensitivity": partial(_sensitivity_from, cut_off),
            "ppv": partial(_ppv_from, cut_off),
        }
        found = with_intervals(ranked(came_back, probability), measures, draws)
    return SubgroupResult(grouping, name, count, events, **found)


def observed_over_expected(weighed: Weighed) -> float:
    """Readmissions for each one that was predicted."""
    return weighed.events / float((weighed.weight * weighed.rows.distinct).sum())


def _sensitivity_from(cut_off: float, weighed: Weighed) -> float | None:
    flagged = weighed.rows.distinct >= cut_off
    return float(weighed.positive[flagged].sum() / weighed.events) if weighed.events else None


def _ppv_from(cut_off: float, weighed: Weighed) -> float | None:
    flagged = weighed.rows.distinct >= cut_off
    weight = float(weighed.weight[flagged].sum())
    return float(weighed.positive[flagged].sum() / weight) if weight else None
