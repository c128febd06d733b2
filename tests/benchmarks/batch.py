"""Takes the newest encounters of a synthetic hospital out of its files, with every line about them, to arrive as a later batch."""

from __future__ import annotations

from pathlib import Path

LAST_QUARTERS = ("2026q4", "2026q3")


def hold_out(landing: Path, batch: Path, encounter_count: int) -> int:
    """Moves the lines of the last `encounter_count` encounters into files below `batch`. Returns how many lines there are."""
    batch.mkdir(parents=True, exist_ok=True)
    held = _last_encounters(landing, encounter_count)
    return sum(
        _split(path, batch / f"{path.stem}_batch.csv", held) for path in sorted(landing.glob("*q[1-4].csv")) if _is_late(path)
    )


def _last_encounters(landing: Path, count: int) -> set[bytes]:
    held: set[bytes] = set()
    for quarter in LAST_QUARTERS:
        with (landing / f"encounters_{quarter}.csv").open("rb") as lines:
            found = list(dict.fromkeys(line.split(b",", 1)[0] for line in lines))[1:]
        held.update(found[-(count - len(held)) :] if count > len(held) else ())
    return held


def _is_late(path: Path) -> bool:
    return path.stem.endswith(LAST_QUARTERS)


def _split(path: Path, target: Path, held: set[bytes]) -> int:
    kept = path.with_suffix(".tmp")
    moved = 0
    with path.open("rb") as lines, kept.open("wb") as rest, target.open("wb") as out:
        header = next(lines)
        rest.write(header)
        out.write(header)
        for line in lines:
            is_held = line.split(b",", 1)[0] in held
            (out if is_held else rest).write(line)
            moved += is_held
    kept.replace(path)
    if not moved:
        target.unlink()
    return moved
