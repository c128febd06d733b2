"""Whether a version may become the champion: stated conditions on its evaluation, each met or not with the figure. Pure.

A version is compared with the champion on the same stays and folds, so both are judged on the same ground. The champion may have
been trained on some of them, which is in its favour.
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

    auroc, subgroup_auroc: below the champion. net_sensitivity: share of readmissions found at the alert budget, below the champion.
    slope: of the calibration line over time, 1 is right. intercept: log-odds by which the mean of all probabilities is off, either
    way. ece: expected calibration error. observed_over_expected: outside of it, with its whole 95 % interval, a subgroup is
    miscalibrated.
    """

    auroc: float = 0.005
    subgroup_auroc: float = 0.02
    net_sensitivity: float = 0.01
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


def judge(evaluation: Evaluation, margins: Margins = Margins()) -> tuple[Condition, ...]:
    """Every condition of promotion, judged; all of them must hold."""
    candidate, champion = evaluation.model(ADDITIVE), evaluation.model(CURRENT_CHAMPION)
    conditions = [*_calibrated(candidate.temporal, margins), *_subgroups_calibrated(candidate, margins), _no_leak(evaluation)]
    if champion is None:
        scores = [score for score in (evaluation.model(LACE), evaluation.model(HOSPITAL)) if score is not None]
        return (*conditions, *(_ahead(f"AUROC on later stays above that of {score.title}", score, 0) for score in scores))
    return (*conditions, *_not_worse(candidate, champion, margins), *_subgroups_not_worse(candidate, champion, margins))


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


def _not_worse(candidate: ModelResult, champion: ModelResult, margins: Margins) -> list[Condition]:
    behind = f"not more than {margins.auroc:g} below the champion's"
    return [
        _ahead(f"AUROC on later stays {behind}", champion, margins.auroc),
        _found_as_many(candidate.temporal.sensitivity, champion.temporal.sensitivity, margins.net_sensitivity),
    ]


def _ahead(says: str, other: ModelResult, margin: float) -> Condition:
    """Compares on the stays that both predict, by the difference over the same resampled patients."""
    lead = other.additive_ahead_over_time_by
    return Condition(says, lead is not None and lead.value >= -margin, f"ahead by {_figure(lead)}")


def _found_as_many(ours: Interval | None, theirs: Interval | None, margin: float) -> Condition:
    says = f"share of readmissions found at the alert budget not more than {margin:g} below the champion's"
    is_met = ours is not None and theirs is not None and ours.value >= theirs.value - margin
    return Condition(says, is_met, f"{_figure(ours)} beside {_figure(theirs)}")


def _subgroups_not_worse(candidate: ModelResult, champion: ModelResult, margins: Margins) -> list[Condition]:
    before = {_name(group): group for group in champion.subgroups}
    worse = [
        (group, before[_name(group)])
        for group in candidate.subgroups
        if _name(group) in before and _falls_behind(group, before[_name(group)], margins.subgroup_auroc)
    ]
    found = ", ".join(f"{_name(group)} {_figure(group.auroc)} beside {_figure(other.auroc)}" for group, other in worse)
    says = f"AUROC in every subgroup not more than {margins.subgroup_auroc:g} below the champion's"
    return [Condition(says, not worse, found or "none behind")]


def _falls_behind(ours: SubgroupResult, theirs: SubgroupResult, margin: float) -> bool:
    return ours.auroc is not None and theirs.auroc is not None and ours.auroc.value < theirs.auroc.value - margin


def _name(group: SubgroupResult) -> str:
    return f"{group.grouping} {group.group}"


def _figure(measured: Interval | None) -> str:
    if measured is None:
        return "not measured"
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f})"
