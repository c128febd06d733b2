"""Takes back the rows of a batch that was never finished, before the next one begins.

A batch counts from the one commit on that records its files in `ops.files`, after the last of its rows. Whatever lies in
bronze of a batch without that record was left by a run that died; its files are met again as if for the first time.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.store import Store


def take_back_unfinished(store: Store, publication: Publication | None, run_id: str) -> int:
    """Bronze without the rows of unrecorded batches. Returns how many rows were taken back; opens nothing without news."""
    bronze = [contract for contract in store.contracts.values() if contract.layer == "bronze"]
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


def _batches_of(store: Store, contract: Contract, path: Path) -> set[str]:
    store.duck.lay_over("staged.arrived", contract, [path])
    return {batch for (batch,) in store.duck.rows("select distinct _batch from staged.arrived")}


def _recorded_batches(store: Store) -> set[str]:
    store.lay_over_current("ops.files")
    return {run_id for (run_id,) in store.duck.rows("select distinct run_id from ops.files where status = 'loaded'")}


def _version(publication: Publication | None, table: str) -> int | None:
    pinned = publication.tables.get(table) if publication is not None else None
    return pinned.version if pinned is not None else None
