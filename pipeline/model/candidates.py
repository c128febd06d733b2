"""What is judged side by side: the additive model, its challenger, the plain rate, the scores, and the champion of the day.

Each learns from some of a cohort's stays and then predicts others; NaN says that it has no prediction for a stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pipeline.model.additive import fit_additive
from pipeline.model.baselines import fit_rate, fit_score
from pipeline.model.challenger import fit_full
from pipeline.model.cohort import SCORES, Cohort
from pipeline.model.evaluation import ADDITIVE, CURRENT_CHAMPION, FULL, HOSPITAL, LACE, PREVALENCE, VITAL_INSTABILITY
from pipeline.model.specification import Specification

TITLES = {
    ADDITIVE: "Additive model",
    FULL: "Full boosted trees",
    PREVALENCE: "Plain rate",
    VITAL_INSTABILITY: "Unstable vital signs",
    LACE: "LACE",
    HOSPITAL: "HOSPITAL",
    CURRENT_CHAMPION: "Champion of the day",
}

LEAST_COMPUTABLE, LEAST_EVENTS = 500, 50
"""Stays and readmissions for which a score must be computable, or that must be new to a champion, or it is not compared."""

Predicts = Callable[[np.ndarray], np.ndarray]
"""A mask of a cohort's rows to a probability for each of them."""


@dataclass(frozen=True)
class PresentChampion:
    """The model in use. fitted_until: the end of the last stay that it was fitted on; it is judged on later ones only."""

    specification: Specification
    fitted_until: datetime


@dataclass(frozen=True)
class Candidate:
    """One model to judge. learn: from the rows of a mask to what predicts others."""

    name: str
    title: str
    note: str
    learn: Callable[[np.ndarray], Predicts]


def candidates(cohort: Cohort, *, seed: int, champion: PresentChampion | None) -> Iterator[Candidate]:
    """Everything that can be judged on this cohort, the additive model first."""
    yield Candidate(ADDITIVE, TITLES[ADDITIVE], "", _additive(cohort, seed))
    note = "With interactions, on features as they are: shows what an additive model gives up. Never deployed."
    yield Candidate(FULL, TITLES[FULL], note, _full(cohort, seed))
    yield Candidate(PREVALENCE, TITLES[PREVALENCE], "Everybody gets the share that came back.", _rate(cohort))
    for name in SCORES:
        if name in cohort.scores and _is_computable(cohort, name):
            title = cohort.score_titles.get(name, TITLES[name])
            yield Candidate(name, title, _score_note(cohort, name, title), _score(cohort, name))
    if champion is not None and champion.specification.features_fingerprint == cohort.features_fingerprint:
        is_new = _new_to(champion, cohort)
        if _are_enough(cohort, is_new):
            note = f"Judged on the {int(is_new.sum()):,} stays that ended after those it was fitted on."
            yield Candidate(CURRENT_CHAMPION, TITLES[CURRENT_CHAMPION], note, _fixed(cohort, champion.specification, is_new))


def _additive(cohort: Cohort, seed: int) -> Callable[[np.ndarray], Predicts]:
    def learn(rows: np.ndarray) -> Predicts:
        came_back, fingerprint = cohort.is_readmitted[rows], cohort.features_fingerprint
        model = fit_additive(cohort.features[rows], cohort.kinds, came_back, seed=seed, fingerprint=fingerprint)
        return lambda others: model.probabilities(cohort.features[others])

    return learn


def _full(cohort: Cohort, seed: int) -> Callable[[np.ndarray], Predicts]:
    def learn(rows: np.ndarray) -> Predicts:
        predict = fit_full(cohort.features[rows], cohort.kinds, cohort.is_readmitted[rows], seed=seed)
        return lambda others: predict(cohort.features[others])

    return learn


def _rate(cohort: Cohort) -> Callable[[np.ndarray], Predicts]:
    def learn(rows: np.ndarray) -> Predicts:
        predict = fit_rate(cohort.is_readmitted[rows])
        return lambda others: predict(cohort.features[others])

    return learn


def _score(cohort: Cohort, name: str) -> Callable[[np.ndarray], Predicts]:
    def learn(rows: np.ndarray) -> Predicts:
        predict = fit_score(cohort.scores.loc[rows, name], cohort.is_readmitted[rows])
        return lambda others: predict(cohort.scores[others])

    return learn


def _fixed(cohort: Cohort, champion: Specification, is_new: np.ndarray) -> Callable[[np.ndarray], Predicts]:
    """A champion learns nothing here, and predicts only stays that are new to it."""
    return lambda _: lambda others: np.where(is_new[others], champion.probabilities(cohort.features[others]), np.nan)


def _new_to(champion: PresentChampion, cohort: Cohort) -> np.ndarray:
    return cohort.ended_at > np.datetime64(champion.fitted_until.replace(tzinfo=None))


def _is_computable(cohort: Cohort, name: str) -> bool:
    return _are_enough(cohort, cohort.scores[name].notna().to_numpy())


def _are_enough(cohort: Cohort, rows: np.ndarray) -> bool:
    return int(rows.sum()) >= LEAST_COMPUTABLE and int(cohort.is_readmitted[rows].sum()) >= LEAST_EVENTS


def _score_note(cohort: Cohort, name: str, title: str) -> str:
    known, all_stays = int(cohort.scores[name].notna().sum()), len(cohort.scores)
    where = "" if known == all_stays else f" Judged on the {known:,} of {all_stays:,} stays where it is computable."
    return f"{title}: its points turned into probabilities by logistic regression on the training stays.{where}"
