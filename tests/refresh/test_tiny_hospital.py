"""The story of the tiny hospital, told by its tables."""

from __future__ import annotations

from pipeline.refresh.run import refresh
from tests.lake import rows_of


def test_every_encounter_that_can_be_true_is_in_silver_once(shared_tiny_lake):
    encounters = rows_of(shared_tiny_lake, "silver.encounters")
    assert list(encounters["encounter_id"]) == ["E-ada", "E-ben", "E-cy-1", "E-cy-2", "E-di", "E-eve"]


def test_age_groups_turn_on_the_birthday(shared_tiny_lake):
    encounters = rows_of(shared_tiny_lake, "silver.encounters").set_index("encounter_id")
    assert encounters["age_group"].to_dict() == {
        "E-ada": "Senior",
        "E-ben": "Pediatric",
        "E-cy-1": "Adult",
        "E-cy-2": "Adult",
        "E-di": "Senior",
        "E-eve": "Senior",
    }
    assert encounters.loc["E-di", "age_years"] == 65


def test_refused_rows_keep_their_text_their_line_and_every_reason(shared_tiny_lake):
    refused = rows_of(shared_tiny_lake, "silver.quarantine", sort_by=["_file", "_row"])
    assert refused[["_file", "_row", "reasons"]].values.tolist() == [
        ["diagnoses_2025q1.csv", 4, "encounter_id is not in any accepted encounters file"],
        ["encounters_2025q1.csv", 9, "discharged_at is before arrived_at"],
        ["encounters_2025q1.csv", 10, "patient_id is not in any accepted patients file"],
        ["encounters_2025q1.csv", 11, "the line does not have the fields of the header (missing columns)"],
        ["lab_results_2025q1.csv", 5, "unit is not known for Haemoglobin"],
        ["patients.csv", 8, "birth_date cannot be read as a date"],
        ["vital_sets_2025q1.csv", 5, "heart_rate_bpm is outside 20 to 300 /min"],
        ["vital_sets_2025q1.csv", 9, "encounter_id is not in any accepted encounters file"],
    ]
    assert refused["row_text"][3] == "E-cut,P-cy,South"


def test_repeats_and_older_versions_are_set_aside_with_what_stands_for_them(shared_tiny_lake):
    repeated = rows_of(shared_tiny_lake, "silver.repeated_rows")
    assert repeated[["_file", "_row", "fate", "kept_row"]].values.tolist() == [
        ["encounters_2025q1.csv", 4, "duplicate", 3],
        ["patients.csv", 4, "superseded", 5],
    ]


def test_the_worklist_is_ada_and_says_why(shared_tiny_lake):
    worklist = rows_of(shared_tiny_lake, "gold.high_risk_seniors")
    assert list(worklist["patient_id"]) == ["P-ada"]
    assert worklist["flag_reasons"][0] == (
        "NEWS2 14; HR over 100; RR over 24; SBP 90 or less; SpO2 under 90; temperature 37.8 or more"
    )


def test_nothing_measured_is_not_assessed_never_low(shared_tiny_lake):
    risks = rows_of(shared_tiny_lake, "gold.encounter_risks").set_index("encounter_id")["risk_level"]
    assert risks.to_dict() == {
        "E-ada": "High",
        "E-ben": "High",
        "E-cy-1": "Not assessed",
        "E-cy-2": "Not assessed",
        "E-di": "Low",
        "E-eve": "Moderate",
    }


def test_fahrenheit_is_celsius_in_silver_stated_or_not(shared_tiny_lake):
    vitals = rows_of(shared_tiny_lake, "silver.vital_sets", sort_by=["encounter_id", "measured_at"])
    assert [float(value) for value in vitals["temperature_c"].dropna()] == [36.8, 38.5, 37.2, 37.0, 37.0]


def test_adas_scores_stand_with_their_components(shared_tiny_lake):
    ada = rows_of(shared_tiny_lake, "gold.stay_scores").set_index("patient_id").loc["P-ada"]
    lace = ada[["lace_length_points", "lace_acute_points", "lace_comorbidity_points", "lace_emergency_points", "lace_score"]]
    assert lace.tolist() == [2, 3, 3, 0, 8]
    assert ada["lace_status"] == "partial: emergency visits known only from 2025-02-03"
    assert ada["hospital_score"] == 4  # haemoglobin, sodium, procedure, urgent
    assert ada["unstable_vital_count"] == 5


def test_why_a_stay_does_not_count_is_told(shared_tiny_lake):
    stays = rows_of(shared_tiny_lake, "gold.index_stays").set_index("patient_id")["count_reason"]
    assert stays.to_dict() == {
        "P-ada": "Not counted: less than 30 days of follow-up",
        "P-eve": "Not counted: still in hospital",
    }


def test_patients_and_encounters_alone_are_enough(settings, tiny_landing):
    for feed in ("vital_sets", "diagnoses", "procedures", "lab_results"):
        (tiny_landing / f"{feed}_2025q1.csv").unlink()
    assert refresh(settings, requested_by="test").status == "succeeded"
    scores = rows_of(settings, "gold.stay_scores").set_index("patient_id").loc["P-ada"]
    assert scores["lace_status"] == "not computable: missing diagnoses"
    assert scores["hospital_status"] == "not computable: missing haemoglobin, sodium"
    assert scores["instability_status"] == "not computable: missing vital signs"
    assert list(rows_of(settings, "gold.readmission_basis")["measure_name"]) == ["30-day return, transfers merged"]
