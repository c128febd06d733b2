"""The attrition waterfall for the screen: one bar per step, hanging where the step before it ended."""

from __future__ import annotations

from pipeline.serving.charts.parts import Figure, frame, hidden_axis, muted, note, row_axis
from pipeline.serving.readmissions.waterfall import EXCLUDED, INDEX, OUTCOME, READMITTED, Step
from pipeline.serving.theme import Palette, palette
from pipeline.serving.wording import MINUS, share_text

ROW_HEIGHT = 42
LABEL_CHARACTERS = 20
"""Longer names go over two lines, so that bars keep their room on a phone."""


def attrition(steps: tuple[Step, ...], appearance: str) -> Figure:
    """Totals in the accent colour, what is taken away in grey; count and share written beside every bar."""
    colours = palette(appearance)
    drawn = frame(colours, ROW_HEIGHT * len(steps) + 8, {"l": 128, "r": 112, "t": 2, "b": 2})
    drawn["xaxis"] = hidden_axis([0, max(steps[0].stay_count or max(step.starts_at for step in steps), 1)])
    drawn["yaxis"] = row_axis(len(steps))
    drawn["annotations"] = [one for row, step in enumerate(steps) for one in _notes(row, step, colours)]
    drawn["shapes"] = _joints(steps, colours)
    bars = {
        "type": "bar", "orientation": "h", "width": 0.5, "y": list(range(len(steps))),
        "base": [min(step.starts_at, step.ends_at) for step in steps], "x": [step.stay_count or 0 for step in steps],
        "marker": {"color": [_colour(step, colours) for step in steps], "cornerradius": 2},
        "customdata": [[step.name, _hover(step)] for step in steps],
        "hovertemplate": "%{customdata[0]}: %{customdata[1]}<extra></extra>",
    }  # fmt: skip
    return {"data": [bars], "layout": drawn}


def _colour(step: Step, colours: Palette) -> str:
    if step.kind == EXCLUDED:
        return colours.neutral
    return colours.low if step.kind == OUTCOME and step.name != READMITTED else colours.accent


def _hover(step: Step) -> str:
    of_what = "index stays" if step.kind == OUTCOME else "all stays"
    return f"{step.counted_text} stays, {share_text(step.share)} of {of_what}"


def _notes(row: int, step: Step, colours: Palette) -> list[Figure]:
    name = _two_lines(step.name)
    sign = f"{MINUS} " if step.kind == EXCLUDED and step.stay_count else ""
    count = f"<b>{sign}{step.counted_text.replace('<', '&lt;')}</b>"
    return [
        note(name if step.kind in (EXCLUDED, OUTCOME) else f"<b>{name}</b>", x=0, y=row, xref="paper", xanchor="right", xshift=-10,
             align="right"),
        note(count, x=1, y=row, xref="paper", xanchor="right", xshift=60),
        note(muted(share_text(step.share), colours), x=1, y=row, xref="paper", xanchor="right", xshift=112),
    ]  # fmt: skip


def _joints(steps: tuple[Step, ...], colours: Palette) -> list[Figure]:
    """A hairline from the end of each bar to the next one, but not from the index stays, which the outcomes divide anew."""
    line = {"color": colours.border, "width": 1}
    return [
        {"type": "line", "layer": "below", "x0": step.ends_at, "x1": step.ends_at, "y0": row, "y1": row + 1, "line": line}
        for row, step in enumerate(steps[:-1])
        if step.kind != INDEX
    ]


def _two_lines(name: str) -> str:
    if len(name) <= LABEL_CHARACTERS:
        return name
    middle = min((place for place, sign in enumerate(name) if sign == " "), key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle]}<br>{name[middle + 1 :]}"
