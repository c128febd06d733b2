"""What a graph of boxes is drawn of: the box, the line from one to another, the layers they stand in. For runs and for lineage."""

from __future__ import annotations

from itertools import pairwise

from pipeline.serving.charts.parts import Figure, muted, note
from pipeline.serving.runs.graph import Band, Line
from pipeline.serving.theme import Palette

ROW_HEIGHT = 58
BOX_HEIGHT = 40 / ROW_HEIGHT
BOX_WIDTH = 0.93
CORNER = (0.045, 7 / ROW_HEIGHT)
"""Of a box, in widths of a box and in rows: about seven pixels either way on a wide screen."""

LABEL_MARGIN = 62


def layer_rule(band: Band, colours: Palette) -> Figure:
    """A hairline above a layer."""
    y = band.first_row - 0.5
    line = {"color": colours.border, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line, "layer": "below"}


def layer_title(band: Band, colours: Palette) -> Figure:
    """The name of a layer, left of its rows."""
    y = (band.first_row + band.last_row) / 2
    return note(muted(band.title, colours), x=0, xref="paper", xanchor="right", xshift=-8, y=y)


def line_path(line: Line) -> str:
    """From the lower edge of one box to the upper edge of the other, straight down through the gaps between."""
    half, parts = BOX_HEIGHT / 2, []
    for (x0, row0), (x1, row1) in pairwise(line.points):
        top, bottom = row0 + half, row1 - half
        middle = (top + bottom) / 2
        start = f"M{x0:.3f},{top:.3f}" if not parts else f"L{x0:.3f},{top:.3f}"
        parts.append(f"{start} C{x0:.3f},{middle:.3f} {x1:.3f},{middle:.3f} {x1:.3f},{bottom:.3f}")
    return " ".join(parts)


def box_path(x: float, y: float) -> str:
    """A box with round corners, x and y being its middle."""
    across, down = CORNER
    left, right, top, bottom = x - BOX_WIDTH / 2, x + BOX_WIDTH / 2, y - BOX_HEIGHT / 2, y + BOX_HEIGHT / 2
    return (
        f"M{left + across:.3f},{top:.3f} L{right - across:.3f},{top:.3f} Q{right:.3f},{top:.3f} {right:.3f},{top + down:.3f} "
        f"L{right:.3f},{bottom - down:.3f} Q{right:.3f},{bottom:.3f} {right - across:.3f},{bottom:.3f} "
        f"L{left + across:.3f},{bottom:.3f} Q{left:.3f},{bottom:.3f} {left:.3f},{bottom - down:.3f} "
        f"L{left:.3f},{top + down:.3f} Q{left:.3f},{top:.3f} {left + across:.3f},{top:.3f} Z"
    )
