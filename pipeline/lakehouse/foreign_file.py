"""Takes one foreign file into Parquet as rows of the bronze tables that its mapping fills.

A file of rows is received first: every column as text, in a table of the engine, each line accounted for. Then the
mapping's SQL makes the canonical rows. What a line gives is counted on the lines, what arrived on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import Provenance, rows_in
from pipeline.lakehouse.delimited import Lines, UnreadableLine, read_lines
from pipeline.lakehouse.duck import Duck, WrittenFile, engine_error_words, forget, plain_failures
from pipeline.lakehouse.mapping_sql import MappedLines, counts_select, lines_select, target_select
from pipeline.lakehouse.mapping_words import MACROS
from pipeline.lakehouse.row_files import Received, received_ndjson, received_parquet
from pipeline.sources.plain_text import plain_text
from pipeline.sources.recognise import ForeignFile, columns_from_name
from pipeline.sources.records import NotUnderstood


@dataclass(frozen=True)
class FeedRows:
    """The rows of one feed that a file gives: as Parquet, and how many its lines were counted to give."""

    written: tuple[WrittenFile, ...]
    received_count: int


@dataclass(frozen=True)
class TakenForeignFile:
    """One foreign file as Parquet by feed. unreadable: lines that could not be rows; they belong to the first feed."""

    by_feed: Mapping[str, FeedRows]
    unreadable: tuple[UnreadableLine, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def first_feed(self) -> str:
        return next(iter(self.by_feed))


@dataclass(frozen=True)
class Arrival:
    """Where a file's rows go: the feeds' contracts and folders, what bronze adds, the hospital's zone, room for copies."""

    feeds: Mapping[str, Contract]
    folder_of: Callable[[str], Path]
    file_label: str
    batch: str
    received_at: datetime
    zone: str
    scratch: Path

    def provenance(self, feed: str) -> Provenance:
        return Provenance(feed, self.file_label, self.batch, self.received_at)


def take_rows(duck: Duck, file: ForeignFile, arrival: Arrival) -> TakenForeignFile:
    """Writes the file's rows by feed. Raises FileRefused, leaving nothing, when lines do not add up or give nothing."""
    with held_lines(duck, file, arrival) as (lines, got):
        written: dict[str, tuple[WrittenFile, ...]] = {}
        try:
            with _refusing(file):
                counts = _write_feeds(lines, arrival, written)
            given = {feed: count for feed, count in counts.items() if count}
            if not given:
                raise FileRefused(
                    f"{file.path.name}: none of its {got.line_count:,} lines gives a row by the mapping {file.mapping.name}."
                    " Look at what it says under needs and where."
                )
        except BaseException:
            forget(part for parts in written.values() for part in parts)
            raise
        rows = {feed: FeedRows(written.get(feed, ()), count) for feed, count in given.items()}
        return TakenForeignFile(rows, got.unreadable, (*_not_understood(lines, got), *got.not_understood))


@dataclass(frozen=True)
class HeldLines:
    """The lines of a file in a table of the engine, with all that its rows are made of."""

    reader: Duck
    table: str
    file: ForeignFile
    header: tuple[str, ...]
    arrival: Arrival

    def mapped(self, feed: str = "") -> MappedLines:
        """The file as the SQL of its mapping sees it."""
        from_name = columns_from_name(self.file.mapping, self.file.path)
        return MappedLines(self.file.mapping, self.header, from_name, self.arrival.provenance(feed), self.arrival.zone)

    def counts(self) -> tuple[int, ...]:
        """How many lines give each target of the mapping, and last how many give none."""
        return self.reader.rows(counts_select(self.mapped(), self.table))[0]

    def rows_of(self, place: int) -> str:
        """A SELECT of the bronze rows of one target."""
        feed = self.file.mapping.targets[place].feed
        return target_select(self.mapped(feed), place, self.arrival.feeds[feed], self.table)


