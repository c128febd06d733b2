"""make bench: what generating, refreshing, changing and asking cost at 100,000 and 1,000,000 encounters; other sizes as arguments.

Then a million stays are scored, and fifty viewers sit before the server: `python -m tests.benchmarks viewers` does that alone.

The floor is DuckDB alone reading the same raw files and writing them as Parquet, then writing the final rows of every
silver and gold table once more: the bytes that must be encoded, without cleaning, checks, commits or records.
A change is a refresh with the newest 10,000 encounters, which were set aside, on top of all others; it is compared with
building every table anew. Speed is told as ratios in one run: machines differ, and this one is noisy.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.measured import Cost, cost_of

SIZES = (100_000, 1_000_000)
BATCH = 10_000

FLOOR_GOAL = 1.4
"""CPU of a full build over CPU of the floor."""

MEMORY_GOAL_MB = 3_200
"""Peak of a build of 10 million encounters; of any build."""

CHANGE_GROWTH_GOAL = 1.5
"""Wall of a change on the largest lake over that on the one before it."""

SCORING_GOAL_SECONDS = 1.25
"""Wall of scoring a million stays with all contributions, on two threads."""

VIEWERS_GOAL_SECONDS = 0.5
"""95 of 100 changes of a filter are on the screen by then, with 50 viewers who think 10 seconds between two."""


def main() -> None:
    if sys.argv[1:] == ["viewers"]:
        seat_viewers()
        return
    sizes = tuple(int(size.replace("_", "")) for size in sys.argv[1:]) or SIZES
    changes = []
    for encounters in sizes:
        with tempfile.TemporaryDirectory(prefix="medipulse-bench-") as home:
            changes.append(measure(Path(home), encounters))
    for (smaller, before), (larger, after) in pairwise(zip(sizes, changes, strict=True)):
        growth = after.wall_seconds / before.wall_seconds
        verdict = _verdict(growth <= CHANGE_GROWTH_GOAL)
        print(f"\n  a change on {larger:,} ÷ on {smaller:,}: wall {growth:.2f} (goal {CHANGE_GROWTH_GOAL}: {verdict})")
    score_stays()
    seat_viewers()


def seat_viewers() -> None:
    """Lets fifty viewers use the command center at once, and prints how long they waited and whether every read is on record."""
    with tempfile.TemporaryDirectory(prefix="medipulse-bench-") as home:
        said = cost_of("viewers", home).facts
    runs, reads, (before, after) = said["rerun_seconds"], said["reads"], said["memory_mb"]
    print(f"\n{said['sessions']} viewers of the command center, 100,000 encounters, every read on record")
    print(f"  first page: median {_share_of(said['first_seconds'], 0.5):.2f} s, slowest {said['first_seconds'][-1]:.2f} s")
    print(
        f"  {len(runs)} changes: median {_share_of(runs, 0.5):.2f} s, 95 of 100 within {_share_of(runs, 0.95):.2f} s"
        f" (goal {VIEWERS_GOAL_SECONDS}: {_verdict(_share_of(runs, 0.95) <= VIEWERS_GOAL_SECONDS)}),"
        f" {1000 * said['cpu_seconds'] / len(runs):.0f} CPU ms each"
    )
    print(f"  memory of the server: {before:.0f} MB before, {after:.0f} MB after · errors: {len(said['errors'])}")
    print(f"  reads on record: {reads['recorded']:,} of {reads['asked']:,} asked · {said['proof']}", flush=True)
    for error in said["errors"][:5]:
        print(f"    {error}")


def _share_of(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def score_stays() -> None:
    """Scores a million stays in SQL and in Python, and prints how they compare."""
    said = cost_of("scoring_stays").facts
    seconds = said["seconds"]
    print(f"\n1,000,000 stays, {said['terms']} features, every contribution (probabilities differ by {said['difference']:.0e})")
    for way, taken in seconds.items():
        print(f"  {way:32}{taken:8.2f} s{taken / seconds['sql']:8.1f} × sql")
    print(f"  sql: goal {SCORING_GOAL_SECONDS} s: {_verdict(seconds['sql'] <= SCORING_GOAL_SECONDS)}", flush=True)


def measure(home: Path, encounters: int) -> Cost:
    """Generates, refreshes, runs the floor, asks, changes, and prints one table. Returns what the change cost."""
    print(f"\n{encounters:,} encounters, then {BATCH:,} more", flush=True)
    made = cost_of("generating", str(home), str(encounters + BATCH))
    print(f"  {'':12}{'rows':>14}{'wall s':>10}{'CPU s':>10}{'rows/s':>14}{'peak MB':>10}")
    _line("generate", made.facts["rows"], made)
    batch_rows = cost_of("holding_out", str(home), str(BATCH)).facts["rows"]
    built = cost_of("refreshing", str(home))
    for layer, cost in built.facts.items():
        _line(layer, cost["rows"], Cost(cost["wall_seconds"], cost["cpu_seconds"], cost["peak_mb"], {}))
    _line("refresh", made.facts["rows"] - batch_rows, built)
    _compare_with_floor(home, made.facts["rows"] - batch_rows, built)
    asked = cost_of("asking", str(home)).facts
    print("  the data behind a page, median: " + " · ".join(f"{page} {seconds * 1000:.0f} ms" for page, seconds in asked.items()))
    logged = cost_of("auditing", str(home)).facts
    print(
        "  with the access log and without it, median: "
        + " · ".join(f"{what} {cost * 1000:.1f} ms" for what, cost in logged.items())
    )
    return _measure_change(home, batch_rows)


def _compare_with_floor(home: Path, rows: int, built: Cost) -> None:
    floor = cost_of("floor", str(home), str(home / "floor"))
    _line("floor", rows, floor)
    ratio, peak = built.cpu_seconds / floor.cpu_seconds, max(cost["peak_mb"] for cost in built.facts.values())
    print(
        f"  refresh ÷ floor: CPU {ratio:.2f} (goal {FLOOR_GOAL}: {_verdict(ratio <= FLOOR_GOAL)}),"
        f" wall {built.wall_seconds / floor.wall_seconds:.2f}"
    )
    print(f"  peak of the build: {peak:,.0f} MB (goal {MEMORY_GOAL_MB:,}: {_verdict(peak <= MEMORY_GOAL_MB)})", flush=True)
    shutil.rmtree(home / "floor", ignore_errors=True)


def _measure_change(home: Path, batch_rows: int) -> Cost:
    changed, looked = cost_of("changing", str(home)), cost_of("looking", str(home))
    _line("change", batch_rows, changed)
    _line("nothing new", 0, looked)
    rebuilt = cost_of("rebuilding", str(home))
    _line("rebuild", 0, rebuilt)
    print(
        f"  rebuild ÷ change: CPU {rebuilt.cpu_seconds / changed.cpu_seconds:.1f},"
        f" wall {rebuilt.wall_seconds / changed.wall_seconds:.1f}",
        flush=True,
    )
    return changed


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _line(name: str, rows: int, cost: Cost) -> None:
    speed = rows / cost.wall_seconds if cost.wall_seconds else 0
    line = f"  {name:12}{rows:>14,}{cost.wall_seconds:>10.2f}{cost.cpu_seconds:>10.2f}{speed:>14,.0f}{cost.peak_mb:>10.0f}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
