"""The funnel plot for the screen: groups by size, limits around the pooled rate, a shape and a word outside of them."""

from __future__ import annotations

from pipeline.serving.charts.parts import Figure, frame, literal, note, share_axis, value_axis
from pipeline.serving.funnel import ABOVE, LIMITS, Funnel, FunnelGroup
from pipeline.serving.theme import Palette, palette
from pipeline.serving.wording import NO_BREAK, share_text

HEIGHT = 360
NAMED_GROUPS = 5
"""Up to so many groups are all named on the figure; of more, only those outside a limit."""

SHOWN_FROM = 0.04
"""Limits are shown in full from this share of the largest size on."""


def funnel_plot(drawn_funnel: Funnel, appearance: str) -> Figure:
    """Circles inside both limits; a triangle beyond the inner, a diamond beyond the outer limit, each with its word."""
    colours = palette(appearance)
    groups, curve = drawn_funnel.groups, drawn_funnel.curve
    largest = max((one.out_of for one in curve), default=1)
    rates = [one.rate.share for one in groups]
    # The limits of the smallest sizes reach far beyond any group and would press the rest to the bottom.
    ends = [one.high_outer for one in curve if one.out_of >= largest * SHOWN_FROM]
    drawn = frame(colours, HEIGHT, {"l": 40, "r": 62, "t": 10, "b": 42})
    title = {"text": "Index stays", "standoff": 6, "font": {"size": 11, "color": colours.muted}}
    drawn["xaxis"] = value_axis(colours) | {"range": [0, largest], "title": title, "tickformat": ",d", "nticks": 7}
    drawn["yaxis"] = share_axis(colours, max([*rates, *ends], default=0.3))
    drawn["annotations"] = [*_line_names(drawn_funnel, colours), *_names(groups, largest, colours)]
    return {"data": [*_curves(drawn_funnel, colours), _marks(groups, colours)], "layout": drawn}


def _curves(drawn_funnel: Funnel, colours: Palette) -> list[Figure]:
    sizes = [one.out_of for one in drawn_funnel.curve]
    line = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": sizes}
    outer = {"color": colours.muted, "width": 1}
    inner = {"color": colours.muted, "width": 1, "dash": "dot"}
    return [
        line | {"line": outer, "y": [one.low_outer for one in drawn_funnel.curve]},
        line | {"line": outer, "y": [one.high_outer for one in drawn_funnel.curve], "fill": "tonexty", "fillcolor": colours.band},
        line | {"line": inner, "y": [one.low_inner for one in drawn_funnel.curve]},
        line | {"line": inner, "y": [one.high_inner for one in drawn_funnel.curve]},
        line | {"line": {"color": colours.muted, "width": 1.5}, "y": [drawn_funnel.centre.share] * len(sizes)},
    ]


def _marks(groups: tuple[FunnelGroup, ...], colours: Palette) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "cliponaxis": False,
        "x": [one.rate.out_of for one in groups], "y": [one.rate.share for one in groups],
        "marker": {
            "symbol": [_shape(one) for one in groups], "size": [9 if one.outside is None else 12 for one in groups],
            "color": [colours.low if one.outside is None else colours.accent for one in groups],
            "line": {"width": 1, "color": colours.background},
        },
        "customdata": [_hover(one) for one in groups],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _shape(one: FunnelGroup) -> str:
    if one.outside is None:
        return "circle"
    return "diamond" if one.outside == LIMITS[1] else "triangle-up" if one.side == ABOVE else "triangle-down"


def _hover(one: FunnelGroup) -> str:
    rate = one.rate
    return f"{literal(one.name)}: {rate.text} (95 % CI {rate.interval_text})<br>{rate.counts_text} index stays<br>{one.place_text}"


def _names(groups: tuple[FunnelGroup, ...], largest: int, colours: Palette) -> list[Figure]:
    named = groups if len(groups) <= NAMED_GROUPS else [one for one in groups if one.outside is not None]
    return [_name(one, largest, colours) for one in named]


def _name(one: FunnelGroup, largest: int, colours: Palette) -> Figure:
    """Over or under its mark: away from the pooled rate when outside a limit, else towards it, so that fewer names meet."""
    place = one.rate.out_of / largest
    anchor = "left" if place < 0.2 else "right" if place > 0.8 else "center"
    is_inside = one.outside is None
    word = "" if is_inside else f", {one.side} {100 * one.outside:g}{NO_BREAK}%"
    ink = colours.muted if is_inside else colours.text
    is_over = (one.side == ABOVE) != is_inside
    return note(
        f"<span style='color:{ink}'>{literal(one.name)}{word}</span>", x=one.rate.out_of, y=one.rate.share, font={"size": 11},
        xanchor=anchor, bgcolor=colours.band if is_inside else None, yshift=14 if is_over else -14,
    )  # fmt: skip


def _line_names(drawn_funnel: Funnel, colours: Palette) -> list[Figure]:
    if not drawn_funnel.curve:
        return []
    last, right = drawn_funnel.curve[-1], {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    small = {"size": 11, "color": colours.muted}
    ends = ((f"{100 * LIMITS[1]:g} %", last.high_outer), (share_text(drawn_funnel.centre.share), drawn_funnel.centre.share),
            (f"{100 * LIMITS[1]:g} %", last.low_outer))  # fmt: skip
    return [note(name, y=value, font=small, **right) for name, value in ends]
