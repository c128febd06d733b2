"""Keeps the lake small and quick: writes small files together, drops removed rows, deletes what no publication needs.

Changes no row that anyone sees. A refresh calls it when it is due; `python -m pipeline maintain` calls it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import NotPublished
from pipeline.lakehouse.delta import TableVersion
from pipeline.lakehouse.publication import Publication, forget_publication, kept_publications, write_publication
from pipeline.lakehouse.reader import hold_removed_rows
from pipeline.lakehouse.store import Store
from pipeline.lakehouse.views import REMOVED_ROWS, over_files
from pipeline.refresh.publish import record_publication

KEPT_PUBLICATIONS = 10
KEPT_FOR = timedelta(days=7)
"""A publication stays readable for so long, and while it is one of the newest."""

UNFINISHED_FOR = timedelta(hours=24)
"""A younger file that no publication names may belong to a run that still goes on, or was just interrupted."""

MOST_FILES = 8
"""A table of more files than this is written together."""

DUE_AFTER_PUBLICATIONS = 25
"""A refresh looks after the lake once in so many publications."""


@dataclass(frozen=True)
class Maintained:
    """What maintenance did: tables written together, removed rows dropped, files deleted and their bytes."""

    compacted: tuple[str, ...] = ()
    dropped_row_count: int = 0
    deleted_file_count: int = 0
    freed_bytes: int = 0


def maintain(store: Store, run_id: str, now: datetime) -> Maintained:
    """Compacts, publishes the same rows in their new files, then deletes. Raises NotPublished when there is nothing yet."""
    publication = store.publication()
    if publication is None:
        raise NotPublished("Nothing has been published yet. Run: python -m pipeline refresh")
    crowded = {table: pinned for table, pinned in publication.tables.items() if _is_crowded(store, table, pinned)}
    if crowded:
        publication = _compacted(store, publication, crowded, run_id, now)
    _compact_records(store, publication, run_id)
    _forget_old_publications(store, now)
    deleted, freed = _delete_unneeded(store, now)
    return Maintained(tuple(sorted(crowded)), sum(pinned.removed_count for pinned in crowded.values()), deleted, freed)


def _is_crowded(store: Store, table: str, pinned: TableVersion) -> bool:
    return table in store.contracts and (pinned.removed_count > 0 or len(pinned.files) > MOST_FILES)


def _compacted(
    store: Store, publication: Publication, crowded: Mapping[str, TableVersion], run_id: str, now: datetime
) -> Publication:
    """The next publication: the same rows in fewer files. Readers of this one still find its files."""
    hold_removed_rows(store.duck, publication, store.contracts)
    written = {table: _written_together(store, store.contracts[table], pinned, run_id) for table, pinned in crowded.items()}
    if any(pinned.removed_count for pinned in crowded.values()):
        written[REMOVED_ROWS] = store.delta(REMOVED_ROWS).hold_exactly((), (), run_id=run_id)
    tables = {**publication.tables, **written}
    after = replace(publication, number=publication.number + 1, run_id=run_id, published_at=now, tables=tables)
    record_publication(store, after)
    write_publication(store.settings.publication_file, after, before=publication)
    return after


def _written_together(store: Store, contract: Contract, pinned: TableVersion, run_id: str) -> TableVersion:
    files = [file.path for file in pinned.files]
    select = over_files(contract, files, removed=REMOVED_ROWS if pinned.removed_count else None)
    written = store.duck.write_parquet(select, contract, store.folder(contract.table))
    return store.delta(contract.table).hold_exactly((), written, run_id=run_id)


def _compact_records(store: Store, publication: Publication, run_id: str) -> None:
    """Records that are read as they come, such as runs and tasks, grow by a small file a run as well."""
    for contract in store.contracts.values():
        if contract.layer == "ops" and contract.write == "append" and contract.table not in publication.tables:
            current = store.delta(contract.table).current()
            if current is not None and len(current.files) > MOST_FILES:
                _written_together(store, contract, current, run_id)


def _forget_old_publications(store: Store, now: datetime) -> None:
    path = store.settings.publication_file
    for publication in kept_publications(path)[:-KEPT_PUBLICATIONS]:
        if publication.published_at < now - KEPT_FOR:
            forget_publication(path, publication.number)


def _delete_unneeded(store: Store, now: datetime) -> tuple[int, int]:
    """Deletes files that neither a kept publication nor a table's newest version names. Returns how many, and their bytes.

    Not Delta's own vacuum: that writes two versions into every log, and a new version of bronze means new rows.
    """
    needed, deleted, freed = _needed_files(store), 0, 0
    for path in store.settings.lake.glob("*/*/*.parquet"):
        seen = path.stat()
        if path not in needed and seen.st_mtime < (now - UNFINISHED_FOR).timestamp():
            path.unlink()
            deleted, freed = deleted + 1, freed + seen.st_size
    return deleted, freed


def _needed_files(store: Store) -> set[Path]:
    kept = [*kept_publications(store.settings.publication_file), store.publication()]
    needed = {file.path for publication in kept for pinned in publication.tables.values() for file in pinned.files}
    for table in store.contracts:
        current = store.delta(table).current()
        if current is not None:
            needed.update(file.path for file in current.files)
    return needed
