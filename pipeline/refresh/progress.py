"""What a run tells while it goes on: one file of events, written by the run and followed by screen and terminal.

The file outlives the run and the browser, so closing either stops nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.settings import Settings

SETTLED = ("succeeded", "kept", "skipped", "failed")
"""The states in which a step is over."""

WITHOUT_A_WORD = "The run stopped without a word; its process is gone. Refresh again."


@dataclass(frozen=True)
class TaskProgress:
    """One step of a run. status: waiting, running, succeeded, kept (as it was, since nothing it reads changed), failed or skipped.

    needs: the steps it waits for because it reads what they make; empty in the files of runs before this was told.
    version: the Delta version of the table that a full build made.
    is_reached: False for a skipped step that the run would have come to, had it not stopped before.
    """

    name: str
    title: str
    status: str = "waiting"
    row_count: int | None = None
    seconds: float | None = None
    needs: tuple[str, ...] = ()
    started_at: datetime | None = None
    version: int | None = None
    is_reached: bool = True


@dataclass(frozen=True)
class RunProgress:
    """One run as far as it has come. status: running, succeeded, unchanged or failed.

    basis: a fingerprint of all that a full build reads, empty for runs that build nothing anew.
    """

    run_id: str
    number: int
    status: str
    requested_by: str
    started_at: datetime
    finished_at: datetime | None = None
    message: str = ""
    tasks: tuple[TaskProgress, ...] = ()
    basis: str = ""


Listener = Callable[[RunProgress], None]


class RunLog:
    """Writes the events of one run, and calls the listener with the run's state after each."""

    def __init__(self, settings: Settings, requested_by: str, listener: Listener | None = None) -> None:
        settings.runs.mkdir(parents=True, exist_ok=True)
        number = max((_number(path) for path in settings.runs.glob("*.jsonl")), default=0) + 1
        self._path = settings.runs / f"{number:06d}.jsonl"
        self._listener = listener
        self.run = RunProgress(f"run-{number}", number, "running", requested_by, datetime.now(UTC))
        self._tell(
            {"event": "run_started", "run_id": self.run.run_id, "requested_by": requested_by, "at": self.run.started_at.isoformat()}
        )

    def plan(self, tasks: Sequence[tuple[str, str]], needs: Mapping[str, Sequence[str]] | None = None) -> None:
        """Announces the steps, in order: name and title, and which steps each of them waits for."""
        needs = needs or {}
        planned = [[name, title, list(needs.get(name, ()))] for name, title in tasks]
        self.run = replace(self.run, tasks=self.run.tasks + _planned(planned))
        self._tell({"event": "tasks_planned", "tasks": planned})

    @contextmanager
    def task(self, name: str) -> Iterator[Callable[..., None]]:
        """Times a step. The caller reports its rows, and the version of a table, through what this gives.

        A step that is done in two parts keeps its first start and its rows, and its seconds add up.
        """
        earlier = next((task for task in self.run.tasks if task.name == name), TaskProgress(name, name))
        started, facts = time.monotonic() - (earlier.seconds or 0), {}
        self._change(name, status="running", started_at=(earlier.started_at or datetime.now(UTC)).isoformat())
        try:
            yield lambda row_count, **more: facts.update(row_count=row_count, **more)
        except BaseException:
            self._change(name, status="failed", seconds=round(time.monotonic() - started, 3))
            raise
        self._change(name, status="succeeded", **facts, seconds=round(time.monotonic() - started, 3))

    def keep(self, name: str, row_count: int, version: int) -> None:
        """Says that a planned step was done by an earlier run whose result still stands."""
        self._change(name, status="kept", row_count=row_count, version=version)

    def builds_from(self, basis: str) -> Mapping[str, int]:
        """Says what a full build reads. Returns the version of every table that the last run made from the same, if it failed."""
        self.run = replace(self.run, basis=basis)
        self._tell({"event": "basis_told", "basis": basis})
        before = self._path.with_name(f"{self.run.number - 1:06d}.jsonl")
        last = read_run(before) if before.exists() else None
        if last is None or last.basis != basis or last.status not in ("failed", "running"):
            return {}
        return {task.name: task.version for task in last.tasks if task.version is not None}

    def skip(self, name: str) -> None:
        """Says that a planned step has nothing to do."""
        self._change(name, status="skipped")

    def finish(self, status: str, message: str = "") -> RunProgress:
        """Ends the run; steps that never began are skipped."""
        for task in (task for task in self.run.tasks if task.status == "waiting"):
            self._change(task.name, status="skipped", is_reached=status != "failed")
        self.run = replace(self.run, status=status, message=message, finished_at=datetime.now(UTC))
        self._tell({"event": "run_finished", "status": status, "message": message, "at": self.run.finished_at.isoformat()})
        return self.run

    def _change(self, name: str, **changes: object) -> None:
        self.run = _with_task(self.run, name, changes)
        self._tell({"event": "task_changed", "task": name, **changes})

    def _tell(self, event: dict) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(event) + "\n")
        if self._listener is not None:
            self._listener(self.run)


