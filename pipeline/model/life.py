"""What becomes of a version after its training: compared in the shadow, promoted, rolled back, recalibrated, retired.

The one place where the registry's aliases and the model that the refresh scores with change together, one decision at a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np

from pipeline.catalog.contract import load_contracts
from pipeline.errors import ModelRefused
from pipeline.lakehouse.durable import replace_durably
from pipeline.model.candidates import PresentChampion
from pipeline.model.card import card
from pipeline.model.deployed import Deployed, deploy, withdraw
from pipeline.model.evaluation import ADDITIVE, CURRENT_CHAMPION, Evaluation
from pipeline.model.evidence import Evidence, Promotion
from pipeline.model.features import features_fingerprint
from pipeline.model.hospital_cohort import hospital_cohort
from pipeline.model.logged import LoggedRun, code_version, libraries_hash
from pipeline.model.promotion import Condition, judge, require
from pipeline.model.registry import MODEL_NAME, ModelVersion, Registry
from pipeline.model.shadow import Shadow, side_by_side
from pipeline.model.specification import Specification, rounded
from pipeline.model.train import Trained
from pipeline.settings import Settings

BUDGET_SHARE = 0.10
"""Of discharges called by each model when two are compared."""

RECALIBRATES_FROM_EVENTS = 100
"""Readmissions after the training that a new intercept needs: with fewer, chance alone moves it by a tenth and more."""


@dataclass(frozen=True)
class Decision:
    """Who decides, and why."""

    by: str
    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ModelRefused("Say why: the reason is kept with the model. Add: --why TEXT")


def keep_training(settings: Settings, trained: Trained, decision: Decision, *, experiment: str) -> str:
    """Logs a training. Returns the id of its run."""
    return Registry(settings).log(_logged(trained, decision, experiment))


def keep_version(settings: Settings, trained: Trained, decision: Decision, champion: ModelVersion | None) -> ModelVersion:
    """Logs a training and makes it the next version, which says beside which champion it was judged."""
    registry, run = Registry(settings), _logged(trained, decision, MODEL_NAME)
    beside = "none" if champion is None else str(champion.number)
    return registry.register(registry.log(run), {**run.tags, "judged_beside": beside})


def shadow(settings: Settings, number: int) -> Shadow:
    """Scores the published stays with a version and with the champion, and keeps what differs with the version."""
    registry = Registry(settings)
    version, champion = registry.version(number), registry.champion()
    if champion is None:
        raise ModelRefused("There is no champion to compare with. Promote the version: python -m pipeline promote")
    present, candidate = registry.specification(champion), registry.specification(version)
    _require_fit(present)
    _require_fit(candidate)
    cohort = hospital_cohort(settings)
    compared = side_by_side(
        present.probabilities(cohort.features),
        candidate.probabilities(cohort.features),
        budget_share=BUDGET_SHARE,
        champion_version=champion.number,
        publication=cohort.publication,
    )
    registry.tag(version, {"shadow": json.dumps(asdict(compared))})
    return compared


def conditions_of(registry: Registry, version: ModelVersion, specification: Specification) -> tuple[Condition, ...]:
    """Everything that must hold before a version takes the champion's place, each judged."""
    evaluation, champion = registry.evaluation(version), registry.champion()
    card(evaluation, specification, version.tags)
    if champion is None:
        return judge(evaluation, None)
    if version.tags.get("judged_beside") != str(champion.number):
        others = tuple(model for model in evaluation.models if model.name != CURRENT_CHAMPION)
        evaluation = replace(evaluation, models=others)
    return (*judge(evaluation, registry.evaluation(champion)), _seen_in_the_shadow(registry, version, champion))


def present_champion(registry: Registry) -> PresentChampion | None:
    """The model in use and the end of the stays it was fitted on; None without one."""
    champion = registry.champion()
    if champion is None:
        return None
    last_at = registry.evaluation(champion).cohort.last_at
    return PresentChampion(registry.specification(champion), last_at)


def promote(settings: Settings, number: int, decision: Decision) -> tuple[Condition, ...]:
    """Makes a version the champion when every condition holds. Raises ModelRefused with those that do not."""
    registry = Registry(settings)
    with registry.deciding():
        version = registry.version(number)
        specification = registry.specification(version)
        _require_fit(specification)
        conditions = conditions_of(registry, version, specification)
        require(conditions)
        _enthrone(settings, registry, version, specification, decision)
    return conditions


def roll_back(settings: Settings, number: int, decision: Decision) -> None:
    """Makes an earlier champion the champion again, without judging it anew. Raises ModelRefused for one that never was."""
    registry = Registry(settings)
    with registry.deciding():
        version = registry.version(number)
        if not version.was_champion:
            raise ModelRefused(f"Version {number} never was the champion, so it has to pass the gate. Leave out --roll-back.")
        specification = registry.specification(version)
        _require_fit(specification)
        _enthrone(settings, registry, version, specification, decision)


