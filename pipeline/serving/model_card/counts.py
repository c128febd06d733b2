"""Everything the model card counts, and how it adds up: what a role without small cells may see of it follows. Pure.

Counts that are only told as rates are in it too: the stays found at the alert budget, those of a tenth that came back, those
without a value of a feature. So is what anybody could work out, such as the stays that a score could not be computed for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pipeline.model.evaluation import ADDITIVE, PREVALENCE, Evaluation, Measures, ModelResult, SubgroupResult
from pipeline.serving.released.release import Count, Ledger, View

Place = tuple[str, ...]
"""Whose counts these are: of the cohort, of a model's stays to test on, of a subgroup."""

ALL, STAYS, BACK, FLAGGED, FOUND = "all", "stays", "back", "flagged", "found"
COHORT: Place = ("cohort",)
SPLITS = ("grouped", "temporal", "temporal_unseen")
"""The stays that a model is tested on, each within the one before."""

AT_CUT_OFF: Place = ("at the cut-off of everybody",)
HEADLINE = 9
"""What totals are worth: they are hidden when nothing else is left."""


def of_flow(reason: str) -> Place:
    return ("left out", reason)


def of_split(model: str, split: str) -> Place:
    return ("tested", model, split)


def of_group(one: SubgroupResult) -> Place:
    return ("subgroup", one.grouping, one.group)


def of_tenth(place: int) -> Place:
    return ("tenth", str(place))


def of_missing(feature: str) -> Place:
    return ("missing", feature)


def splits(model: ModelResult) -> Iterator[tuple[str, Measures]]:
    """The stays a model was tested on, by name, as far as there are any."""
    found = ((split, getattr(model, split)) for split in SPLITS)
    return ((split, measures) for split, measures in found if measures is not None)


def rates_of(model: str) -> tuple[str, ...]:
    """The measures that are shares of stays; of one rate for everybody, mean PPV over all cut-offs is that rate."""
    return ("sensitivity", "ppv", "auprc") if model == PREVALENCE else ("sensitivity", "ppv")


def card_view(evaluation: Evaluation) -> View:
    """Which counts of the card are hidden."""
    ledger = Ledger()
    _add(ledger, COHORT, evaluation.cohort.stays, evaluation.cohort.events, worth=HEADLINE)
    _add_flow(ledger, evaluation)
    for model in evaluation.models:
        _add_splits(ledger, model, float(evaluation.parameters.get("alert_budget", 0.1)))
    champion = evaluation.model(ADDITIVE)
    _add_groups(ledger, champion)
    for place, point in enumerate(champion.calibration):
        _add(ledger, of_tenth(place), point.rows, round(point.observed * point.rows))
    tenths = [of_tenth(place) for place in range(len(champion.calibration))]
    _add_up(ledger, of_split(ADDITIVE, "grouped"), tenths, "no tenth")
    for feature in evaluation.features:
        missing = ledger.put(_name(of_missing(feature.name), STAYS), round(feature.missing_share * evaluation.cohort.stays))
        ledger.add_up_with_rest(_name(COHORT, STAYS), (missing,), ("known", feature.name))
    return View(ledger.released(), ALL, ALL)


def _name(place: Place, kind: str) -> Count:
    return Count(ALL, ALL, (*place, kind))


def _rest(total: Count, rest: str) -> Count:
    return Count((total.span, rest), ALL, total.counted)


def _add(ledger: Ledger, place: Place, stays: int, back: int, *, worth: int = 1) -> None:
    whole = ledger.put(_name(place, STAYS), stays, worth=worth)
    ledger.add_up_with_rest(whole, (ledger.put(_name(place, BACK), back, worth=worth),), "not back")


