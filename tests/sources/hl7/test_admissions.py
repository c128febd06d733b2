"""ADT messages as patients, encounters, diagnoses and procedures."""

from __future__ import annotations

import pytest

from pipeline.sources.hl7.reader import read
from pipeline.sources.records import Record
from tests.sources.hl7.written import PID, admission, counted, file, message, rows, visit

LATER, LAST = "20250302110000+0000", "20250303110000+0000"


def test_an_admission_becomes_a_patient_and_an_encounter(tmp_path):
    sent = message("ADT^A01", "EVN||20250228100000", PID, visit(f4="U", f44="20250228050000-0500", f45=""))
    assert rows(tmp_path, "patients", sent) == [
        {
            "patient_id": "77", "given_name": "Ada May", "family_name": "Ash", "birth_date": "1950-02-28", "sex": "F",
            "postal_code": "12345", "updated_at": "2025-02-28 10:00:00",
        }
    ]  # fmt: skip
    assert rows(tmp_path, "encounters", sent) == [
        {
            "encounter_id": "V-1", "patient_id": "77", "site_name": "North Hospital", "ward_name": "Cardiology",
            "encounter_class": "INPATIENT", "admission_type": "URGENT", "arrived_at": "2025-02-28 10:00:00",
            "updated_at": "2025-02-28 10:00:00",
        }
    ]  # fmt: skip


def test_a_discharge_keeps_what_the_admission_said(tmp_path):
    left = message("ADT^A03", PID, visit(f2="", f3="", f36="03", f45="20250302103000+0000"), at=LATER)
    _, last = rows(tmp_path, "encounters", admission(), left)
    assert last == {
        "encounter_id": "V-1", "patient_id": "77", "site_name": "North Hospital", "ward_name": "Cardiology",
        "encounter_class": "INPATIENT", "arrived_at": "2025-02-28 10:00:00", "discharged_at": "2025-03-02 10:30:00",
        "disposition": "SKILLED_NURSING",
        "updated_at": "2025-03-02 11:00:00",
    }  # fmt: skip


def test_a_message_that_only_names_the_patient_keeps_what_is_known_and_one_that_deletes_does_not(tmp_path):
    named = message("ADT^A08", "PID|1||77", visit(), at=LATER)
    deleted = message("ADT^A31", 'PID|1||77||||""', at=LAST)
    births = [row.get("birth_date") for row in rows(tmp_path, "patients", admission(), named, deleted)]
    assert births == ["1950-02-28", "1950-02-28", None]


def test_a_birth_date_in_full_is_no_longer_assumed(tmp_path):
    guessed = message("ADT^A31", PID.replace("19500228", "1950"), at="20250227000000+0000")
    found = rows(tmp_path, "patients", guessed, admission())
    assert [row.get("birth_date_basis") for row in found] == ["assumed", None]


def test_a_transfer_moves_the_patient_to_another_ward(tmp_path):
    moved = message("ADT^A02", PID, visit(f3="Stroke unit^1^A^North Hospital"), at=LATER)
    assert [row["ward_name"] for row in rows(tmp_path, "encounters", admission(), moved)] == ["Cardiology", "Stroke unit"]


def test_a_cancelled_discharge_leaves_the_patient_in_hospital(tmp_path):
    left = message("ADT^A03", PID, visit(f36="01", f45=LATER), at=LATER)
    back = message("ADT^A13", PID, visit(f36="01", f45=LATER), at=LAST)
    *_, last = rows(tmp_path, "encounters", admission(), left, back)
    assert "discharged_at" not in last
    assert "disposition" not in last


@pytest.mark.parametrize("before", [[admission()], []])
def test_a_cancelled_admission_takes_the_place_of_what_was_sent_before(before, tmp_path):
    *_, last = rows(tmp_path, "encounters", *before, message("ADT^A11", PID, visit(), at=LATER))
    assert (last["encounter_id"], last["encounter_class"], last["updated_at"]) == ("V-1", "CANCELLED", "2025-03-02 11:00:00")
    assert last["arrived_at"]
    assert last["site_name"]


def test_an_admission_after_a_cancelled_one_counts_again(tmp_path):
    *_, last = rows(tmp_path, "encounters", admission(), message("ADT^A11", PID, visit(), at=LATER), admission(at=LAST))
    assert last["encounter_class"] == "INPATIENT"


