"""The graph of a run for the screen: a box per step, rows from the files at the top to publishing at the bottom."""

from __future__ import annotations

from datetime import datetime

from pipeline.refresh.progress import RunProgress, TaskProgress
from pipeline.serving.charts.boxes import LABEL_MARGIN, ROW_HEIGHT, box_path, layer_rule, layer_title, line_path
from pipeline.serving.charts.parts import Figure, frame, hidden_axis, muted, note, row_axis
from pipeline.serving.runs.graph import Graph, Node, graph
from pipeline.serving.runs.layers import short_title
from pipeline.serving.runs.words import facts, task_state
from pipeline.serving.theme import Palette, palette

QUIET = ("waiting", "skipped", "kept")


def run_graph(run: RunProgress, appearance: str, now: datetime) -> Figure:
    """State, rows and seconds stand in each box; a line leads from what is read to what reads it."""
    colours, drawn = palette(appearance), graph(run.tasks)
    layout = frame(colours, ROW_HEIGHT * drawn.row_count + 4, {"l": LABEL_MARGIN, "r": 2, "t": 2, "b": 2})
    layout["xaxis"] = hidden_axis([0, drawn.width])
    layout["yaxis"] = row_axis(drawn.row_count)
    layout["shapes"] = [
        *(layer_rule(band, colours) for band in drawn.bands[1:]),
        *_lines(drawn, colours),
        *(_box(node, colours) for node in drawn.nodes),
    ]
    layout["annotations"] = [
        *(layer_title(band, colours) for band in drawn.bands),
        *(_words(node, run, colours, now) for node in drawn.nodes),
    ]
    return {"data": [_hover_places(drawn, run, now)], "layout": layout}


def _lines(drawn: Graph, colours: Palette) -> list[Figure]:
    """Grey, and in the colour of the step where they lead to one that runs or stopped."""
    states = {node.task.name: node.task.status for node in drawn.nodes}
    paths: dict[str, list[str]] = {}
    for line in drawn.lines:
        state = states[line.target]
        colour = colours.state(state) if state in ("running", "failed") else colours.neutral
        paths.setdefault(colour, []).append(line_path(line))
    return [
        {"type": "path", "path": " ".join(path), "line": {"color": colour, "width": 1.2}, "layer": "below"}
        for colour, path in paths.items()
    ]


def _box(node: Node, colours: Palette) -> Figure:
    state = node.task.status
    fill = {"running": colours.band, "failed": colours.high_fill, "kept": colours.grid}.get(state, colours.background)
    edge = colours.state(state) if state in ("running", "failed") else colours.border
    line = {"color": edge, "width": 1.5 if state in ("running", "failed") else 1, "dash": "dot" if state == "waiting" else "solid"}
    return {"type": "path", "path": box_path(node.x, node.y), "fillcolor": fill, "line": line, "layer": "below"}


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
