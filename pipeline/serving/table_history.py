"""What became of a table: every commit with its rows, the run that made it and who asked for that run.

Commits come through the governed door, runs from the event file of each. `AS_SQL` asks much the same of any engine that
reads the lake: `ops.publications` and `ops.runs` hold it already, so that no run writes a further table for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.governance import access, metadata
from pipeline.governance.policy import Viewer
from pipeline.refresh.progress import run_of_number
from pipeline.serving.provenance import Source, source
from pipeline.serving.wording import UNKNOWN, plural
from pipeline.settings import Settings, load_settings

PURPOSE = "Table history"

AS_SQL = """\
select table_name, table_version, published_at, row_count,
    row_count - lag(row_count) over (partition by table_name order by table_version asc nulls last) as row_change,
    publication_number, run_id, requested_by
from (
    select p.table_name, p.table_version, p.published_at, p.row_count, p.publication_number, p.run_id, r.requested_by,
        row_number() over (
            partition by p.table_name, p.table_version order by p.publication_number asc nulls last
        ) as place
    from ops.publications as p
    left join ops.runs as r on r.run_id = p.run_id
) as published
where place = 1
"""
"""Every published version of every table, once. Versions that no publication pinned are in the Delta logs alone."""

WHAT = {
    ("WRITE", "Append"): "Rows added",
    ("WRITE", "Overwrite"): "Written anew",
    ("CREATE TABLE", ""): "Made",
    ("ADD COLUMN", ""): "Columns added",
}
CHANGED = "Files changed"
"""An append that takes files away as well: rows that a batch touched, or files written together."""


@dataclass(frozen=True)
class Change:
    """One version of a table. Counts are of rows; None where the log does not tell any more. is_published: people see it now."""

    version: int
    committed_at: datetime
    what: str
    added_count: int
    removed_count: int | None
    row_count: int | None
    run_id: str
    requested_by: str
    is_published: bool


@dataclass(frozen=True)
class TableHistory:
    """One table's changes, the newest first, and the tables that could be chosen."""

    table: str
    description: str
    changes: tuple[Change, ...]
    choices: tuple[str, ...]
    source: Source


def choices(viewer: Viewer) -> tuple[str, ...]:
    """The tables whose history the viewer may see, gold first."""
    order = {"gold": 0, "silver": 1, "bronze": 2}
    return tuple(sorted(metadata.tables(viewer), key=lambda table: (order.get(table.partition(".")[0], 3), table)))


def table_history(viewer: Viewer, table: str, now: datetime, settings: Settings | None = None) -> TableHistory:
    """Read and assemble. Raises AccessDenied for a table that the role may not read."""
    settings = settings or load_settings()
    commits = metadata.table_history(viewer, table, purpose=PURPOSE, settings=settings)
    published = access.publication(viewer, settings)
    current, requested = published.versions.get(table), _requested_by(settings, {commit.run_id for commit in commits})
    changes = [
        Change(
            version=commit.version,
            committed_at=commit.committed_at,
            what=_what(commit.operation, commit.mode, commit.removed_count),
            added_count=commit.added_count,
            removed_count=commit.removed_count,
            row_count=commit.row_count,
            run_id=commit.run_id,
            requested_by=requested.get(commit.run_id, ""),
            is_published=commit.version == current,
        )
        for commit in reversed(commits)
    ]
    contract = metadata.tables(viewer)[table]
    return TableHistory(table, contract.description, tuple(changes), choices(viewer), source(viewer, published, now))


def history_table(changes: Sequence[Change]) -> pd.DataFrame:
    """Version, When (UTC), What, Rows added, Rows removed, Rows after, Run, Asked for by, On the screen."""
    rows = [
        (
            one.version,
            f"{one.committed_at:%Y-%m-%d %H:%M:%S}",
            one.what,
            one.added_count,
            one.removed_count,
            one.row_count,
            one.run_id or UNKNOWN,
            one.requested_by or UNKNOWN,
            "✓ Published" if one.is_published else "",
        )
        for one in changes
    ]
    counts = ["Rows added", "Rows removed", "Rows after"]
    columns = ["Version", "When (UTC)", "What", *counts, "Run", "Asked for by", "On the screen"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(counts, "Int64"))


def history_caption(found: TableHistory) -> str:
    """What the table is, and how many versions there are."""
    return f"{found.description} {plural(len(found.changes), 'version', 'versions')} in the log, the newest first"


def _what(operation: str, mode: str, removed_count: int | None) -> str:
    if (operation, mode) == ("WRITE", "Append") and removed_count != 0:
        return CHANGED
    return WHAT.get((operation, mode), operation.capitalize() or UNKNOWN)


def _requested_by(settings: Settings, run_ids: set[str]) -> dict[str, str]:
    """By run; maintenance and copies are no runs, and nobody is named for them."""
    numbers = {run_id: int(run_id[4:]) for run_id in run_ids if re.fullmatch(r"run-\d{1,9}", run_id)}
    runs = {run_id: run_of_number(settings, number) for run_id, number in numbers.items()}
    return {run_id: run.requested_by for run_id, run in runs.items() if run is not None}
