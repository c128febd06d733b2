"""The timeline of a run for the screen: one bar per step from its start to its end, in the order of the run."""

from __future__ import annotations

from datetime import datetime

from pipeline.refresh.progress import RunProgress, TaskProgress
from pipeline.serving.charts.parts import Figure, frame, muted, note, row_axis, value_axis
from pipeline.serving.runs.words import facts, seconds_of, started_tasks, task_state
from pipeline.serving.theme import palette

ROW_HEIGHT = 21
LABEL_MARGIN = 176


def run_timeline(run: RunProgress, appearance: str, now: datetime) -> Figure:
    """Seconds since the run began on the axis; a step that still runs reaches until now."""
    colours, tasks = palette(appearance), started_tasks(run)
    starts = [(task.started_at - run.started_at).total_seconds() for task in tasks]
    lengths = [seconds_of(task, now) for task in tasks]
    whole = max([start + length for start, length in zip(starts, lengths, strict=True)] or [1]) or 1
    layout = frame(colours, ROW_HEIGHT * len(tasks) + 42, {"l": LABEL_MARGIN, "r": 8, "t": 2, "b": 38})
    layout["xaxis"] = value_axis(colours) | {
        "range": [0, whole * 1.25], "ticksuffix": " s", "rangemode": "tozero",
        "title": {"text": "since the run began", "standoff": 4, "font": {"size": 11, "color": colours.muted}},
    }  # fmt: skip
    layout["yaxis"] = row_axis(len(tasks))
    layout["annotations"] = [
        one
        for row, (task, start, length) in enumerate(zip(tasks, starts, lengths, strict=True))
        for one in (
            note(_label(run, task, colours), x=0, xref="paper", xanchor="right", xshift=-8, y=row, font={"size": 11.5}),
            note(
                muted(f"{length:,.2f} s", colours), x=start + length, xanchor="left", xshift=5, y=row, font={"size": 10.5}
            ),
        )
    ]  # fmt: skip
    bars = {
        "type": "bar", "orientation": "h", "width": 0.62, "y": list(range(len(tasks))), "base": starts, "x": lengths,
        "marker": {"color": [colours.state(task.status) for task in tasks],
                   "line": {"width": 1, "color": [colours.state(task.status) for task in tasks]}},
        "customdata": [f"<b>{task.title}</b><br>{task_state(run, task).word} · {facts(run, task, now)}" for task in tasks],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    return {"data": [bars], "layout": layout}


def _label(run: RunProgress, task: TaskProgress, colours) -> str:
    return f"{task.title} <span style='color:{colours.state(task.status)}'><b>{task_state(run, task).sign}</b></span>"
