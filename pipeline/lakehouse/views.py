"""The SELECT that reads one version of a table from its Parquet files: columns as the contract types them, rows that a
later run removed left out. Text only; knows no engine, no Delta and no publication.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.catalog.contract import Contract

REMOVED_ROWS = "ops.removed_rows"
"""Names rows that still lie in a file of a table but are not part of it any more: table, file and place in the file."""

PLACE_COLUMNS = ("_lake_file", "_lake_row")
"""Where a row lies: the name of its Parquet file, and its place in it from 0."""


def empty(contract: Contract) -> str:
    """The table without a row."""
    columns = ", ".join(f"cast(null as {column.type}) as {column.name}" for column in contract.columns)
    return f"select {columns} where false"


def over_files(contract: Contract, files: Sequence[Path], *, removed: str | None = None, with_places: bool = False) -> str:
    """The rows of the files. `removed` names a table of removed rows; `with_places` adds PLACE_COLUMNS.

    Largest file first: DuckDB guesses the size of the whole from the first file of the list.
    """
    columns = [_as_computed(column.name, column.type) for column in contract.columns]
    places = [f"parse_filename(stored.filename) as {PLACE_COLUMNS[0]}", f"stored.file_row_number as {PLACE_COLUMNS[1]}"]
    selected = ", ".join(columns + places if with_places else columns)
    source = parquet(contract, largest_first(files), with_places=with_places or removed is not None)
    return f"select {selected} from {source} as stored{_without(removed, contract)}"


def over_older_files(contract: Contract, files: Sequence[Path], *, removed: str | None = None) -> str:
    """The same where no file has a column that the contract has gained."""
    kept = ", ".join(stored(column.name, column.type) for column in contract.columns)
    columns = ", ".join(_as_computed(column.name, column.type) for column in contract.columns)
    source = parquet(contract, files, with_places=removed is not None)
    found = f"select * from {source} as stored{_without(removed, contract)}"
    return f"select {columns} from ({found} union all by name select {kept} from ({empty(contract)}))"


def parquet(contract: Contract, files: Sequence[Path], *, with_places: bool = False) -> str:
    """The files of a table that is replaced were written as one; those of one that grows may differ in their columns."""
    options = ", union_by_name = true" if contract.write == "append" and len(files) > 1 else ""
    options += ", filename = true, file_row_number = true" if with_places else ""
    return f"read_parquet([{', '.join(map(quoted, files))}]{options})"


def stored(name: str, type_: str) -> str:
    """A column as it is written. Times are UTC instants, so that the table needs no Delta feature beyond the oldest protocol."""
    return (
        f"cast(cast({name} as timestamp) as timestamptz) as {name}"
        if type_ == "timestamp"
        else f"cast({name} as {type_}) as {name}"
    )


def largest_first(files: Sequence[Path]) -> list[Path]:
    """The files by size; one that is gone comes last and is missed when it is read."""
    return sorted(files, key=lambda file: file.stat().st_size if file.exists() else 0, reverse=True)


def quoted(text: str | Path) -> str:
    """A text or a path as a literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def _as_computed(name: str, type_: str) -> str:
    return f"make_timestamp(epoch_us({name})) as {name}" if type_ == "timestamp" else name


def _without(removed: str | None, contract: Contract) -> str:
    if removed is None:
        return ""
    return (
        f" anti join {removed} as gone on gone.table_name = {quoted(contract.table)}"
        " and gone.file_name = parse_filename(stored.filename) and gone.row_number = stored.file_row_number"
    )
