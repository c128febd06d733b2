"""What every figure for the screen is made of: its frame, its axes, its notes, as plain dictionaries in Plotly's format."""

from __future__ import annotations

from html import escape

from pipeline.serving.theme import FONT, Palette

Figure = dict[str, object]


def frame(colours: Palette, height: int, margin: dict[str, int]) -> Figure:
    """The frame of a figure: transparent, without a legend, in the page's font."""
    font = {"family": FONT, "size": 12, "color": colours.text}
    return {
        "height": height, "margin": margin, "showlegend": False, "hovermode": "closest",
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": font,
        "hoverlabel": {"bgcolor": colours.background, "bordercolor": colours.border, "font": font, "align": "left"},
    }  # fmt: skip


def plain_axis(colours: Palette) -> Figure:
    """An axis with numbers and nothing else."""
    small = {"size": 11, "color": colours.muted}
    return {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "tickfont": small}


def value_axis(colours: Palette) -> Figure:
    """An axis with numbers and hairlines across."""
    return plain_axis(colours) | {"showgrid": True, "gridcolor": colours.grid}


def share_axis(colours: Palette, highest: float) -> Figure:
    """An axis of shares in percent that begins at 0 and leaves a little room above the highest."""
    return value_axis(colours) | {"range": [0, min(1.02, highest * 1.08 or 1)], "tickformat": ".0%", "nticks": 6}


def hidden_axis(ends: list[float]) -> Figure:
    """An axis that only places things."""
    return {"range": ends, "visible": False, "fixedrange": True}


def row_axis(row_count: int) -> Figure:
    """The rows of a figure from top to bottom, row 0 first."""
    return hidden_axis([row_count - 0.5, -0.5])


def note(text: str, **where: object) -> Figure:
    """A text in a figure; names from the data must be passed through `literal` first."""
    return {"text": text, "showarrow": False, "yanchor": "middle", **where}


def muted(text: str, colours: Palette) -> str:
    """Part of a note in grey."""
    return f"<span style='color:{colours.muted}'>{text}</span>"


def literal(name: str) -> str:
    """A name from the data as it is: Plotly reads tags and links in its texts."""
    return escape(name, quote=False)
