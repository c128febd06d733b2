"""Takes the items that a reader of a foreign format gives into Parquet as rows of the bronze tables, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from pipeline.catalog.contract import FURTHER_ROW, Contract
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import rows_in
from pipeline.lakehouse.delimited import UnreadableLine, require_mostly_readable
from pipeline.lakehouse.duck import Duck, WrittenFile, forget, plain_failures
from pipeline.lakehouse.foreign_file import Arrival, FeedRows, TakenForeignFile
from pipeline.lakehouse.views import quoted
from pipeline.sources.readers import reader_of
from pipeline.sources.recognise import ForeignFile
from pipeline.sources.records import Item, NotUnderstood, Record, Unreadable

BATCH_ITEMS = 50_000
"""Items held at once: some 50 MB of records."""

MOST_UNREADABLE = 100_000
"""Pieces that are kept one by one; a file with more of them is refused anyway unless it is enormous."""


@dataclass
class _Heap:
    """What has come of a file so far: Parquet per feed, counts, and what could not be used."""

    copies: dict[str, list[Path]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    unreadable: list[UnreadableLine] = field(default_factory=list)
    not_understood: Counter[tuple[str, str]] = field(default_factory=Counter)


def take_records(duck: Duck, file: ForeignFile, arrival: Arrival) -> TakenForeignFile:
    """Writes what the file's reader gives by feed. Raises FileRefused, leaving nothing, when the file cannot be trusted."""
    heap = _Heap()
    written: dict[str, tuple[WrittenFile, ...]] = {}
    try:
        for batch in _batches(_items(file, arrival.zone)):
            _heap_up(heap, batch, file, arrival)
        _require_something(file, heap)
        with plain_failures(f"mapping {file.path.name}"):
            for feed, copies in heap.copies.items():
                written[feed] = _write_feed(duck, arrival, feed, copies)
                _require_every_row(file, feed, heap.counts[feed], rows_in(written[feed]))
    except BaseException:
        forget(part for parts in written.values() for part in parts)
        raise
    finally:
        for copy in (copy for copies in heap.copies.values() for copy in copies):
            copy.unlink(missing_ok=True)
    by_feed = {feed: FeedRows(written[feed], heap.counts[feed]) for feed in heap.copies}
    told = tuple(NotUnderstood(what, reason, count) for (what, reason), count in heap.not_understood.items())
    return TakenForeignFile(by_feed, tuple(heap.unreadable), told)


def _items(file: ForeignFile, time_zone: str) -> Iterator[Item]:
    """What the reader gives; an error of the reader itself is a refusal of the file and no end of the run."""
    try:
        yield from reader_of(file.format, time_zone)(file.path)
    except (FileRefused, MemoryError):
        raise
    except Exception as failed:
        raise FileRefused(
            f"{file.path.name} cannot be read as {file.format} ({type(failed).__name__}). Check it; nothing of it was taken."
        ) from failed


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    while batch := list(islice(items, BATCH_ITEMS)):
        yield batch


def _heap_up(heap: _Heap, batch: list[Item], file: ForeignFile, arrival: Arrival) -> None:
    rows: dict[str, list[dict]] = {}
    for item in batch:
        match item:
            case Record():
                rows.setdefault(item.feed, []).append(_row(item, arrival.feeds))
            case Unreadable() if len(heap.unreadable) < MOST_UNREADABLE:
                heap.unreadable.append(UnreadableLine(item.row, f"cannot be read: {item.reason}", item.text))
            case Unreadable():
                raise FileRefused(f"{file.path.name} has more than {MOST_UNREADABLE:,} pieces that cannot be read.")
            case NotUnderstood():
                heap.not_understood[(item.what, item.reason)] += item.count
    for feed, records in rows.items():
        copy = arrival.scratch / f"records-{uuid4().hex}.parquet"
        heap.copies.setdefault(feed, []).append(copy)
        _write_copy(records, arrival.feeds[feed], copy, first=heap.counts[feed])
        heap.counts[feed] += len(records)


def _row(record: Record, feeds: dict[str, Contract]) -> dict:
    known = {column.name for column in feeds[record.feed].raw_columns}
    extra = "; ".join(f"{name}={value}" for name, value in record.values.items() if name not in known)
    values = {name: value for name, value in record.values.items() if name in known}
    return values | {"_row": record.row, "_extra": extra or None, "_source_text": record.source_text}


def _write_copy(rows: list[dict], contract: Contract, copy: Path, *, first: int) -> None:
    from pyarrow import parquet

    copy.parent.mkdir(parents=True, exist_ok=True)
    names = [column.name for column in contract.raw_columns] + ["_extra", "_source_text"]
    schema = pa.schema([("_row", pa.int64()), ("_place", pa.int64()), *((name, pa.string()) for name in names)])
    placed = [row | {"_place": place} for place, row in enumerate(rows, start=first)]
    parquet.write_table(pa.Table.from_pylist(placed, schema=schema), copy)


def _write_feed(duck: Duck, arrival: Arrival, feed: str, copies: list[Path]) -> tuple[WrittenFile, ...]:
    """Several records of one piece of the file get numbers of their own, so that each row can be named."""
    source = f"read_parquet([{', '.join(map(quoted, copies))}])"
    further = f"(row_number() over (partition by _row order by _place) - 1) * {FURTHER_ROW}"
    columns = ", ".join(column.name for column in arrival.feeds[feed].raw_columns)
    select = f"select {columns}, {arrival.provenance(feed).as_sql()}, _row + {further} as _row, _extra, _source_text from {source}"
    reader = duck.cursor()
    try:
        return reader.write_parquet(select, arrival.feeds[feed], arrival.folder_of(feed))
    finally:
        reader.close()


def _require_something(file: ForeignFile, heap: _Heap) -> None:
    require_mostly_readable(file.path.name, heap.unreadable, heap.counts.total() + len(heap.unreadable))
    if not heap.copies:
        raise FileRefused(f"{file.path.name} holds nothing that a canonical feed takes; nothing of it was taken.")


def _require_every_row(file: ForeignFile, feed: str, expected: int, found: int) -> None:
    if expected != found:
        raise FileRefused(f"{file.path.name} should give {expected:,} rows of {feed} but gave {found:,}; nothing of it was taken.")
