"""The champion's evidence for a role without small cells: no count of 1 to 10, none that could be worked out, figures as written.

Holds what the page shows and nothing else: the curves and groups of models to compare with are left out. Pure.
"""

from __future__ import annotations

from dataclasses import fields, replace

from pipeline.errors import AccessDenied
from pipeline.model.evaluation import (
    ADDITIVE,
    CurvePoint,
    Evaluation,
    Interval,
    Measures,
    ModelResult,
    NetBenefitPoint,
    SubgroupResult,
)
from pipeline.model.evidence import Evidence
from pipeline.serving.model_card.coarse import (
    EXACT,
    decimals_hiding,
    decimals_of_missing,
    decimals_of_rates,
    decimals_of_ratio,
    rounded,
)
from pipeline.serving.model_card.counts import (
    BACK,
    COHORT,
    SPLITS,
    STAYS,
    Place,
    card_view,
    of_flow,
    of_group,
    of_missing,
    of_split,
    of_tenth,
    rates_of,
)
from pipeline.serving.model_card.sections import told_sections
from pipeline.serving.rates import FEWEST
from pipeline.serving.released.release import View

NOT_COMPUTABLE_HIDDEN = "Not computable for every stay."
"""In the place of a note that says for how many."""

COUNTS_IN_WORDS = "rule for the label"
"""The kind of warning that tells counts of stays."""


def released_evidence(evidence: Evidence, role: str) -> Evidence:
    """The evidence as it may be shown. Raises AccessDenied for the role of this title where nothing of it may be."""
    found = evidence.evaluation
    view = card_view(found)
    if view.words((*COHORT, STAYS), (*COHORT, BACK)) or 0 < found.cohort.patients < FEWEST:
        raise AccessDenied(
            f"Every figure of the model rests on a count under {FEWEST}, which the role {role} does not see. Ask a data steward."
        )
    released = _evaluation(found, view)
    return replace(evidence, evaluation=released, card=told_sections(evidence, released, view))


def _evaluation(found: Evaluation, view: View) -> Evaluation:
    stays = found.cohort.stays
    flow = tuple((reason, _told(count, of_flow(reason), STAYS, view)) for reason, count in found.cohort.flow)
    features = (
        (one, None if decimals is None else round(one.missing_share, decimals))
        for one in found.features
        for decimals in (decimals_of_missing(of_missing(one.name), stays, view),)
    )
    return replace(
        found,
        cohort=replace(found.cohort, flow=flow),
        models=tuple(_model(one, view) for one in found.models),
        features=tuple(replace(one, missing_share=share, importance=round(one.importance, EXACT)) for one, share in features),
        leaks=tuple(one for one in found.leaks if one.kind != COUNTS_IN_WORDS),
    )


def _told(count: int, place: Place, kind: str, view: View) -> int | None:
    return None if view.words((*place, kind)) else count


def _model(one: ModelResult, view: View) -> ModelResult:
    """Without its alert budget, which has a page of its own; of other models than the champion, the measures alone."""
    is_champion = one.name == ADDITIVE
    measured = {split: _measures(getattr(one, split), one, split, view) for split in SPLITS}
    return replace(
        one,
        **measured,
        subgroups=tuple(_subgroup(group, view) for group in one.subgroups) if is_champion else (),
        calibration=tuple(_tenths(one, view)) if is_champion else (),
        net_benefit=_net_benefit(one) if is_champion else (),
        budget=(),
        note=NOT_COMPUTABLE_HIDDEN if one.note and view.words((*of_split(one.name, "grouped"), STAYS)) else one.note,
        additive_ahead_by=rounded(one.additive_ahead_by),
        additive_ahead_over_time_by=rounded(one.additive_ahead_over_time_by),
    )


def _measures(found: Measures | None, model: ModelResult, split: str, view: View) -> Measures | None:
    if found is None:
        return None
    place = of_split(model.name, split)
    decimals, events = decimals_of_rates(place, view), _told(found.events, place, BACK, view)
    measures = {name: rounded(value) for name, value in _intervals(found).items()}
    measures |= {name: rounded(getattr(found, name), decimals) for name in rates_of(model.name)}
    brier = None if events is None else measures["brier"]
    return replace(found, **measures | {"brier": brier}, rows=_told(found.rows, place, STAYS, view), events=events)


def _intervals(found: Measures) -> dict[str, Interval | None]:
    return {field.name: getattr(found, field.name) for field in fields(found) if field.name not in ("rows", "events")}


def _subgroup(one: SubgroupResult, view: View) -> SubgroupResult:
    place = of_group(one)
    decimals = decimals_of_rates(place, view, out_of=(BACK,))
    return replace(
        one,
        rows=_told(one.rows, place, STAYS, view),
        events=_told(one.events, place, BACK, view),
        auroc=rounded(one.auroc),
        observed_over_expected=rounded(one.observed_over_expected, decimals_of_ratio(place, view)),
        sensitivity=rounded(one.sensitivity, decimals),
        ppv=rounded(one.ppv, decimals),
    )


def _tenths(model: ModelResult, view: View) -> list[CurvePoint]:
    """Those whose stays and readmissions may be shown."""
    return [
        replace(point, **{name: round(getattr(point, name), EXACT) for name in ("predicted", "observed", "low", "high")})
        for place, point in enumerate(model.calibration)
        if not view.words((*of_tenth(place), STAYS), (*of_tenth(place), BACK))
    ]


def _net_benefit(model: ModelResult) -> tuple[NetBenefitPoint, ...]:
    """Of so few decimals that a step of it is worth as many stays as the fewest that are shown; none where that says nothing."""
    decimals = decimals_hiding(model.grouped.rows // 2, model.grouped.rows)
    if decimals is None:
        return ()
    return tuple(
        NetBenefitPoint(one.threshold, round(one.model, decimals), round(one.treat_all, decimals)) for one in model.net_benefit
    )
