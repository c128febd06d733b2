"""The graph of a run for the screen: a box per step, rows from the files at the top to publishing at the bottom."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from pipeline.refresh.progress import RunProgress, TaskProgress
from pipeline.serving.charts.parts import Figure, frame, hidden_axis, muted, note, row_axis
from pipeline.serving.runs.graph import Band, Graph, Line, Node, graph
from pipeline.serving.runs.layers import short_title
from pipeline.serving.runs.words import facts, task_state
from pipeline.serving.theme import Palette, palette

ROW_HEIGHT = 58
BOX_HEIGHT = 40 / ROW_HEIGHT
BOX_WIDTH = 0.93
CORNER = (0.045, 7 / ROW_HEIGHT)
"""Of a box, in widths of a box and in rows: about seven pixels either way on a wide screen."""

LABEL_MARGIN = 62
QUIET = ("waiting", "skipped", "kept")


def run_graph(run: RunProgress, appearance: str, now: datetime) -> Figure:
    """State, rows and seconds stand in each box; a line leads from what is read to what reads it."""
    colours, drawn = palette(appearance), graph(run.tasks)
    layout = frame(colours, ROW_HEIGHT * drawn.row_count + 4, {"l": LABEL_MARGIN, "r": 2, "t": 2, "b": 2})
    layout["xaxis"] = hidden_axis([0, drawn.width])
    layout["yaxis"] = row_axis(drawn.row_count)
    layout["shapes"] = [
        *(_rule(band, colours) for band in drawn.bands[1:]),
        *_lines(drawn, colours),
        *(_box(node, colours) for node in drawn.nodes),
    ]
    layout["annotations"] = [
        *(_layer(band, colours) for band in drawn.bands),
        *(_words(node, run, colours, now) for node in drawn.nodes),
    ]
    return {"data": [_hover_places(drawn, run, now)], "layout": layout}


def _rule(band: Band, colours: Palette) -> Figure:
    """A hairline above a layer."""
    y = band.first_row - 0.5
    line = {"color": colours.border, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line, "layer": "below"}


def _layer(band: Band, colours: Palette) -> Figure:
    y = (band.first_row + band.last_row) / 2
    return note(muted(band.title, colours), x=0, xref="paper", xanchor="right", xshift=-8, y=y)


def _lines(drawn: Graph, colours: Palette) -> list[Figure]:
    """Grey, and in the colour of the step where they lead to one that runs or stopped."""
    states = {node.task.name: node.task.status for node in drawn.nodes}
    paths: dict[str, list[str]] = {}
    for line in drawn.lines:
        state = states[line.target]
        colour = colours.state(state) if state in ("running", "failed") else colours.neutral
        paths.setdefault(colour, []).append(_path(line))
    return [
        {"type": "path", "path": " ".join(path), "line": {"color": colour, "width": 1.2}, "layer": "below"}
        for colour, path in paths.items()
    ]


def _path(line: Line) -> str:
    """From the lower edge of one box to the upper edge of the other, straight down through the gaps between."""
    half, parts = BOX_HEIGHT / 2, []
    for (x0, row0), (x1, row1) in pairwise(line.points):
        top, bottom = row0 + half, row1 - half
        middle = (top + bottom) / 2
        start = f"M{x0:.3f},{top:.3f}" if not parts else f"L{x0:.3f},{top:.3f}"
        parts.append(f"{start} C{x0:.3f},{middle:.3f} {x1:.3f},{middle:.3f} {x1:.3f},{bottom:.3f}")
    return " ".join(parts)


def _box(node: Node, colours: Palette) -> Figure:
    state = node.task.status
    fill = {"running": colours.band, "failed": colours.high_fill, "kept": colours.grid}.get(state, colours.background)
    edge = colours.state(state) if state in ("running", "failed") else colours.border
    line = {"color": edge, "width": 1.5 if state in ("running", "failed") else 1, "dash": "dot" if state == "waiting" else "solid"}
    return {"type": "path", "path": _rounded(node.x, node.y), "fillcolor": fill, "line": line, "layer": "below"}


def _rounded(x: float, y: float) -> str:
    across, down = CORNER
    left, right, top, bottom = x - BOX_WIDTH / 2, x + BOX_WIDTH / 2, y - BOX_HEIGHT / 2, y + BOX_HEIGHT / 2
    return (
        f"M{left + across:.3f},{top:.3f} L{right - across:.3f},{top:.3f} Q{right:.3f},{top:.3f} {right:.3f},{top + down:.3f} "
        f"L{right:.3f},{bottom - down:.3f} Q{right:.3f},{bottom:.3f} {right - across:.3f},{bottom:.3f} "
        f"L{left + across:.3f},{bottom:.3f} Q{left:.3f},{bottom:.3f} {left:.3f},{bottom - down:.3f} "
        f"L{left:.3f},{top + down:.3f} Q{left:.3f},{top:.3f} {left + across:.3f},{top:.3f} Z"
    )


def _words(node: Node, run: RunProgress, colours: Palette, now: datetime) -> Figure:
    state = task_state(run, node.task)
    sign = f"<span style='color:{colours.state(node.task.status)}'><b>{state.sign}</b></span>"
    name = short_title(node.task)
    first = f"{sign} {muted(name, colours) if node.task.status in QUIET else name}"
    second = f"<span style='color:{colours.muted};font-size:10.5px'>{facts(run, node.task, now)}</span>"
    return note(f"{first}<br>{second}", x=node.x, y=node.y, align="center")


def _hover_places(drawn: Graph, run: RunProgress, now: datetime) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "x": [node.x for node in drawn.nodes], "y": [node.y for node in drawn.nodes],
        "marker": {"symbol": "square", "size": 38, "opacity": 0},
        "customdata": [_hover(node.task, run, now) for node in drawn.nodes], "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _hover(task: TaskProgress, run: RunProgress, now: datetime) -> str:
    state = task_state(run, task)
    reads = [f"reads {name}" for name in task.needs[:12]]
    more = [f"and {len(task.needs) - 12} more"] if len(task.needs) > 12 else []
    return "<br>".join([f"<b>{task.title}</b>", f"{state.word} · {facts(run, task, now)}", *reads, *more])
