"""Landed files become bronze: each new file is examined, read and committed exactly once, or refused as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.lakehouse.delimited import Provenance, TakenFile, take
from pipeline.lakehouse.store import Store
from pipeline.sources.landing import Fingerprint, LandedFile, LandingIndex, examine, fingerprint, landed_paths, synthetic_hashes

UNREADABLE_LINES = "bronze.unreadable_lines"


@dataclass(frozen=True)
class MetFile:
    """What became of one file. status: new, loaded, repeated or refused."""

    path: Path
    mark: Fingerprint | None
    status: str
    source: str
    reason: str | None = None
    landed: LandedFile | None = None
    label: str = ""


@dataclass(frozen=True)
class Batch:
    """The files one run takes in."""

    run_id: str
    received_at: datetime
    files: tuple[MetFile, ...] = field(default=())

    def of_feed(self, feed: str) -> tuple[MetFile, ...]:
        """The files of one feed that are still to be read."""
        return tuple(file for file in self.files if file.status == "new" and file.landed.feed == feed)


def meet_files(store: Store, feeds: dict[str, Contract], index: LandingIndex, batch: Batch) -> Batch:
    """Looks at every file that no earlier run settled. Refusals are results here, not errors."""
    synthetic = synthetic_hashes(store.settings.landing)
    unknown = [path for path in landed_paths(store.settings.landing) if not _is_settled(index, path)]
    with ThreadPoolExecutor(store.settings.threads) as readers:
        met = list(readers.map(lambda path: _met(path, feeds, synthetic), unknown))
    return replace(batch, files=tuple(_told_apart(store, met)))


def take_in_feed(store: Store, contract: Contract, batch: Batch) -> tuple[tuple[MetFile, ...], int]:
    """Reads a feed's new files into Parquet and commits them in one step. Returns what became of each, and the rows."""
    folder, arriving = store.folder(contract.table), batch.of_feed(contract.name)
    with store.duck.keeping_order(), ThreadPoolExecutor(store.settings.threads) as readers:
        outcomes = list(readers.map(lambda file: _taken(store, file, contract, batch, folder), arriving))
    taken = [(file, parts) for file, parts in outcomes if parts is not None]
    if taken:
        _commit_unreadable(store, contract, taken, batch)
        written = [part for _, parts in taken for part in parts.written]
        ids = [file.landed.application_id for file, _ in taken]
        store.commit(contract, written, run_id=batch.run_id, application_ids=ids)
    return tuple(file for file, _ in outcomes), sum(parts.row_count for _, parts in taken)


def settled_marks(files: Iterable[MetFile]) -> dict[str, Fingerprint]:
    """What the landing index remembers once a run is through: every file that need not be opened again."""
    return {file.path.name: file.mark for file in files if file.mark is not None and file.status != "new"}


def _is_settled(index: LandingIndex, path: Path) -> bool:
    try:
        return index.knows(path)
    except FileRefused:
        return False


def _met(path: Path, feeds: dict[str, Contract], synthetic: frozenset[str]) -> MetFile:
    mark = None
    try:
        mark = fingerprint(path)
        landed = examine(path, feeds)
    except FileRefused as refusal:
        return MetFile(path, mark, "refused", "received", str(refusal))
    source = "synthetic" if landed.content_hash in synthetic else "received"
    return MetFile(path, mark, "new", source, landed=landed, label=path.name)


def _told_apart(store: Store, met: Sequence[MetFile]) -> Iterator[MetFile]:
    """Content that is already in bronze, or twice in this batch, is reported and not loaded again."""
    arriving: dict[str, str] = {}
    loaded = _loaded_files(store)
    labels = set(loaded.values())
    for file in met:
        if file.landed is None:
            yield file
            continue
        identity = file.landed.application_id
        if identity in loaded:
            yield replace(
                file, status="repeated", reason=f"{file.path.name} has the content of {loaded[identity]}, which is loaded."
            )
        elif store.delta(f"bronze.{file.landed.feed}").has_taken(identity):
            yield replace(file, status="loaded", label=_free_label(file, labels), reason="Taken in by a run that was interrupted.")
        elif identity in arriving:
            yield replace(file, status="repeated", reason=f"{file.path.name} has the same content as {arriving[identity]}.")
        else:
            arriving[identity] = file.path.name
            yield replace(file, label=_free_label(file, labels))


def _loaded_files(store: Store) -> dict[str, str]:
    """Identity of every file that is recorded as loaded, and the label that its bronze rows carry."""
    store.lay_over_current("ops.files")
    found = store.duck.rows("select feed || ':' || content_hash, file_name from ops.files where status = 'loaded'")
    return dict(found)


def _free_label(file: MetFile, labels: set[str]) -> str:
    label = file.path.name if file.path.name not in labels else f"{file.path.name} ({file.landed.content_hash[:8]})"
    labels.add(label)
    return label


def _taken(store: Store, file: MetFile, contract: Contract, batch: Batch, folder: Path) -> tuple[MetFile, TakenFile | None]:
    provenance = Provenance(contract.name, file.label, batch.run_id, batch.received_at)
    try:
        parts = take(store.duck, file.landed, contract=contract, provenance=provenance, folder=folder)
    except FileRefused as refusal:
        return replace(file, status="refused", reason=str(refusal)), None
    return replace(file, status="loaded"), parts


def _commit_unreadable(store: Store, feed: Contract, taken: Sequence[tuple[MetFile, TakenFile]], batch: Batch) -> None:
    """Unreadable lines are kept before their file counts as taken; the application id makes a repeat harmless."""
    contract = store.contracts[UNREADABLE_LINES]
    lines = [(file, line) for file, parts in taken for line in parts.unreadable]
    ids = sorted(
        {file.landed.application_id for file, _ in lines if not store.delta(UNREADABLE_LINES).has_taken(file.landed.application_id)}
    )
    rows = [
        {
            "_feed": feed.name,
            "_file": file.label,
            "_row": line.row,
            "_batch": batch.run_id,
            "_received_at": batch.received_at.replace(tzinfo=None),
            "reason": f"the line does not have the fields of the header ({line.reason})",
            "line_text": line.text,
        }
        for file, line in lines
        if file.landed.application_id in ids
    ]
    if rows:
        store.commit(contract, store.stage_arrow(contract, pa.Table.from_pylist(rows)), run_id=batch.run_id, application_ids=ids)
