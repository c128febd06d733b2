"""The figures of the command center for the screen, as plain dictionaries in Plotly's figure format.

Pure: payload parts and an appearance (light or dark) in, a dictionary out. No Plotly object is built here, so a figure
can be kept and sent as it is. Every figure is at most a few dozen kilobytes, however many encounters there are.
"""

from __future__ import annotations

import pandas as pd

from pipeline.serving.charts.parts import Figure, frame, note, plain_axis, value_axis
from pipeline.serving.charts.shades import colour_stops
from pipeline.serving.groups import BANDED_GROUPS, ENCOUNTER_CLASSES, VITAL_SIGNS, GroupShare, VitalAverage, drawn_volume
from pipeline.serving.released.risk_bands import BAND_NAMES
from pipeline.serving.risk_map import AGE_CELL_YEARS, HEART_RATE_CELL_BPM, RiskMap, RiskPanel, axis_ranges, grid
from pipeline.serving.theme import RISK_STYLES, SENIOR_AGE_YEARS, Palette, palette
from pipeline.serving.wording import AGE_GROUP_YEARS, count_text, decimal_text

RISK_PANEL_HEIGHT = 420
NOTHING_DRAWN: Figure = {"type": "scatter", "x": [], "y": []}
"""Of an empty panel, because a figure without any trace is refused when it is shown."""

GROUP_MARKERS = {"Adult": "square", "Senior": "diamond"}
GROUP_OFFSETS = {"Adult": -0.12, "Senior": 0.12}
"""In rows of the strip, so that two equal means do not hide each other."""


def risk_panel(drawn: RiskMap, level: str, appearance: str) -> Figure:
    """One risk level: density where cells hold two or more encounters, exact points where they hold one."""
    colours = palette(appearance)
    panel = next(panel for panel in drawn.panels if panel.level == level)
    ranges = axis_ranges(drawn)
    layout = frame(colours, RISK_PANEL_HEIGHT, {"l": 34, "r": 6, "t": 4, "b": 38})
    title = {"text": "Age (years)", "standoff": 4, "font": {"size": 11, "color": colours.muted}}
    ages = [0, 20, 40, SENIOR_AGE_YEARS, 80, 100]
    layout["xaxis"] = {"range": ranges["age"], "tickvals": ages, "title": title} | plain_axis(colours)
    layout["yaxis"] = {"range": ranges["heart_rate"], "dtick": 40} | value_axis(colours)
    layout["shapes"] = [
        {"type": "line", "x0": SENIOR_AGE_YEARS, "x1": SENIOR_AGE_YEARS, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"color": colours.muted, "width": 1, "dash": "dot"}},
    ]  # fmt: skip
    return {"data": [*_density(panel, colours), *_points(panel, colours)] or [NOTHING_DRAWN], "layout": layout}


def _density(panel: RiskPanel, colours: Palette) -> list[Figure]:
    counted = grid(panel)
    if counted is None:
        return []
    shown = "%{text}" if panel.is_banded else "%{z:,}"
    names = {"text": [[BAND_NAMES[number] for number in row] for row in counted.counts]} if panel.is_banded else {}
    return [
        names
        | {
            "type": "heatmap", "z": counted.counts, "zmin": 0, "zmax": panel.darkest, "showscale": False,
            "x0": counted.age_from + AGE_CELL_YEARS / 2, "dx": AGE_CELL_YEARS,
            "y0": counted.heart_rate_from + HEART_RATE_CELL_BPM / 2, "dy": HEART_RATE_CELL_BPM,
            "colorscale": colour_stops(panel.darkest, colours.risk(panel.level), colours.background),
            "hovertemplate": f"{shown} encounters<br>around age %{{x}},<br>%{{y}} /min<extra></extra>",
        }
    ]  # fmt: skip


