"""The figures of the readmission model for the screen: what a budget buys, calibration, net benefit."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.model.evaluation import ADDITIVE, BudgetPoint, CurvePoint, Evaluation, ModelResult
from pipeline.serving.charts.parts import Figure, frame, muted, note, plain_axis, share_axis, value_axis
from pipeline.serving.theme import Palette, palette
from pipeline.serving.wording import decimal_text, share_text

HEIGHT = 300


def budget_curve(model: ModelResult, chosen: BudgetPoint, unit: str, appearance: str) -> Figure:
    """Sensitivity and PPV against the capacity; the chosen one is marked on both lines."""
    colours = palette(appearance)
    points = model.budget
    drawn = frame(colours, HEIGHT, {"l": 44, "r": 92, "t": 10, "b": 44})
    drawn["xaxis"] = plain_axis(colours) | _titled(f"Alert budget, {unit}", colours)
    drawn["yaxis"] = share_axis(colours, max((max(p.sensitivity, p.ppv) for p in points), default=1))
    lines = (("sensitivity", "Sensitivity", colours.accent), ("ppv", "PPV", colours.low))
    drawn["annotations"] = [_line_name(name, getattr(points[-1], key), colours) for key, name, _ in lines if points]
    drawn["shapes"] = [_upright(chosen.capacity, colours)]
    data = [trace for key, name, colour in lines for trace in _line_and_mark(points, chosen, key, name, colour, colours)]
    return {"data": data, "layout": drawn}


def _line_and_mark(
    points: tuple[BudgetPoint, ...], chosen: BudgetPoint, key: str, name: str, colour: str, colours: Palette
) -> list[Figure]:
    marker = {"symbol": "circle", "size": 10, "color": colour, "line": {"width": 1.5, "color": colours.background}}
    line = {
        "type": "scatter", "mode": "lines", "x": [p.capacity for p in points], "y": [getattr(p, key) for p in points],
        "line": {"color": colour, "width": 2}, "customdata": [share_text(getattr(p, key)) for p in points],
        "hovertemplate": f"{name} %{{customdata}}<br>at a budget of %{{x}}<extra></extra>",
    }  # fmt: skip
    mark = {"type": "scatter", "mode": "markers", "x": [chosen.capacity], "y": [getattr(chosen, key)], "marker": marker,
            "hoverinfo": "skip"}  # fmt: skip
    return [line, mark]


def calibration(evaluation: Evaluation, appearance: str) -> Figure:
    """Tenths of the stays: what was predicted, and the share that came back with its interval; on the dotted line both agree."""
    colours, points = palette(appearance), evaluation.model(ADDITIVE).calibration
    top = max((max(p.high, p.predicted) for p in points), default=1) * 1.05
    drawn = frame(colours, HEIGHT, {"l": 48, "r": 10, "t": 10, "b": 44})
    drawn["xaxis"] = plain_axis(colours) | {"range": [0, top], "tickformat": ".0%", "nticks": 6} | _titled("Predicted", colours)
    drawn["yaxis"] = value_axis(colours) | {"range": [0, top], "tickformat": ".0%", "nticks": 6} | _titled("Came back", colours)
    even = {"color": colours.muted, "width": 1, "dash": "dot"}
    drawn["shapes"] = [{"type": "line", "x0": 0, "y0": 0, "x1": top, "y1": top, "line": even}]
    marks = {
        "type": "scatter", "mode": "markers", "x": [p.predicted for p in points], "y": [p.observed for p in points],
        "marker": {"symbol": "circle", "size": 8, "color": colours.accent},
        "error_y": {"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": colours.accent,
                    "array": [p.high - p.observed for p in points], "arrayminus": [p.observed - p.low for p in points]},
        "customdata": [_tenth(point) for point in points],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    return {"data": [marks], "layout": drawn}


def _tenth(point: CurvePoint) -> str:
    return f"predicted {share_text(point.predicted)}, came back {share_text(point.observed)}<br>{point.rows:,} stays"


def net_benefit(evaluation: Evaluation, appearance: str) -> Figure:
    """Readmissions found less the price of needless reviews, per stay, against the probability at which a review pays."""
    colours, points = palette(appearance), evaluation.model(ADDITIVE).net_benefit
    drawn = frame(colours, HEIGHT, {"l": 48, "r": 92, "t": 10, "b": 44})
    drawn["xaxis"] = plain_axis(colours) | {"tickformat": ".0%", "nticks": 6} | _titled("Threshold probability", colours)
    top = max((max(p.model, p.treat_all) for p in points), default=0.1)
    drawn["yaxis"] = value_axis(colours) | {"range": [-0.15 * top, 1.08 * top], "nticks": 5, "tickformat": ".2f"}
    lines = (("model", "Model", colours.accent), ("treat_all", "Everybody", colours.neutral))
    shown = [point for point in points if point.treat_all >= -0.15 * top]
    ends = {"model": points[-1].model, "treat_all": shown[-1].treat_all} if points else {}
    drawn["annotations"] = [_line_name("Model", ends["model"], colours)] if points else []
    data = [
        {
            "type": "scatter", "mode": "lines", "x": [p.threshold for p in points], "y": [getattr(p, key) for p in points],
            "line": {"color": colour, "width": 2}, "customdata": [decimal_text(getattr(p, key), 4) for p in points],
            "hovertemplate": f"{name}: %{{customdata}}<br>at %{{x:.0%}}<extra></extra>",
        }
        for key, name, colour in lines
    ]  # fmt: skip
    if shown:
        last = shown[-1]
        drawn["annotations"].append(note(muted("Everybody", colours), x=last.threshold, y=last.treat_all, xanchor="left", xshift=8))
    return {"data": data, "layout": drawn}


FIGURES: dict[str, Callable[[Evaluation, str], Figure]] = {"calibration": calibration, "net_benefit": net_benefit}


def model_figure(name: str, evaluation: Evaluation, appearance: str) -> Figure:
    """One figure of the model card as a plain dictionary, in the colours of light or dark."""
    return FIGURES[name](evaluation, appearance)


def _titled(text: str, colours: Palette) -> Figure:
    return {"title": {"text": text, "standoff": 6, "font": {"size": 11, "color": colours.muted}}}


def _line_name(name: str, at: float, colours: Palette) -> Figure:
    return note(muted(name, colours), x=1, xref="paper", y=at, xanchor="left", xshift=8, font={"size": 12})


def _upright(at: float, colours: Palette) -> Figure:
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}
