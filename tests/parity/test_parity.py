"""The same SQL gives the same rows on DuckDB and on a Spark engine, over files as dirty as real ones.

Both results are compared as Arrow tables in the contract's types, sorted, cell by cell, doubles to the last bit.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, product

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.publication import read_publication
from pipeline.lakehouse.store import Store, plausible_ranges
from pipeline.lakehouse.typed_text import typed_select
from pipeline.model.deployed import deploy
from pipeline.model.in_force import compiled_selects
from pipeline.settings import load_settings
from pipeline.sources.synthetic_hospital import generate
from tests.lake import publish_landed
from tests.model.models import deployable_model
from tests.parity.sail import build_everything, sail_session
from tests.tables.golden import cases_in

CONTRACTS = load_contracts()
BUILT = [contract.table for contract in CONTRACTS.values() if contract.sql and not contract.is_intermediate]
MODEL = deployable_model()
"""Over every feature, with levels that hold what engines read differently in a literal."""

SCORED = {
    **CONTRACTS,
    **{table: replace(CONTRACTS[table], sql=sql) for table, sql in compiled_selects(MODEL, CONTRACTS).items()},
}
ENCOUNTERS = 8_000
"""With their vital sets and patients about 25,000 dirty rows."""

SETS_WITH_SINGLE_SIGNS = 30

HOSTILE_TEXTS = [
    "1e3", "1_000", "0x10", " 12", "12 ", "12.", ".5", "+5", "-0", "--1", "1.2.3", "1,5", "12.7", "12.345", "12.34567", "99999",
    "1e400", "NaN", "inf", "-inf", "１２", "٣", "12\t", "1 2", "12a", "½", "²", "", " ", "null", "NULL", "N/A", "?", "-9", "998",
    "2024", "2024-01", "2024-1-5", "2024-02-30", "2024-02-29", "2023-02-29", "0000-01-01", "2024/01/05", "13/01/2024",
    "01/13/2024", "2024-01-05 24:00:00", "2024-01-05 23:59:60", "2024-01-05T10:00:00", "2024-01-05T10:00:00Z",
    "2024-01-05 10:00:00+05:30", "2024-01-05 10:00", "20240105", "20240105100000", "20240230100000", "01/05/2024 10:00",
    "01/05/2024 1:00", "1/5/2024 10:00", "2024-01-05 10:00:00.123", "02/30/2024 10:00", "ß", "ẞ", "İ", "ı", "true", "Y", "y", "é",
    "é", "''", '"', "%", "_", "$", "^", "|",
]  # fmt: skip
"""Texts that at least one engine is known to read differently from another, and the ordinary ones beside them."""


@pytest.fixture(scope="module")
def dirty_lake(tmp_path_factory):
    """A lake of about 25,000 dirty rows, built by DuckDB."""
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("dirty")), "MEDIPULSE_THREADS": "2"})
    generate(settings.landing, encounters=ENCOUNTERS, seed=7)
    _land_signs_one_at_a_time(settings.landing)
    deploy(settings, MODEL)
    publish_landed(settings)
    return settings


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A Sail session whose warehouse lies in a temporary folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("sail"))
        with sail_session() as session:
            yield session


@pytest.fixture(scope="module")
def built_by_spark(spark, dirty_lake):
    return build_everything(spark, dirty_lake, SCORED)


@pytest.mark.parametrize("table", BUILT)
def test_both_engines_build_the_same_table(table, dirty_lake, built_by_spark):
    ours = _published(dirty_lake, table)
    assert ours.num_rows > 0
    assert _sorted(ours).equals(_sorted(built_by_spark[table].cast(ours.schema)))


def test_parity_can_fail(dirty_lake, spark, built_by_spark):
    not_portable = "select avg(heart_rate_bpm) as mean from silver.vital_sets"
    ours = _store(dirty_lake).duck.arrow(not_portable)["mean"][0].as_py()
    assert str(ours) != str(spark.sql(not_portable).toArrow()["mean"][0].as_py())


@pytest.mark.parametrize("feed", feeds(CONTRACTS))
def test_both_engines_read_hostile_texts_alike(feed, spark):
    contract = feeds(CONTRACTS)[feed]
    rows = _hostile_rows(contract)
    select = typed_select(contract, plausible_ranges())
    duck = Duck.for_builds(load_settings())
    duck.hold_arrow(contract.table, rows)
    spark.createDataFrame(rows).createOrReplaceTempView("hostile")
    spark.sql("create database if not exists bronze")
    spark.sql(f"create or replace table {contract.table} using parquet as select {_ntz(contract)} from hostile")
    ours = duck.arrow(select)
    assert ours.num_rows == len(HOSTILE_TEXTS) * len(contract.raw_columns)
    assert _sorted(ours).equals(_sorted(spark.sql(select).toArrow().cast(ours.schema)))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_both_engines_read_the_hospitals_clock_alike(zone, spark):
    """An instant each half hour over both changes of clock of a year."""
    starts = ("2026-03-07 12:00:00", "2026-03-28 12:00:00", "2026-04-04 06:00:00", "2026-10-03 06:00:00", "2026-10-24 12:00:00")
    instants = [datetime.fromisoformat(start) + timedelta(minutes=30 * step) for start in starts for step in range(72)]
    rows = pa.table({"instant": pa.array(instants, pa.timestamp("us"))})
    duck = Duck.for_builds(load_settings())
    duck.hold_arrow("reference.instants", rows)
    spark.createDataFrame(rows).createOrReplaceTempView("received_instants")
    spark.sql("create database if not exists reference")
    spark.sql("create or replace table reference.instants using parquet as "
              "select cast(instant as timestamp_ntz) as instant from received_instants")  # fmt: skip
    select = f"select instant, cast(from_utc_timestamp(instant, '{zone}') as timestamp_ntz) as local_at from reference.instants"
    ours = duck.arrow(select)
    assert _sorted(ours).equals(_sorted(spark.sql(select).toArrow().cast(ours.schema)))


def _land_signs_one_at_a_time(landing) -> None:
    """Every case of vital_sign_cases.csv in some encounters, a few times over, some of them at the time of a vital set."""
    with next(landing.glob("vital_sets_*.csv")).open(encoding="utf-8", newline="") as stream:
        sets = list(islice(csv.DictReader(stream), SETS_WITH_SINGLE_SIGNS))
    lines = ["encounter_id,measured_at,sign,value,unit,updated_at"]
    for number, (own, case) in enumerate(product(sets, cases_in("vital_sign_cases"))):
        at = own["measured_at"] if number % 3 == 0 else f"2025-06-15 10:{number % 7:02d}:00"
        lines.append(f"{own['encounter_id']},{at},{case['sign']},{case['value']},{case['unit']},2025-06-15 11:00:{number % 2:02d}")
    (landing / "vital_signs_charted.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _published(settings, table: str) -> pa.Table:
    return _store(settings, table).duck.arrow(f"select * from {table}")


def _store(settings, *tables: str) -> Store:
    store = Store(settings, CONTRACTS)
    for table in tables or tuple(read_publication(settings.publication_file).tables):
        store.lay_over_current(table)
    return store


def _sorted(table: pa.Table) -> pa.Table:
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    return table.take(order).combine_chunks()


def _hostile_rows(contract) -> pa.Table:
    """Every hostile text in every column, the other columns left empty; each second row has the texts it was made of."""
    names = [column.name for column in contract.raw_columns]
    rows = [{name: text if name == hit else None for name in names} for hit in names for text in HOSTILE_TEXTS]
    provenance = {"_feed": contract.name, "_file": "hostile.csv", "_batch": "run-1", "_received_at": None, "_extra": None}
    schema = (
        pa.schema([(name, pa.string()) for name in names])
        .append(pa.field("_feed", pa.string()))
        .append(pa.field("_file", pa.string()))
    )
    schema = schema.append(pa.field("_row", pa.int64())).append(pa.field("_batch", pa.string()))
    schema = schema.append(pa.field("_received_at", pa.timestamp("us"))).append(pa.field("_extra", pa.string()))
    schema = schema.append(pa.field("_source_text", pa.string()))
    own = ({"_row": number, "_source_text": f"line={number}" if number % 2 else None} for number in range(len(rows)))
    return pa.Table.from_pylist([row | provenance | mine for row, mine in zip(rows, own, strict=True)], schema=schema)


def _ntz(contract) -> str:
    return ", ".join(
        f"cast({column.name} as timestamp_ntz) as {column.name}" if column.type == "timestamp" else column.name
        for column in contract.columns
    )