def _points(panel: RiskPanel, colours: Palette) -> list[Figure]:
    if panel.points.empty:
        return []
    marker = next(style.marker for style in RISK_STYLES if style.level == panel.level)
    return [
        {
            "type": "scatter", "mode": "markers",
            "x": panel.points["age_years"].to_numpy(), "y": panel.points["heart_rate_bpm"].to_numpy(),
            "marker": {"symbol": marker, "size": 4.5, "opacity": 0.7, "color": colours.risk(panel.level), "line": {"width": 0}},
            "hovertemplate": "1 encounter<br>age %{x},<br>%{y} /min<extra></extra>",
        }
    ]  # fmt: skip


def demographics(age_groups: tuple[GroupShare, ...], appearance: str) -> Figure:
    """One bar per age group, seniors in the accent colour, with share, count and high-risk share written beside it."""
    colours = palette(appearance)
    layout = frame(colours, 36 * len(age_groups) + 8, {"l": 104, "r": 152, "t": 2, "b": 2})
    layout["xaxis"] = {
        "range": [0, max((one.share for one in age_groups if one.share is not None), default=1)],
        "visible": False,
        "fixedrange": True,
    }
    layout["yaxis"] = {"range": [len(age_groups) - 0.5, -0.5], "visible": False, "fixedrange": True}
    layout["annotations"] = [text for row, one in enumerate(age_groups) for text in _bar_notes(row, one, colours)]
    bars = {
        "type": "bar", "orientation": "h", "x": [one.share for one in age_groups], "y": list(range(len(age_groups))), "width": 0.5,
        "marker": {"color": [_group_colour(one.group, colours) for one in age_groups], "cornerradius": 3},
        "customdata": [[one.group, one.counted_text] for one in age_groups],
        "hovertemplate": "%{customdata[0]}: %{customdata[1]} encounters<extra></extra>",
    }  # fmt: skip
    return {"data": [bars], "layout": layout}


def _group_colour(group: str, colours: Palette) -> str:
    return colours.accent if group == "Senior" else colours.neutral


def _bar_notes(row: int, one: GroupShare, colours: Palette) -> list[Figure]:
    beside = (
        f"<b>{one.shared_text}</b>  {one.counted_text.replace('<', '&lt;')}  "
        f"<span style='color:{colours.high_text}'>◆ {one.high_risk_text}</span>"
    )
    years = AGE_GROUP_YEARS[one.group]
    return [
        note(
            f"{one.group} <span style='color:{colours.muted}'>{years}</span>", x=0, y=row, xref="paper", xanchor="right", xshift=-8
        ),
        note(beside, x=one.share or 0, y=row, xanchor="left", xshift=6),
    ]


def vital_strip(averages: tuple[VitalAverage, ...], appearance: str) -> Figure:
    """One row per vital sign; the band is the adult reference range, a square the mean of adults, a diamond that of seniors."""
    colours = palette(appearance)
    layout = frame(colours, 32 * len(VITAL_SIGNS) + 4, {"l": 86, "r": 84, "t": 2, "b": 2})
    layout |= {
        "xaxis": {"range": _strip_range(averages), "visible": False, "fixedrange": True},
        "yaxis": {"range": [len(VITAL_SIGNS) - 0.5, -0.5], "visible": False, "fixedrange": True},
        "shapes": [_band(row, colours) for row in range(len(VITAL_SIGNS))],
        "annotations": [
            text for row, sign in enumerate(VITAL_SIGNS) for text in _strip_notes(row, sign.short_name, averages, colours)
        ],
    }
    return {"data": [_strip_marks(group, averages, colours) for group in BANDED_GROUPS], "layout": layout}


def _strip_range(averages: tuple[VitalAverage, ...]) -> list[float]:
    places = [one.band_position for one in averages if one.band_position is not None]
    return [min([0.0, *places]) - 0.04, max([1.0, *places]) + 0.04]


