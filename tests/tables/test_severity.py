"""NEWS2, qSOFA, the shock index and the severity of children at both sides of every edge of their published tables.

Every case is a row of a CSV beside this file, run through the real SQL: fields of the raw file, then, after =, columns of
silver.vital_sets. A field that a CSV does not name is unremarkable, an empty one was not sent. Every encounter began on
15 June 2025. Sources stand beside each number in data/reference.
"""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from, cases_in

FILES = ("news2_cases", "qsofa_cases", "shock_index_cases", "child_cases", "hypotension_cases")
CASES = {f"{file}-{case['says']}": case for file in FILES for case in cases_in(file)}
NOT_VITALS = ("says", "birth_date", "diagnosis")


@pytest.fixture(scope="module")
def scored():
    """Every case as one encounter of a patient of the right age, scored in one build: encounter to columns of its vital set."""
    coded = {name: case["diagnosis"] for name, case in CASES.items() if case.get("diagnosis")}
    duck = built_from(
        {
            "patients": [{"patient_id": name, "birth_date": case["birth_date"]} for name, case in CASES.items()],
            "encounters": [{"encounter_id": name, "patient_id": name} for name in CASES],
            "diagnoses": [{"encounter_id": name, "code": code} for name, code in coded.items()],
            "vital_sets": [{"encounter_id": name, "diastolic_bp": ""} | _sent(case) for name, case in CASES.items()],
        }
    )
    return {row["encounter_id"]: row for row in duck.arrow("select * from silver.vital_sets").to_pylist()}


@pytest.mark.parametrize("name", CASES)
def test_severity(name, scored):
    expected = {column[1:]: value for column, value in CASES[name].items() if column.startswith("=")}
    assert {column: _text(scored[name][column]) for column in expected} == expected


def _sent(case: dict[str, str]) -> dict[str, str]:
    return {field: value for field, value in case.items() if not field.startswith("=") and field not in NOT_VITALS}


def _text(value: object) -> str:
    """As the CSVs write it: doubles with six decimals, true and false in small letters, nothing for what is empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
