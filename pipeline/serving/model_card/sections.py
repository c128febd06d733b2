"""The parts of the written card that hold counts of stays, told again as far as a role without small cells may read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import ADDITIVE, Evaluation, Measures, SubgroupResult
from pipeline.model.evidence import (
    COHORT_SECTION,
    FEATURES_SECTION,
    PERFORMANCE_SECTION,
    SUBGROUPS_SECTION,
    CardSection,
    Evidence,
)
from pipeline.serving.model_card.coarse import (
    COARSE_NOTE,
    decimals_of_missing,
    decimals_of_rates,
    decimals_of_ratio,
    measure_text,
    share_told,
)
from pipeline.serving.model_card.counts import BACK, STAYS, Place, of_flow, of_group, of_missing, of_split, rates_of, splits
from pipeline.serving.released.release import View
from pipeline.serving.wording import count_text

Told = Mapping[str, str]
"""What stands in some columns of a row, by the name of the column."""

COUNTS = frozenset(("Stays", "Readmissions"))
RATES = {"sensitivity": "Sensitivity", "ppv": "PPV", "auprc": "AUPRC"}


def told_sections(evidence: Evidence, released: Evaluation, view: View) -> tuple[CardSection, ...]:
    """Every section, in its order. Raises ModelRefused where the card is not that of the evaluation."""
    found = evidence.evaluation
    rows: Mapping[str, Sequence[Told]] = {
        COHORT_SECTION: [
            {"Left out": reason, "Stays": _count(count, of_flow(reason), STAYS, view)} for reason, count in found.cohort.flow
        ],
        FEATURES_SECTION: _features(found, view),
        PERFORMANCE_SECTION: [_tested(one.name, *split, view) for one in found.models for split in splits(one)],
        SUBGROUPS_SECTION: [_subgroup(one, view) for one in found.model(ADDITIVE).subgroups],
    }
    by_title = {part.title: part for part in evidence.card}
    if any(title not in by_title or len(by_title[title].rows) != len(told) for title, told in rows.items()):
        raise ModelRefused("The champion's card is not that of its evaluation. Promote a version again: python -m pipeline models")
    notes = tuple(one.note for one in released.models if one.note)
    return tuple(
        _again(part, rows[part.title], notes if part.title == PERFORMANCE_SECTION else part.sentences[1:])
        if part.title in rows
        else part
        for part in evidence.card
    )


def _again(part: CardSection, told: Sequence[Told], sentences: tuple[str, ...]) -> CardSection:
    """The section with what is told in its rows, and its sentences after the first one."""
    rows = tuple(
        tuple(new.get(column, cell) for column, cell in zip(part.columns, row, strict=True))
        for row, new in zip(part.rows, told, strict=True)
    )
    figures = [[row[place] for place, column in enumerate(part.columns) if column not in COUNTS] for row in part.rows]
    figures_told = [[row[place] for place, column in enumerate(part.columns) if column not in COUNTS] for row in rows]
    note = () if figures == figures_told else (COARSE_NOTE,)
    return replace(part, sentences=(*part.sentences[:1], *sentences, *note), rows=rows)


def _count(count: int, place: Place, kind: str, view: View) -> str:
    return view.words((*place, kind)) or count_text(count)


def _features(found: Evaluation, view: View) -> list[Told]:
    """Of each feature, the weightiest first, as the card has them."""
    ranked = sorted(found.features, key=lambda feature: -feature.importance)
    stays = found.cohort.stays
    return [{"Missing": share_told(one.missing_share, decimals_of_missing(of_missing(one.name), stays, view))} for one in ranked]


def _tested(model: str, split: str, measures: Measures, view: View) -> Told:
    place = of_split(model, split)
    decimals = decimals_of_rates(place, view)
    rates = {RATES[name]: measure_text(getattr(measures, name), decimals) for name in rates_of(model)}
    return {"Stays": _count(measures.rows, place, STAYS, view), **rates}


def _subgroup(one: SubgroupResult, view: View) -> Told:
    place = of_group(one)
    decimals = decimals_of_rates(place, view, out_of=(BACK,))
    return {
        "By": one.grouping,
        "Group": one.group,
        "Stays": _count(one.rows, place, STAYS, view),
        "Readmissions": _count(one.events, place, BACK, view),
        "Observed over expected": measure_text(one.observed_over_expected, decimals_of_ratio(place, view)),
        "Sensitivity": measure_text(one.sensitivity, decimals),
        "PPV": measure_text(one.ppv, decimals),
    }
