"""The two figures of the patient page, as plain dictionaries in Plotly's format: encounters on a time axis, and vital signs.

Pure. Names from the data pass through `literal` before they reach a text that Plotly reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pipeline.serving.charts.parts import Figure, frame, literal, muted, note, plain_axis, value_axis
from pipeline.serving.groups import VitalSign
from pipeline.serving.patient import PatientRecord
from pipeline.serving.patient.bands import (
    ABOVE,
    BELOW,
    CHARTED_SIGNS,
    NO_BAND,
    WITHIN,
    Band,
    band,
    band_text,
    place,
    value_of,
    value_text,
)
from pipeline.serving.patient.header import NOT_ASSESSED, age_text
from pipeline.serving.patient.kinds import Encounter, Stay, VitalSet
from pipeline.serving.patient.vital_charts import VitalChart, period_text
from pipeline.serving.theme import RISK_STYLES, Palette, palette
from pipeline.serving.wording import plural, time_text

STAY_LANE = "Stay"
LANES = ("Outpatient", "Emergency", "Inpatient", STAY_LANE)
LANE_PIXELS, SIGN_PIXELS = 34, 116
SHORTEST_AXIS, SHORTEST_SPAN = timedelta(days=20), timedelta(hours=2)
ROOM_SHARE = 0.03
"""Of the axis, left free on both sides, and around a chosen encounter that lasted only minutes."""

GAP_SHARE = 0.05
"""Between two stacked vital signs, of the height of the figure: room for the name of the lower one."""

PLACE_MARKERS = {WITHIN: "circle", ABOVE: "triangle-up", BELOW: "triangle-down", NO_BAND: "circle-open"}
BAND_CUT = {"systolic_bp": 165.0}
"""Up to where a band widens the axis: that of systolic blood pressure reaches to 219 and would flatten every curve."""

ROOM_ABOVE_SHARE = 0.1
LEAST_ROOM = {"heart_rate": 4.0, "respiratory_rate": 2.0, "systolic_bp": 4.0, "spo2": 1.0, "temperature": 0.3}
"""In the unit of the sign: room for the markers, and for a lone value without a band."""


def encounters_figure(record: PatientRecord, chosen: VitalChart | None, appearance: str) -> Figure:
    """Every encounter in the lane of its class with the sign of its risk level, and below them the stays they make up."""
    colours, until = palette(appearance), record.shown_until
    first = min(one.arrived_at for one in record.encounters)
    span = max(until - first, SHORTEST_AXIS)
    room = span * ROOM_SHARE
    drawn = frame(colours, LANE_PIXELS * len(LANES) + 34, {"l": 74, "r": 8, "t": 6, "b": 26})
    ends = [_at(until - span - room), _at(until + room)]
    drawn["xaxis"] = value_axis(colours) | {"type": "date", "range": ends, "nticks": 6, "tickangle": 0}
    drawn["yaxis"] = plain_axis(colours) | {
        "range": [len(LANES) - 0.4, -0.6], "tickvals": list(range(len(LANES))), "ticktext": list(LANES),
        "tickfont": {"size": 12, "color": colours.text}, "ticklabelstandoff": 6,
    }  # fmt: skip
    drawn["shapes"] = [*_chosen_period(chosen, until, room / 2, colours), *_lane_lines(colours), *_death_line(record, colours)]
    bars = [_bars(record.encounters, until, colours), _stay_bars(record.stays, until, colours)]
    return {"data": [*bars, *_arrivals(record, colours), _stay_marks(record.stays, colours)], "layout": drawn}


def _chosen_period(chosen: VitalChart | None, until: datetime, room: timedelta, colours: Palette) -> list[Figure]:
    if chosen is None:
        return []
    ends = {"x0": _at(chosen.starts_at - room), "x1": _at((chosen.ends_at or until) + room)}
    return [
        {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "fillcolor": colours.band, "line": {"width": 0}, "layer": "below"}
        | ends
    ]


def _death_line(record: PatientRecord, colours: Palette) -> list[Figure]:
    if record.person.death_date is None:
        return []
    at = record.person.death_date.isoformat()
    label = {
        "text": "died",
        "textposition": "start",
        "textangle": 0,
        "xanchor": "right",
        "font": {"size": 11, "color": colours.muted},
    }
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line, "label": label}]


def _lane_lines(colours: Palette) -> list[Figure]:
    line = {"color": colours.grid, "width": 1}
    return [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": row, "y1": row, "line": line, "layer": "below"}
        for row in range(len(LANES))
    ]


def _bars(encounters: tuple[Encounter, ...], until: datetime, colours: Palette) -> Figure:
    """The length of every encounter; an outpatient contact without an end has none."""
    lasting = [one for one in encounters if one.discharged_at or one.is_open]
    spans = [(one.arrived_at, one.discharged_at or until, LANES.index(one.encounter_class)) for one in lasting]
    return _lines(spans, 7, colours.neutral)


def _stay_bars(stays: tuple[Stay, ...], until: datetime, colours: Palette) -> Figure:
    return _lines([(one.admitted_at, one.discharged_at or until, LANES.index(STAY_LANE)) for one in stays], 11, colours.accent)


def _lines(spans: Iterable[tuple[datetime, datetime, int]], width: int, colour: str) -> Figure:
    x, y = [], []
    for starts_at, ends_at, lane in spans:
        x += [_at(starts_at), _at(ends_at), None]
        y += [lane, lane, None]
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": width, "color": colour}, "hoverinfo": "skip"}


def _arrivals(record: PatientRecord, colours: Palette) -> list[Figure]:
    """One trace per risk level that occurs: its sign stands where the encounter began."""
    known = {style.level: {"symbol": style.marker, "color": colours.risk(style.level)} for style in RISK_STYLES}
    edge = {"width": 1, "color": colours.background}
    looks = {level: look | {"line": edge} for level, look in known.items()}
    looks[NOT_ASSESSED] = {"symbol": "circle-open", "color": colours.muted, "line": {"width": 1.5}}
    by_level = {level: [one for one in record.encounters if (one.risk_level or NOT_ASSESSED) == level] for level in looks}
    return [_level_marks(level, own, looks[level]) for level, own in by_level.items() if own]


def _level_marks(level: str, own: list[Encounter], look: Figure) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "name": level, "marker": {"size": 10} | look,
        "x": [_at(one.arrived_at) for one in own], "y": [LANES.index(one.encounter_class) for one in own],
        "customdata": [[literal(one.place), period_text(one.arrived_at, one.discharged_at), age_text(one)] for one in own],
        "hovertemplate": "%{customdata[0]}, age %{customdata[2]}<br>%{customdata[1]}<br>risk level: " + level + "<extra></extra>",
    }  # fmt: skip


def _stay_marks(stays: tuple[Stay, ...], colours: Palette) -> Figure:
    """A box where a stay began; over it the number of encounters merged into it when there is more than one."""
    merged = [str(one.encounter_count) if one.encounter_count > 1 else "" for one in stays]
    marker = {"symbol": "square", "size": 11, "color": colours.accent, "line": {"width": 1, "color": colours.background}}
    return {
        "type": "scatter", "mode": "markers+text",
        "x": [_at(one.admitted_at) for one in stays], "y": [LANES.index(STAY_LANE)] * len(stays),
        "marker": marker, "text": merged, "textposition": "top center", "textfont": {"size": 11, "color": colours.text},
        "customdata": [[literal(one.place), period_text(one.admitted_at, one.discharged_at), _merged_text(one)] for one in stays],
        "hovertemplate": "Stay, %{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    }  # fmt: skip


def _merged_text(stay: Stay) -> str:
    return plural(stay.encounter_count, "encounter", "encounters merged")


def vitals_figure(chart: VitalChart, chosen: VitalSet, appearance: str) -> Figure:
    """Five stacked plots over one time axis, each with the band for the age; the dotted line is the chosen vital set."""
    colours = palette(appearance)
    height = SIGN_PIXELS * len(CHARTED_SIGNS) + 30
    drawn = frame(colours, height, {"l": 36, "r": 8, "t": 2, "b": 26})
    ends = _time_ends(chart)
    drawn["xaxis"] = plain_axis(colours) | {
        "type": "date",
        "range": [_at(ends[0]), _at(ends[1])],
        "anchor": f"y{len(CHARTED_SIGNS)}",
        "nticks": 6,
    }
    drawn["shapes"], drawn["annotations"] = [], []
    traces: list[Figure] = []
    for row, sign in enumerate(CHARTED_SIGNS, start=1):
        axis = "y" if row == 1 else f"y{row}"
        low, high = _value_ends(sign, chart.vital_sets)
        drawn["yaxis" if row == 1 else f"yaxis{row}"] = value_axis(colours) | {
            "domain": _domain(row),
            "range": [low, high],
            "nticks": 3,
        }
        drawn["shapes"].append(_chosen_line(chosen, axis, colours))
        drawn["shapes"] += [_band_shape(*run, axis, colours) for run in _band_runs(sign, chart.vital_sets, ends)]
        drawn["annotations"] += _names(sign, chosen, axis, colours)
        traces += [_curve(sign, chart.vital_sets, axis, colours), *_points(sign, chart.vital_sets, axis, colours)]
    return {"data": traces, "layout": drawn}


def _time_ends(chart: VitalChart) -> tuple[datetime, datetime]:
    first, last = chart.vital_sets[0].measured_at, chart.vital_sets[-1].measured_at
    short = max(SHORTEST_SPAN - (last - first), timedelta(0)) / 2
    room = (last - first) * ROOM_SHARE + short
    return first - room, last + room


def _domain(row: int) -> list[float]:
    count = len(CHARTED_SIGNS)
    return [round(1 - row / count, 4), round(1 - (row - 1) / count - GAP_SHARE, 4)]


def _value_ends(sign: VitalSign, sets: tuple[VitalSet, ...]) -> tuple[float, float]:
    """Wide enough for every value and every band, with a little room for the markers."""
    values = [value for one in sets if (value := value_of(sign, one)) is not None]
    bands = [found for one in sets if (found := band(sign, one)) is not None]
    values += [found.low for found in bands] + [min(found.high, BAND_CUT.get(sign.stem, found.high)) for found in bands]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = max((high - low) * ROOM_ABOVE_SHARE, LEAST_ROOM[sign.stem])
    return low - room, high + room


def _band_runs(
    sign: VitalSign, sets: tuple[VitalSet, ...], ends: tuple[datetime, datetime]
) -> list[tuple[datetime, datetime, Band]]:
    """Stretches of time with one band: the age or the SpO2 scale can change within a stay."""
    runs: list[tuple[datetime, Band | None]] = []
    for one in sets:
        found = band(sign, one)
        if not runs or runs[-1][1] != found:
            runs.append((one.measured_at if runs else ends[0], found))
    stops = [start for start, _ in runs[1:]] + [ends[1]]
    return [(start, stop, found) for (start, found), stop in zip(runs, stops, strict=True) if found is not None]


def _band_shape(starts_at: datetime, ends_at: datetime, found: Band, axis: str, colours: Palette) -> Figure:
    return {
        "type": "rect", "xref": "x", "yref": axis, "x0": _at(starts_at), "x1": _at(ends_at), "y0": found.low, "y1": found.high,
        "fillcolor": colours.band, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _chosen_line(chosen: VitalSet, axis: str, colours: Palette) -> Figure:
    at = _at(chosen.measured_at)
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": f"{axis} domain", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def _names(sign: VitalSign, chosen: VitalSet, axis: str, colours: Palette) -> list[Figure]:
    """The name and its band on the left, the chosen set's value on the right."""
    over = {"xref": "paper", "yref": f"{axis} domain", "y": 1, "yanchor": "bottom", "yshift": 1}
    left = f"<b>{sign.short_name}</b> {muted(f'{sign.unit} · {band_text(sign, chosen)}', colours)}"
    found = place(sign, chosen)
    sign_text = {ABOVE: " ▲ above", BELOW: " ▼ below"}.get(found or "", "")
    right = "not measured" if found is None else f"<b>{value_text(sign, chosen)}</b>{sign_text}"
    return [note(left, x=0, xanchor="left", **over), note(right, x=1, xanchor="right", **over)]


