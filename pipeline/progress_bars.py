"""Progress for the command line: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.refresh.progress import SETTLED, RunProgress, TaskProgress

MARKS = {"succeeded": "ok  ", "kept": "kept", "failed": "FAIL"}


class RunPrinter:
    """Shows a run as it goes on. Use as a context manager and hand `show` to the refresh."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout)
        self._bar = _bar(self._console) if self._console.is_terminal else None
        self._step = None
        self._told: set[str] = set()

    def __enter__(self) -> RunPrinter:
        if self._bar is not None:
            self._bar.start()
            self._step = self._bar.add_task("Refresh", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, run: RunProgress) -> None:
        """One line for each step that has ended since the last call, and the bar."""
        for task in (task for task in run.tasks if task.status in MARKS and task.name not in self._told):
            self._told.add(task.name)
            self._console.print(_line(task), highlight=False, markup=False)
        if self._bar is not None:
            running = next((task.title for task in run.tasks if task.status == "running"), run.status)
            done = sum(task.status in SETTLED for task in run.tasks)
            self._bar.update(self._step, description=running, completed=done, total=len(run.tasks))


@contextmanager
def generating(encounters: int) -> Iterator[Callable[[int, int], None]]:
    """A callback (encounters done, encounters asked for) that draws a bar on a terminal and nothing elsewhere."""
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.print(f"Generating {encounters:,} encounters", highlight=False)
        yield lambda done, asked: None
        return
    with _bar(console) as bar:
        step = bar.add_task("Generating encounters", total=encounters)
        yield lambda done, asked: bar.update(step, completed=done, total=asked)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _line(task: TaskProgress) -> str:
    rows = "" if task.row_count is None else f"{task.row_count:>12,} rows"
    return f"{MARKS[task.status]}  {task.title:34} {rows:>18} {task.seconds or 0:8.2f} s"