def _add_flagged(ledger: Ledger, place: Place, flagged: int, found: int, *, worth: int = 1) -> None:
    """The stays that are flagged, those of them that came back, and what both leave of all stays and of the readmissions."""
    stays, back = _name(place, STAYS), _name(place, BACK)
    named = ledger.put(_name(place, FLAGGED), flagged, worth=worth)
    hit = ledger.put(_name(place, FOUND), found)
    ledger.add_up_with_rest(back, (hit,), "missed")
    ledger.add_up_with_rest(named, (hit,), "needless")
    ledger.add_up_with_rest(stays, (named,), "not flagged")
    ledger.add_up_with_rest(_rest(stays, "not back"), (_rest(named, "needless"),), "left alone")
    ledger.add_up(_rest(stays, "not flagged"), (_rest(back, "missed"), _rest(_rest(stays, "not back"), "left alone")))


def _add_up(ledger: Ledger, total: Place, parts: list[Place], rest: str, kinds: tuple[str, str] = (STAYS, BACK)) -> None:
    """Of both kinds, the second of which is part of the first; so it is in what is left."""
    for kind in kinds:
        ledger.add_up_with_rest(_name(total, kind), [_name(part, kind) for part in parts], rest)
    whole, part = (_rest(_name(total, kind), rest) for kind in kinds)
    ledger.add_up_with_rest(whole, (part,), "others")


def _add_flow(ledger: Ledger, evaluation: Evaluation) -> None:
    """What was left out; with the stays of the cohort it is all stays, which the page of readmissions shows."""
    parts = [ledger.put(_name(of_flow(reason), STAYS), count) for reason, count in evaluation.cohort.flow]
    total = evaluation.cohort.stays + sum(ledger.counts[part] for part in parts)
    ledger.add_up(ledger.put(_name(of_flow(ALL), STAYS), total, worth=HEADLINE), (_name(COHORT, STAYS), *parts))


def _add_splits(ledger: Ledger, model: ModelResult, budget: float) -> None:
    """Of the cohort, as far as the model is computable; of the model's own stays, and of those that the champion was tested on."""
    before = COHORT
    for split, measures in splits(model):
        place = of_split(model.name, split)
        _add(ledger, place, measures.rows, measures.events, worth=2)
        if measures.sensitivity is not None and measures.ppv is not None:
            flagged = round(budget * measures.rows)
            _add_flagged(ledger, place, flagged, round(measures.ppv.value * flagged), worth=HEADLINE)
        _add_up(ledger, before, [place], f"not {split} of {model.name}")
        of_champion = of_split(ADDITIVE, split)
        if model.name != ADDITIVE and before != COHORT and _name(of_champion, STAYS) in ledger.counts:
            _add_up(ledger, of_champion, [place], f"not computable for {model.name}")
        before = place


def _add_groups(ledger: Ledger, champion: ModelResult) -> None:
    """Each grouping adds up to all stays; what the groups with figures leave of those found is that of the groups without."""
    measured: dict[str, list[Place]] = defaultdict(list)
    groupings: dict[str, list[Place]] = defaultdict(list)
    for one in champion.subgroups:
        _add(ledger, of_group(one), one.rows, one.events)
        groupings[one.grouping].append(of_group(one))
        if one.sensitivity is not None and one.ppv is not None:
            found = round(one.sensitivity.value * one.events)
            flagged = round(found / one.ppv.value) if one.ppv.value else 0
            _add_flagged(ledger, of_group(one), flagged, found)
            measured[one.grouping].append(of_group(one))
    for grouping, places in groupings.items():
        _add_up(ledger, of_split(ADDITIVE, "grouped"), places, f"no {grouping}")
    for kind in (FLAGGED, FOUND):
        sums = [sum(ledger.counts[_name(place, kind)] for place in places) for places in measured.values()]
        ledger.put(_name(AT_CUT_OFF, kind), max(sums, default=0), worth=HEADLINE)
    for grouping, places in measured.items():
        _add_up(ledger, AT_CUT_OFF, places, f"no figure by {grouping}", (FLAGGED, FOUND))
