"""NEWS2 and the child heart rate z-score at both sides of every edge of their published tables, on the real SQL.

NEWS2: Royal College of Physicians 2017, chart 1. Children: Fleming et al., Lancet 2011;377:1011, web table 4.
"""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from, cases_in

CASES = cases_in("severity_cases")
VITALS = ("heart_rate", "respiratory_rate", "systolic_bp", "temperature", "spo2", "on_oxygen", "consciousness")


@pytest.fixture(scope="module")
def scored():
    """Every case as one encounter of a patient of the right age, scored in one build."""
    numbered = list(enumerate(CASES))
    duck = built_from(
        {
            "patients": [{"patient_id": f"P-{n}", "birth_date": _born(int(case["age_months"]))} for n, case in numbered],
            "encounters": [{"encounter_id": f"E-{n}", "patient_id": f"P-{n}"} for n, _ in numbered],
            "vital_sets": [{"encounter_id": f"E-{n}", "diastolic_bp": ""} | {v: case[v] for v in VITALS} for n, case in numbered],
        }
    )
    rows = duck.rows("select encounter_id, news2_score, news2_parameter_count, severity_name, heart_rate_z from silver.vital_sets")
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["says"] for case in CASES])
def test_severity(number, scored):
    case = CASES[number]
    score, count, severity, z = scored[f"E-{number}"]
    assert (_text(score), _text(count), severity) == (case["news2_score"], case["news2_parameter_count"], case["severity_name"])
    assert z == (pytest.approx(float(case["heart_rate_z"]), abs=1e-6) if case["heart_rate_z"] else None)


def _born(age_months: int) -> str:
    """The day on which a patient arriving on 15 June 2025 was born to be exactly this old."""
    months = 2025 * 12 + 5 - age_months
    return f"{months // 12:04d}-{months % 12 + 1:02d}-15"


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
