"""A diagnosis in SNOMED CT is kept, and a stay that has nothing else is not taken for a coded one."""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from

SNOMED = {"code_system": "SNOMED-CT", "name": "Viral sinusitis"}
TWO_STAYS_IN_A_DAY = [
    {"encounter_id": "A", "encounter_class": "ACUTE", "arrived_at": "2025-06-10 08:00:00", "discharged_at": "2025-06-15 10:00:00"},
    {"encounter_id": "B", "encounter_class": "IMP", "arrived_at": "2025-06-15 20:00:00", "discharged_at": "2025-06-17 10:00:00"},
]


@pytest.fixture(scope="module")
def hospital():
    codes = [SNOMED | {"encounter_id": "A", "code": "444814009"}, SNOMED | {"encounter_id": "B", "code": "444407009"}]
    return built_from({"patients": [{}], "encounters": TWO_STAYS_IN_A_DAY, "diagnoses": codes})


def test_it_is_kept_as_it_was_sent(hospital):
    kept = hospital.rows("select code_system, diagnosis_code from silver.diagnoses order by encounter_id")
    assert kept == [("SNOMED CT", "444814009"), ("SNOMED CT", "444407009")]
    assert hospital.rows("select count(*) from silver.code_meanings") == [(0,)]


def test_it_does_not_make_a_stay_coded(hospital):
    assert hospital.rows("select distinct is_coded, diagnosis_code from gold.index_stays") == [(False, None)]


def test_the_same_first_digits_are_not_the_same_condition(hospital):
    assert hospital.rows("select count(distinct stay_id) from silver.stay_encounters") == [(2,)]
