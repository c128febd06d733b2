"""A run in words for a reader: states, one sentence per event, the history as a table. Pure; values of rows never occur in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd

from pipeline.refresh.progress import RunProgress, TaskProgress
from pipeline.serving.theme import STATE_STYLES, StateStyle
from pipeline.serving.wording import UNKNOWN, age_text, count_text, date_text, decimal_text, plural

NOT_REACHED = StateStyle("–", "Not reached")
HISTORY_COLUMNS = ("Run", "State", "Started (UTC)", "Seconds", "New files", "New rows", "Asked for by", "What it says")


def run_state(run: RunProgress) -> StateStyle:
    """Sign and word of a whole run."""
    return STATE_STYLES[run.status]


def task_state(run: RunProgress, task: TaskProgress) -> StateStyle:
    """Sign and word of a step; what a run that stopped did not come to was not reached, and did not have nothing to do."""
    is_left_waiting = run.status == "failed" and task.status == "waiting"
    return NOT_REACHED if is_left_waiting or not task.is_reached else STATE_STYLES[task.status]


def facts(run: RunProgress, task: TaskProgress, now: datetime) -> str:
    """What a step did: 19,927 rows · 0.13 s; or the word of its state."""
    done = [_rows(task)] if task.row_count is not None else []
    done += [f"{decimal_text(seconds_of(task, now), 2)} s"] if task.seconds is not None or task.status == "running" else []
    if task.status == "succeeded" and done:
        return " · ".join(done)
    return " · ".join([task_state(run, task).word.lower(), *done])


def seconds_of(task: TaskProgress, now: datetime) -> float:
    """How long a step took, or has been running."""
    if task.seconds is not None or task.started_at is None:
        return task.seconds or 0.0
    return max(0.0, (now - task.started_at).total_seconds())


def run_seconds(run: RunProgress) -> float | None:
    """How long a run took; None while it runs and for one that ended without a word."""
    return None if run.finished_at is None else (run.finished_at - run.started_at).total_seconds()


def started_tasks(run: RunProgress) -> tuple[TaskProgress, ...]:
    """The steps that began, by the clock."""
    return tuple(sorted((task for task in run.tasks if task.started_at is not None), key=lambda task: task.started_at))


def state_counts(run: RunProgress) -> str:
    """36 done · 1 running · 1 waiting: every state that occurs, with its sign."""
    states = [task_state(run, task) for task in run.tasks]
    said = sorted(set(states), key=states.index)
    return " · ".join(f"{state.sign} {states.count(state)} {state.word.lower()}" for state in said)


def run_caption(run: RunProgress, now: datetime) -> str:
    """When it began, and how long it took."""
    seconds = run_seconds(run)
    took = f"took {decimal_text(seconds, 1)} s" if seconds is not None else "goes on" if run.status == "running" else "has no end"
    return f"Began {age_text(now - run.started_at)}, {moment_text(run.started_at)} UTC; {took}"


def moment_text(at: datetime | None) -> str:
    """23 Nov 2026, 08:42:07."""
    return UNKNOWN if at is None else f"{date_text(at.date())}, {at.astimezone(UTC):%H:%M:%S}"


def log_table(run: RunProgress) -> pd.DataFrame:
    """One sentence per event, in the order in which they happened: Time (UTC), State, What happened."""
    lines = [(run.started_at, "", f"The run began. Asked for by {run.requested_by or UNKNOWN}.")]
    lines += [(task.started_at, _marked(task_state(run, task)), _sentence(run, task)) for task in _in_order(run)]
    if run.status != "running":
        lines.append((run.finished_at, _marked(run_state(run)), f"The run ended. {run.message}".strip()))
    rows = [(UNKNOWN if at is None else f"{at.astimezone(UTC):%H:%M:%S.%f}"[:-3], state, words) for at, state, words in lines]
    return pd.DataFrame(rows, columns=["Time (UTC)", "State", "What happened"])


def _in_order(run: RunProgress) -> list[TaskProgress]:
    """Every step that is not waiting; those without a clock time where the plan of the run puts them."""
    return [task for task in run.tasks if task.status != "waiting"]


def _sentence(run: RunProgress, task: TaskProgress) -> str:
    seconds = decimal_text(task.seconds, 2)
    match task.status:
        case "running":
            return f"{task.title}: began and goes on."
        case "succeeded" if task.row_count is not None:
            return f"{task.title}: {_rows(task)} in {seconds} s."
        case "succeeded":
            return f"{task.title}: done in {seconds} s."
        case "kept":
            return f"{task.title}: kept as it was, since nothing it reads has changed."
        case "failed":
            return f"{task.title}: stopped after {seconds} s. Nothing of the run was published."
    return f"{task.title}: {task_state(run, task).word.lower()}."


def _rows(task: TaskProgress) -> str:
    one, many = ("file", "files") if task.name == "landing" else ("row", "rows")
    return plural(task.row_count or 0, one, many)


def history_table(runs: Sequence[RunProgress]) -> pd.DataFrame:
    """One row per run, the newest first."""
    rows = [
        (
            run.number, [_marked(run_state(run))], moment_text(run.started_at), run_seconds(run), new_files(run), new_rows(run),
            run.requested_by or UNKNOWN, run.message or UNKNOWN,
        )
        for run in runs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS))


def new_files(run: RunProgress) -> int | None:
    """Files that were new to the run, refused and repeated ones among them; None where it did not come to look."""
    return next((task.row_count for task in run.tasks if task.name == "landing"), None)


def new_rows(run: RunProgress) -> int:
    """Rows that the run took into bronze."""
    return sum(task.row_count or 0 for task in run.tasks if task.name.startswith("bronze.") and task.status != "kept")


def stopped_at(run: RunProgress) -> str | None:
    """The title of the step at which a run stopped."""
    return next((task.title for task in run.tasks if task.status == "failed"), None)


def history_caption(runs: Sequence[RunProgress]) -> str:
    """How many are listed, and how many of them stopped."""
    stopped = sum(run.status == "failed" for run in runs)
    return f"{plural(len(runs), 'run', 'runs')}, the newest first; {count_text(stopped)} stopped before publishing"


def _marked(state: StateStyle) -> str:
    return f"{state.sign} {state.word}"
