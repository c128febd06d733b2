"""Takes one delimited-text file into Parquet as a bronze table's rows: every value as text, every line accounted for.

The bytes were settled by `sources.landing`; here columns are matched by name, each row gets the number of its line,
and lines that do not have the header's fields come back one by one instead of vanishing. One empty field too many at
the end of a line says nothing and is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.lakehouse.duck import Duck, WrittenFile, engine_error_words

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


def take(
    duck: Duck, path: Path, header: Sequence[str], line_count: int, *, contract: Contract, provenance: Provenance, folder: Path
) -> TakenFile:
    """Writes the file's rows as Parquet into `folder`. Raises FileRefused, leaving nothing, when lines do not add up."""
    try:
        taken = _written(duck, path, header, contract, provenance, folder, ())
        if taken.unreadable:
            _forget(taken)
            _require_mostly_readable(path, taken, line_count)
            taken = _written(duck, path, header, contract, provenance, folder, taken.unreadable)
    except duck.failure as failed:
        raise FileRefused(f"{path.name} cannot be read as delimited text: {engine_error_words(failed)}.") from failed
    if taken.row_count + len(taken.unreadable) != line_count:
        _forget(taken)
        raise FileRefused(
            f"{path.name} has {line_count:,} lines after its header but gives {taken.row_count:,} rows and"
            f" {len(taken.unreadable):,} unreadable lines. A row must be one line: check for line breaks inside quoted fields."
        )
    return taken


def _written(
    duck: Duck,
    path: Path,
    header: Sequence[str],
    contract: Contract,
    provenance: Provenance,
    folder: Path,
    known_unreadable: Sequence[UnreadableLine],
) -> TakenFile:
    reader = duck.cursor()
    try:
        reader.hold_rows("line_shifts", ("from_rank bigint", "shift bigint"), _line_shifts(known_unreadable))
        select = _numbered_rows(path, header, contract, provenance, has_shifts=bool(known_unreadable))
        written = reader.write_parquet(select, contract, folder)
        return TakenFile(written, _unreadable_lines(reader))
    finally:
        reader.close()


def _numbered_rows(path: Path, header: Sequence[str], contract: Contract, provenance: Provenance, *, has_shifts: bool) -> str:
    """Rank plus one for the header, plus one for every unreadable line before it, is the number of the line.

    The rank is the place in the file only while the engine keeps the order of rows (`Duck.keeping_order`).
    """
    known = {column.name for column in contract.raw_columns}
    fields = ", ".join(f"{_text(name)}: 'varchar'" for name in header)
    source = (
        f"read_csv({_text(str(path))}, columns = {{{fields}}}, header = true, auto_detect = false, delim = ',',"
        " quote = '\"', escape = '\"', null_padding = false, store_rejects = true, rejects_limit = 0,"
        " rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')"
    )
    columns = ", ".join(
        _name(column.name) if column.name in header else f"cast(null as varchar) as {_name(column.name)}"
        for column in contract.raw_columns
    )
    extra = [name for name in header if name not in known]
    kept = ", ".join(f"{_text(name + '=')} || {_name(name)}" for name in extra)
    extra_text = f"concat_ws('; ', {kept})" if extra else "cast(null as varchar)"
    received_at = provenance.received_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    return (
        f"select {columns}, {_text(provenance.feed)} as _feed, {_text(provenance.file_label)} as _file,"
        f" numbered.rank + 1{' + coalesce(line_shifts.shift, 0)' if has_shifts else ''} as _row,"
        f" {_text(provenance.batch)} as _batch, timestamp {_text(received_at)} as _received_at, {extra_text} as _extra"
        f" from (select *, row_number() over () as rank from {source}) as numbered"
        + (" asof left join line_shifts on numbered.rank >= line_shifts.from_rank" if has_shifts else "")
    )


def _line_shifts(unreadable: Sequence[UnreadableLine]) -> list[tuple[int, int]]:
    """From which rank on how many unreadable lines lie before a row."""
    shifts = {line.row - 1 - before: before + 1 for before, line in enumerate(unreadable)}
    return sorted(shifts.items())


def _unreadable_lines(reader: Duck) -> tuple[UnreadableLine, ...]:
    found = reader.rows(
        "select line, string_agg(distinct lower(replace(error_type::varchar, '_', ' ')), ', '), any_value(csv_line)"
        " from rejected_lines group by line order by line"
    )
    return tuple(UnreadableLine(*line) for line in found)


def _require_mostly_readable(path: Path, taken: TakenFile, line_count: int) -> None:
    if len(taken.unreadable) > max(1, UNREADABLE_SHARE * line_count):
        raise FileRefused(
            f"{path.name}: {len(taken.unreadable):,} of {line_count:,} lines do not have the fields of the header."
            " The file seems to use another delimiter or to be damaged; nothing of it was taken."
        )


def _forget(taken: TakenFile) -> None:
    for file in taken.written:
        file.path.unlink(missing_ok=True)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
