"""Fifty viewers of the command center at once: real sessions that speak Streamlit's own protocol to the real server.

Each opens the page, then changes period or site after a pause of thinking, as a person would. Every read of them is in the access
log; afterwards the log is proven, and its records are held against the runs that were asked for.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from pipeline.governance.audit import read_log
from pipeline.refresh.run import refresh
from pipeline.serving.filters import PERIODS
from pipeline.settings import REPOSITORY, Settings, load_settings
from pipeline.sources.synthetic_hospital import generate
from tests.browser.hospital import free_port, serving

ENCOUNTERS = 100_000
SESSIONS = 50
ARRIVING_SECONDS, MEASURED_SECONDS = 10, 30
THINKING_SECONDS = 10
"""Mean pause between two changes of one viewer."""

PATIENCE_SECONDS = 60
SITES = ("All sites", "North Campus", "Riverside", "St Anne")
FAILED_PAGE = (b"page_try_again", b"could not be shown")


@dataclass
class Crowd:
    """What happened to the viewers: seconds of every first run and of every later one, and what went wrong."""

    first_seconds: list[float] = field(default_factory=list)
    rerun_seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def runs(self) -> int:
        return len(self.first_seconds) + len(self.rerun_seconds)


def viewers(home: str) -> dict:
    """Figures of one crowd before a hospital of 100,000 encounters. Seconds are those until the page was complete."""
    settings = load_settings({"MEDIPULSE_HOME": home})
    generate(settings.landing, encounters=ENCOUNTERS)
    run = refresh(settings, requested_by="benchmark")
    if run.status != "succeeded":
        raise SystemExit(run.message)
    port = free_port()
    with serving(settings, port=port) as (_, pid):
        reads_of_a_run = _reads_of_a_run(settings, port)
        before, memory_before = _reads(settings), _memory_mb(pid)
        crowd, cpu_seconds = asyncio.run(_visited(port, pid))
        read_count, memory_after = _reads(settings) - before, _memory_mb(pid)
    return {
        "sessions": SESSIONS,
        "first_seconds": sorted(crowd.first_seconds),
        "rerun_seconds": sorted(crowd.rerun_seconds),
        "cpu_seconds": cpu_seconds,
        "memory_mb": (memory_before, memory_after),
        "errors": crowd.errors,
        "reads": {"asked": reads_of_a_run * crowd.runs, "recorded": read_count},
        "proof": _proof(settings),
    }


async def _visited(port: int, pid: int) -> tuple[Crowd, float]:
    """The crowd, and the CPU seconds of the server from when the page of all was complete."""
    crowd, chance, all_here = Crowd(), random.Random(7), asyncio.Barrier(SESSIONS + 1)
    waits = [chance.random() * ARRIVING_SECONDS for _ in range(SESSIONS)]
    people = [asyncio.create_task(_viewer(port, crowd, random.Random(chance.random()), wait, all_here)) for wait in waits]
    await all_here.wait()
    cpu = _cpu_seconds(pid)
    await asyncio.gather(*people)
    return crowd, _cpu_seconds(pid) - cpu


async def _viewer(port: int, crowd: Crowd, chance: random.Random, wait: float, all_here: asyncio.Barrier) -> None:
    await asyncio.sleep(wait)
    async with _session(port) as session:
        await _told(crowd, crowd.first_seconds, lambda: _run(session, chance))
        await all_here.wait()
        end = time.monotonic() + MEASURED_SECONDS
        await asyncio.sleep(chance.random() * THINKING_SECONDS)
        while time.monotonic() < end:
            await _told(crowd, crowd.rerun_seconds, lambda: _run(session, chance))
            await asyncio.sleep(chance.expovariate(1 / THINKING_SECONDS))


async def _told(crowd: Crowd, seconds: list[float], run: Callable[[], Awaitable[None]]) -> None:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await run()
    except Exception as wrong:  # every failure of a viewer is a figure of the measurement
        crowd.errors.append(f"{type(wrong).__name__}: {wrong}")
    seconds.append(time.perf_counter() - began)


def _session(port: int) -> connect:
    address = f"127.0.0.1:{port}"
    return connect(
        f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{address}", max_size=None, compression=None
    )


async def _run(session: ClientConnection, chance: random.Random) -> None:
    """Asks for the page with other filters, and listens until it is complete."""
    asked = BackMsg()
    asked.rerun_script.query_string = urlencode({"period": chance.choice(PERIODS), "site": chance.choice(SITES)})
    await session.send(asked.SerializeToString())
    while True:
        said = await session.recv()
        if any(words in said for words in FAILED_PAGE):
            raise RuntimeError("the page could not be shown")
        message = ForwardMsg.FromString(said)
        if message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return


def _reads_of_a_run(settings: Settings, port: int) -> int:
    """How many records one run of the page leaves; the same for a first run and for a later one."""

    async def counted() -> list[int]:
        counts = [_reads(settings)]
        async with _session(port) as session:
            for _ in range(3):
                await _run(session, random.Random(0))
                counts.append(_reads(settings))
        return [after - before for before, after in itertools.pairwise(counts)]

    found = asyncio.run(counted())
    if len(set(found)) != 1:
        raise SystemExit(f"One run of the page leaves different numbers of records: {found}")
    return found[0]


def _reads(settings: Settings) -> int:
    return sum(line["action"] == "read" for line in read_log(settings.access_log))


def _proof(settings: Settings) -> str:
    command = [sys.executable, "-m", "pipeline", "audit", "verify"]
    done = subprocess.run(command, cwd=REPOSITORY, env=settings.child_environment(), capture_output=True, text=True, check=False)
    return f"{' '.join((done.stdout + done.stderr).split())} (exit code {done.returncode})"


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024