def latest_run(settings: Settings) -> RunProgress | None:
    """The newest run, None before the first. One whose process died without a word has failed."""
    paths = sorted(settings.runs.glob("*.jsonl"))
    if not paths:
        return None
    run = read_run(paths[-1])
    if run.status == "running" and not is_refreshing(settings):
        run = read_run(paths[-1])  # it may have finished between the two looks
        if run.status == "running":
            return replace(run, status="failed", message=WITHOUT_A_WORD)
    return run


def recent_runs(settings: Settings, count: int) -> tuple[RunProgress, ...]:
    """The newest runs, the newest first; only that one can be running, and an older one without an end has failed."""
    newest = latest_run(settings)
    if newest is None:
        return ()
    before = sorted((path for path in settings.runs.glob("*.jsonl") if _number(path) < newest.number), reverse=True)
    return (newest, *(_ended(_finished(path, path.stat().st_mtime_ns)) for path in before[: count - 1]))


def run_of_number(settings: Settings, number: int) -> RunProgress | None:
    """One run by its number, None where there is no such run."""
    newest, path = latest_run(settings), settings.runs / f"{number:06d}.jsonl"
    if newest is not None and newest.number == number:
        return newest
    return _ended(_finished(path, path.stat().st_mtime_ns)) if path.exists() else None


@lru_cache(maxsize=256)
def _finished(path: Path, modified_ns: int) -> RunProgress:
    """A file that no run writes any more is read once."""
    return read_run(path)


def _ended(run: RunProgress) -> RunProgress:
    return replace(run, status="failed", message=WITHOUT_A_WORD) if run.status == "running" else run


def read_run(path: Path) -> RunProgress:
    """The state that a run's events add up to."""
    run = RunProgress(f"run-{_number(path)}", _number(path), "running", "", datetime.fromtimestamp(path.stat().st_mtime, UTC))
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            run = _after(run, json.loads(line))
    return run


def is_refreshing(settings: Settings) -> bool:
    """Whether some process holds the lock of the one refresh that may write."""
    if not settings.lock_file.exists():
        return False
    try:
        with FileLock(settings.lock_file, timeout=0):
            return False
    except Timeout:
        return True


def _after(run: RunProgress, event: dict) -> RunProgress:
    match event.pop("event"):
        case "run_started":
            return replace(run, requested_by=event["requested_by"], started_at=datetime.fromisoformat(event["at"]))
        case "basis_told":
            return replace(run, basis=event["basis"])
        case "tasks_planned":
            return replace(run, tasks=run.tasks + _planned(event["tasks"]))
        case "task_changed":
            return _with_task(run, event.pop("task"), event)
        case "run_finished":
            at = datetime.fromisoformat(event["at"])
            return replace(run, status=event["status"], message=event["message"], finished_at=at)
    return run


def _planned(tasks: Iterable[Sequence]) -> tuple[TaskProgress, ...]:
    """Name, title and, in younger files, what the step waits for."""
    return tuple(TaskProgress(name, title, needs=tuple(needs[0]) if needs else ()) for name, title, *needs in tasks)


def _with_task(run: RunProgress, name: str, changes: dict) -> RunProgress:
    if "started_at" in changes:
        changes = changes | {"started_at": datetime.fromisoformat(changes["started_at"])}
    return replace(run, tasks=tuple(replace(task, **changes) if task.name == name else task for task in run.tasks))


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdigit() else 0
