"""Writes what changed of a table: new rows as a new file, removed rows out of small files or onto the list of removed rows.

The cost follows the change. Files are written together only when several of one size have gathered, so that each row is
written anew a few times in the life of a lake and not at every refresh.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.delta import LiveFile, TableVersion
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.store import Store
from pipeline.lakehouse.views import REMOVED_ROWS, over_files, quoted

REWRITTEN_ROWS = 20_000
"""A file of at most so many rows is written anew without its removed rows; a larger one keeps them for a while."""

REMOVED_SHARE = 0.2
"""Beyond this share of removed rows a file of any size is written anew."""

FILES_PER_SIZE = 8
"""So many files of one size, sizes growing by this factor, are written together as one of the next."""


def write_change(
    store: Store, duck: Duck, contract: Contract, base: TableVersion, *, inserted: str, removed: str, run_id: str
) -> TableVersion:
    """Commits `base` without the removed rows and with the inserted ones, and keeps `ops.removed_rows` of the engine true.

    inserted and removed name tables of the engine: rows with the contract's columns; file_name and row_number of rows of
    `base`, each once. `ops.removed_rows` is a table of the engine that holds the removed rows of `base` already.
    """
    duck.rows(f"insert into {REMOVED_ROWS} select {quoted(contract.table)}, file_name, row_number from {removed}")
    removed_counts = _removed_counts(duck, contract.table)
    rewritten = files_to_rewrite(base.files, removed_counts)
    kept = [file for file in base.files if file not in rewritten]
    written = duck.write_parquet(_new_rows(contract, inserted, rewritten), contract, store.folder(contract.table))
    version = store.delta(contract.table).hold_exactly(kept, written, run_id=run_id)
    _forget_removed(duck, contract.table, rewritten)
    return replace(version, removed_count=sum(removed_counts.get(file.path.name, 0) for file in kept))


def hold_base(store: Store, contract: Contract, base: TableVersion, *, run_id: str) -> TableVersion:
    """Takes back what an interrupted run left in a table that this run does not change."""
    version = store.delta(contract.table).hold_exactly(base.files, (), run_id=run_id)
    return replace(version, removed_count=base.removed_count)


def files_to_rewrite(files: Sequence[LiveFile], removed_counts: Mapping[str, int]) -> list[LiveFile]:
    """The files that are better written anew than kept: with removed rows and small, mostly removed, or one of many."""
    crowded = {size for size, count in Counter(map(_size, files)).items() if count >= FILES_PER_SIZE}
    return [file for file in files if _size(file) in crowded or _is_worn(file, removed_counts.get(file.path.name, 0))]


def _is_worn(file: LiveFile, removed_count: int) -> bool:
    return removed_count > 0 and (file.row_count <= REWRITTEN_ROWS or removed_count > REMOVED_SHARE * file.row_count)


def _size(file: LiveFile) -> int:
    """0 up to REWRITTEN_ROWS, then one more for each factor of FILES_PER_SIZE."""
    return max(0, math.ceil(math.log(max(file.row_count, 1) / REWRITTEN_ROWS, FILES_PER_SIZE)))


def _new_rows(contract: Contract, inserted: str, rewritten: Sequence[LiveFile]) -> str:
    columns = ", ".join(column.name for column in contract.columns)
    select = f"select {columns} from {inserted}"
    if not rewritten:
        return select
    earlier = over_files(contract, [file.path for file in rewritten], removed=REMOVED_ROWS)
    return f"{select} union all select {columns} from ({earlier})"


def _removed_counts(duck: Duck, table: str) -> dict[str, int]:
    found = duck.rows(
        f"select file_name, count(*) from {REMOVED_ROWS} where table_name = $table group by file_name", {"table": table}
    )
    return dict(found)


def _forget_removed(duck: Duck, table: str, rewritten: Sequence[LiveFile]) -> None:
    names = [file.path.name for file in rewritten]
    if names:
        duck.rows(
            f"delete from {REMOVED_ROWS} where table_name = $table and list_contains($names, file_name)",
            {"table": table, "names": names},
        )
