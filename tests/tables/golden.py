"""Runs the real SQL over rows written down in a test: raw text in, any silver or gold table out.

A case names only the fields it is about; every other field has the value of an unremarkable visit.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.catalog.plan import build_order
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.store import load_reference, plausible_ranges
from pipeline.lakehouse.typed_text import typed_select
from pipeline.settings import load_settings

CONTRACTS = load_contracts()

ORDINARY = {
    "patients": {
        "patient_id": "P-1", "birth_date": "1950-01-01", "sex": "F", "updated_at": "2025-01-01 00:00:00",
    },
    "encounters": {
        "encounter_id": "E-1", "patient_id": "P-1", "site_name": "North", "ward_name": "Cardiology", "encounter_class": "EMER",
        "arrived_at": "2025-06-15 10:00:00", "discharged_at": "2025-06-15 14:00:00", "disposition": "HOME",
        "updated_at": "2025-06-15 14:00:00",
    },
    "vital_sets": {
        "encounter_id": "E-1", "measured_at": "2025-06-15 10:05:00", "heart_rate": "70", "respiratory_rate": "16",
        "systolic_bp": "120", "diastolic_bp": "70", "temperature": "37.0", "temperature_unit": "C", "spo2": "97", "on_oxygen": "N",
        "consciousness": "A", "updated_at": "2025-06-15 10:05:00",
    },
    "vital_signs": {
        "encounter_id": "E-1", "measured_at": "2025-06-15 10:30:00", "sign": "heart_rate", "value": "70", "unit": "/min",
        "updated_at": "2025-06-15 10:30:00",
    },
    "diagnoses": {
        "encounter_id": "E-1", "diagnosis_rank": "1", "code_system": "ICD-10-CM", "code": "I50.9", "name": "Heart failure",
        "updated_at": "2025-06-15 14:00:00",
    },
    "procedures": {
        "encounter_id": "E-1", "procedure_rank": "1", "code_system": "ICD-10-PCS", "code": "0DJD8ZZ",
        "updated_at": "2025-06-15 14:00:00",
    },
    "lab_results": {
        "encounter_id": "E-1", "test_code": "718-7", "collected_at": "2025-06-15 11:00:00", "value": "13.5", "unit": "g/dL",
        "updated_at": "2025-06-15 12:00:00",
    },
}  # fmt: skip


def built_from(
    given: Mapping[str, Sequence[Mapping[str, str]]], time_zone: str = "UTC", selects: Mapping[str, str] | None = None
) -> Duck:
    """An engine holding every table that the given raw rows lead to, in a hospital of that time zone.

    selects: by table, what takes the place of its own SELECT, as a deployed model's does.
    """
    duck = Duck.for_builds(load_settings())
    load_reference(duck, CONTRACTS, time_zone)
    for name, contract in feeds(CONTRACTS).items():
        rows = [_received(contract, number, ORDINARY[name] | dict(row)) for number, row in enumerate(given.get(name, []), start=2)]
        duck.hold_arrow(contract.table, pa.Table.from_pylist(rows, schema=_schema(contract)))
        duck.hold(f"typed.{name}", typed_select(contract, plausible_ranges()))
    unreadable = CONTRACTS["bronze.unreadable_lines"]
    duck.hold_arrow(unreadable.table, _schema(unreadable).empty_table())
    for contract in build_order(CONTRACTS):
        duck.hold(contract.table, (selects or {}).get(contract.table, contract.sql))
    return duck


def cases_in(name: str) -> list[dict[str, str]]:
    """The rows of tests/tables/<name>.csv; an empty cell is an empty text."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _schema(contract) -> pa.Schema:
    types = {"varchar": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us")}
    return pa.schema([(column.name, types[column.type]) for column in contract.columns])


def _received(contract, number: int, row: Mapping[str, str]) -> dict:
    provenance = {"_feed": contract.name, "_file": f"{contract.name}.csv", "_row": number, "_batch": "run-1"}
    return {column.name: None for column in contract.raw_columns} | dict(row) | provenance | {"_received_at": datetime(2025, 7, 1)}
