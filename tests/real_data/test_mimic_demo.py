"""The readmission tables on 275 real hospital stays of 100 patients: MIMIC-IV Clinical Database Demo 2.2 (ODbL 1.0).

The file has stays, ages and dispositions and no diagnoses, so the result is a return rate and no readmission measure.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.tables.golden import built_from

DISPOSITIONS = {
    "DIED": "EXPIRED",
    "HOME": "HOME",
    "HOME HEALTH CARE": "HOME_HEALTH",
    "SKILLED NURSING FACILITY": "SKILLED_NURSING",
    "CHRONIC/LONG TERM ACUTE CARE": "SKILLED_NURSING",
    "REHAB": "REHABILITATION",
    "HOSPICE": "HOSPICE",
    "AGAINST ADVICE": "AGAINST_MEDICAL_ADVICE",
    "ACUTE HOSPITAL": "TRANSFER_ACUTE",
    "PSYCH FACILITY": "",
    "UNK": "",
}


@pytest.fixture(scope="module")
def mimic(real_data):
    return built_from(_as_feeds(real_data / "mimic_iv_demo_meds" / "derived_encounters.csv"))


def test_the_raw_30_day_return_rate_is_the_published_files_own(mimic):
    assert mimic.rows("select sum(raw_return_count), sum(raw_index_count) from gold.readmission_rates") == [(53, 260)]


def test_every_stay_of_the_file_is_one_stay_here(mimic):
    assert mimic.rows("select count(*), count(distinct patient_id) from silver.stays") == [(275, 100)]


def test_the_waterfall_adds_up_to_all_stays(mimic):
    steps = dict(mimic.rows("select counted_as, sum(stay_count) from gold.readmission_rates group by counted_as"))
    assert sum(steps.values()) == 275
    assert steps["Died in hospital"] == 15
    assert steps["Left against medical advice"] == 4
    assert steps["Transferred to another hospital"] == 1


def test_without_diagnoses_it_is_not_called_a_readmission_measure(mimic):
    assert mimic.rows("select measure_name from gold.readmission_basis") == [("30-day return, transfers merged",)]


def test_readmission_after_an_index_stay_is_told_patient_by_patient(mimic):
    """Of the 53 returns, those after one of the 5 stays that are no index stay are the difference."""
    found = mimic.rows("""
        select count(*) filter (where is_readmitted), count(*) filter (where is_index),
            count(*) filter (where has_raw_return and not is_index)
        from gold.index_stays""")
    readmitted, index, after_no_index = found[0]
    assert readmitted + after_no_index == 53
    assert index == 260 - 4 - 1 - _without_follow_up(mimic)


def _without_follow_up(mimic) -> int:
    return mimic.rows("select count(*) from gold.index_stays where first_exclusion = 'Less than 30 days of follow-up'")[0][0]


def _as_feeds(path: Path) -> dict[str, list[dict]]:
    """The file as canonical rows. It gives ages and no birth dates: each patient is born on 1 January of the implied year."""
    with path.open(encoding="utf-8", newline="") as stream:
        stays = list(csv.DictReader(stream))
    born = {stay["subject_id"]: int(stay["admittime"][:4]) - int(stay["age"]) for stay in stays}
    patients = [{"patient_id": patient, "birth_date": f"{year}-01-01"} for patient, year in born.items()]
    return {"patients": patients, "encounters": [_encounter(stay) for stay in stays]}


def _encounter(stay: dict[str, str]) -> dict:
    return {
        "encounter_id": stay["encounter_id"],
        "patient_id": stay["subject_id"],
        "site_name": "BIDMC",
        "encounter_class": "INPATIENT",
        "arrived_at": stay["admittime"],
        "discharged_at": stay["dischtime"],
        "disposition": DISPOSITIONS[stay["dispo"]],
    }
