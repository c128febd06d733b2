"""A second engine: Sail speaks the protocol of Spark and runs the same SQL files unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

from pipeline.catalog.contract import Contract, feeds
from pipeline.catalog.plan import build_order
from pipeline.catalog.portable import spark_type
from pipeline.catalog.reference import reference_rows
from pipeline.lakehouse.publication import read_publication
from pipeline.lakehouse.store import plausible_ranges
from pipeline.lakehouse.typed_text import typed_select
from pipeline.settings import Settings


@contextmanager
def sail_session() -> Iterator[SparkSession]:
    """A Spark session on a Sail server of this process. The server is kept in a name: a collected one hangs its clients."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    try:
        yield session
    finally:
        session.stop()
        server.stop()


def build_everything(session: SparkSession, settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, pa.Table]:
    """Silver and gold, computed by Sail from the published bronze files: table name to rows in the contract's types."""
    for schema in ("bronze", "silver", "gold", "typed", "reference"):
        session.sql(f"create database if not exists {schema}")
    _lay_out_reference(session, contracts)
    _lay_out_bronze(session, settings, contracts)
    ranges = plausible_ranges()
    for feed in feeds(contracts).values():
        _keep(session, f"typed.{feed.name}", typed_select(feed, ranges))
    built = {}
    for contract in build_order(contracts):
        _keep(session, contract.table, contract.sql)
        if not contract.is_intermediate:
            built[contract.table] = session.sql(_in_contract_types(contract)).toArrow()
    return built


def _in_contract_types(contract: Contract) -> str:
    columns = ", ".join(f"cast({column.name} as {spark_type(column.type)}) as {column.name}" for column in contract.columns)
    return f"select {columns} from {contract.table}"


def _lay_out_reference(session: SparkSession, contracts: Mapping[str, Contract]) -> None:
    for contract in (contract for contract in contracts.values() if contract.layer == "reference"):
        session.createDataFrame(pa.Table.from_pylist(reference_rows(contract.name))).createOrReplaceTempView("reference_text")
        columns = ", ".join(f"cast({column.name} as {spark_type(column.type)}) as {column.name}" for column in contract.columns)
        _keep(session, contract.table, f"select {columns} from reference_text")


def _lay_out_bronze(session: SparkSession, settings: Settings, contracts: Mapping[str, Contract]) -> None:
    published = read_publication(settings.publication_file)
    for table in (table for table in contracts if table.startswith("bronze.")):
        files = [str(file.path) for file in published.tables[table].files]
        rows = session.read.parquet(*files) if files else session.createDataFrame([], _text_columns(contracts[table]))
        rows.createOrReplaceTempView("bronze_files")
        columns = ", ".join(
            f"cast({column.name} as {spark_type(column.type)}) as {column.name}" for column in contracts[table].columns
        )
        _keep(session, table, f"select {columns} from bronze_files")


def _text_columns(contract: Contract) -> str:
    return ", ".join(f"{column.name} string" for column in contract.columns)


def _keep(session: SparkSession, table: str, select: str) -> None:
    session.sql(f"create or replace table {table} using parquet as {select}")
