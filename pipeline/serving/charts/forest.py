"""Rates of groups as dots with their intervals, one line each: the measure as a filled circle, the raw rate as an open one."""

from __future__ import annotations

from pipeline.serving.charts.parts import Figure, frame, literal, muted, note, row_axis, value_axis
from pipeline.serving.rates import NO_RATE, Rate
from pipeline.serving.readmissions.groups import FOLLOW_UP_CUT, RateGroup, group_label
from pipeline.serving.theme import Palette, palette

ROW_HEIGHT, TIGHT_ROW_HEIGHT = 30, 23
ROOMY_ROWS = 20
MEASURE_SHIFT, RAW_SHIFT = -0.13, 0.19
"""In rows, so that the two marks of a group do not hide each other."""


def forest(groups: tuple[RateGroup, ...], overall: Rate, appearance: str) -> Figure:
    """Groups in the order given, a heading before each grouping when there are several; a dotted line at the overall rate."""
    colours = palette(appearance)
    lines = _lines(groups)
    height = TIGHT_ROW_HEIGHT if len(lines) > ROOMY_ROWS else ROW_HEIGHT
    drawn = frame(colours, height * len(lines) + 34, {"l": 128, "r": 104, "t": 6, "b": 28})
    drawn["xaxis"] = value_axis(colours) | {"range": [0, _highest(groups)], "tickformat": ".0%", "nticks": 4, "tickangle": 0}
    drawn["yaxis"] = row_axis(len(lines))
    drawn["annotations"] = [one for row, line in enumerate(lines) for one in _notes(row, line, colours)]
    drawn["shapes"] = _overall_line(overall, colours)
    placed = [(row, line) for row, line in enumerate(lines) if isinstance(line, RateGroup)]
    return {"data": [_raw_marks(placed, colours), _measure_marks(placed, colours)], "layout": drawn}


def _lines(groups: tuple[RateGroup, ...]) -> list[RateGroup | str]:
    """The groups with the headings between them."""
    kinds = dict.fromkeys(one.grouped_by for one in groups)
    if len(kinds) < 2:
        return list(groups)
    return [line for kind in kinds for line in (kind, *(one for one in groups if one.grouped_by == kind))]


def _highest(groups: tuple[RateGroup, ...]) -> float:
    ends = [end for one in groups for end in (one.measure.high, one.raw.high) if end is not None]
    return min(1.0, max(ends, default=0.3) * 1.04)


def _overall_line(overall: Rate, colours: Palette) -> list[Figure]:
    if overall.share is None:
        return []
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": overall.share, "x1": overall.share, "yref": "paper", "y0": 0, "y1": 1, "line": line}]


def _notes(row: int, line: RateGroup | str, colours: Palette) -> list[Figure]:
    left = {"x": 0, "y": row, "xref": "paper", "xanchor": "right", "xshift": -10}
    if isinstance(line, str):
        return [note(f"<b>{line}</b>", **left)]
    right = {"x": 1, "y": row, "xref": "paper", "xanchor": "right"}
    beside = f"raw {line.raw.text}" if line.measure == NO_RATE else line.measure.out_of_text
    name = f"{group_label(line)} (part)" if line.note == FOLLOW_UP_CUT else group_label(line)
    shown = [note(literal(name), **left), note(muted(beside, colours), **right, xshift=104)]
    return shown if line.measure.share is None else [*shown, note(f"<b>{line.measure.text}</b>", **right, xshift=54)]


def _measure_marks(placed: list[tuple[int, RateGroup]], colours: Palette) -> Figure:
    shown = [(row, one) for row, one in placed if one.measure.share is not None]
    marker = {"symbol": "circle", "size": 9, "color": colours.accent, "line": {"width": 1, "color": colours.background}}
    return _marks([(row + MEASURE_SHIFT, one, one.measure, "index stays") for row, one in shown], marker, colours.accent)


def _raw_marks(placed: list[tuple[int, RateGroup]], colours: Palette) -> Figure:
    shown = [(row, one) for row, one in placed if one.raw.share is not None]
    marker = {"symbol": "circle-open", "size": 7, "color": colours.low, "line": {"width": 1.5, "color": colours.low}}
    return _marks([(row + RAW_SHIFT, one, one.raw, "stays left alive, raw") for row, one in shown], marker, colours.neutral)


def _marks(marks: list[tuple[float, RateGroup, Rate, str]], marker: Figure, colour: str) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "marker": marker, "cliponaxis": False,
        "x": [found.share for _, _, found, _ in marks], "y": [row for row, _, _, _ in marks],
        "error_x": {
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": colour,
            "array": [found.high - found.share for _, _, found, _ in marks],
            "arrayminus": [found.share - found.low for _, _, found, _ in marks],
        },
        "customdata": [_hover(one, found, counted) for _, one, found, counted in marks],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _hover(group: RateGroup, found: Rate, counted: str) -> str:
    said = f"{literal(group_label(group))}: {found.text} (95 % CI {found.interval_text})<br>{found.counts_text} {counted}"
    return f"{said}<br>{group.note}" if group.note else said
