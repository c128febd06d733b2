"""How long the newest runs took, for the screen: one bar per run, the oldest at the left."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.refresh.progress import RunProgress
from pipeline.serving.charts.parts import Figure, frame, note, plain_axis, value_axis
from pipeline.serving.runs.words import run_seconds, run_state
from pipeline.serving.theme import palette
from pipeline.serving.wording import decimal_text

HEIGHT = 190
MOST_BARS = 20
MOST_NAMED = 10


def run_durations(runs: Sequence[RunProgress], appearance: str) -> Figure:
    """Runs that published in grey, with a sign above those that stopped or found nothing new."""
    colours = palette(appearance)
    ended = [run for run in reversed(runs[:MOST_BARS]) if run_seconds(run) is not None]
    places, seconds = list(range(len(ended))), [run_seconds(run) for run in ended]
    layout = frame(colours, HEIGHT, {"l": 34, "r": 6, "t": 18, "b": 38})
    every = -(-len(ended) // MOST_NAMED) or 1
    named = places[::-every][::-1]
    title = {"text": "Run", "standoff": 4, "font": {"size": 11, "color": colours.muted}}
    layout["xaxis"] = plain_axis(colours) | {
        "tickvals": named, "ticktext": [str(ended[place].number) for place in named], "range": [-0.6, max(len(ended), 8) - 0.4],
        "title": title,
    }  # fmt: skip
    layout["yaxis"] = value_axis(colours) | {"rangemode": "tozero", "nticks": 5, "ticksuffix": " s"}
    layout["annotations"] = [
        note(f"<span style='color:{colours.state(run.status)}'><b>{run_state(run).sign}</b></span>", x=place, y=height, yshift=9)
        for place, run, height in zip(places, ended, seconds, strict=True)
        if run.status in ("failed", "unchanged")
    ]
    bars = {
        "type": "bar", "x": places, "y": seconds, "width": 0.62,
        "marker": {"color": [colours.high if run.status == "failed" else colours.low for run in ended], "cornerradius": 2},
        "customdata": [_hover(run) for run in ended],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    return {"data": [bars], "layout": layout}


def _hover(run: RunProgress) -> str:
    return f"Run {run.number}: {run_state(run).word.lower()} after {decimal_text(run_seconds(run), 1)} s"