def _curve(sign: VitalSign, sets: tuple[VitalSet, ...], axis: str, colours: Palette) -> Figure:
    return {
        "type": "scatter", "mode": "lines", "x": [_at(one.measured_at) for one in sets], "y": [value_of(sign, one) for one in sets],
        "xaxis": "x", "yaxis": axis, "line": {"width": 1.25, "color": colours.neutral}, "connectgaps": True, "hoverinfo": "skip",
    }  # fmt: skip


def _points(sign: VitalSign, sets: tuple[VitalSet, ...], axis: str, colours: Palette) -> list[Figure]:
    """One trace for each place that occurs: circle within the band, triangle up above it, triangle down below it."""
    shades = {WITHIN: colours.low, ABOVE: colours.moderate, BELOW: colours.moderate, NO_BAND: colours.low}
    by_place = {where: [one for one in sets if place(sign, one) == where] for where in PLACE_MARKERS}
    return [
        {
            "type": "scatter", "mode": "markers", "name": where, "xaxis": "x", "yaxis": axis,
            "x": [_at(one.measured_at) for one in own], "y": [value_of(sign, one) for one in own],
            "marker": {"symbol": PLACE_MARKERS[where], "size": 9 if where in (ABOVE, BELOW) else 6, "color": shades[where]},
            "customdata": [[value_text(sign, one), _place_text(where, sign, one), time_text(one.measured_at)] for one in own],
            "hovertemplate": sign.short_name + " %{customdata[0]}, %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        }
        for where, own in by_place.items()
        if own
    ]  # fmt: skip


def _place_text(where: str, sign: VitalSign, one: VitalSet) -> str:
    return band_text(sign, one) if where == NO_BAND else f"{where} {band_text(sign, one)}"


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
