"""make bench: what generating, refreshing and asking cost at 100,000 and 1,000,000 encounters, beside a floor on the same rows.

The floor is DuckDB alone reading the same raw files and writing them as Parquet, then writing the final rows of every
silver and gold table once more: the bytes that must be encoded, without cleaning, checks, commits or records.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measured import Cost, cost_of

SIZES = (100_000, 1_000_000)
RATIO_GOAL = 1.4
"""CPU of a full build over CPU of the floor, at 1,000,000 encounters."""


def main() -> None:
    sizes = tuple(int(size.replace("_", "")) for size in sys.argv[1:]) or SIZES
    for encounters in sizes:
        with tempfile.TemporaryDirectory(prefix="medipulse-bench-") as home:
            measure(Path(home), encounters)


def measure(home: Path, encounters: int) -> None:
    """Generates, refreshes, runs the floor, and prints one table."""
    print(f"\n{encounters:,} encounters")
    made = cost_of("generating", str(home), str(encounters))
    print(f"  {'':12}{'rows':>14}{'wall s':>10}{'CPU s':>10}{'rows/s':>14}{'peak MB':>10}")
    _line("generate", made.facts["rows"], made)
    built = cost_of("refreshing", str(home))
    for layer, cost in built.facts.items():
        _line(layer, cost["rows"], Cost(cost["wall_seconds"], cost["cpu_seconds"], cost["peak_mb"], {}))
    _line("refresh", made.facts["rows"], built)
    floor = cost_of("floor", str(home), str(home / "floor"))
    _line("floor", made.facts["rows"], floor)
    ratio = built.cpu_seconds / floor.cpu_seconds
    verdict = "met" if ratio <= RATIO_GOAL else "missed"
    print(f"  refresh ÷ floor: CPU {ratio:.2f} (goal {RATIO_GOAL}: {verdict}), wall {built.wall_seconds / floor.wall_seconds:.2f}")
    shutil.rmtree(home / "floor", ignore_errors=True)
    asked = cost_of("asking", str(home)).facts
    print("  the data behind a page, median: " + " · ".join(f"{page} {seconds * 1000:.0f} ms" for page, seconds in asked.items()))


def _line(name: str, rows: int, cost: Cost) -> None:
    speed = rows / cost.wall_seconds if cost.wall_seconds else 0
    print(f"  {name:12}{rows:>14,}{cost.wall_seconds:>10.2f}{cost.cpu_seconds:>10.2f}{speed:>14,.0f}{cost.peak_mb:>10.0f}")


if __name__ == "__main__":
    main()
