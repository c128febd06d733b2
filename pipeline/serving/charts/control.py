"""The p-chart for the screen: months against their limits, with a shape and a word where a rule is met."""

from __future__ import annotations

from datetime import timedelta

from pipeline.serving.charts.parts import Figure, frame, muted, note, plain_axis, share_axis
from pipeline.serving.control_chart import ChartedMonth, ControlChart
from pipeline.serving.theme import Palette, palette
from pipeline.serving.wording import month_text, share_text

HEIGHT = 320
LABELLED_MONTHS = 6
WORD_SHIFT = 16


def control(chart: ControlChart, appearance: str) -> Figure:
    """The band is what lies within the limits of each month; a diamond belongs to a signal."""
    colours = palette(appearance)
    highest = max((max(one.rate.share, one.upper) for one in chart.months), default=1)
    drawn = frame(colours, HEIGHT, {"l": 40, "r": 74, "t": 22, "b": 38})
    every = -(-len(chart.months) // LABELLED_MONTHS) or 1
    named = [one.month.isoformat() for one in chart.months[::every]]
    drawn["xaxis"] = plain_axis(colours) | {
        "type": "date",
        "range": _ends(chart),
        "tickvals": named,
        "tickformat": "%b<br>%Y",
        "tickangle": 0,
    }
    drawn["yaxis"] = share_axis(colours, highest)
    drawn["annotations"] = [*_line_names(chart, colours), *_words(chart, colours)]
    signalled = chart.signalled_months
    plain = [one for one in chart.months if one.month not in signalled]
    marked = [one for one in chart.months if one.month in signalled]
    return {
        "data": [
            *_band(chart, colours), _path(chart, colours),
            _marks(plain, {"symbol": "circle", "size": 8, "color": colours.low}, chart),
            _marks(marked, {"symbol": "diamond", "size": 11, "color": colours.accent}, chart),
        ],
        "layout": drawn,
    }  # fmt: skip


def _ends(chart: ControlChart) -> list[str]:
    """Half a month of room on either side."""
    room = timedelta(days=15)
    return [(chart.months[0].month - room).isoformat(), (chart.months[-1].month + room).isoformat()] if chart.months else []


def _band(chart: ControlChart, colours: Palette) -> list[Figure]:
    months = [one.month.isoformat() for one in chart.months]
    edge = {"type": "scatter", "mode": "lines", "x": months, "hoverinfo": "skip",
            "line": {"color": colours.muted, "width": 1, "shape": "hvh", "dash": "dash"}}  # fmt: skip
    centre = {"type": "scatter", "mode": "lines", "x": months, "y": [chart.centre.share] * len(months), "hoverinfo": "skip",
              "line": {"color": colours.muted, "width": 1}}  # fmt: skip
    return [
        edge | {"y": [one.lower for one in chart.months]},
        edge | {"y": [one.upper for one in chart.months], "fill": "tonexty", "fillcolor": colours.band},
        centre,
    ]


def _path(chart: ControlChart, colours: Palette) -> Figure:
    return {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", "line": {"color": colours.low, "width": 1.5},
        "x": [one.month.isoformat() for one in chart.months], "y": [one.rate.share for one in chart.months],
    }  # fmt: skip


def _marks(months: list[ChartedMonth], marker: Figure, chart: ControlChart) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "marker": marker, "cliponaxis": False,
        "x": [one.month.isoformat() for one in months], "y": [one.rate.share for one in months],
        "customdata": [_hover(one, chart) for one in months],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _hover(one: ChartedMonth, chart: ControlChart) -> str:
    lines = [
        f"{month_text(one.month)}: {one.rate.text}",
        f"{one.rate.counts_text} index stays",
        f"limits {100 * one.lower:.1f}–{share_text(one.upper)}",
        *(signal.rule for signal in chart.signals if one.month in signal.months),
    ]
    return "<br>".join(lines)


def _line_names(chart: ControlChart, colours: Palette) -> list[Figure]:
    if not chart.months:
        return []
    last, right = chart.months[-1], {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left"}
    small = {"size": 11, "color": colours.muted}
    named = (("upper limit", last.upper), ("centre", chart.centre.share), ("lower limit", last.lower))
    return [note(f"{name}<br>{share_text(value)}", y=value, font=small, **right) for name, value in named]


def _words(chart: ControlChart, colours: Palette) -> list[Figure]:
    """The nearest rule at the last month of each signal, away from the centre; neighbours with the same word share one."""
    # Signals come by their last month, those of fewest months first.
    nearest = {signal.months[-1]: signal.mark for signal in reversed(chart.signals)}
    marks = [(one, nearest.get(one.month)) for one in chart.months]
    following = [mark for _, mark in marks[1:]] + [None]
    return [_word(one, mark, chart, colours) for (one, mark), after in zip(marks, following, strict=True) if mark and mark != after]


def _word(one: ChartedMonth, mark: str, chart: ControlChart, colours: Palette) -> Figure:
    shift = WORD_SHIFT if one.rate.share >= chart.centre.share else -WORD_SHIFT
    return note(muted(mark, colours), x=one.month.isoformat(), y=one.rate.share, yshift=shift, font={"size": 11})
