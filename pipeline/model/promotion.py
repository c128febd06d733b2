"""Whether a version may become the champion: stated conditions on its evaluation, each met or not with the figure. Pure.

A version is compared with the champion on the same stays and folds, so both are judged on the same ground. The champion may have
been trained on some of them, which is in its favour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import Evaluation, Interval, Measures, ModelResult, SubgroupResult

CANDIDATE, CHAMPION = "additive", "current_champion"


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
    models = {model.name: model for model in evaluation.models}
    candidate, champion = models[CANDIDATE], models.get(CHAMPION)
    conditions = [*_calibrated(candidate.temporal, margins), *_subgroups_calibrated(candidate, margins), _no_leak(evaluation)]
    if champion is None:
        return (*conditions, *(_better_than(candidate, models[name]) for name in ("lace", "hospital") if name in models))
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


def _within(what: str, measured: Interval, low: float, high: float) -> Condition:
    return Condition(f"{what} from {low:g} to {high:g}", low <= measured.value <= high, _figure(measured))


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
    leaks = [leak for leak in evaluation.leaks if leak.severity == "refuse"]
    return Condition("no feature carries the outcome", not leaks, ", ".join(leak.feature for leak in leaks) or "none found")


def _better_than(candidate: ModelResult, score: ModelResult) -> Condition:
    ours, theirs = candidate.temporal.auroc, score.temporal.auroc
    return Condition(
        f"AUROC on later stays above that of {score.title}",
        ours.value > theirs.value,
        f"{_figure(ours)} beside {_figure(theirs)}",
    )


def _not_worse(candidate: ModelResult, champion: ModelResult, margins: Margins) -> list[Condition]:
    return [
        _at_least("AUROC on later stays", candidate.temporal.auroc, champion.temporal.auroc, margins.auroc),
        _at_least("AUROC over patients it was not fitted on", candidate.grouped.auroc, champion.grouped.auroc, margins.auroc),
        _at_least(
            "sensitivity at the alert budget on later stays",
            candidate.temporal.sensitivity,
            champion.temporal.sensitivity,
            margins.net_sensitivity,
        ),
    ]


def _at_least(what: str, ours: Interval, theirs: Interval, margin: float) -> Condition:
    says = f"{what} not more than {margin:g} below the champion's"
    return Condition(says, ours.value >= theirs.value - margin, f"{_figure(ours)} beside {_figure(theirs)}")


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


def _figure(measured: Interval) -> str:
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f})"
