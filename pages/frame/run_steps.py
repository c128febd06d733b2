"""A run as a person follows it: its tasks gathered into a few steps, and one sentence on how far it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.refresh.progress import SETTLED, RunProgress, TaskProgress
from pipeline.serving.runs.layers import layers_of
from pipeline.serving.wording import plural


@dataclass(frozen=True)
class Step:
    """Neighbouring tasks of one layer. status: waiting, running, succeeded, kept, failed or skipped."""

    title: str
    status: str
    row_count: int | None
    seconds: float | None


def steps(tasks: tuple[TaskProgress, ...]) -> tuple[Step, ...]:
    """The tasks by layer, in the order of the run: files, bronze, read, silver, gold, publish."""
    groups: dict[str, list[TaskProgress]] = {}
    layer = layers_of(tasks)
    for task in tasks:
        groups.setdefault(layer[task.name], []).append(task)
    return tuple(_step(title, members) for title, members in groups.items())


def _step(title: str, members: list[TaskProgress]) -> Step:
    rows = [task.row_count for task in members if task.row_count is not None]
    seconds = [task.seconds for task in members if task.seconds is not None]
    return Step(title, _status({task.status for task in members}), sum(rows) if rows else None, sum(seconds) if seconds else None)


def _status(statuses: set[str]) -> str:
    for status in ("failed", "running"):
        if status in statuses:
            return status
    if statuses == {"waiting"}:
        return "waiting"
    if "waiting" in statuses:
        return "running"
    return "succeeded" if "succeeded" in statuses else "kept" if "kept" in statuses else "skipped"


def done_share(run: RunProgress) -> float:
    """How much of the run is over, 0-1, by tasks."""
    settled = sum(task.status in SETTLED for task in run.tasks)
    return settled / len(run.tasks) if run.tasks else 0.0


def run_sentence(run: RunProgress) -> str:
    """Where the run is, or how it ended and what is shown now."""
    current = next((task.title for task in run.tasks if task.status == "running"), "starting")
    match run.status:
        case "running":
            return f"Run {run.number} · {current}"
        case "succeeded":
            return f"Run {run.number} is done. This page shows its data."
        case "unchanged":
            return f"Run {run.number} found nothing new. The data is as it was."
    failed = next((task.title for task in run.tasks if task.status == "failed"), None)
    where = f" at “{failed}”" if failed else ""
    over = sum(task.status == "succeeded" for task in run.tasks)
    return (
        f"Run {run.number} stopped{where}, after {plural(over, 'task', 'tasks')}. "
        "Nothing of it was published; the last good data is still shown."
    )