def retire(settings: Settings, number: int, decision: Decision) -> None:
    """Ends a version. Where it was the champion, nothing scores stays any more and the rules carry on."""
    registry = Registry(settings)
    with registry.deciding():
        version = registry.version(number)
        was_scoring = registry.champion() == version
        registry.retire(version)
        registry.tag(version, {"retired_by": decision.by, "retired_because": decision.why})
        if was_scoring:
            withdraw(settings)
            settings.evidence_file.unlink(missing_ok=True)


def recalibrate(settings: Settings, decision: Decision) -> ModelVersion:
    """A new version: the champion with the intercept that the stays discharged after its training ask for.

    Raises ModelRefused without a champion and with too few readmissions since. It has to pass the gate like any other.
    """
    registry = Registry(settings)
    champion = registry.champion()
    if champion is None:
        raise ModelRefused("There is no champion to recalibrate. Train one: python -m pipeline train")
    specification, evaluation = registry.specification(champion), registry.evaluation(champion)
    cohort = hospital_cohort(settings)
    is_later = cohort.ended_at > np.datetime64(evaluation.cohort.last_at.replace(tzinfo=None))
    events = int(cohort.is_readmitted[is_later].sum())
    if events < RECALIBRATES_FROM_EVENTS:
        raise ModelRefused(
            f"{events} readmissions followed stays discharged since the champion was trained, and {RECALIBRATES_FROM_EVENTS} are"
            " needed for a new intercept. Wait, or train again: python -m pipeline train"
        )
    shift = intercept_shift(specification.probabilities(cohort.features[is_later]), events)
    renewed = replace(specification, intercept=rounded(np.array([specification.intercept + shift]))[0])
    trained = Trained(renewed, _told_as_recalibrated(evaluation, champion.number, shift))
    return keep_version(settings, trained, decision, champion)


def _told_as_recalibrated(evaluation: Evaluation, version: int, shift: float) -> Evaluation:
    note = (
        f"The figures are those of version {version}; this one differs from it by {shift:+.3f} in the intercept, which moves every"
        " probability and no rank."
    )
    models = tuple(replace(model, note=note) if model.name == ADDITIVE else model for model in evaluation.models)
    parameters = {**evaluation.parameters, "recalibrated_from_version": version, "intercept_shift": round(shift, 6)}
    return replace(evaluation, models=models, parameters=parameters)


def intercept_shift(probabilities: np.ndarray, events: int) -> float:
    """By how much all log-odds must move so that the expected events are the observed ones (Newton's method)."""
    log_odds, shift = np.log(probabilities / (1 - probabilities)), 0.0
    for _ in range(50):
        shifted = 1 / (1 + np.exp(-(log_odds + shift)))
        step = (events - shifted.sum()) / (shifted * (1 - shifted)).sum()
        shift += step
        if abs(step) < 1e-12:
            break
    return float(shift)


def _logged(trained: Trained, decision: Decision, experiment: str) -> LoggedRun:
    cohort = trained.evaluation.cohort
    return LoggedRun(
        experiment=experiment,
        name=f"{cohort.name} {datetime.now(UTC):%Y-%m-%d %H:%M}",
        specification=trained.specification,
        evaluation=trained.evaluation,
        tags={
            "requested_by": decision.by,
            "why": decision.why,
            "code_version": code_version(),
            "libraries": libraries_hash(),
            "data_publication": str(cohort.publication),
            "data_fingerprint": cohort.content_fingerprint,
            "features_fingerprint": cohort.features_fingerprint,
            "is_synthetic": str(cohort.is_synthetic),
        },
    )


def _enthrone(
    settings: Settings, registry: Registry, version: ModelVersion, specification: Specification, decision: Decision
) -> None:
    """The file first: a refresh scores with it, and a registry that does not know of it yet is mended by promoting again."""
    now = datetime.now(UTC)
    deploy(settings, Deployed(MODEL_NAME, version.number, version.run_id, now, decision.by, specification))
    evaluation = registry.evaluation(version)
    promotion = Promotion(version.number, version.run_id, now, decision.by, decision.why)
    evidence = Evidence(promotion, card(evaluation, specification, dict(version.tags) | _tags(decision, now)), evaluation)
    replace_durably(settings.evidence_file, evidence.words)
    registry.crown(version)
    registry.tag(version, _tags(decision, now))


def _tags(decision: Decision, at: datetime) -> Mapping[str, str]:
    return {"promoted_by": decision.by, "promoted_because": decision.why, "promoted_at": at.isoformat(timespec="seconds")}


def _fits(specification: Specification) -> bool:
    """Whether it was trained on the features as they are defined now."""
    return specification.features_fingerprint == features_fingerprint(load_contracts())


def _require_fit(specification: Specification) -> None:
    if not _fits(specification):
        raise ModelRefused(
            "The features are defined otherwise now than when this version was trained. Train: python -m pipeline train"
        )


def _seen_in_the_shadow(registry: Registry, version: ModelVersion, champion: ModelVersion) -> Condition:
    says = "compared side by side with the present champion"
    if not _fits(registry.specification(champion)):
        return Condition(says, True, "it was fitted on features of another definition and can score nothing any more")
    said = version.tags.get("shadow")
    beside = json.loads(said)["champion_version"] if said else None
    found = "not compared yet: python -m pipeline shadow" if beside is None else f"compared with version {beside}"
    return Condition(says, beside == champion.number, found)
