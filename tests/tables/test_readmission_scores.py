"""LACE and HOSPITAL at both sides of every edge of their published tables, on the real SQL.

LACE: van Walraven et al., CMAJ 2010;182:551. HOSPITAL: Donze et al., JAMA Intern Med 2016;176:496 (the 2016 variant).
Every case is one stay of one patient, admitted at noon on 1 June 2026, after the emergency visits and stays it names.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.tables.golden import built_from, cases_in
from tests.tables.stories import as_text, raw_rows, stories

LACE, HOSPITAL = cases_in("lace_cases"), cases_in("hospital_cases")
ADMITTED = date(2026, 6, 1)
DAYS_BETWEEN = 32
"""So far apart that ten earlier contacts lie within a year and none within a day of another."""

LACE_FOUND = """
select stay_id, lace_length_points, lace_acute_points, lace_comorbidity_points, lace_emergency_points, lace_score,
    lace_class, lace_age_cut, is_above_lace_age_cut, lace_status
from gold.stay_scores where stay_id like '%-index'
"""
HOSPITAL_FOUND = """
select stay_id, hospital_haemoglobin_points, hospital_oncology_points, hospital_sodium_points, hospital_procedure_points,
    hospital_urgent_points, hospital_prior_admission_points, hospital_length_points, hospital_score, hospital_class,
    hospital_avoidable_readmission_pct, hospital_status
from gold.stay_scores where stay_id like '%-index'
"""
LOOK_BACK = stories("look_back_cases")
LOOK_BACK_FOUND = """
select * from gold.stay_scores inner join gold.stay_facts using (stay_id) order by discharged_at
"""


@pytest.fixture(scope="module")
def lace():
    return _found([_lace_story(case) for case in LACE], LACE_FOUND)


@pytest.fixture(scope="module")
def hospital():
    return _found([_hospital_story(case) for case in HOSPITAL], HOSPITAL_FOUND)


@pytest.fixture(scope="module")
def looked_back():
    """The scores and facts of every stay by its number."""
    rows = built_from(raw_rows(LOOK_BACK)).arrow(LOOK_BACK_FOUND).to_pylist()
    return {row["stay_id"]: row for row in rows}


@pytest.mark.parametrize("number", range(len(LACE)), ids=[case["says"] for case in LACE])
def test_lace(number, lace):
    assert lace[number] == list(LACE[number].values())[8:]


@pytest.mark.parametrize("number", range(len(HOSPITAL)), ids=[case["says"] for case in HOSPITAL])
def test_hospital(number, hospital):
    assert hospital[number] == list(HOSPITAL[number].values())[9:]


@pytest.mark.parametrize("number", range(len(LOOK_BACK)), ids=[story["says"] for story in LOOK_BACK])
def test_look_back(number, looked_back):
    story = LOOK_BACK[number]
    stay = looked_back[f"{number}-{story['encounters'][-1]['id']}"]
    assert {name: as_text(stay[name]) for name in story["expect"]} == story["expect"]


def _found(told: list[dict], select: str) -> dict[int, list[str]]:
    rows = built_from(raw_rows(told)).rows(select)
    return {int(stay.partition("-")[0]): [as_text(value) for value in values] for stay, *values in rows}


def _lace_story(case: dict[str, str]) -> dict:
    first, *also = case["codes"].split(";")
    visits = [_visit(f"visit{n}", _before(20 * n)) for n in range(1, int(case["emergency_visits"]) + 1)]
    leading = [_visit("leading", ADMITTED, disposition="")] if case["through_emergency"] else []
    index = _index(case) | {"dx": first, "also": also, "icd": case["icd"]}
    return {"birth_date": _born(case), "encounters": [*visits, *leading, index]}


def _hospital_story(case: dict[str, str]) -> dict:
    stays = [
        {"id": f"stay{n}", "from": str(_before(DAYS_BETWEEN * n)), "to": str(_before(DAYS_BETWEEN * n - 3))}
        for n in range(1, int(case["prior_stays"]) + 1)
    ]
    said = {"ward": case["ward_name"], "procedure": case["procedure"], "HGB": case["haemoglobin"], "SODIUM": case["sodium"]}
    index = _index(case) | {name: value for name, value in said.items() if value or name == "ward"}
    return {"birth_date": _born(case), "encounters": [*stays, index]}


def _index(case: dict[str, str]) -> dict:
    leaves = ADMITTED + timedelta(days=int(case["nights"]))
    return {"id": "index", "from": str(ADMITTED), "to": f"{leaves} 18:00", "type": case["admission_type"]}


def _visit(key: str, day: date, disposition: str = "HOME") -> dict:
    return {"id": key, "class": "EMER", "from": f"{day} 08:00", "to": f"{day} 12:00", "disposition": disposition}


def _before(days: int) -> date:
    return ADMITTED - timedelta(days=days)


def _born(case: dict[str, str]) -> str:
    return f"{ADMITTED.year - int(case['age_years'])}-01-01"
