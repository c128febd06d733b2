"""The pictures kept with a training run, for whoever opens it in MLflow. The only importer of matplotlib.

The pages draw their own from the same figures.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.model.evaluation import ADDITIVE, Evaluation, ModelResult

INK, SOFT, LINE = "#1f2933", "#9aa5b1", "#2f6f8f"


def plots(evaluation: Evaluation) -> dict[str, bytes]:
    """PNG pictures by name: calibration, net benefit, alert budget and subgroups of the additive model."""
    model = evaluation.model(ADDITIVE)
    drawn = {"calibration": _calibration, "net_benefit": _net_benefit, "alert_budget": _budget, "subgroups": _subgroups}
    return {name: _png(draw, model, evaluation) for name, draw in drawn.items()}


def _png(draw: Callable[[Axes, ModelResult, Evaluation], None], model: ModelResult, evaluation: Evaluation) -> bytes:
    figure = Figure(figsize=(6.4, 4.4), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes, model, evaluation)
    held = io.BytesIO()
    figure.savefig(held, format="png")
    return held.getvalue()


def _calibration(axes: Axes, model: ModelResult, evaluation: Evaluation) -> None:
    points = model.calibration
    top = max(point.high for point in points) * 1.05
    errors = [[point.observed - point.low for point in points], [point.high - point.observed for point in points]]
    axes.plot([0, top], [0, top], color=SOFT, linewidth=1)
    axes.errorbar([p.predicted for p in points], [p.observed for p in points], yerr=errors, fmt="o", color=LINE, markersize=4)
    axes.set(xlabel="Predicted probability", ylabel="Observed share readmitted (95 %)", xlim=(0, top), ylim=(0, top))
    axes.set_title(f"Calibration, {model.title}, {evaluation.cohort.name}")


def _net_benefit(axes: Axes, model: ModelResult, evaluation: Evaluation) -> None:
    thresholds = [point.threshold for point in model.net_benefit]
    axes.plot(thresholds, [point.model for point in model.net_benefit], color=LINE, label=model.title)
    axes.plot(thresholds, [point.treat_all for point in model.net_benefit], color=SOFT, label="Everybody")
    axes.axhline(0, color=INK, linewidth=0.8, label="Nobody")
    axes.set(xlabel="Threshold probability", ylabel="Net benefit", ylim=(-0.02, None))
    axes.legend(frameon=False)
    axes.set_title(f"Net benefit, {evaluation.cohort.name}")


def _budget(axes: Axes, model: ModelResult, evaluation: Evaluation) -> None:
    capacities = [point.capacity for point in model.budget]
    axes.plot(capacities, [point.sensitivity for point in model.budget], color=LINE, label="Sensitivity")
    axes.plot(capacities, [point.ppv for point in model.budget], color=INK, label="Positive predictive value")
    axes.set(xlabel=f"Alert budget, {evaluation.budget_unit}", ylabel="Share", ylim=(0, 1))
    axes.legend(frameon=False)
    axes.set_title(f"Alert budget, {evaluation.cohort.name}")


def _subgroups(axes: Axes, model: ModelResult, evaluation: Evaluation) -> None:
    shown = [group for group in reversed(model.subgroups) if not group.is_too_few]
    values = [group.auroc.value for group in shown]
    errors = [[group.auroc.value - group.auroc.low for group in shown], [group.auroc.high - group.auroc.value for group in shown]]
    axes.errorbar(values, range(len(shown)), xerr=errors, fmt="o", color=LINE, markersize=4)
    axes.axvline(model.grouped.auroc.value, color=SOFT, linewidth=1)
    axes.set_yticks(range(len(shown)), [f"{group.grouping}: {group.group}" for group in shown])
    axes.set(xlabel="AUROC (95 %)")
    axes.set_title(f"Subgroups, {evaluation.cohort.name}")
