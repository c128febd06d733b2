"""From a message or a resource to the tables that people read: readers, typing and SQL together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.sources.fhir.reader import read as read_fhir
from pipeline.sources.hl7.reader import read as read_hl7
from pipeline.sources.records import Record
from tests.sources.fhir.written import CONDITION, ENCOUNTER, OBSERVATION, PATIENT, loinc, ndjson
from tests.sources.hl7.written import PID, admission, file, message, result, visit
from tests.tables.golden import built_from

LATER, LAST = "20250302110000+0000", "20250303110000+0000"
MEASURED = message(
    "ORU^R01", PID, visit(), "OBR|1|||X", result("121"), result("88", "8480-6^Systolic^LN", unit="mm[Hg]"),
    result("38.5", "8310-5^Temperature^LN", unit="Cel"), at="20250228103000+0000",
)  # fmt: skip
DISCHARGED = message("ADT^A03", PID, visit(f36="01", f45=LATER), "DG1|1||I50.9^Heart failure^I10C", at=LATER)
SET = "select heart_rate_bpm, systolic_bp_mmhg, temperature_c, spo2_pct from silver.vital_sets"
COLUMNS = {name: [column.name for column in feed.raw_columns] for name, feed in feeds(load_contracts()).items()}


def test_an_admission_its_vital_signs_and_its_discharge_become_a_stay(tmp_path):
    duck = _built(read_hl7, file(tmp_path, admission(), MEASURED, DISCHARGED))
    assert [tuple(map(float, row[:3])) + row[3:] for row in duck.rows(SET)] == [(121.0, 88.0, 38.5, None)]
    stay = "select stay_id, diagnosis_code, length_of_stay_days, disposition from silver.stays"
    assert duck.rows(stay) == [("V-1", "I509", 2, "Home")]
    assert duck.rows("select count(*) from silver.quarantine") == [(0,)]


def test_a_cancelled_admission_leaves_no_encounter_and_no_stay(tmp_path):
    duck = _built(read_hl7, file(tmp_path, admission(), MEASURED, message("ADT^A11", PID, visit(), at=LAST)))
    for table in ("silver.encounters", "silver.stays", "silver.vital_sets", "gold.encounter_risks"):
        assert duck.rows(f"select count(*) from {table}") == [(0,)], table
    assert ("encounters", "the encounter was cancelled") in duck.rows("select feed, reasons from silver.quarantine")


def test_a_vital_sign_posted_to_the_wrong_patient_is_gone(tmp_path):
    wrong = message("ORU^R01", PID, visit(), "OBR|1|||X", result("121", status="W"), at=LATER)
    duck = _built(read_hl7, file(tmp_path, admission(), MEASURED, wrong))
    assert [row[0] for row in duck.rows(SET)] == [None]
    assert duck.rows("select reasons from silver.quarantine") == [("the sender withdrew the value",)]


def test_observations_of_one_time_become_one_scored_vital_set(tmp_path):
    pressure = {"code": loinc("85354-9"), "valueQuantity": None, "component": [
        {"code": loinc("8480-6"), "valueQuantity": {"value": 88, "code": "mm[Hg]"}},
        {"code": loinc("8462-4"), "valueQuantity": {"value": 50, "code": "mm[Hg]"}},
    ]}  # fmt: skip
    duck = _built(read_fhir, ndjson(tmp_path / "f.ndjson", PATIENT, ENCOUNTER, CONDITION, OBSERVATION, OBSERVATION | pressure))
    scored = "select cast(diastolic_bp_mmhg as integer), pulse_points, news2_score, qsofa_score from silver.vital_sets"
    assert duck.rows(scored) == [(50, 0, 3, 1)]
    assert duck.rows("select diagnosis_code from silver.stays") == [("I509",)]


def test_a_patient_without_a_birth_date_is_refused_by_that_name(tmp_path):
    duck = _built(read_fhir, ndjson(tmp_path / "f.ndjson", {name: said for name, said in PATIENT.items() if name != "birthDate"}))
    assert duck.rows("select feed, reasons from silver.quarantine") == [("patients", "birth_date is missing")]


def _built(read: Callable, path: Path):
    """The tables that the records of a file lead to; a column that a record does not have was not sent."""
    given: dict[str, list[dict]] = {}
    for item in read(path):
        assert isinstance(item, Record), item
        given.setdefault(item.feed, []).append({name: item.values.get(name, "") for name in COLUMNS[item.feed]})
    return built_from(given)
