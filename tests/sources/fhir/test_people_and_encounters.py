"""Patients and encounters of FHIR R4 as canonical records."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import load_contracts
from tests.sources.fhir.written import ENCOUNTER, PATIENT, bundle, ndjson, not_understood, values

NAMES = [
    {"use": "old", "family": "Elm", "given": ["A"]},
    {"use": "usual", "family": "Oak", "given": ["Addie"]},
    {"use": "official", "family": "Ash", "given": ["Ada", "May"]},
]


def test_a_patient_becomes_a_canonical_row(tmp_path):
    said = PATIENT | {
        "name": NAMES,
        "address": [{"use": "home", "postalCode": "12345"}],
        "deceasedDateTime": "2025-04-01T23:30:00-05:00",
    }
    assert values(ndjson(tmp_path / "p.ndjson", said)) == [
        {
            "feed": "patients", "patient_id": "ada", "given_name": "Ada May", "family_name": "Ash", "birth_date": "1950-02-28",
            "sex": "female", "postal_code": "12345", "death_date": "2025-04-01", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sent, read",
    [
        ("1950-02-28", {"birth_date": "1950-02-28"}),
        ("1950", {"birth_date": "1950-07-01", "birth_date_basis": "assumed"}),
        ("1950-02", {"birth_date": "1950-02-15", "birth_date_basis": "assumed"}),
        ("around 1950", {"birth_date": "around 1950"}),
        ("", {}),
        (1950, {}),
    ],
)
def test_a_birth_date_is_not_made_more_precise_in_silence(sent, read, tmp_path):
    [found] = values(ndjson(tmp_path / "p.ndjson", PATIENT | {"birthDate": sent}))
    assert {name: text for name, text in found.items() if name.startswith("birth")} == read


@pytest.mark.parametrize(
    "said, reason",
    [
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/b"}}]}, "another record stands for it"),
        ({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}]}, "it is an animal"),
        ({"modifierExtension": [{"url": "x"}]}, "it has an extension or rules that change what it means"),
        ({"id": None}, "it has no id"),
    ],
)
def test_a_patient_who_is_none_is_counted(said, reason, tmp_path):
    assert not_understood(ndjson(tmp_path / "p.ndjson", PATIENT | said)) == [("Patient", reason)]


def test_a_death_without_its_date_is_told(tmp_path):
    path = ndjson(tmp_path / "p.ndjson", PATIENT | {"deceasedBoolean": True})
    assert not_understood(path) == [("Patient.deceasedBoolean", "a death without its date")]
    assert len(values(path)) == 1


def test_a_record_that_does_not_say_when_it_was_changed_is_older_than_any_that_does(tmp_path):
    [found] = values(ndjson(tmp_path / "p.ndjson", PATIENT | {"meta": {}}))
    assert found["updated_at"] == "1900-01-01 00:00:00"


def test_an_encounter_becomes_a_canonical_row_in_utc(tmp_path):
    said = ENCOUNTER | {
        "period": {"start": "2025-02-28T05:00:00-05:00", "end": "2025-03-02T16:30:00.123+05:30"},
        "priority": {"coding": [{"code": "UR"}]},
        "location": [{"location": {"display": "Cardiology"}}, {"location": {"display": "Stroke unit"}}],
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": "snf"}]}},
    }
    assert values(ndjson(tmp_path / "e.ndjson", said)) == [
        {
            "feed": "encounters", "encounter_id": "stay", "patient_id": "ada", "site_name": "North", "ward_name": "Stroke unit",
            "encounter_class": "IMP", "admission_type": "URGENT", "arrived_at": "2025-02-28 10:00:00",
            "discharged_at": "2025-03-02 11:00:00", "disposition": "SKILLED_NURSING", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


def test_a_date_without_a_time_stays_one_so_that_the_typed_step_refuses_it(tmp_path):
    [found] = values(ndjson(tmp_path / "e.ndjson", ENCOUNTER | {"period": {"start": "2025-02-28"}}))
    assert found["arrived_at"] == "2025-02-28"


@pytest.mark.parametrize(
    "said, reason",
    [
        ({"status": "planned"}, "it has not happened yet"),
        ({"class": [{"coding": [{"code": "IMP"}]}]}, "its class is a list, which is not FHIR R4"),
        ({"subject": {"reference": "Group/ward"}}, "it is about something other than one Patient"),
        ({"subject": {"reference": "urn:uuid:nobody"}}, "its Patient is not in the file"),
        ({"subject": {"reference": "#inside"}}, "its Patient is named by an identifier that is not in the file"),
        ({"period": {"start": "2025-02-28T10:00:00"}}, "a time has no time zone"),
    ],
)
def test_an_encounter_that_is_none_is_counted(said, reason, tmp_path):
    path = ndjson(tmp_path / "e.ndjson", ENCOUNTER | said)
    assert not_understood(path) == [("Encounter", reason)]
    assert values(path) == []


def test_codes_without_a_place_in_the_feed_are_counted_beside_the_record(tmp_path):
    said = {"priority": {"coding": [{"code": "R"}]}, "hospitalization": {"dischargeDisposition": {"coding": [{"code": "long"}]}}}
    assert not_understood(ndjson(tmp_path / "e.ndjson", ENCOUNTER | said)) == [
        ("Encounter.dischargeDisposition", "a code that has no place in the feed"),
        ("Encounter.priority", "a code that has no place in the feed"),
    ]


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/ada"},
        {"reference": "Patient/ada/_history/3"},
        {"reference": "https://hospital.example/fhir/Patient/ada"},
        {"reference": "urn:uuid:c0ffee"},
        {"reference": "Patient?identifier=urn:mrn|77"},
        {"identifier": {"system": "urn:mrn", "value": "77"}},
        {"reference": "#inside"},
    ],
)
def test_whichever_way_it_names_its_patient(reference, tmp_path):
    identified = {"identifier": [{"system": "urn:mrn", "value": "77"}]}
    contained = {"contained": [{"resourceType": "Patient", "id": "inside", **identified}]}
    path = bundle(
        tmp_path / "b.json", PATIENT | identified, ENCOUNTER | contained | {"subject": reference}, full_urls=("urn:uuid:c0ffee",)
    )
    assert [found["patient_id"] for found in values(path)] == ["ada", "ada"]


def test_a_site_is_called_by_its_name_where_the_file_has_it(tmp_path):
    north = {"resourceType": "Organization", "id": "north", "name": "North Hospital"}
    path = ndjson(tmp_path / "e.ndjson", ENCOUNTER | {"serviceProvider": {"reference": "Organization/north"}}, north)
    assert values(path)[0]["site_name"] == "North Hospital"
    assert not_understood(path) == [("Organization", "only its name is used")]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_an_encounter_that_was_cancelled_takes_the_place_of_what_was_sent_before(status, tmp_path):
    [found] = values(ndjson(tmp_path / "e.ndjson", ENCOUNTER | {"status": status, "serviceProvider": None, "period": {}}))
    assert found == {
        "feed": "encounters", "encounter_id": "stay", "patient_id": "ada", "site_name": "not stated",
        "encounter_class": "CANCELLED", "arrived_at": "2025-03-02 11:00:00", "updated_at": "2025-03-02 11:00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("AMB", "Outpatient"), ("IMP", "Inpatient"), ("ACUTE", "Inpatient"), ("EMER", "Emergency"), ("OBSENC", "Outpatient"),
        ("SS", "Outpatient"), ("HH", "Outpatient"), ("VR", "Outpatient"), ("FLD", "Outpatient"), ("NONAC", None), ("PRENC", None),
    ],
)  # fmt: skip
def test_the_contract_knows_the_class_of_each_code_that_has_one(sent, kept, tmp_path):
    """An inpatient who is not acute has none: as an inpatient the stay would count as one of the measure."""
    [found] = values(ndjson(tmp_path / "e.ndjson", ENCOUNTER | {"class": {"code": sent}}))
    known = next(
        column for column in load_contracts()["bronze.encounters"].columns if column.name == "encounter_class"
    ).reads_as.values
    assert known.get(found["encounter_class"]) == kept
