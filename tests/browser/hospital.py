"""The home folders that the browser looks at, the server before them, and a run that waits where a test wants to watch it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pipeline.refresh.progress import is_refreshing
from pipeline.settings import REPOSITORY, Settings

WAIT_SECONDS = 30
HELD_TABLE = "gold.demographics"
"""A held run waits here: bronze and silver are through, most of gold is not, nothing is published."""

ENCOUNTER_HEADER = (
    "encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,updated_at"
)


@contextmanager
def served(settings: Settings, *, port: int | None = None, **environment: str) -> Iterator[str]:
    """The real server before a home folder. Gives its address once it answers; ends it and whatever belongs to it."""
    with serving(settings, port=port or free_port(), **environment) as (address, _):
        yield address


@contextmanager
def serving(settings: Settings, *, port: int, **environment: str) -> Iterator[tuple[str, int]]:
    """The same, with the number of its process beside its address."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "server.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=settings.child_environment() | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _await_answer(server, f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def held_run(settings: Settings) -> Iterator[None]:
    """Inside, every run of this home stops before HELD_TABLE is written; leaving lets it go on and waits for its end.

    The run reads the table's checkpoint mark, which is a pipe here: who opens it waits until somebody writes.
    """
    mark = settings.lake.joinpath(*HELD_TABLE.split("."), "_delta_log", "_last_checkpoint")
    mark.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(mark)
    try:
        yield
    finally:
        writer = os.open(mark, os.O_RDWR)  # read and write: does not wait for a run that never came
        mark.unlink()
        os.close(writer)
        _await_no_run(settings)


def land_encounters(settings: Settings, patient_id: str, *, count: int) -> None:
    """A valid file of new encounters of one known patient, on the last day but one of the hospital."""
    rows = [
        f"EN-X{number},{patient_id},North Campus,Surgical clinic,OUTPATIENT,ELECTIVE,"
        f"2026-10-30 09:{number:02d}:00,2026-10-30 11:00:00,HOME,2026-10-30 12:00:00"
        for number in range(count)
    ]
    text = "\n".join((ENCOUNTER_HEADER, *rows, ""))
    (settings.landing / "encounters_late.csv").write_text(text, encoding="utf-8")


def land_cut_off_file(settings: Settings) -> None:
    """An encounters file whose last line lacks its end."""
    (settings.landing / "encounters_cut.csv").write_text(f"{ENCOUNTER_HEADER}\nEN-Y1,MP-00", encoding="utf-8")


def refuse_to_log(settings: Settings, words: str) -> None:
    """From now on the access log takes no entry and says so in these words; what is not logged may not be exported."""
    trigger = f"create trigger refused before insert on access_log begin select raise(abort, '{words}'); end"
    with closing(sqlite3.connect(settings.access_log)) as connection, connection:
        connection.execute(trigger)


def run_files(settings: Settings) -> list[str]:
    """One file per run of this home."""
    return sorted(path.name for path in settings.runs.glob("*.jsonl"))


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _await_answer(server: subprocess.Popen, address: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"The server did not come up (exit code {server.poll()}); see server.log in its home folder.")


def _await_no_run(settings: Settings) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while is_refreshing(settings):
        assert time.monotonic() < deadline, "The run that was let go did not end."
        time.sleep(0.05)