def test_an_older_message_that_comes_late_changes_nothing_that_stands(tmp_path):
    late = message("ADT^A08", PID, visit(f3="Old ward^^^North Hospital"), at="20250227000000+0000")
    moved = message("ADT^A02", PID, visit(f3="Stroke unit^^^North Hospital"), at=LATER)
    found = rows(tmp_path, "encounters", moved, late, message("ADT^A08", PID, visit(f3=""), at=LAST))
    assert [row["ward_name"] for row in found] == ["Stroke unit", "Old ward", "Stroke unit"]


def test_of_two_messages_of_one_second_the_last_counts(tmp_path):
    moved = message("ADT^A02", PID, visit(f3="Stroke unit^^^North Hospital"))
    assert [row["ward_name"] for row in rows(tmp_path, "encounters", admission(), moved)] == ["Stroke unit"]


def test_a_value_that_is_deleted_is_empty_and_one_that_is_missing_is_kept(tmp_path):
    *_, last = rows(tmp_path, "encounters", admission(f4="E"), message("ADT^A08", PID, visit(f3='""', f4=""), at=LATER))
    assert "ward_name" not in last
    assert last["admission_type"] == "EMERGENCY"


@pytest.mark.parametrize(
    "event, evn, column, found",
    [
        ("A01", "EVN||20250228110000+0000||||20250228093000+0000", "arrived_at", ("2025-02-28 09:30:00", None)),
        ("A04", "EVN||20250228110000+0000", "arrived_at", ("2025-02-28 11:00:00", "assumed")),
        ("A03", "EVN||20250302110000+0000||||20250302103000+0000", "discharged_at", ("2025-03-02 10:30:00", None)),
        ("A03", "EVN|", "discharged_at", ("2025-02-28 10:00:00", "assumed")),
        ("A08", "EVN||20250228110000+0000", "arrived_at", (None, None)),
    ],
)
def test_a_time_that_the_visit_lacks_is_that_of_the_event_or_openly_assumed(event, evn, column, found, tmp_path):
    [row] = rows(tmp_path, "encounters", message(f"ADT^{event}", evn, PID, visit()))
    assert (row.get(column), row.get("time_basis")) == found


@pytest.mark.parametrize(
    "sent, read",
    [
        ("202502281000", "2025-02-28 09:00:00"),
        ("20250228100000.1234", "2025-02-28 09:00:00"),
        ("202502281000-0500", "2025-02-28 15:00:00"),
        ("20250228100000+0530", "2025-02-28 04:30:00"),
        ("20250228", "2025-02-28"),
        ("20250230100000", "20250230100000"),
        ("202502281000+9900", "202502281000+9900"),
    ],
)
def test_a_time_is_read_on_the_hospitals_clock_unless_it_has_an_offset(sent, read, tmp_path):
    path = file(tmp_path, message("ADT^A08", PID, visit(f44=sent), at="20250228100000"))
    arrived = [one.values["arrived_at"] for one in read_in_berlin(path) if one.feed == "encounters"]
    assert arrived == [read]


def test_the_offset_of_the_header_counts_for_the_whole_message(tmp_path):
    path = file(tmp_path, message("ADT^A08", PID, visit(f44="202502281000"), at="20250228100000-0500"))
    assert [one.values["arrived_at"] for one in read_in_berlin(path) if one.feed == "encounters"] == ["2025-02-28 15:00:00"]


@pytest.mark.parametrize(
    "birth, read",
    [
        ("19500228", {"birth_date": "1950-02-28"}),
        ("195002281030", {"birth_date": "1950-02-28"}),
        ("1950", {"birth_date": "1950-07-01", "birth_date_basis": "assumed"}),
        ("195002", {"birth_date": "1950-02-15", "birth_date_basis": "assumed"}),
        ("", {}),
    ],
)
def test_a_birth_date_is_not_made_more_precise_in_silence(birth, read, tmp_path):
    [row] = rows(tmp_path, "patients", message("ADT^A28", PID.replace("19500228", birth)))
    assert {name: text for name, text in row.items() if name.startswith("birth")} == read


@pytest.mark.parametrize(
    "identifiers, number",
    [("1^^^X^PI~77^^^Y^MR", "77"), ("1^^^X^PI~5^^^Y^SS", "1"), ("5^^^Y^SS~6", "5"), ("", "2"), ("77", "77")],
)
def test_of_several_numbers_the_medical_record_number_is_the_patients(identifiers, number, tmp_path):
    [row] = rows(tmp_path, "patients", message("ADT^A31", f"PID|1|2|{identifiers}||Ash^Ada||19500228|F"))
    assert row["patient_id"] == number


