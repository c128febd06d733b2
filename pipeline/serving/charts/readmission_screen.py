"""The figures of the readmissions page by name, each made from the one payload."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.serving.charts.attrition import attrition
from pipeline.serving.charts.control import control
from pipeline.serving.charts.forest import forest
from pipeline.serving.charts.funnel_plot import funnel_plot
from pipeline.serving.charts.parts import Figure
from pipeline.serving.readmissions import FUNNELS, Readmissions
from pipeline.serving.readmissions.groups import MONTH

GROUPS, MONTHS = "Groups", "Months"
FORESTS = (GROUPS, MONTHS)

Drawing = Callable[[Readmissions, str], Figure]


def _funnel(grouped_by: str) -> Drawing:
    return lambda payload, appearance: funnel_plot(payload.funnels[grouped_by], appearance)


def _forest(*, is_monthly: bool) -> Drawing:
    def drawn(payload: Readmissions, appearance: str) -> Figure:
        shown = tuple(one for one in payload.groups if (one.grouped_by == MONTH) == is_monthly)
        return forest(shown, payload.overall.measure, appearance)

    return drawn


FIGURES: dict[str, Drawing] = {
    "attrition": lambda payload, appearance: attrition(payload.waterfall, appearance),
    f"forest_{GROUPS}": _forest(is_monthly=False),
    f"forest_{MONTHS}": _forest(is_monthly=True),
    "control": lambda payload, appearance: control(payload.control_chart, appearance),
    **{f"funnel_{grouped_by}": _funnel(grouped_by) for grouped_by in FUNNELS},
}


def readmission_figure(name: str, payload: Readmissions, appearance: str) -> Figure:
    """One figure as a plain dictionary, in the colours of light or dark."""
    return FIGURES[name](payload, appearance)
