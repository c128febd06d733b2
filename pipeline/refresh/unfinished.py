"""Takes rows back out of bronze before a batch begins: those of a batch that was never finished, and of files to read again.

A batch counts from the one commit on that records its files in `ops.files`, after the last of its rows. Whatever lies in
bronze of a batch without that record was left by a run that died; its files are met again as if for the first time.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.store import Store
from pipeline.lakehouse.views import over_files
from pipeline.refresh.file_records import files_to_read_again


def take_back_unfinished(store: Store, publication: Publication | None, run_id: str) -> int:
    """Bronze without the rows of unrecorded batches and of files to read again. Returns how many rows were taken back."""
    bronze = [contract for contract in store.contracts.values() if contract.layer == "bronze"]
    again = files_to_read_again(store)
    if again:
        return sum(_without_files(store, contract, again, run_id) for contract in bronze)
    suspects = [contract for contract in bronze if store.has_news(contract.table, _version(publication, contract.table))]
    if not suspects:
        return 0
    recorded = _recorded_batches(store)
    return sum(_take_back(store, contract, publication, recorded, run_id) for contract in suspects)


def _take_back(store: Store, contract: Contract, publication: Publication | None, recorded: set[str], run_id: str) -> int:
    pinned = publication.tables.get(contract.table) if publication is not None else None
    published = {file.path for file in pinned.files} if pinned is not None else set()
    current = store.delta(contract.table).current()
    arrived = [file for file in current.files if file.path not in published] if current is not None else []
    unfinished = {file.path for file in arrived if not _batches_of(store, contract, file.path) <= recorded}
    if not unfinished:
        return 0
    kept = [file for file in current.files if file.path not in unfinished]
    store.delta(contract.table).hold_exactly(kept, (), run_id=run_id)
    return sum(file.row_count for file in arrived if file.path in unfinished)


def _without_files(store: Store, contract: Contract, file_names: set[str], run_id: str) -> int:
    """Bronze without the rows of these files, wherever they lie. Returns how many rows that were."""
    current = store.delta(contract.table).current()
    store.duck.hold_rows("files_again", ("_file varchar",), [(name,) for name in sorted(file_names)])
    holding = [file for file in current.files if _count_of_files(store, contract, [file.path])] if current is not None else []
    if not holding:
        return 0
    paths = [file.path for file in holding]
    taken = _count_of_files(store, contract, paths)
    rest = f"select a.* from ({over_files(contract, paths)}) as a anti join files_again as f on a._file = f._file"
    written = store.duck.write_parquet(rest, contract, store.folder(contract.table))
    kept = [file for file in current.files if file not in holding]
    store.delta(contract.table).hold_exactly(kept, written, run_id=run_id)
    return taken


def _count_of_files(store: Store, contract: Contract, paths: list[Path]) -> int:
    rows = f"select 1 from ({over_files(contract, paths)}) as a semi join files_again as f on a._file = f._file"
    return store.duck.rows(f"select count(*) from ({rows})")[0][0]


def _batches_of(store: Store, contract: Contract, path: Path) -> set[str]:
    store.duck.lay_over("staged.arrived", contract, [path])
    return {batch for (batch,) in store.duck.rows("select distinct _batch from staged.arrived")}


def _recorded_batches(store: Store) -> set[str]:
    store.lay_over_current("ops.files")
    return {run_id for (run_id,) in store.duck.rows("select distinct run_id from ops.files where status = 'loaded'")}


def _version(publication: Publication | None, table: str) -> int | None:
    pinned = publication.tables.get(table) if publication is not None else None
    return pinned.version if pinned is not None else None
