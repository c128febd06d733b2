"""Whether a version may become the champion: stated conditions on its evaluation, each met or not with the figure. Pure.

A champion is never judged on stays that it was fitted on. Where enough of them ended since, both are compared on those; otherwise
each version's figures of its own training are laid side by side, all of them on stays that it had not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import (
    ADDITIVE,
    CURRENT_CHAMPION,
    HOSPITAL,
    LACE,
    REFUSE,
    Evaluation,
    Interval,
    Measures,
    ModelResult,
    SubgroupResult,
)


@dataclass(frozen=True)
class Margins:
    """How much worse a version may be, and how well it must be calibrated by itself.

    auroc, subgroup_auroc: below the champion. sensitivity: share of readmissions found at the alert budget, below the champion.
    slope: of the calibration line over time, 1 is right. intercept: log-odds by which the mean of all probabilities is off, either
    way. ece: expected calibration error. observed_over_expected: outside of it, with its whole 95 % interval, a subgroup is
    miscalibrated.
    """

    auroc: float = 0.005
    subgroup_auroc: float = 0.02
    sensitivity: float = 0.01
    slope: tuple[float, float] = (0.9, 1.1)
    intercept: float = 0.10
    ece: float = 0.02
    observed_over_expected: tuple[float, float] = (0.9, 1.1)


@dataclass(frozen=True)
class Condition:
    """One sentence of the gate, whether it holds, and the figures it was judged by."""

    says: str
    is_met: bool
    found: str


def judge(evaluation: Evaluation, champion: Evaluation | None, margins: Margins = Margins()) -> tuple[Condition, ...]:
    """Every condition of promotion, judged; all of them must hold. champion: what its own training found of it."""
    candidate = evaluation.model(ADDITIVE)
    conditions = [*_calibrated(candidate.temporal, margins), *_subgroups_calibrated(candidate, margins), _no_leak(evaluation)]
    if champion is None:
        scores = [score for score in (evaluation.model(LACE), evaluation.model(HOSPITAL)) if score is not None]
        return (*conditions, *(_ahead(f"AUROC on later stays above that of {score.title}", score, 0) for score in scores))
    return (*conditions, *_not_worse(evaluation, champion, margins))


def require(conditions: Sequence[Condition]) -> None:
    """Raises ModelRefused with every condition that does not hold."""
    broken = [condition for condition in conditions if not condition.is_met]
    if broken:
        reasons = "; ".join(f"{condition.says}: {condition.found}" for condition in broken)
        raise ModelRefused(f"This version is not promoted. {reasons}.")


def _calibrated(measures: Measures, margins: Margins) -> list[Condition]:
    low, high = margins.slope
    return [
        _within("calibration slope on later stays", measures.slope, low, high),
        _within("calibration-in-the-large on later stays", measures.intercept, -margins.intercept, margins.intercept),
        _within("expected calibration error on later stays", measures.ece, 0, margins.ece),
    ]


def _within(what: str, measured: Interval | None, low: float, high: float) -> Condition:
    is_met = measured is not None and low <= measured.value <= high
    return Condition(f"{what} from {low:g} to {high:g}", is_met, _figure(measured))


def _subgroups_calibrated(candidate: ModelResult, margins: Margins) -> list[Condition]:
    """A small group's ratio strays by chance, so only one whose whole interval lies outside counts against the version."""
    low, high = margins.observed_over_expected
    off = [
        group
        for group in candidate.subgroups
        if group.observed_over_expected is not None
        and (group.observed_over_expected.high < low or group.observed_over_expected.low > high)
    ]
    found = ", ".join(f"{_name(group)} {_figure(group.observed_over_expected)}" for group in off) or "none outside"
    return [Condition(f"observed over expected readmissions within {low:g} to {high:g} in every subgroup", not off, found)]


def _no_leak(evaluation: Evaluation) -> Condition:
    leaks = [leak for leak in evaluation.leaks if leak.severity == REFUSE]
    return Condition("no feature carries the outcome", not leaks, ", ".join(leak.feature for leak in leaks) or "none found")


def _not_worse(evaluation: Evaluation, champion: Evaluation, margins: Margins) -> list[Condition]:
    ours, theirs = evaluation.model(ADDITIVE), champion.model(ADDITIVE)
    is_same = evaluation.cohort.content_fingerprint == champion.cohort.content_fingerprint
    on_new = evaluation.model(CURRENT_CHAMPION)
    auroc = f"AUROC on later stays not more than {margins.auroc:g} below the champion's"
    found = f"share of readmissions found at the alert budget not more than {margins.sensitivity:g} below the champion's"
    return [
        _ahead(f"{auroc}, on stays new to it", on_new, margins.auroc)
        if on_new is not None
        else _beside(auroc, ours.temporal.auroc, theirs.temporal.auroc, margin=margins.auroc, is_same=is_same),
        _beside(found, ours.temporal.sensitivity, theirs.temporal.sensitivity, margin=margins.sensitivity, is_same=is_same),
        _subgroups_not_worse(ours, theirs, margins, is_same=is_same),
    ]


def _ahead(says: str, other: ModelResult, margin: float) -> Condition:
    """Compares on the stays that both predict, by the difference over the same resampled patients."""
    lead = other.additive_ahead_over_time_by
    return Condition(says, lead is not None and lead.value >= -margin, f"ahead by {_figure(lead)}")


def _beside(says: str, ours: Interval | None, theirs: Interval | None, *, margin: float, is_same: bool) -> Condition:
    is_met = ours is not None and theirs is not None and not _falls_behind(ours, theirs, margin, is_same=is_same)
    return Condition(says, is_met, f"{_figure(ours)} beside {_figure(theirs)}")


def _falls_behind(ours: Interval, theirs: Interval, margin: float, *, is_same: bool) -> bool:
    """By more than the margin; where the stays are others, also by more than chance."""
    lowest = theirs.value - margin
    return ours.value < lowest if is_same else ours.high < lowest


def _subgroups_not_worse(candidate: ModelResult, champion: ModelResult, margins: Margins, *, is_same: bool) -> Condition:
    before = {_name(group): group.auroc for group in champion.subgroups if group.auroc is not None}
    both = [(group, before[_name(group)]) for group in candidate.subgroups if group.auroc is not None and _name(group) in before]
    worse = [
        f"{_name(group)} {_figure(group.auroc)} beside {_figure(other)}"
        for group, other in both
        if _falls_behind(group.auroc, other, margins.subgroup_auroc, is_same=is_same)
    ]
    says = f"AUROC in every subgroup not more than {margins.subgroup_auroc:g} below the champion's"
    return Condition(says, not worse, ", ".join(worse) or "none behind")


def _name(group: SubgroupResult) -> str:
    return f"{group.grouping} {group.group}"


def _figure(measured: Interval | None) -> str:
    if measured is None:
        return "not measured"
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f})"
