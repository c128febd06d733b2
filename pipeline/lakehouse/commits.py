"""The commits of a Delta table, read from its log as it lies there: when, what was done, by which run, how many rows came and went.

Reads the JSON of each commit, which the Delta protocol describes; opens no table and no data file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import LakeDamaged


@dataclass(frozen=True)
class Commit:
    """One version of a table. removed_count is None where the log no longer tells how many rows a removed file had.

    operation: Delta's word (WRITE, CREATE TABLE, ADD COLUMN, …); mode: Append or Overwrite, empty for others.
    run_id: who wrote it, empty where the commit does not say.
    """

    version: int
    committed_at: datetime
    operation: str
    mode: str
    run_id: str
    added_count: int
    removed_count: int | None
    row_count: int | None


def commits(folder: Path) -> tuple[Commit, ...]:
    """Every commit that the log still holds, the oldest first; none where there is no table. Raises LakeDamaged."""
    found: list[Commit] = []
    rows_of: dict[str, int] = {}
    for path in sorted((folder / "_delta_log").glob("[0-9]*.json")):
        try:
            actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            found.append(_commit(int(path.stem), actions, rows_of, found[-1] if found else None))
        except (ValueError, KeyError, TypeError) as damaged:
            raise LakeDamaged(
                f"Commit {path.stem.lstrip('0') or 0} of {folder.parent.name}.{folder.name} cannot be read."
            ) from damaged
    return tuple(found)


def committed_at(folder: Path, version: int) -> datetime | None:
    """When one version was written; None where the log does not hold it any more."""
    path = folder / "_delta_log" / f"{version:020d}.json"
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as stream:
        told = json.loads(stream.readline()).get("commitInfo", {})
    return datetime.fromtimestamp(told["timestamp"] / 1000, UTC) if "timestamp" in told else None


def _commit(version: int, actions: Iterable[dict], rows_of: dict[str, int], before: Commit | None) -> Commit:
    """`rows_of` holds the rows of every file that was added so far, and takes in those of this commit."""
    told: dict = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    gone = [rows_of.get(action["remove"]["path"]) for action in actions if "remove" in action]
    added = {action["add"]["path"]: _rows(action["add"]) for action in actions if "add" in action}
    rows_of.update(added)
    removed_count = None if None in gone else sum(gone)
    known_before = before.row_count if before else (0 if version == 0 else None)
    is_known = known_before is not None and removed_count is not None
    return Commit(
        version=version,
        committed_at=datetime.fromtimestamp(told.get("timestamp", 0) / 1000, UTC),
        operation=told.get("operation", ""),
        mode=told.get("operationParameters", {}).get("mode", "") if told.get("operation") == "WRITE" else "",
        run_id=told.get("run_id", ""),
        added_count=sum(added.values()),
        removed_count=removed_count,
        row_count=known_before + sum(added.values()) - removed_count if is_known else None,
    )


def _rows(added: dict) -> int:
    return int(json.loads(added["stats"])["numRecords"])
