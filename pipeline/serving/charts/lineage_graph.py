"""The lineage of a column for the screen: a box per table with the columns on the way, feeds at the top, pages at the bottom."""

from __future__ import annotations

from dataclasses import replace

from pipeline.serving.charts.boxes import LABEL_MARGIN, ROW_HEIGHT, box_path, layer_rule, layer_title, line_path
from pipeline.serving.charts.parts import Figure, frame, hidden_axis, muted, note, row_axis
from pipeline.serving.lineage import ColumnLineage, lineage_tasks
from pipeline.serving.runs.graph import Graph, Node, graph
from pipeline.serving.theme import Palette, palette

BAND_TITLES = {"Files": "Feeds", "Publish": "Pages"}
"""What stands before and after the tables is no step of a run here."""

FEWEST_WIDTHS = 5
"""Of a box; a narrow graph keeps to the left instead of growing, where a phone begins to look."""

LONGEST_LINE = 26
"""Characters that fit a box at 1,440 pixels."""


def lineage_graph(found: ColumnLineage, appearance: str) -> Figure:
    """A line leads from what is read to what reads it; the box of the chosen column is filled."""
    colours, drawn = palette(appearance), graph(lineage_tasks(found))
    layout = frame(colours, ROW_HEIGHT * drawn.row_count + 4, {"l": LABEL_MARGIN, "r": 2, "t": 2, "b": 2})
    layout["xaxis"] = hidden_axis([0, max(FEWEST_WIDTHS, drawn.width)])
    layout["yaxis"] = row_axis(drawn.row_count)
    bands = [replace(band, title=BAND_TITLES.get(band.title, band.title)) for band in drawn.bands]
    lines = {"color": colours.neutral, "width": 1.2}
    layout["shapes"] = [
        *(layer_rule(band, colours) for band in bands[1:]),
        {"type": "path", "path": " ".join(line_path(line) for line in drawn.lines) or "M0,0", "line": lines, "layer": "below"},
        *(_box(node, found, colours) for node in drawn.nodes),
    ]
    layout["annotations"] = [
        *(layer_title(band, colours) for band in bands),
        *(_words(node, found, colours) for node in drawn.nodes),
    ]
    return {"data": [_hover_places(drawn, found)], "layout": layout}


def _box(node: Node, found: ColumnLineage, colours: Palette) -> Figure:
    is_chosen = node.task.name == found.place.table
    line = {"color": colours.accent if is_chosen else colours.border, "width": 1.5 if is_chosen else 1}
    fill = colours.band if is_chosen else colours.background
    return {"type": "path", "path": box_path(node.x, node.y), "fillcolor": fill, "line": line, "layer": "below"}


def _words(node: Node, found: ColumnLineage, colours: Palette) -> Figure:
    """The table's name, and under it its columns on the way."""
    name = node.task.name.partition(".")[2].rpartition("/")[2].removeprefix("_").replace("_", " ").capitalize()
    first = muted(_short(name), colours) if "._" in node.task.name else _short(name)
    columns = found.tables.get(node.task.name, ())
    more = f" +{len(columns) - 1}" if len(columns) > 1 else ""
    second = _short(columns[0], LONGEST_LINE - len(more)) + more if columns else _without_columns(node.task.name)
    small = f"<span style='color:{colours.muted};font-size:10.5px'>{second}</span>"
    return note(f"{first}<br>{small}", x=node.x, y=node.y, align="center")


def _without_columns(name: str) -> str:
    return {"feed": "feed", "page": "page"}.get(name.partition(".")[0], "its rows are counted")


def _short(text: str, most: int = LONGEST_LINE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _hover_places(drawn: Graph, found: ColumnLineage) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "x": [node.x for node in drawn.nodes], "y": [node.y for node in drawn.nodes],
        "marker": {"symbol": "square", "size": 38, "opacity": 0},
        "customdata": [_hover(node, found) for node in drawn.nodes], "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _hover(node: Node, found: ColumnLineage) -> str:
    return "<br>".join([f"<b>{node.task.name}</b>", *found.tables.get(node.task.name, ())[:15]])