@pytest.mark.parametrize(
    "sent, read", [("E", "EMERGENCY"), ("I", "INPATIENT"), ("O", "OUTPATIENT"), ("R", "OUTPATIENT"), ("B", "B")]
)
def test_the_class_of_a_visit_is_put_into_words(sent, read, tmp_path):
    assert [row["encounter_class"] for row in rows(tmp_path, "encounters", admission(f2=sent))] == [read]


def test_without_a_visit_number_the_account_number_is_the_encounters(tmp_path):
    assert [row["encounter_id"] for row in rows(tmp_path, "encounters", admission(f19=""))] == ["900"]


@pytest.mark.parametrize(
    "sent, told",
    [
        (message("ADT^A40", PID, "MRG|5"), ("ADT^A40", "this type of message is not used", 1)),
        (message("ORM^O01", PID), ("ORM^O01", "this type of message is not used", 1)),
        (message("ACK", "MSA|AA|1"), ("ACK", "this type of message is not used", 1)),
        (message("Ada Ash", PID), ("a message without a type", "this type of message is not used", 1)),
        (message("ADT^A01", PID, visit(f2="P")), ("ADT^A01", "the visit has not happened yet", 1)),
        (message("ADT^A08", PID), ("ADT^A08", "it names no visit", 1)),
        (message("ADT^A01", PID, visit(), rest="|1|T|2.5"), ("ADT^A01", "a message for training", 1)),
        (message("ADT^A28", PID, "NK1|1", "NK1|2", "ZPD|x"), ("NK1", "this segment is not used", 2)),
        (message("ADT^A28", PID + "|" * 12 + "Y"), ("PID-30", "a death without its date", 1)),
        (admission(f4="R"), ("PV1-4", "a code that has no place in the feed", 1)),
        (admission(f36="66"), ("PV1-36", "a code that has no place in the feed", 1)),
    ],
)
def test_what_is_not_used_is_counted(sent, told, tmp_path):
    assert told in counted(tmp_path, sent)


def test_diagnoses_are_ranked_by_stage_then_priority_then_order(tmp_path):
    listed = [
        "DG1|1||R07.9^Chest pain^I10C|||A",
        "DG1|2||E11.9^Diabetes^I10C|||F|||||||||2",
        "DG1|3||I50.9^Heart failure^I10C|||F|||||||||1",
        "DG1|4|I9|428.0",
    ]
    found = rows(tmp_path, "diagnoses", message("ADT^A03", PID, visit(), *listed))
    assert [(row["diagnosis_rank"], row["code_system"], row["code"]) for row in found] == [
        ("1", "ICD-10-CM", "I50.9"), ("2", "ICD-10-CM", "E11.9"), ("3", "ICD-9-CM", "428.0"), ("4", "ICD-10-CM", "R07.9"),
    ]  # fmt: skip
    assert found[0]["name"] == "Heart failure"


def test_procedures_have_their_rank_and_time(tmp_path):
    listed = ["PR1|1||B245ZZZ^Echocardiogram^I10P||20250301100000+0000", "PR1|2||99999^x^C4||20250301|||||||||1", "PR1|3||7^x^L"]
    sent = message("ADT^A08", PID, visit(), *listed)
    found = rows(tmp_path, "procedures", sent)
    assert [(row["procedure_rank"], row["code_system"], row.get("performed_at")) for row in found] == [
        ("1", "CPT", None), ("2", "ICD-10-PCS", "2025-03-01 10:00:00"),
    ]  # fmt: skip
    assert ("PR1-5", "a date without a time of day", 1) in counted(tmp_path, sent)
    assert ("PR1", "its code is in no system that is used here", 1) in counted(tmp_path, sent)


@pytest.mark.parametrize(
    "listed, reason",
    [
        ("DG1|1||7^x^LOCAL", "its code is in no system that is used here"),
        ("DG1|1|||Heart failure", "its code is in no system that is used here"),
        ("DG1|1||I50.9^x^I10C" + "|" * 18 + "D", "a deletion, which is not carried out"),
    ],
)
def test_a_diagnosis_that_cannot_be_used_is_counted(listed, reason, tmp_path):
    assert ("DG1", reason, 1) in counted(tmp_path, message("ADT^A08", PID, visit(), listed))


def read_in_berlin(path) -> list[Record]:
    return [item for item in read(path, time_zone="Europe/Berlin") if isinstance(item, Record)]
