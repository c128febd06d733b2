"""DuckDB: the engine that computes every table on one machine. The only importer of duckdb.

Knows how to run the portable SQL, how to write a SELECT as Parquet files, and how to lay views over the files
of a table's version. Knows nothing of Delta, of feeds or of people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa

from pipeline.catalog.contract import Contract
from pipeline.errors import LakeDamaged, RefreshFailed
from pipeline.lakehouse.views import empty, over_files, over_older_files, quoted, stored
from pipeline.settings import Settings

PRELUDE = (
    "create type timestamp_ntz as timestamp",
    "create macro regexp_like(s, p) as regexp_matches(s, p)",
    "create macro regexp_replace(s, p, r) as system.main.regexp_replace(s, p, r, 'g')",
    "create macro datediff(e, s) as date_diff('day', s, e)",
    "create macro add_months(d, m) as cast(d + to_months(m) as date)",
    "create macro from_utc_timestamp(t, z) as timezone(z, timezone('UTC', t))",
    "set global timezone = 'UTC'",
)
"""Gives DuckDB Spark's meaning for the few names of the portable subset that differ."""

SCHEMAS = ("bronze", "silver", "gold", "ops", "typed", "reference", "staged", "governance")

SMALL_JOIN_SIDE = 100
"""Rows below which a join by range is a plain loop. The tables of cut-offs are this small, and sorting a
million vital sets to find one of eight bands would cost more than comparing them all."""

PARQUET_OPTIONS = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 1000, return_stats"
"""V1 pages, which every Delta reader can filter; the smallest files for the least CPU of those tried."""


@dataclass(frozen=True)
class WrittenFile:
    """One Parquet file: its rows, its size, and per column the smallest, the largest and how many are empty."""

    path: Path
    row_count: int
    byte_count: int
    statistics: Mapping[str, Mapping[str, str]]


