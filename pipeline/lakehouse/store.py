"""The Store: what a refresh talks to. One folder per table, one engine, one way to write.

A table is staged (its rows lie as Parquet in its folder, visible to nobody), checked, then committed or forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import Contract
from pipeline.catalog.reference import reference_rows
from pipeline.lakehouse.delta import DeltaFolder, TableVersion, has_newer_version
from pipeline.lakehouse.duck import Duck, WrittenFile, plain_failures
from pipeline.lakehouse.publication import Publication, read_publication
from pipeline.lakehouse.typed_text import PlausibleRange, typed_select
from pipeline.settings import DEFAULT_TIME_ZONE, Settings

ARROW_TYPES = {"varchar": pa.string(), "bigint": pa.int64(), "double": pa.float64(), "timestamp": pa.timestamp("us")}
"""Of the columns of records that Python makes."""

HOSPITAL_CLOCK, DEPLOYED_MODEL = "reference.hospital_clock", "reference.deployed_model"
"""The reference tables that say what is set and are no code lists."""


class Store:
    """The lake of one home folder, opened for writing by the one refresh that holds the lock."""

    def __init__(self, settings: Settings, contracts: Mapping[str, Contract]) -> None:
        self.settings, self.contracts = settings, contracts
        self.duck = Duck.for_builds(settings)
        self._folders: dict[str, DeltaFolder] = {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.duck.close()

    def folder(self, table: str) -> Path:
        """Where a table's files and log lie: lake/<layer>/<name>."""
        return self.settings.lake.joinpath(*table.split("."))

    def delta(self, table: str) -> DeltaFolder:
        """The table's Delta log, opened once."""
        if table not in self._folders:
            self._folders[table] = DeltaFolder(self.folder(table), self.contracts[table])
        return self._folders[table]

    def has_news(self, table: str, version: int | None) -> bool:
        """Whether a table has gone on since a version; None for a table that was not published."""
        folder = self.folder(table)
        if version is None:
            return (folder / "_delta_log").exists()
        return has_newer_version(folder, version)

    def publication(self) -> Publication | None:
        """What people see now."""
        return read_publication(self.settings.publication_file)

    def lay_over_current(self, table: str) -> TableVersion | None:
        """Makes the newest version of a table readable under its name; an empty one before its first commit."""
        current = self.delta(table).current()
        self.duck.lay_over(table, self.contracts[table], [file.path for file in current.files] if current else [])
        return current

    def stage(self, contract: Contract, select: str) -> tuple[WrittenFile, ...]:
        """Computes a table's rows into its folder and names them `staged.<name>`; nobody else sees them."""
        with plain_failures(f"computing {contract.table}"):
            written = self.duck.write_parquet(select, contract, self.folder(contract.table))
        self.duck.lay_over(f"staged.{contract.name}", contract, [file.path for file in written])
        return written

    def stage_arrow(self, contract: Contract, rows: pa.Table) -> tuple[WrittenFile, ...]:
        """The same for rows that Python made."""
        self.duck.hold_arrow("_python_rows", rows)
        written = self.stage(contract, "select * from _python_rows")
        self.duck.drop("_python_rows")
        return written

    def write_rows(self, contract: Contract, rows: Sequence[Mapping], *, run_id: str) -> None:
        """Writes rows that Python made, with a value or None for every column of the contract."""
        schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in contract.columns])
        arrow = pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)
        self.commit(contract, self.stage_arrow(contract, arrow), run_id=run_id)

    def commit(self, contract: Contract, written: Iterable[WrittenFile], *, run_id: str) -> TableVersion:
        """Makes staged files the table's next version: beside the earlier rows if its contract says append, else in their place."""
        replace = contract.write != "append"
        version = self.delta(contract.table).commit(written, replace=replace, run_id=run_id)
        self.duck.lay_over(contract.table, contract, [file.path for file in version.files])
        return version

    def read_feed(self, feed: Contract) -> int:
        """Computes the typed reading of a feed once, as `typed.<feed>`, for all that build on it. Returns its rows."""
        return self.duck.hold(f"typed.{feed.name}", typed_select(feed, plausible_ranges()))


def load_reference(
    duck: Duck,
    contracts: Mapping[str, Contract],
    time_zone: str = DEFAULT_TIME_ZONE,
    not_scored_because: str | None = None,
) -> None:
    """Every `reference.<name>` contract as a small table, typed by its contract; the hospital's clock is set to its time zone.

    not_scored_because: why no model scores, where that is not simply that none was promoted.
    """
    given = {HOSPITAL_CLOCK: [{"time_zone": time_zone}]}
    if not_scored_because is not None:
        given[DEPLOYED_MODEL] = [{"not_scored_because": not_scored_because}]
    for contract in (contract for contract in contracts.values() if contract.layer == "reference"):
        rows = given.get(contract.table) or reference_rows(contract.name)
        columns = ", ".join(f"cast({column.name} as {column.type}) as {column.name}" for column in contract.columns)
        with plain_failures(f"computing {contract.table}"):
            duck.hold_arrow(contract.table, pa.Table.from_pylist(rows), columns=columns)


def plausible_ranges() -> dict[str, PlausibleRange]:
    """By typed column name: the values a living patient can have."""
    rows = reference_rows("plausible_ranges")
    return {row["column_name"]: PlausibleRange(row["lowest"], row["highest"], row["unit"]) for row in rows}
