"""Trains the readmission model on a cohort and judges it: nothing is trained on features that know the outcome.

The figures are of models that did not see the stays they are judged on; the model that is kept is fitted on all of them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass

import numpy as np

from pipeline.model.additive import ADDITIVE_BOOSTING, FULL_EVENTS, fit_additive, made_with
from pipeline.model.bins import LEAST_EVENTS, LEAST_ROWS, MOST_BINS
from pipeline.model.candidates import PresentChampion, candidates
from pipeline.model.challenger import FULL_BOOSTING
from pipeline.model.cohort import Cohort
from pipeline.model.evaluation import (
    PER_DAY,
    SHARE_OF_DISCHARGES,
    Evaluation,
    FeatureFacts,
    LeakFinding,
    ModelResult,
)
from pipeline.model.golden_values import with_golden_rows
from pipeline.model.judging import Ground, judged, predictions
from pipeline.model.leaks import apart, overall, require_clean, scan
from pipeline.model.measures import ALERT_BUDGET
from pipeline.model.resampling import Draws
from pipeline.model.specification import Specification
from pipeline.model.splits import EARLIER_SHARE, FOLDS, folds_by_patient, split_by_time

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trained:
    """The model, fitted on every stay, and what was found out about models fitted like it."""

    specification: Specification
    evaluation: Evaluation


def train(cohort: Cohort, *, seed: int, champion: PresentChampion | None = None, replicates: int = 200) -> Trained:
    """Trains and judges. The same cohort and seed give the same model and the same figures.

    champion: judged beside it, on stays that are new to it. replicates: how often patients are drawn for the intervals.
    Raises ModelRefused when a feature knows the outcome, and for cohorts that cannot be split.
    """
    started = time.perf_counter()
    findings = scan(cohort)
    require_clean(findings)
    ground = _ground(cohort, seed, replicates)
    told = []
    for candidate in candidates(cohort, seed=seed, champion=champion):
        told.append(predictions(candidate, ground))
        log.info("%s predicted %d stays", candidate.name, len(cohort.is_readmitted))
    results = tuple(judged(told, ground))
    model = fit_additive(cohort.features, cohort.kinds, cohort.is_readmitted, seed=seed, fingerprint=cohort.features_fingerprint)
    model = with_golden_rows(model, seed=seed)
    log.info("trained on %d stays, %d terms", len(cohort.is_readmitted), len(model.terms))
    evaluation = Evaluation(
        cohort=cohort.facts,
        models=results,
        features=_feature_facts(cohort, model),
        leaks=(*findings, *_too_good(results)),
        parameters=_parameters(cohort, seed, replicates),
        budget_unit=SHARE_OF_DISCHARGES if cohort.discharge_date is None else PER_DAY,
        published=cohort.published,
        made_with=made_with(),
        seconds=round(time.perf_counter() - started, 1),
    )
    return Trained(model, evaluation)


def _ground(cohort: Cohort, seed: int, replicates: int) -> Ground:
    fold = folds_by_patient(cohort.patient, cohort.is_readmitted, seed=seed)
    require_clean(apart(cohort.patient, fold))
    return Ground(cohort, fold, split_by_time(cohort.ended_at, cohort.patient), Draws(cohort.patient, replicates, seed))


def _too_good(results: tuple[ModelResult, ...]) -> tuple[LeakFinding, ...]:
    found = [overall(result.title, result.grouped.auroc.value) for result in results if result.grouped.auroc is not None]
    for finding in (finding for findings in found for finding in findings):
        log.warning("%s", finding.says)
    return tuple(finding for findings in found for finding in findings)


def _feature_facts(cohort: Cohort, model: Specification) -> tuple[FeatureFacts, ...]:
    facts = []
    for feature, term in zip(cohort.known, model.terms, strict=True):
        rows = np.asarray(term.row_counts)
        facts.append(
            FeatureFacts(
                name=feature.name,
                description=feature.description,
                unit=feature.unit,
                available=feature.available,
                kind=feature.kind,
                missing_share=float(rows[0] / rows.sum()),
                importance=float((rows * np.abs(term.points)).sum() / rows.sum()),
            )
        )
    return tuple(facts)


def _parameters(cohort: Cohort, seed: int, replicates: int) -> dict[str, float | int | str]:
    boosting = {f"additive_{name}": value for name, value in asdict(ADDITIVE_BOOSTING).items()}
    full = {f"full_{name}": value for name, value in asdict(FULL_BOOSTING).items()}
    return {
        **({"outcome": cohort.outcome} if cohort.outcome else {}),
        "seed": seed,
        "replicates": replicates,
        "folds_by_patient": FOLDS,
        "earlier_share": EARLIER_SHARE,
        "alert_budget": ALERT_BUDGET,
        "least_rows_in_bin": LEAST_ROWS,
        "least_events_in_bin": LEAST_EVENTS,
        "most_bins_of_a_number": MOST_BINS,
        "full_iterations_from_events": FULL_EVENTS,
        **boosting,
        **full,
    }