@contextmanager
def held_lines(duck: Duck, file: ForeignFile, arrival: Arrival) -> Iterator[tuple[HeldLines, Received]]:
    """The file received into the engine. Raises FileRefused when its lines do not add up."""
    name = uuid4().hex
    received, table = f"main.received_{name}", f"main.lines_{name}"
    reader = duck.cursor()
    try:
        for macro in MACROS:
            reader.rows(macro)
        got = RECEIVERS[file.format](reader, file, arrival.scratch, received)
        lines = HeldLines(reader, table, file, got.header, arrival)
        with _refusing(file):
            reader.receive(table, lines_select(lines.mapped(), received))
        reader.drop(received)
        yield lines, got
    finally:
        reader.drop(received)
        reader.drop(table)
        reader.close()


@contextmanager
def _refusing(file: ForeignFile) -> Iterator[None]:
    """A value that no guard foresaw refuses its file, and does not end the run."""
    try:
        with plain_failures(f"mapping {file.path.name}", passing=Duck.unreadable_input):
            yield
    except Duck.unreadable_input as failed:
        raise FileRefused(
            f"{file.path.name} holds a value that the mapping {file.mapping.name} cannot be computed over"
            f" ({engine_error_words(failed)}). Look at its formats and units; nothing of it was taken."
        ) from failed


def _write_feeds(lines: HeldLines, arrival: Arrival, written: dict[str, tuple[WrittenFile, ...]]) -> dict[str, int]:
    """Adds to `written` as it goes, so that the caller can forget what an error leaves."""
    counts, by_feed = lines.counts(), dict.fromkeys(lines.file.mapping.feeds, 0)
    for place, target in enumerate(lines.file.mapping.targets):
        by_feed[target.feed] += counts[place]
        if counts[place]:
            parts = lines.reader.write_parquet(lines.rows_of(place), arrival.feeds[target.feed], arrival.folder_of(target.feed))
            written[target.feed] = (*written.get(target.feed, ()), *parts)
    for feed, count in by_feed.items():
        found = rows_in(written.get(feed, ()))
        if found != count:
            raise FileRefused(f"{lines.file.path.name} should give {count:,} rows of {feed} but gave {found:,}.")
    return by_feed


def _not_understood(lines: HeldLines, got: Received) -> Iterator[NotUnderstood]:
    mapped, giving_nothing = lines.mapped(), lines.counts()[-1]
    for name in mapped.unused:
        yield NotUnderstood(f"column {name}", "no canonical column takes it; kept in _extra", got.line_count)
    for name in mapped.absent:
        yield NotUnderstood(f"column {name}", "the mapping reads it and the file does not have it", got.line_count)
    if giving_nothing:
        yield NotUnderstood("lines", f"the mapping {lines.file.mapping.name} makes no row of them", giving_nothing)


def _receive_delimited(reader: Duck, file: ForeignFile, scratch: Path, table: str) -> Received:
    text = file.mapping.text
    with plain_text(file.path, text, scratch) as (plain, found):
        line_count = found.line_count - (0 if text.names is not None else 1)
        if line_count <= 0:
            raise FileRefused(f"{file.path.name} has a header and no rows. Send it again with its rows, or leave it out.")
        lines = Lines(plain, file.path.name, file.header, line_count, found.odd_lines, found.blank_lines, text)

        def hold(inner: Duck, numbered: str) -> int:
            return inner.receive(table, numbered)

        _, unreadable = read_lines(reader, lines, hold, count=int, forget=lambda _: None)
    return Received(file.header, unreadable, line_count)


def _receive_parquet(reader: Duck, file: ForeignFile, scratch: Path, table: str) -> Received:
    with received_parquet(file, scratch) as (select, got):
        reader.hold(table, select)
    return got


def _receive_ndjson(reader: Duck, file: ForeignFile, scratch: Path, table: str) -> Received:
    with received_ndjson(file, scratch) as (select, got):
        reader.hold(table, select)
    return got


RECEIVERS = {"delimited": _receive_delimited, "parquet": _receive_parquet, "ndjson": _receive_ndjson}