class Duck:
    """One in-memory DuckDB with the schemas of the lake; `cursor()` gives a second one to use beside it."""

    unreadable_input = (duckdb.InvalidInputException, duckdb.DataError)
    """What a reader raises for a file it cannot make sense of, and a computation for a value it cannot take."""

    engine_error = duckdb.Error
    """What any statement may raise."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    def for_builds(cls, settings: Settings) -> Duck:
        """An engine that may use the machine: spills to the scratch folder, keeps no row order."""
        settings.scratch.mkdir(parents=True, exist_ok=True)
        config = {
            "threads": settings.threads,
            "memory_limit": settings.memory_limit,
            "temp_directory": str(settings.scratch),
            "preserve_insertion_order": False,
            "nested_loop_join_threshold": SMALL_JOIN_SIDE,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        return cls._opened(config)

    @classmethod
    def for_people(cls, lake: Path, threads: int) -> Duck:
        """An engine for reading: it can reach the lake's files and nothing else. Call `lock` when its views stand."""
        duck = cls._opened({"threads": threads, "autoinstall_known_extensions": False, "autoload_known_extensions": False})
        duck._connection.execute(f"set allowed_directories = [{quoted(lake)}]")
        return duck

    @classmethod
    def apart(cls, scratch: Path) -> Duck:
        """A small engine for one file from outside: what breaks it breaks nothing else. Keeps the order of rows."""
        limits = {"threads": 1, "memory_limit": "1GB", "temp_directory": str(scratch)}
        return cls(duckdb.connect(config={**limits, "autoinstall_known_extensions": False, "autoload_known_extensions": False}))

    @classmethod
    def _opened(cls, config: dict) -> Duck:
        connection = duckdb.connect(config=config)
        for statement in PRELUDE:
            connection.execute(statement)
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        return cls(connection)

    def lock(self) -> None:
        """Nothing outside the lake can be reached from here on, and no setting can be changed back."""
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    def cursor(self) -> Duck:
        """A second connection to the same database, for another thread."""
        return Duck(self._connection.cursor())

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def keeping_order(self) -> Iterator[None]:
        """While this lasts, rows come in the order of their file; slower and hungrier, so only where it matters."""
        self._connection.execute("set preserve_insertion_order = true")
        try:
            yield
        finally:
            self._connection.execute("set preserve_insertion_order = false")

    def rows(self, sql: str, parameters: Mapping | Sequence | None = None) -> list[tuple]:
        """All rows of a statement."""
        return self._connection.execute(sql, parameters).fetchall()

    def arrow(self, sql: str, parameters: Mapping | None = None) -> pa.Table:
        """All rows of a SELECT as Arrow."""
        return self._connection.sql(sql, params=parameters).to_arrow_table()

    def hold(self, table: str, select: str) -> int:
        """Computes a SELECT once into a table of this engine (spilled when large). Returns its row count."""
        with plain_failures(f"computing {table}"):
            return self.receive(table, select)

    def receive(self, table: str, select: str) -> int:
        """The same for rows from outside. Raises what DuckDB raises: callers tell what is wrong with the file."""
        return self.rows(f"create or replace table {table} as {select}")[0][0]

    def drop(self, table: str) -> None:
        """Lets go of what `hold` computed."""
        self._connection.execute(f"drop table if exists {table}")

    def free(self, name: str) -> None:
        """Lets go of a name, whether a table or a view has it."""
        for kind in ("table", "view"):
            with contextlib.suppress(duckdb.CatalogException):  # the other kind has the name
                self._connection.execute(f"drop {kind} if exists {name}")

    def define(self, view: str, select: str) -> None:
        """Gives a SELECT a name; it is computed where it is read."""
        self._connection.execute(f"create or replace view {view} as {select}")

    def hold_rows(self, table: str, columns: Sequence[str], rows: Sequence[tuple]) -> None:
        """Keeps a few rows in this connection alone, under a name that hides a shared one."""
        self._connection.execute(f"create or replace temp table {table} ({', '.join(columns)})")
        if rows:
            self._connection.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)

    def hold_arrow(self, table: str, rows: pa.Table, *, columns: str = "*") -> None:
        """Keeps an Arrow table in this engine under a name; `columns` says which of it, and as what."""
        self._connection.register("_arriving", rows)
        self._connection.execute(f"create or replace table {table} as select {columns} from _arriving")
        self._connection.unregister("_arriving")

    def lay_over(
        self, view: str, contract: Contract, files: Sequence[Path], *, removed: str | None = None, with_places: bool = False
    ) -> None:
        """A view of a table's version over its Parquet files, columns named and typed by the contract.

        A column that files of an older definition lack is empty there. `removed` names the table of rows to leave out;
        `with_places` adds where each row lies (`views.PLACE_COLUMNS`).
        """
        if not files:
            places = ", cast(null as varchar) as _lake_file, cast(null as bigint) as _lake_row" if with_places else ""
            self.define(view, empty(contract).replace(" where false", f"{places} where false"))
            return
        try:
            self.define(view, over_files(contract, files, removed=removed, with_places=with_places))
        except duckdb.BinderException:
            self.define(view, over_older_files(contract, files, removed=removed))

    @contextmanager
    def _joining_as_written(self) -> Iterator[None]:
        """At 10 million encounters DuckDB takes 17 million vital sets for half a million and holds them in memory."""
        self._connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        try:
            yield
        finally:
            self._connection.execute("reset disabled_optimizers")

    def write_parquet(self, select: str, contract: Contract, folder: Path) -> tuple[WrittenFile, ...]:
        """Runs a SELECT and writes it as Parquet with the contract's columns, in its order; no file for no rows.

        Raises what DuckDB raises: callers know what was being done and say it (`plain_failures`).
        """
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"part-{uuid4().hex}.parquet"
        columns = ", ".join(stored(column.name, column.type) for column in contract.columns)
        order = f" order by {', '.join(contract.sorted_by)}" if contract.sorted_by else ""
        statement = f"copy (select {columns} from ({select}){order}) to {quoted(target)} ({PARQUET_OPTIONS})"
        with self._joining_as_written() if contract.has_joins_as_written else contextlib.nullcontext():
            rows = self.rows(statement)
        written = [WrittenFile(Path(row[0]), row[1], row[2], _named(row[4])) for row in rows]
        forget(file for file in written if file.row_count == 0)
        return tuple(file for file in written if file.row_count > 0)


@contextmanager
def plain_failures(doing: str, *, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns an engine's error into a sentence without values from rows; those in `passing` are left to the caller."""
    try:
        yield
    except passing:
        raise
    except duckdb.OutOfMemoryException as short:
        raise RefreshFailed(f"Out of memory while {doing}. Raise MEDIPULSE_MEMORY_LIMIT or free memory.") from short
    except duckdb.IOException as broken:
        raise LakeDamaged(
            f"A file could not be read or written while {doing} ({engine_error_words(broken)}). Check the disk."
        ) from broken
    except duckdb.Error as failed:
        raise RefreshFailed(f"DuckDB stopped while {doing}: {engine_error_words(failed)}.") from failed


def _named(statistics: Mapping[str, Mapping[str, str]] | None) -> Mapping[str, Mapping[str, str]]:
    return {name.strip('"'): values for name, values in (statistics or {}).items()}


def forget(written: Iterable[WrittenFile]) -> None:
    """Removes written files that no table will take."""
    for file in written:
        file.path.unlink(missing_ok=True)


def engine_error_words(error: Exception) -> str:
    """What an engine's error says about the SQL; for any other error its kind alone, since its text may quote a row."""
    if isinstance(error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        return str(error).splitlines()[0]
    return type(error).__name__.removesuffix("Exception").removesuffix("Error").lower()
