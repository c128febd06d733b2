"""Receives Parquet and newline-delimited JSON as rows of texts, each with its number, through a plain copy of our own.

A Parquet file from outside is read by an engine of its own: what breaks that one breaks nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from pipeline.errors import FileRefused
from pipeline.lakehouse.delimited import RECEIVED, UnreadableLine, identifier, received, require_mostly_readable
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.views import quoted
from pipeline.sources import ndjson, parquet_look
from pipeline.sources.plain_text import plain_text
from pipeline.sources.recognise import ForeignFile, columns_from_name
from pipeline.sources.records import NotUnderstood

BATCH_ROWS = 50_000

FREE_ROWS, MOST_ROWS_PER_BYTE = 10_000_000, 100
"""Past ten million rows, more than a hundred in a byte are a column of one value made to fill a memory."""

REST = "the rest"
"""The received column with what a format without fixed columns had beside the ones that are read, as name=value."""

MOST_MEMBER_NAMES = 200
"""Names of unused members that are told one by one; files that use values as names have millions."""


@dataclass(frozen=True)
class Received:
    """What was received of a file: its columns, the lines that are none, all lines, and members that nothing reads."""

    header: tuple[str, ...]
    unreadable: tuple[UnreadableLine, ...]
    line_count: int
    not_understood: tuple[NotUnderstood, ...] = ()


@contextmanager
def received_parquet(file: ForeignFile, scratch: Path) -> Iterator[tuple[str, Received]]:
    """A SELECT of the file's rows as texts. Raises FileRefused for a file that is damaged or too full."""
    row_count = parquet_look.row_count(file.path)
    if row_count == 0:
        raise FileRefused(f"{file.path.name} has no rows. Send it again with its rows, or leave it out.")
    if row_count > max(FREE_ROWS, MOST_ROWS_PER_BYTE * file.byte_count):
        raise FileRefused(f"{file.path.name} says it has {row_count:,} rows, more than its size can hold. Send it in parts.")
    with _copy_in(scratch) as copy:
        copied = _copied_apart(file, copy, scratch)
        if copied != row_count:
            raise FileRefused(f"{file.path.name} says it has {row_count:,} rows but gives {copied:,}; nothing of it was taken.")
        yield f"select * from read_parquet({quoted(copy)})", Received(file.header, (), row_count)


@contextmanager
def received_ndjson(file: ForeignFile, scratch: Path) -> Iterator[tuple[str, Received]]:
    """A SELECT of the file's lines as texts: the members that the mapping reads, and the rest in one column."""
    text = replace(file.mapping.text, quote="", skip_lines=0)
    with plain_text(file.path, text, scratch) as (plain, found), _copy_in(scratch) as copy:
        got = _copied_lines(file, plain, copy, found.line_count)
        require_mostly_readable(file.path.name, got.unreadable, got.line_count)
        yield f"select * from read_parquet({quoted(copy)})", got


@contextmanager
def _copy_in(scratch: Path) -> Iterator[Path]:
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"received-{uuid4().hex}.parquet"
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _copied_apart(file: ForeignFile, copy: Path, scratch: Path) -> int:
    columns = ", ".join(
        f"cast({identifier(name)} as varchar) as {received(name.lower())}" for name in parquet_look.column_names(file.path)
    )
    source = f"read_parquet({quoted(file.path)}, file_row_number = true)"
    engine = Duck.apart(scratch)
    try:
        engine.rows(f"copy (select file_row_number + 1 as _row, {columns} from {source}) to {quoted(copy)} (format parquet)")
        return engine.rows(f"select count(*) from read_parquet({quoted(copy)})")[0][0]
    except Duck.engine_error as failed:
        raise FileRefused(
            f"{file.path.name} is damaged inside or holds what cannot be read as rows. Send it again; nothing of it was taken."
        ) from failed
    finally:
        engine.close()


def _copied_lines(file: ForeignFile, plain: Path, copy: Path, line_count: int) -> Received:
    from pyarrow import parquet

    read = [name for name in file.mapping.source_columns if name not in columns_from_name(file.mapping, file.path)]
    schema = pa.schema([("_row", pa.int64()), *((RECEIVED + name, pa.string()) for name in (*read, REST))])
    unreadable: list[UnreadableLine] = []
    unused: Counter[str] = Counter()
    with parquet.ParquetWriter(copy, schema) as writer:
        for rows in _batches(plain, read, unreadable, unused):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    told = [
        NotUnderstood(f"member {name}", "no canonical column takes it; kept in _extra", count) for name, count in unused.items()
    ]
    return Received((*read, REST), tuple(unreadable), line_count, tuple(told))


def _batches(plain: Path, read: Sequence[str], unreadable: list[UnreadableLine], unused: Counter[str]) -> Iterator[list[dict]]:
    rows: list[dict] = []
    for number, line in ndjson.numbered_lines(plain):
        members = ndjson.members_of(line)
        if isinstance(members, ndjson.BadLine):
            unreadable.append(UnreadableLine(number, f"the line cannot be read: {members.reason}", line))
            continue
        rest = {name: value for name, value in members.items() if name not in read and value is not None}
        unused.update(name for name in rest if name in unused or len(unused) < MOST_MEMBER_NAMES)
        row = {RECEIVED + name: members.get(name) for name in read}
        row |= {"_row": number, RECEIVED + REST: "; ".join(f"{name}={value}" for name, value in rest.items()) or None}
        rows.append(row)
        if len(rows) == BATCH_ROWS:
            yield rows
            rows = []
    yield rows
