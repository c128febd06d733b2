"""An evaluation of invented stays by the code that evaluates a training, and the counts that a reader could be after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pipeline.model.card import card
from pipeline.model.curves import budget_by_share, calibration_curve, net_benefit_curve
from pipeline.model.evaluation import ADDITIVE, LACE, Evaluation, FeatureFacts, ModelResult
from pipeline.model.evidence import Evidence, Promotion
from pipeline.model.resampling import Draws, measured
from pipeline.model.subgroups import subgroup_results
from tests.model.evaluations import COHORT, evaluation
from tests.model.test_specification import MODEL

PROMOTION = Promotion(4, "run-1", datetime(2025, 7, 1, 9, 30, tzinfo=UTC), "R. Steward", "first model")
REPLICATES = 3


def judged(stays: int, seed: int, *, of_unknown_sex: int = 4, without_score: int = 15, without_value: int = 3) -> Evaluation:
    """Two models over the same stays; the second cannot be computed for some. One group by sex is as small as said."""
    chance = np.random.default_rng(seed)
    probability = chance.beta(1.6, 12, stays)
    came_back = chance.random(stays) < probability
    sex = chance.choice(["Female", "Male"], stays).astype(object)
    sex[:of_unknown_sex] = "Unknown"
    groups = pd.DataFrame({"sex": sex, "site": chance.choice(["North", "South"], stays)})
    seen = np.clip(probability + chance.normal(0, 0.05, stays), 0.001, 0.99)
    points = np.clip(np.round(seen, 1), 0.05, 0.5)
    later, computable = np.arange(stays) >= 0.75 * stays, np.arange(stays) >= without_score
    results = tuple(
        _result(name, groups[known].reset_index(drop=True), came_back[known], told[known], later[known])
        for name, told, known in ((ADDITIVE, seen, np.ones(stays, bool)), (LACE, points, computable))
    )
    feature = FeatureFacts("sodium_mmol_l", "Last sodium", "mmol/L", "at discharge", "number", without_value / stays, 0.1)
    flow = (("Under 18", 300), ("Still in hospital", 40), ("Transferred to another hospital", 2))
    facts = replace(COHORT, stays=stays, patients=stays, events=int(came_back.sum()), flow=flow)
    return evaluation(*results, cohort=facts, features=(feature,), parameters={"alert_budget": 0.1})


def _result(name: str, groups: pd.DataFrame, came_back: np.ndarray, told: np.ndarray, later: np.ndarray) -> ModelResult:
    draws = Draws(np.arange(len(told)), REPLICATES, 1)
    return ModelResult(
        name=name,
        title=name,
        grouped=measured(came_back, told, draws),
        temporal=measured(came_back[later], told[later], draws.of(later)),
        temporal_unseen=None,
        subgroups=subgroup_results(groups, came_back, told, draws),
        calibration=calibration_curve(came_back, told),
        net_benefit=net_benefit_curve(came_back, told),
        budget=budget_by_share(came_back, told),
        note=f"Judged on the {len(told):,} stays where it is computable." if name == LACE else "",
    )


def evidence_of(found: Evaluation) -> Evidence:
    """As a promotion writes it."""
    return Evidence(PROMOTION, card(found, MODEL, {}), found)


def counts_behind(found: Evaluation) -> Iterator[tuple[dict[tuple[str, ...], float], int]]:
    """The sums of counts that a reader could be after, in the names of the reader, each with what it is."""
    champion, score = found.model(ADDITIVE), found.model(LACE)
    for one in champion.subgroups:
        stays, back, hit, flagged = ((one.grouping, one.group, kind) for kind in ("stays", "back", "found", "flagged"))
        yield {stays: 1}, one.rows
        yield {back: 1}, one.events
        yield {stays: 1, back: -1}, one.rows - one.events
        if one.sensitivity is not None:
            true = round(one.sensitivity.value * one.events)
            named = round(true / one.ppv.value)
            yield {hit: 1}, true
            yield {back: 1, hit: -1}, one.events - true
            yield {flagged: 1, hit: -1}, named - true
    yield from _of_groups_without_figures(champion)
    for split, where in (("grouped", "other patients"), ("temporal", "later stays")):
        ours, theirs = getattr(champion, split), getattr(score, split)
        for kind, count in (("stays", ours.rows - theirs.rows), ("back", ours.events - theirs.events)):
            yield {(ADDITIVE, where, kind): 1, (LACE, where, kind): -1}, count
    yield {("missing", "Last sodium"): 1}, round(found.features[0].missing_share * found.cohort.stays)


def _of_groups_without_figures(champion: ModelResult) -> Iterator[tuple[dict[tuple[str, ...], float], int]]:
    """What they hold of the stays found at the cut-off of everybody, known from the grouping that has all figures."""
    found = {
        grouping: sum(
            round(one.sensitivity.value * one.events) for one in champion.subgroups if one.grouping == grouping and one.sensitivity
        )
        for grouping in {one.grouping for one in champion.subgroups}
    }
    small = [one for one in champion.subgroups if one.sensitivity is None]
    for grouping in {one.grouping for one in small}:
        names = {(one.grouping, one.group, "found"): 1 for one in small if one.grouping == grouping}
        yield names, max(found.values()) - found[grouping]
