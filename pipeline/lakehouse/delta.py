"""Delta: keeps every version of every table. The only importer of deltalake.

One primitive writes: Parquet files that already lie in the table's folder are committed with their statistics,
alone or in place of all earlier ones, in one atomic step. Knows nothing of SQL.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from pipeline.catalog.contract import Column, Contract
from pipeline.errors import LakeDamaged
from pipeline.lakehouse.duck import WrittenFile

DELTA_TYPES = {"varchar": "string", "integer": "integer", "bigint": "long"}
"""Where Delta's word differs from the contract's."""

CONFIGURATION = {"delta.checkpointInterval": "10"}
"""Opening a table costs about 0.8 ms per commit since its last checkpoint."""


@dataclass(frozen=True)
class LiveFile:
    """One file of a table's version."""

    path: Path
    row_count: int
    byte_count: int


@dataclass(frozen=True)
class TableVersion:
    """One version of one table: what a publication pins. removed_count rows of its files are not part of it any more."""

    table: str
    version: int
    files: tuple[LiveFile, ...]
    removed_count: int = 0

    @property
    def row_count(self) -> int:
        return sum(file.row_count for file in self.files) - self.removed_count


class DeltaFolder:
    """One Delta table on disk. Opens its log once and keeps the handle."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        self._folder, self._contract = folder, contract
        self._handle = _opened(folder)

    @property
    def exists(self) -> bool:
        return self._handle is not None

    def current(self) -> TableVersion | None:
        """The newest version, None before the first commit."""
        return None if self._handle is None else self._as_version(self._handle)

    def at(self, version: int) -> TableVersion:
        """An older version, read by replaying the log. Version 0 is a version."""
        return self._as_version(_opened(self._folder, version))

    def commit(self, written: Iterable[WrittenFile], *, replace: bool, run_id: str) -> TableVersion:
        """Makes files part of the table: beside the earlier ones, or in their place. Returns the new version.

        The table takes on the contract's columns: all of them when it is replaced, new ones beside the old when it grows.
        """
        self.ensure()
        if not replace:
            self._add_new_columns()
        properties = CommitProperties(custom_metadata={"run_id": run_id})
        self._handle.create_write_transaction(
            [self._add_action(file) for file in written],
            "overwrite" if replace else "append",
            delta_schema(self._contract) if replace else self._handle.schema(),
            commit_properties=properties,
        )
        self._handle.update_incremental()
        return self._as_version(self._handle)

    def hold_exactly(self, kept: Sequence[LiveFile], written: Iterable[WrittenFile], *, run_id: str) -> TableVersion:
        """Makes the table consist of these files and no others, in one step, whatever an interrupted run left in it.

        Kept files must still lie in the folder. Nothing is committed when the table is so already.
        """
        self.ensure()
        live = {file.path: file for file in self.current().files}
        wanted = {file.path for file in kept}
        adds = [self._add_action(file) for file in written]
        adds += [self._add_again(file) for file in kept if file.path not in live]
        removes = [self._remove_action(file) for path, file in live.items() if path not in wanted]
        if adds or removes:
            properties = CommitProperties(custom_metadata={"run_id": run_id})
            self._handle.create_write_transaction([*removes, *adds], "append", self._handle.schema(), commit_properties=properties)
            self._handle.update_incremental()
        return self._as_version(self._handle)

    def ensure(self) -> None:
        """Makes the table, empty, where it does not exist yet."""
        if self._handle is None:
            self._handle = DeltaTable.create(
                self._folder,
                delta_schema(self._contract),
                name=self._contract.table,
                description=self._contract.description,
                configuration=CONFIGURATION,
            )

    def _add_new_columns(self) -> None:
        known = {field.name for field in self._handle.schema().fields}
        new = [field for field in delta_schema(self._contract).fields if field.name not in known]
        if new:
            self._handle.alter.add_columns(new)

    def _as_version(self, handle: DeltaTable) -> TableVersion:
        actions = pa.RecordBatchReader.from_stream(handle.get_add_actions(flatten=True)).read_all()
        columns = (actions[name].to_pylist() for name in ("path", "num_records", "size_bytes"))
        files = tuple(LiveFile(self._folder / path, rows, size) for path, rows, size in zip(*columns, strict=True))
        return TableVersion(self._contract.table, handle.version(), files)

    def _add_action(self, file: WrittenFile) -> AddAction:
        statistics = json.dumps(_statistics(file, self._contract.columns))
        return AddAction(self._relative(file.path), file.byte_count, {}, int(time.time() * 1000), True, statistics)

    def _add_again(self, file: LiveFile) -> AddAction:
        statistics = json.dumps({"numRecords": file.row_count})
        return AddAction(self._relative(file.path), file.byte_count, {}, int(time.time() * 1000), True, statistics)

    def _remove_action(self, file: LiveFile) -> RemoveAction:
        return RemoveAction(self._relative(file.path), True, int(time.time() * 1000), file.byte_count, {})

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


def has_newer_version(folder: Path, version: int) -> bool:
    """Whether the log goes on after a version, told by one look at a file name instead of by reading the log."""
    return (folder / "_delta_log" / f"{version + 1:020d}.json").exists()


def delta_schema(contract: Contract) -> Schema:
    """The contract's columns as Delta sees them. Every column may be empty there; the checks hold what may not."""
    return Schema(
        [
            Field(column.name, PrimitiveType(DELTA_TYPES.get(column.type, column.type.replace(" ", ""))), nullable=True)
            for column in contract.columns
        ]
    )


def _opened(folder: Path, version: int | None = None) -> DeltaTable | None:
    try:
        handle = DeltaTable(folder, version=version)
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as damaged:
        raise LakeDamaged(
            f"The log of the Delta table {folder.parent.name}.{folder.name} cannot be read. If its newest file below _delta_log"
            " is cut off (the machine stopped while writing it), remove that file and refresh again."
        ) from damaged
    _refuse_foreign_features(handle, folder)
    return handle


def _refuse_foreign_features(handle: DeltaTable, folder: Path) -> None:
    """A table with deletion vectors would be read with its deleted rows."""
    features = handle.protocol().reader_features or []
    if features:
        raise LakeDamaged(
            f"The Delta table {folder.parent.name}.{folder.name} needs reader features that are not supported here:"
            f" {', '.join(sorted(features))}. It was changed by another program."
        )


def _statistics(file: WrittenFile, columns: Sequence[Column]) -> dict:
    """Delta's statistics JSON: counts for every column, exact bounds for numbers, dates and times."""
    bounded = {column.name: column.type for column in columns if column.type not in ("varchar", "boolean")}
    exact = {name: seen for name, seen in file.statistics.items() if name in bounded and seen.get("min_is_exact") == "true"}
    return {
        "numRecords": file.row_count,
        "minValues": {name: _bound(seen["min"], bounded[name]) for name, seen in exact.items() if "min" in seen},
        "maxValues": {name: _bound(seen["max"], bounded[name]) for name, seen in exact.items() if "max" in seen},
        "nullCount": {name: int(seen.get("null_count", 0)) for name, seen in file.statistics.items()},
    }


def _bound(text: str, type_: str) -> str | int | float:
    if type_ == "timestamp":
        return re.sub(r"[+]00(:00)?$", "Z", text.replace(" ", "T"))
    if type_ == "date":
        return text
    return int(text) if type_ in ("integer", "bigint") else float(text)
