"""Starts a refresh as its own process, so that it outlives the browser that asked for it."""

from __future__ import annotations

import subprocess
import sys
import time

from pipeline.errors import RefreshFailed
from pipeline.refresh.progress import is_refreshing, latest_run
from pipeline.settings import REPOSITORY, Settings

START_SECONDS = 20
"""How long a new process may take until it tells that it runs."""


def start(settings: Settings, requested_by: str) -> str:
    """Starts a refresh, or joins the one that runs. Returns its run id.

    The first refresh of an empty home generates the default synthetic hospital. Raises RefreshFailed when the process
    does not come up.
    """
    before = latest_run(settings)
    if before is not None and before.status == "running":
        return before.run_id
    process = _spawned(settings, requested_by)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        run = latest_run(settings)
        if run is not None and (before is None or run.number > before.number):
            return run.run_id
        if process.poll() is not None and not is_refreshing(settings):
            break
        time.sleep(0.05)
    raise RefreshFailed(f"The refresh did not start. Its words are in {settings.runs / 'refresh.log'}.")


def _spawned(settings: Settings, requested_by: str) -> subprocess.Popen:
    settings.runs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pipeline", "refresh", "--demo", "--requested-by", requested_by]
    with (settings.runs / "refresh.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=settings.child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
