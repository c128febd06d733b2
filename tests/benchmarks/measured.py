"""Runs a piece of work in a process of its own and says what it cost: wall and CPU seconds, peak memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import REPOSITORY


@dataclass(frozen=True)
class Cost:
    """What a piece of work took. `facts` is whatever it reported itself."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    facts: dict


def cost_of(work: str, *arguments: str) -> Cost:
    """Runs `tests.benchmarks.work:<work>` in a fresh process and reads its report from its last line."""
    command = [sys.executable, "-m", "tests.benchmarks.work", work, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The benchmark step {work} failed:\n{done.stderr[-2000:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    return Cost(said["wall_seconds"], said["cpu_seconds"], said["peak_mb"], said["facts"])


def report_cost(work: Callable[[], dict]) -> None:
    """Runs the work in this process and prints its cost as one line of JSON."""
    reset_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    facts = work()
    cost = {"wall_seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "peak_mb": peak_mb()}
    print(json.dumps(cost | {"facts": facts}))


def peak_mb() -> float:
    """The most memory this process held since the last reset (Linux)."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024


def reset_peak() -> None:
    """Starts counting the peak anew."""
    Path("/proc/self/clear_refs").write_text("5")