def _band(row: int, colours: Palette) -> Figure:
    return {
        "type": "rect", "x0": 0, "x1": 1, "y0": row - 0.27, "y1": row + 0.27,
        "fillcolor": colours.band, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _strip_notes(row: int, short_name: str, averages: tuple[VitalAverage, ...], colours: Palette) -> list[Figure]:
    one = next((average for average in averages if average.short_name == short_name), None)
    if one is None:
        return []
    places = 1 if one.unit == "°C" else 0
    low, high = decimal_text(one.reference_low, places), decimal_text(one.reference_high, places)
    small = {"size": 11, "color": colours.muted}
    return [
        note(short_name, x=0, y=row, xref="paper", xanchor="right", xshift=-42),
        note(low, x=0, y=row, xref="paper", xanchor="right", xshift=-6, font=small),
        note(f"{high} {one.unit}", x=1, y=row, xref="paper", xanchor="left", xshift=6, font=small),
    ]


def _strip_marks(group: str, averages: tuple[VitalAverage, ...], colours: Palette) -> Figure:
    rows = {sign.name: row for row, sign in enumerate(VITAL_SIGNS)}
    placed = [one for one in averages if one.age_group == group and one.band_position is not None]
    values = [f"{decimal_text(one.mean, one.decimals)} {one.unit}" for one in placed]
    return {
        "type": "scatter", "mode": "markers", "name": group,
        "x": [one.band_position for one in placed], "y": [rows[one.vital_sign] + GROUP_OFFSETS[group] for one in placed],
        "marker": {"symbol": GROUP_MARKERS[group], "size": 10, "color": colours.accent if group == "Senior" else colours.low,
                   "line": {"width": 1, "color": colours.background}},
        "customdata": [[one.vital_sign, value, count_text(one.measured_count)] for one, value in zip(placed, values, strict=True)],
        "hovertemplate": group + ", %{customdata[0]}: mean %{customdata[1]} of %{customdata[2]} encounters<extra></extra>",
    }  # fmt: skip


def volume_bars(arrivals: pd.DataFrame, step: str, appearance: str) -> Figure:
    """Encounters by arrival week or month, stacked by class."""
    colours = palette(appearance)
    layout = frame(colours, 202, {"l": 44, "r": 6, "t": 26, "b": 36})
    steps = sorted(arrivals["step_start"].unique())
    named = [start.isoformat() for start in steps[:: -(-len(steps) // 8) or 1]]
    label = "%b<br>%Y" if step == "month" else "%-d<br>%b"
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    layout |= {
        "barmode": "stack", "bargap": 0.25, "showlegend": True, "legend": legend | {"font": {"size": 12, "color": colours.text}},
        "xaxis": {"type": "date", "tickvals": named, "tickformat": label, "tickangle": 0} | plain_axis(colours),
        "yaxis": {"nticks": 5, "tickformat": ",d"} | value_axis(colours),
    }  # fmt: skip
    shades = dict(zip(ENCOUNTER_CLASSES, class_colours(colours), strict=True))
    return {"data": [_class_bars(arrivals, name, shades[name]) for name in ENCOUNTER_CLASSES], "layout": layout}


def class_colours(colours: Palette) -> tuple[str, str, str]:
    """Emergency, inpatient, outpatient: three steps of lightness that stay apart without colour vision."""
    return colours.accent, colours.low, colours.neutral if colours.background == "#0B0F14" else "#C9D0DA"


def _class_bars(arrivals: pd.DataFrame, encounter_class: str, colour: str) -> Figure:
    rows = drawn_volume(arrivals[arrivals["encounter_class"] == encounter_class])
    return {
        "type": "bar", "name": encounter_class, "marker": {"color": colour},
        "x": [day.isoformat() for day in rows["step_start"]], "y": rows["encounter_count"].to_numpy(),
        "hovertemplate": "from %{x|%-d %b %Y}: %{y:,} " + encounter_class.lower() + " encounters<extra></extra>",
    }  # fmt: skip
