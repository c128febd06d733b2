"""Takes one delimited-text file into Parquet as a bronze table's rows: every value as text, every line accounted for.

The bytes were settled by `sources.landing`; here columns are matched by name, each row gets the number of its line,
and lines that do not have the header's fields come back one by one instead of vanishing. One empty field too many at
the end of a line says nothing and is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.lakehouse.duck import Duck, WrittenFile, engine_error_words, forget, plain_failures, quoted
from pipeline.sources.landing import LandedFile

LAST_RANK = 1 << 62

UNREADABLE_SHARE = 0.05
"""Beyond this share of lines with a wrong number of fields the file itself is wrong, not its lines."""


@dataclass(frozen=True)
class Provenance:
    """What bronze adds to every row of one file."""

    feed: str
    file_label: str
    batch: str
    received_at: datetime


@dataclass(frozen=True)
class UnreadableLine:
    """A line that does not have the fields of its header."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class TakenFile:
    """One landed file as Parquet, and the lines that could not be rows."""

    written: tuple[WrittenFile, ...]
    unreadable: tuple[UnreadableLine, ...]

    @property
    def row_count(self) -> int:
        return sum(file.row_count for file in self.written)


def take(duck: Duck, file: LandedFile, *, contract: Contract, provenance: Provenance, folder: Path) -> TakenFile:
    """Writes the file's rows as Parquet into `folder`. Raises FileRefused, leaving nothing, when lines do not add up."""
    with plain_failures(f"reading {file.path.name}"):
        taken = _every_line(duck, file, contract, provenance, folder)
    try:
        _require_mostly_readable(file, taken)
        _require_every_line(file, taken)
    except FileRefused:
        forget(taken.written)
        raise
    return taken


def _every_line(duck: Duck, file: LandedFile, contract: Contract, provenance: Provenance, folder: Path) -> TakenFile:
    """Reads once where the odd lines are those the bytes showed, and once more where the reader found others."""
    if not file.path.exists():
        raise FileRefused(f"{file.path.name} is gone since it was looked at. Put it back and refresh again.")
    try:
        taken = _written(duck, file, contract, provenance, folder, file.odd_lines)
        found = tuple(line.row for line in taken.unreadable)
        if found == file.odd_lines:
            return taken
        forget(taken.written)
        return _written(duck, file, contract, provenance, folder, found)
    except duck.unreadable_input as failed:
        raise FileRefused(f"{file.path.name} cannot be read as delimited text: {engine_error_words(failed)}.") from failed


def _written(
    duck: Duck, file: LandedFile, contract: Contract, provenance: Provenance, folder: Path, odd_lines: Sequence[int]
) -> TakenFile:
    reader = duck.cursor()
    try:
        reader.hold_rows("line_shifts", ("from_rank bigint", "to_rank bigint", "shift bigint"), _line_shifts(odd_lines))
        select = _numbered_rows(file, contract, provenance, has_shifts=bool(odd_lines))
        written = reader.write_parquet(select, contract, folder)
        return TakenFile(written, _unreadable_lines(reader))
    finally:
        reader.close()


def _numbered_rows(file: LandedFile, contract: Contract, provenance: Provenance, *, has_shifts: bool) -> str:
    """Rank plus one for the header, plus one for every unreadable line before it, is the number of the line.

    The rank is the place in the file only while the engine keeps the order of rows (`Duck.keeping_order`).
    """
    known = {column.name for column in contract.raw_columns}
    fields = ", ".join(f"{quoted(name)}: 'varchar'" for name in file.header)
    source = (
        f"read_csv({quoted(file.path)}, columns = {{{fields}}}, header = true, auto_detect = false, delim = ',',"
        " quote = '\"', escape = '\"', null_padding = false, store_rejects = true, rejects_limit = 0,"
        " rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')"
    )
    columns = ", ".join(
        _name(column.name) if column.name in file.header else f"cast(null as varchar) as {_name(column.name)}"
        for column in contract.raw_columns
    )
    extra = [name for name in file.header if name not in known]
    kept = ", ".join(f"{quoted(name + '=')} || {_name(name)}" for name in extra)
    extra_text = f"concat_ws('; ', {kept})" if extra else "cast(null as varchar)"
    received_at = provenance.received_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    return (
        f"select {columns}, {quoted(provenance.feed)} as _feed, {quoted(provenance.file_label)} as _file,"
        f" numbered.rank + 1{' + line_shifts.shift' if has_shifts else ''} as _row,"
        f" {quoted(provenance.batch)} as _batch, timestamp {quoted(received_at)} as _received_at, {extra_text} as _extra, cast(null as varchar) as _source_text"
        f" from (select *, row_number() over () as rank from {source}) as numbered"
        + (
            " join line_shifts on numbered.rank >= line_shifts.from_rank and numbered.rank < line_shifts.to_rank"
            if has_shifts
            else ""
        )
    )


def _line_shifts(odd_lines: Sequence[int]) -> list[tuple[int, int, int]]:
    """From which rank, up to which, how many odd lines lie before a row."""
    starts = {0: 0} | {line - 1 - before: before + 1 for before, line in enumerate(odd_lines)}
    ranks = [*sorted(starts), LAST_RANK]
    return [(rank, following, starts[rank]) for rank, following in itertools.pairwise(ranks)]


def _unreadable_lines(reader: Duck) -> tuple[UnreadableLine, ...]:
    found = reader.rows(
        "select line, string_agg(distinct lower(replace(error_type::varchar, '_', ' ')), ', '), any_value(csv_line)"
        " from rejected_lines group by line order by line"
    )
    return tuple(UnreadableLine(*line) for line in found)


def _require_mostly_readable(file: LandedFile, taken: TakenFile) -> None:
    if len(taken.unreadable) > max(1, UNREADABLE_SHARE * file.line_count):
        raise FileRefused(
            f"{file.path.name}: {len(taken.unreadable):,} of {file.line_count:,} lines do not have the fields of the header."
            " The file seems to use another delimiter or to be damaged; nothing of it was taken."
        )


def _require_every_line(file: LandedFile, taken: TakenFile) -> None:
    if taken.row_count + len(taken.unreadable) != file.line_count:
        raise FileRefused(
            f"{file.path.name} has {file.line_count:,} lines after its header but gives {taken.row_count:,} rows and"
            f" {len(taken.unreadable):,} unreadable lines. A row must be one line: check for line breaks inside quoted fields."
        )


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
