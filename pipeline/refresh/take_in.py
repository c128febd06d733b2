"""Landed files become bronze: each new file is read as a whole, or refused as a whole.

A canonical file fills one table; a foreign one may fill several. The rows count once the files of the batch are recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import Contract, feeds
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import Provenance, TakenFile, take, unknown_columns
from pipeline.lakehouse.delimited import UnreadableLine
from pipeline.lakehouse.duck import WrittenFile, forget
from pipeline.lakehouse.foreign_file import Arrival, TakenForeignFile, take_rows
from pipeline.lakehouse.record_file import take_records
from pipeline.lakehouse.store import Store
from pipeline.refresh.met_files import Batch, MetFile
from pipeline.sources.landing import fingerprint
from pipeline.sources.records import NotUnderstood

UNREADABLE_LINES = "bronze.unreadable_lines"

UNKNOWN_COLUMN = "the feed does not know it; kept in _extra"


@dataclass(frozen=True)
class StagedFile:
    """One file's rows of one feed, written and not committed yet; its unreadable lines where they belong to this feed."""

    file: MetFile
    written: tuple[WrittenFile, ...]
    unreadable: tuple[UnreadableLine, ...] = ()


@dataclass(frozen=True)
class Staged:
    """What the foreign files of a batch gave: what became of each, and their rows by feed."""

    files: tuple[MetFile, ...] = ()
    by_feed: Mapping[str, tuple[StagedFile, ...]] = field(default_factory=dict)

    def of_feed(self, feed: str) -> tuple[StagedFile, ...]:
        return self.by_feed.get(feed, ())

    @property
    def row_count(self) -> int:
        return sum(part.row_count for staged in self.by_feed.values() for one in staged for part in one.written)


def stage_foreign_files(store: Store, batch: Batch) -> Staged:
    """Reads every new foreign file once and writes its rows by feed; nothing is committed yet."""
    with store.duck.keeping_order(), ThreadPoolExecutor(store.settings.threads) as readers:
        outcomes = list(readers.map(lambda file: _taken_foreign(store, file, batch), batch.foreign))
    by_feed: dict[str, list[StagedFile]] = {}
    for file, taken in outcomes:
        for feed, rows in taken.by_feed.items() if taken is not None else ():
            unreadable = taken.unreadable if feed == taken.first_feed else ()
            by_feed.setdefault(feed, []).append(StagedFile(file, rows.written, unreadable))
    return Staged(tuple(file for file, _ in outcomes), {feed: tuple(staged) for feed, staged in by_feed.items()})


def take_in_feed(store: Store, contract: Contract, batch: Batch, staged: Staged) -> tuple[tuple[MetFile, ...], int]:
    """Commits a feed's rows in one step: of its new canonical files, read here, and of the staged foreign ones.

    Returns what became of the canonical files, and the rows.
    """
    folder, arriving = store.folder(contract.table), batch.of_feed(contract.name)
    with store.duck.keeping_order(), ThreadPoolExecutor(store.settings.threads) as readers:
        outcomes = list(readers.map(lambda file: _taken(store, file, contract, batch, folder), arriving))
    own = [StagedFile(file, parts.written, parts.unreadable) for file, parts in outcomes if parts is not None]
    due = [*own, *staged.of_feed(contract.name)]
    written = [part for one in due for part in one.written]
    if due:
        _commit_unreadable(store, contract, due, batch)
        store.commit(contract, written, run_id=batch.run_id)
    return tuple(file for file, _ in outcomes), sum(part.row_count for part in written)


def _taken(store: Store, file: MetFile, contract: Contract, batch: Batch, folder: Path) -> tuple[MetFile, TakenFile | None]:
    provenance = Provenance(contract.name, file.label, batch.run_id, batch.received_at)
    scratch = store.settings.scratch
    try:
        parts = take(store.duck, file.landed, contract=contract, provenance=provenance, folder=folder, scratch=scratch)
    except FileRefused as refusal:
        return replace(file, status="refused", reason=str(refusal)), None
    unknown = (f"column {name}" for name in unknown_columns(file.landed, contract))
    told = tuple(NotUnderstood(what, UNKNOWN_COLUMN, file.landed.line_count) for what in unknown)
    return replace(file, status="loaded", not_understood=told), parts


def _taken_foreign(store: Store, file: MetFile, batch: Batch) -> tuple[MetFile, TakenForeignFile | None]:
    arrival = Arrival(
        feeds=feeds(store.contracts),
        folder_of=lambda feed: store.folder(f"bronze.{feed}"),
        file_label=file.label,
        batch=batch.run_id,
        received_at=batch.received_at,
        zone=store.settings.time_zone,
        scratch=store.settings.scratch,
    )
    take_file = take_rows if file.landed.mapping.is_tabular else take_records
    try:
        taken = take_file(store.duck, file.landed, arrival)
        _require_unchanged(file, taken)
    except FileRefused as refusal:
        return replace(file, status="refused", reason=str(refusal)), None
    counts = {feed: rows.received_count for feed, rows in taken.by_feed.items()}
    counts[taken.first_feed] += len(taken.unreadable)
    return replace(file, status="loaded", line_counts=counts, not_understood=taken.not_understood), taken


def _require_unchanged(file: MetFile, taken: TakenForeignFile) -> None:
    """What was read is what was recognised: a file that is still being written would be recorded under another content."""
    try:
        is_same = fingerprint(file.path) == file.mark
    except FileRefused:
        is_same = False
    if not is_same:
        forget(part for rows in taken.by_feed.values() for part in rows.written)
        raise FileRefused(
            f"{file.path.name} changed while it was read; nothing of it was taken. Refresh again once it is complete."
        )


def _commit_unreadable(store: Store, feed: Contract, staged: Iterable[StagedFile], batch: Batch) -> None:
    rows = [
        {
            "_feed": feed.name,
            "_file": one.file.label,
            "_row": line.row,
            "_batch": batch.run_id,
            "_received_at": batch.received_at.replace(tzinfo=None),
            "reason": line.reason,
            "line_text": line.text,
        }
        for one in staged
        for line in one.unreadable
    ]
    if rows:
        contract = store.contracts[UNREADABLE_LINES]
        store.commit(contract, store.stage_arrow(contract, pa.Table.from_pylist(rows)), run_id=batch.run_id)
