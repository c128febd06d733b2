"""The figures of the command center by name, each made from the one payload."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.serving.charts import screen
from pipeline.serving.charts.parts import Figure
from pipeline.serving.command_center import CommandCenter
from pipeline.serving.theme import RISK_LEVELS

Drawing = Callable[[CommandCenter, str], Figure]


def _risk_panel(level: str) -> Drawing:
    return lambda payload, appearance: screen.risk_panel(payload.risk_map, level, appearance)


FIGURES: dict[str, Drawing] = {
    **{f"risk_{level.lower()}": _risk_panel(level) for level in RISK_LEVELS},
    "demographics": lambda payload, appearance: screen.demographics(payload.age_groups, appearance),
    "vital_strip": lambda payload, appearance: screen.vital_strip(payload.vital_averages, appearance),
    "volume": lambda payload, appearance: screen.volume_bars(payload.volume, payload.volume_step, appearance),
}


def figure(name: str, payload: CommandCenter, appearance: str) -> Figure:
    """One figure as a plain dictionary, in the colours of light or dark."""
    return FIGURES[name](payload, appearance)
