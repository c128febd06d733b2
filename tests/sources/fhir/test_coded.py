"""Conditions and procedures of FHIR R4 as diagnoses and procedures."""

from __future__ import annotations

import pytest

from tests.sources.fhir.written import CONDITION, ENCOUNTER, PROCEDURE, bundle, ndjson, not_understood, records, values

ICD_9, ICD_10 = "http://hl7.org/fhir/sid/icd-9-cm", "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"


def test_a_condition_becomes_a_canonical_row(tmp_path):
    assert values(ndjson(tmp_path / "c.ndjson", CONDITION)) == [
        {
            "feed": "diagnoses", "encounter_id": "stay", "diagnosis_rank": "1", "code_system": "ICD-10-CM", "code": "I50.9",
            "name": "Heart failure", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


def test_a_procedure_becomes_a_canonical_row(tmp_path):
    assert values(ndjson(tmp_path / "p.ndjson", PROCEDURE)) == [
        {
            "feed": "procedures", "encounter_id": "stay", "procedure_rank": "1", "code_system": "ICD-10-PCS", "code": "B245ZZZ",
            "name": "Echocardiogram", "performed_at": "2025-03-01 10:00:00", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


def test_without_ranks_the_order_of_the_file_counts_for_each_encounter(tmp_path):
    other = {"encounter": {"reference": "Encounter/visit"}}
    path = ndjson(tmp_path / "c.ndjson", CONDITION, CONDITION | {"id": "b"}, CONDITION | {"id": "c"} | other, PROCEDURE)
    ranked = [
        (one.values["encounter_id"], one.values.get("diagnosis_rank") or one.values["procedure_rank"]) for one in records(path)
    ]
    assert ranked == [("stay", "1"), ("stay", "2"), ("visit", "1"), ("stay", "1")]


@pytest.mark.parametrize("write", [bundle, ndjson])
def test_the_ranks_an_encounter_gives_its_conditions_count_before_the_order(write, tmp_path):
    listed = [("admitted", 1, "AD"), ("second", 2, "DD"), ("first", 1, "DD"), ("billed", 9, "billing")]
    diagnoses = [
        {"condition": {"reference": f"Condition/{id_}"}, "rank": rank, "use": {"coding": [{"code": use}]}}
        for id_, rank, use in listed
    ]
    conditions = [CONDITION | {"id": id_} for id_ in ("unlisted", "second", "first", "admitted", "billed")]
    path = write(tmp_path / "c.json", *conditions, ENCOUNTER | {"diagnosis": diagnoses})
    ranks = [one.values["diagnosis_rank"] for one in records(path) if one.feed == "diagnoses"]
    assert ranks == ["5", "3", "2", "4", "1"]


def test_a_condition_belongs_to_the_encounter_that_lists_it(tmp_path):
    listing = ENCOUNTER | {"diagnosis": [{"condition": {"reference": "Condition/failure"}}]}
    path = ndjson(tmp_path / "c.ndjson", CONDITION | {"encounter": None}, listing)
    assert records(path)[0].values["encounter_id"] == "stay"


@pytest.mark.parametrize(
    "codings, read",
    [
        ([(SNOMED, "84114007"), (ICD_10, "I50.9")], ("ICD-10-CM", "I50.9")),
        ([(ICD_9, "428.0"), (ICD_10, "I50.9")], ("ICD-10-CM", "I50.9")),
        ([(ICD_9, "428.0")], ("ICD-9-CM", "428.0")),
        ([(SNOMED, "84114007")], ("SNOMED-CT", "84114007")),
        ([("urn:oid:2.16.840.1.113883.6.90", "I50.9")], ("ICD-10-CM", "I50.9")),
    ],
)
def test_of_several_codings_the_best_system_counts(codings, read, tmp_path):
    code = {"coding": [{"system": system, "code": code} for system, code in codings]}
    found = records(ndjson(tmp_path / "c.ndjson", CONDITION | {"code": code}))[0].values
    assert (found["code_system"], found["code"]) == read


@pytest.mark.parametrize(
    "said, reason",
    [
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, "it was refuted"),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, "it was entered in error"),
        ({"verificationStatus": {"coding": [{"code": "differential"}]}}, "it is one of several possibilities"),
        ({"encounter": None}, "it names no encounter"),
        ({"code": {"text": "chest pain"}}, "it has no code"),
        ({"code": {"coding": [{"system": "http://local", "code": "7"}]}}, "its code is in no system that is used here"),
    ],
)
def test_a_condition_that_was_not_had_is_counted(said, reason, tmp_path):
    path = ndjson(tmp_path / "c.ndjson", CONDITION | said)
    assert not_understood(path) == [("Condition", reason)]
    assert records(path) == []


@pytest.mark.parametrize(
    "said, reason",
    [
        ({"status": "not-done"}, "it was not done"),
        ({"status": "entered-in-error"}, "it was entered in error"),
        ({"status": "preparation"}, "it has not happened yet"),
        ({"code": {"coding": [{"system": SNOMED, "code": "428191000124101"}]}}, "its code is in no system that is used here"),
    ],
)
def test_a_procedure_that_was_not_done_is_counted(said, reason, tmp_path):
    assert not_understood(ndjson(tmp_path / "p.ndjson", PROCEDURE | said)) == [("Procedure", reason)]


def test_a_procedure_of_a_day_keeps_its_row_and_tells_that_its_time_is_missing(tmp_path):
    path = ndjson(tmp_path / "p.ndjson", PROCEDURE | {"performedDateTime": "2025-03-01"})
    assert records(path)[0].values["performed_at"] == ""
    assert not_understood(path) == [("Procedure.performed", "a date without a time of day")]
