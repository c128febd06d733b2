"""Hands the lineage of runs on: python -m pipeline.refresh.hand_over writes their OpenLineage events, and sends them where asked.

A process of its own that begins when a run is over, so that a run is never slower for it and never fails for it: the first
one after a change of the definitions works out the lineage of every column, which takes about a second. What could not be sent
is noted and sent after the next run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.lineage import known_lineage
from pipeline.model.in_force import contracts_in_force
from pipeline.refresh.openlineage import run_events
from pipeline.refresh.progress import RunProgress, recent_runs
from pipeline.settings import REPOSITORY, Settings, load_settings

MOST_RUNS = 60
"""Older runs that were never told, as of a home that is older than this, stay untold."""

SEND_SECONDS = 10
QUIETER = 15
"""The process stands back behind every other one."""


def begin(settings: Settings) -> None:
    """Starts the process; that it cannot be started is nobody's trouble but its own."""
    with suppress(OSError):
        subprocess.Popen(
            [sys.executable, "-m", "pipeline.refresh.hand_over"],
            cwd=REPOSITORY,
            env=settings.child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def hand_over(settings: Settings) -> None:
    """Writes the events of runs that are over and not told yet, then sends what was not sent; another one at it does it all."""
    file = settings.openlineage_file
    with suppress(Timeout), FileLock(file.with_suffix(".lock"), timeout=0):
        state = _state(file)
        untold = [run for run in _over(settings) if run.number > state["told"]]
        if untold:
            contracts = contracts_in_force(settings, load_contracts())
            known = known_lineage(contracts, settings.lineage_file)
            with file.open("a", encoding="utf-8") as stream:
                for run in untold:
                    events = run_events(run, contracts, known, str(settings.home))
                    stream.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
            state = _remembered(file, {**state, "told": untold[-1].number})
        if settings.openlineage_url:
            _send(settings, state)


def _over(settings: Settings) -> Iterator[RunProgress]:
    """The oldest first."""
    yield from (run for run in reversed(recent_runs(settings, MOST_RUNS)) if run.status != "running")


def _send(settings: Settings, state: dict) -> None:
    """One event after the other; the first that does not arrive ends it, and is the first of the next time."""
    file = settings.openlineage_file
    with file.open("rb") as stream:
        stream.seek(state["sent_bytes"])
        for line in stream:
            asked = urllib.request.Request(settings.openlineage_url, line.strip(), {"Content-Type": "application/json"})
            try:
                urllib.request.urlopen(asked, timeout=SEND_SECONDS).close()
            except OSError as failure:
                _note(file, f"{settings.openlineage_url}: {failure}")
                return
            state = _remembered(file, {**state, "sent_bytes": state["sent_bytes"] + len(line)})


def _note(file: Path, words: str) -> None:
    with file.with_suffix(".log").open("a", encoding="utf-8") as stream:
        stream.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} not sent, tried again after the next run: {words}\n")


def _state(file: Path) -> dict:
    try:
        return json.loads(file.with_suffix(".state").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"told": 0, "sent_bytes": 0}


def _remembered(file: Path, state: dict) -> dict:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(file.with_suffix(".state"))
    return state


if __name__ == "__main__":
    os.nice(QUIETER)
    hand_over(load_settings())
