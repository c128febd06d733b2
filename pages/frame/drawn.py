"""Figures that are checked once and then handed over as they are.

Streamlit 1.67 takes a figure for complete only if it is one of Plotly's own; a dictionary it checks property by property on every
run of a page, which took a quarter of the time of the command center.
"""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure


def checked(figure: dict) -> dict:
    """The figure as Plotly completes it, with its template. Raises ValueError for a property that Plotly does not know."""
    return go.Figure(figure).to_dict()


class Drawn(BaseFigure):
    """A checked figure that is not looked through again."""

    def __init__(self, figure: dict) -> None:  # the parent's would check it
        object.__setattr__(self, "_checked", figure)

    def to_dict(self) -> dict:
        return self._checked
