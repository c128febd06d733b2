"""Judges every candidate on stays that it did not learn from: by patient, by time, by group, by capacity. Pure.

The plain rate is one constant for all patients: as a rate of each fold it would rank the folds, and by their own outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.model.candidates import Candidate
from pipeline.model.cohort import Cohort
from pipeline.model.curves import budget_by_day, budget_by_share, calibration_curve, net_benefit_curve
from pipeline.model.evaluation import PREVALENCE, Interval, Measures, ModelResult
from pipeline.model.resampling import Draws, difference_in_auroc, measured
from pipeline.model.splits import TimeSplit
from pipeline.model.subgroups import LEAST_EVENTS, LEAST_ROWS, subgroup_results


@dataclass(frozen=True)
class Predictions:
    """A candidate's probabilities over a cohort's rows. NaN: no prediction, or none that it did not learn from.

    by_patient: each by a model of other patients. by_time: of later stays, each by a model of earlier ones.
    """

    candidate: Candidate
    by_patient: np.ndarray
    by_time: np.ndarray


@dataclass(frozen=True)
class Ground:
    """What all candidates are judged on."""

    cohort: Cohort
    fold: np.ndarray
    by_time: TimeSplit
    draws: Draws


def predictions(candidate: Candidate, ground: Ground) -> Predictions:
    """Learns once for each fold and once from the earlier stays."""
    count = len(ground.fold)
    by_patient, by_time = np.full(count, np.nan), np.full(count, np.nan)
    if candidate.name == PREVALENCE:
        by_patient = candidate.learn(np.ones(count, bool))(np.ones(count, bool))
    else:
        for fold in np.unique(ground.fold):
            tested = ground.fold == fold
            by_patient[tested] = candidate.learn(~tested)(tested)
    by_time[ground.by_time.is_later] = candidate.learn(ground.by_time.is_earlier)(ground.by_time.is_later)
    return Predictions(candidate, by_patient, by_time)


def judged(told: Sequence[Predictions], ground: Ground) -> Iterator[ModelResult]:
    """The result of each candidate; the first one is the model that the others are compared with."""
    for one in told:
        yield _result(one, told[0], ground)


def _result(told: Predictions, additive: Predictions, ground: Ground) -> ModelResult:
    cohort, chance = ground.cohort, told.by_patient
    known = ~np.isnan(chance)
    came_back, chance = cohort.is_readmitted[known], chance[known]
    is_other = told is not additive
    return ModelResult(
        name=told.candidate.name,
        title=told.candidate.title,
        grouped=measured(came_back, chance, ground.draws.of(known)),
        temporal=_measured(told.by_time, ground.by_time.is_later, ground),
        temporal_unseen=_measured_if_enough(told.by_time, ground.by_time.is_unseen, ground),
        subgroups=subgroup_results(cohort.groups[known].reset_index(drop=True), came_back, chance, ground.draws.of(known)),
        calibration=calibration_curve(came_back, chance),
        net_benefit=net_benefit_curve(came_back, chance),
        budget=_budget(cohort, known, came_back, chance),
        note=told.candidate.note,
        additive_ahead_by=_ahead(additive.by_patient, told.by_patient, ground) if is_other else None,
        additive_ahead_over_time_by=_ahead(additive.by_time, told.by_time, ground) if is_other else None,
    )


def _measured(chance: np.ndarray, rows: np.ndarray, ground: Ground) -> Measures:
    rows = rows & ~np.isnan(chance)
    return measured(ground.cohort.is_readmitted[rows], chance[rows], ground.draws.of(rows))


def _measured_if_enough(chance: np.ndarray, rows: np.ndarray, ground: Ground) -> Measures | None:
    known = rows & ~np.isnan(chance)
    is_enough = known.sum() >= LEAST_ROWS and ground.cohort.is_readmitted[known].sum() >= LEAST_EVENTS
    return _measured(chance, rows, ground) if is_enough else None


def _budget(cohort: Cohort, known: np.ndarray, came_back: np.ndarray, chance: np.ndarray) -> tuple:
    if cohort.discharge_date is None:
        return budget_by_share(came_back, chance)
    return budget_by_day(came_back, chance, cohort.discharge_date[known])


def _ahead(additive: np.ndarray, other: np.ndarray, ground: Ground) -> Interval | None:
    both = ~np.isnan(additive) & ~np.isnan(other)
    return difference_in_auroc(ground.cohort.is_readmitted[both], additive[both], other[both], ground.draws.of(both))
