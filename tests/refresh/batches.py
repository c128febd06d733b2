"""Random days of a small, messy hospital: corrected, repeated, late, stray and impossible rows, in batches of files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hypothesis import strategies as st

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.lakehouse.publication import read_publication
from pipeline.lakehouse.reader import PublishedTables
from pipeline.settings import Settings

Row = Mapping[str, str]
Batch = Mapping[str, Sequence[Row]]

FIRST_DAY = datetime(2025, 1, 1, 8)
CONTRACTS = load_contracts()
COMPARED = [contract for contract in CONTRACTS.values() if contract.write in ("merge", "add", "replace")]
NOT_COMPARED = {"ops.removed_rows"}
"""How rows lie in files is no part of what the tables say."""


def _at(hours: int) -> str:
    return (FIRST_DAY + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


updated = st.integers(0, 9).map(lambda day: _at(24 * 300 + 24 * day))
patient_ids = st.sampled_from([f"P{number}" for number in range(1, 6)])
encounter_ids = st.sampled_from([f"E{number}" for number in range(1, 10)])

patients = st.fixed_dictionaries({
    "patient_id": patient_ids,
    "given_name": st.sampled_from(["Ada", "Bo", ""]),
    "birth_date": st.sampled_from(["1940-05-01", "1940-05-01", "1960-02-29", "2012-07-01", "2025-02-01", "1980-13-01"]),
    "sex": st.sampled_from(["F", "M", "U", ""]),
    "death_date": st.sampled_from(["", "", "", "2025-03-01"]),
    "updated_at": updated,
})  # fmt: skip


@st.composite
def encounters(draw: st.DrawFn) -> Row:
    arrived = draw(st.integers(0, 24 * 120))
    stayed = draw(st.sampled_from([0, 5, 30, 24 * 6, None, -3]))
    return {
        "encounter_id": draw(encounter_ids),
        "patient_id": draw(patient_ids),
        "site_name": draw(st.sampled_from(["North", "South"])),
        "ward_name": draw(st.sampled_from(["Oncology", "Surgery", ""])),
        "encounter_class": draw(st.sampled_from(["IMP", "IMP", "IMP", "EMER", "AMB", "?!"])),
        "admission_type": draw(st.sampled_from(["URGENT", "ELECTIVE", ""])),
        "arrived_at": _at(arrived),
        "discharged_at": "" if stayed is None else _at(arrived + stayed),
        "disposition": draw(st.sampled_from(["HOME", "HOME", "TRANSFER_ACUTE", "EXPIRED", ""])),
        "updated_at": draw(updated),
    }


vital_sets = st.fixed_dictionaries({
    "encounter_id": encounter_ids,
    "measured_at": st.sampled_from([_at(1), _at(50), _at(2000)]),
    "heart_rate": st.sampled_from(["70", "125", "16", "", "abc"]),
    "respiratory_rate": st.sampled_from(["16", "28", ""]),
    "systolic_bp": st.sampled_from(["120", "85", ""]),
    "temperature": st.sampled_from(["37.0", "101.3", ""]),
    "spo2": st.sampled_from(["97", "88", ""]),
    "on_oxygen": st.sampled_from(["Y", "N", ""]),
    "consciousness": st.sampled_from(["A", "V", ""]),
    "spo2_scale": st.sampled_from(["", "1", "2"]),
    "updated_at": updated,
})  # fmt: skip

diagnoses = st.fixed_dictionaries({
    "encounter_id": encounter_ids,
    "diagnosis_rank": st.sampled_from(["1", "1", "2", "0"]),
    "code_system": st.just("ICD-10-CM"),
    "code": st.sampled_from(["I50.9", "F20.0", "C50.9", "O80", "E11.9", "Z51.11"]),
    "updated_at": updated,
})  # fmt: skip

procedures = st.fixed_dictionaries({
    "encounter_id": encounter_ids,
    "procedure_rank": st.just("1"),
    "code_system": st.just("ICD-10-PCS"),
    "code": st.sampled_from(["0FT44ZZ", "B245ZZZ"]),
    "updated_at": updated,
})  # fmt: skip

lab_results = st.fixed_dictionaries({
    "encounter_id": encounter_ids,
    "test_code": st.sampled_from(["718-7", "2951-2"]),
    "collected_at": st.sampled_from([_at(2), _at(60)]),
    "value": st.sampled_from(["11.2", "133", "999999"]),
    "unit": st.sampled_from(["g/dL", "mmol/L", "stones"]),
    "updated_at": updated,
})  # fmt: skip

vital_signs = st.fixed_dictionaries({
    "encounter_id": encounter_ids,
    "measured_at": st.sampled_from([_at(1), _at(50), _at(3)]),
    "sign": st.sampled_from(["heart_rate", "8480-6", "spo2", "temperature", "spo2_scale", "on_oxygen"]),
    "value": st.sampled_from(["80", "95", "2", "Y", "38.5"]),
    "unit": st.sampled_from(["", "/min", "mm[Hg]", "Cel", "stones"]),
    "updated_at": updated,
})  # fmt: skip

ROWS = {
    "patients": patients, "encounters": encounters(), "vital_sets": vital_sets, "diagnoses": diagnoses,
    "procedures": procedures, "lab_results": lab_results, "vital_signs": vital_signs,
}  # fmt: skip

batches = st.lists(
    st.fixed_dictionaries({name: st.lists(row, max_size=6) for name, row in ROWS.items()}).filter(
        lambda batch: any(batch.values())
    ),
    min_size=2,
    max_size=5,
)

FIRST_BATCH: Batch = {
    "patients": [{"patient_id": "P1", "birth_date": "1940-05-01", "updated_at": _at(0)}],
    "encounters": [
        {
            "encounter_id": "E0", "patient_id": "P1", "site_name": "North", "encounter_class": "IMP", "arrived_at": _at(24 * 30),
            "discharged_at": _at(24 * 33), "updated_at": _at(24 * 33),
        }
    ],
}  # fmt: skip
"""So that there is something to change from the first random batch on."""


def land(settings: Settings, batch: Batch, number: int) -> None:
    """Writes a batch's files into the landing folder, one per feed that has rows."""
    settings.landing.mkdir(parents=True, exist_ok=True)
    for name, rows in batch.items():
        if rows:
            (settings.landing / f"{name}_{number:03d}.csv").write_text(_as_csv(name, rows), encoding="utf-8")


def published_rows(settings: Settings) -> dict[str, list[tuple]]:
    """Every computed table as people read it, in one order, without the names of the runs that last changed a line."""
    tables = PublishedTables(read_publication(settings.publication_file), settings.lake, CONTRACTS, settings.threads)
    found = {}
    for contract in COMPARED:
        if contract.table not in NOT_COMPARED:
            columns = [column.name for column in contract.columns if column.name != "run_id"]
            rows = tables.query(f"select {', '.join(columns)} from {contract.table}").to_pylist()
            found[contract.table] = sorted((tuple(row.values()) for row in rows), key=repr)
    return found


def _as_csv(name: str, rows: Sequence[Row]) -> str:
    header = [column.name for column in feeds(CONTRACTS)[name].raw_columns]
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
