"""Takes one canonical file into Parquet as its bronze table's rows: columns by name, unknown ones kept beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.delimited import Lines, UnreadableLine, identifier, read_lines, received
from pipeline.lakehouse.duck import Duck, WrittenFile, forget
from pipeline.lakehouse.views import quoted
from pipeline.sources.canonical import LandedFile


@dataclass(frozen=True)
class Provenance:
    """What bronze adds to every row of one file."""

    feed: str
    file_label: str
    batch: str
    received_at: datetime

    def as_sql(self) -> str:
        """Its columns but `_row`, in SQL."""
        received_at = self.received_at.strftime("%Y-%m-%d %H:%M:%S.%f")
        return (
            f"{quoted(self.feed)} as _feed, {quoted(self.file_label)} as _file, {quoted(self.batch)} as _batch,"
            f" timestamp {quoted(received_at)} as _received_at"
        )


@dataclass(frozen=True)
class TakenFile:
    """One landed file as Parquet, and the lines that could not be rows."""

    written: tuple[WrittenFile, ...]
    unreadable: tuple[UnreadableLine, ...]

    @property
    def row_count(self) -> int:
        return rows_in(self.written)


def take(duck: Duck, file: LandedFile, *, contract: Contract, provenance: Provenance, folder: Path, scratch: Path) -> TakenFile:
    """Writes the file's rows as Parquet into `folder`. Raises FileRefused, leaving nothing, when lines do not add up."""

    def write(reader: Duck, numbered: str) -> tuple[WrittenFile, ...]:
        return reader.write_parquet(_bronze_rows(file, contract, provenance, numbered), contract, folder)

    with file.as_plain_text(scratch) as plain:
        lines = Lines(plain, file.path.name, file.header, file.line_count, file.odd_lines, file.blank_lines)
        return TakenFile(*read_lines(duck, lines, write, count=rows_in, forget=forget))


def unknown_columns(file: LandedFile, contract: Contract) -> tuple[str, ...]:
    """The columns of a file that its feed does not know; bronze keeps their values in `_extra`."""
    known = {column.name for column in contract.raw_columns}
    return tuple(name for name in file.header if name not in known)


def rows_in(written: tuple[WrittenFile, ...]) -> int:
    return sum(file.row_count for file in written)


def _bronze_rows(file: LandedFile, contract: Contract, provenance: Provenance, numbered: str) -> str:
    columns = ", ".join(
        f"{received(column.name)} as {identifier(column.name)}"
        if column.name in file.header
        else f"cast(null as varchar) as {identifier(column.name)}"
        for column in contract.raw_columns
    )
    kept = ", ".join(f"{quoted(name + '=')} || {received(name)}" for name in unknown_columns(file, contract))
    extra = f"concat_ws('; ', {kept})" if kept else "cast(null as varchar)"
    return (
        f"select {columns}, {provenance.as_sql()}, _row, {extra} as _extra, cast(null as varchar) as _source_text from ({numbered})"
    )
