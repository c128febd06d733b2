"""A refresh killed at any moment loses nothing, doubles nothing, and leaves the last publication readable."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.refresh.run import refresh
from pipeline.settings import Settings, load_settings
from tests.refresh.batches import FIRST_BATCH, ROWS, Batch, land, published_rows

KILLS = int(os.environ.get("MEDIPULSE_KILLS", "12"))
"""How many times the refresh is killed; a longer run sets the variable."""

LONGEST_SECONDS = 2.5
"""About how long a refresh of this small hospital takes on a slow machine."""

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["pipeline.refresh.run", "pipeline.lakehouse.reader"])


@pytest.mark.slow
def test_killed_at_random_moments_the_lake_ends_as_if_nothing_had_happened(tmp_path: Path):
    moments, batches = random.Random(20251125), _batches(KILLS)
    home, undisturbed = _home(tmp_path / "killed"), _home(tmp_path / "undisturbed")
    for lake in (home, undisturbed):
        land(lake, FIRST_BATCH, 0)
        assert refresh(lake, requested_by="test").status == "succeeded"

    for number, batch in enumerate(batches, start=1):
        land(home, batch, number)
        land(undisturbed, batch, number)
        _refresh_and_kill(home, moments.uniform(0, LONGEST_SECONDS))
        published_rows(home)  # raises when a published table cannot be read
        assert refresh(undisturbed, requested_by="test").status in ("succeeded", "unchanged")
    assert refresh(home, requested_by="test").status in ("succeeded", "unchanged")

    expected = _without_times(published_rows(undisturbed))
    for table, rows in _without_times(published_rows(home)).items():
        assert rows == expected[table], table


def _refresh_and_kill(home: Settings, after_seconds: float) -> None:
    """Kills the process so long after its run began; a run that was faster is left alone."""
    runs_before = _run_count(home)
    process = SPAWN.Process(target=_refresh_in_child, args=(str(home.home),))
    process.start()
    while process.is_alive() and _run_count(home) == runs_before:
        time.sleep(0.005)
    process.join(after_seconds)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()


def _run_count(home: Settings) -> int:
    return len(list(home.runs.glob("*.jsonl")))


def _refresh_in_child(home: str) -> None:
    refresh(_home(Path(home)), requested_by="doomed")
    os._exit(0)


def _home(folder: Path) -> Settings:
    return load_settings({"MEDIPULSE_HOME": str(folder), "MEDIPULSE_THREADS": "2"})


def _without_times(tables: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """A refused row says when its file was taken in, which a kill delays."""
    kept = {table: rows for table, rows in tables.items() if table != "silver.quarantine"}
    return kept | {"silver.quarantine": sorted((row[:-1] for row in tables["silver.quarantine"]), key=repr)}


def _batches(count: int) -> list[Batch]:
    """The same random batches every time."""
    found: list[Batch] = []
    batch = st.fixed_dictionaries({name: st.lists(row, min_size=1, max_size=4) for name, row in ROWS.items()})

    @settings(max_examples=count, database=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(batch)
    def draw(drawn: Batch) -> None:
        found.append(drawn)

    draw()
    return found
