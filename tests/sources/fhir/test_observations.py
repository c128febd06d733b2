"""Observations of FHIR R4 as vital signs and laboratory results."""

from __future__ import annotations

import pytest

from tests.sources.fhir.written import LAB, OBSERVATION, loinc, ndjson, not_understood, records, values

UCUM = "http://unitsofmeasure.org"
PRESSURE = {
    "code": loinc("85354-9"), "valueQuantity": None,
    "component": [
        {"code": loinc("8480-6"), "valueQuantity": {"value": 120, "system": UCUM, "code": "mm[Hg]"}},
        {"code": loinc("8462-4"), "dataAbsentReason": {"coding": [{"code": "not-performed"}]}},
        {"code": loinc("8478-0"), "valueQuantity": {"value": 93}},
    ],
}  # fmt: skip
SNOMED_PAIN = {"coding": [{"code": "LA1", "system": "http://loinc.org"}, {"code": "450847001", "system": "http://snomed.info/sct"}]}


def test_a_vital_sign_becomes_a_canonical_row(tmp_path):
    assert values(ndjson(tmp_path / "o.ndjson", OBSERVATION)) == [
        {
            "feed": "vital_signs", "encounter_id": "stay", "measured_at": "2025-02-28 10:10:00", "sign": "8867-4", "value": "72",
            "unit": "/min", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


def test_a_laboratory_result_becomes_a_canonical_row(tmp_path):
    assert values(ndjson(tmp_path / "o.ndjson", LAB)) == [
        {
            "feed": "lab_results", "encounter_id": "stay", "collected_at": "2025-02-28 10:10:00", "test_code": "718-7",
            "value": "12.5", "unit": "g/dL", "updated_at": "2025-03-02 11:00:00",
        }
    ]  # fmt: skip


def test_a_blood_pressure_gives_a_record_for_each_of_its_pressures(tmp_path):
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION | PRESSURE, OBSERVATION)
    assert [(one.row, one.values["sign"], one.values["value"]) for one in records(path)] == [
        (1, "8480-6", "120"),
        (2, "8867-4", "72"),
    ]
    assert not_understood(path) == [
        ("Observation.component", "it says why there is no value"),
        ("Observation.component", "a vital sign that is not used here"),
    ]


def test_both_pressures_have_the_number_of_their_resource(tmp_path):
    both = PRESSURE["component"][0]
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION | PRESSURE | {"component": [both, both | {"code": loinc("8462-4")}]}, LAB)
    assert [(one.feed, one.row) for one in records(path)] == [("vital_signs", 1), ("vital_signs", 1), ("lab_results", 2)]


@pytest.mark.parametrize(
    "sent, read",
    [
        ("72", "72"),
        ("72.0", "72.0"),
        ("7.2e1", "72"),
        ("36.66666666", "36.6667"),
        ("-1", "-1"),
        ("1e300", "1e300"),
        ("9" * 30, "9" * 30),
    ],
)
def test_a_number_is_taken_as_it_was_written_to_four_decimals(sent, read, tmp_path):
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION)
    path.write_text(path.read_text(encoding="utf-8").replace('"value": 72', f'"value": {sent}'), encoding="utf-8")
    assert records(path)[0].values["value"] == read


@pytest.mark.parametrize(
    "value, read",
    [
        ({"valueCodeableConcept": SNOMED_PAIN}, "450847001"),
        ({"valueCodeableConcept": {"text": "A"}}, "A"),
        ({"valueString": " V "}, "V"),
        ({"valueInteger": 3}, "3"),
        ({"valueBoolean": True}, "Y"),
        ({"valueBoolean": False}, "N"),
    ],
)
def test_a_sign_that_is_no_quantity_is_handed_on_as_its_code_or_words(value, read, tmp_path):
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION | {"code": loinc("67775-7"), "valueQuantity": None} | value)
    assert records(path)[0].values["value"] == read


@pytest.mark.parametrize(
    "said, reason",
    [
        (LAB | {"status": "entered-in-error"}, "it was entered in error"),
        (LAB | {"status": "cancelled"}, "it was cancelled"),
        ({"status": "registered"}, "it has no result yet"),
        ({"dataAbsentReason": {"coding": [{"code": "unknown"}]}}, "it says why there is no value"),
        ({"modifierExtension": [{"url": "x"}]}, "it has an extension or rules that change what it means"),
        ({"implicitRules": "http://example.org"}, "it has an extension or rules that change what it means"),
        ({"valueQuantity": {"value": 20, "comparator": "<"}}, "its value is a bound and not a number"),
        ({"valueQuantity": None}, "it has no value that can be read"),
        ({"code": loinc("8302-2")}, "a vital sign that is not used here"),
        ({"code": loinc("72166-2"), "category": []}, "neither a vital sign nor a laboratory result"),
        ({"code": loinc("85353-1"), "valueQuantity": None, "hasMember": [{}]}, "a panel, whose members are resources of their own"),
        ({"code": {"coding": [{"system": "http://local", "code": "8867-4"}]}}, "a vital sign that is not used here"),
        (LAB | {"valueQuantity": None, "valueString": "positive"}, "a laboratory result that is not a number"),
        ({"encounter": {"reference": "urn:uuid:none"}}, "its Encounter is not in the file"),
    ],
)
def test_an_observation_that_gives_no_value_is_counted_with_its_reason(said, reason, tmp_path):
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION | said)
    assert not_understood(path) == [("Observation", reason)]
    assert records(path) == []


def test_without_an_encounter_the_row_goes_on_to_be_refused_by_name(tmp_path):
    assert records(ndjson(tmp_path / "o.ndjson", OBSERVATION | {"encounter": None}))[0].values["encounter_id"] == ""


def test_a_resource_inside_another_is_counted(tmp_path):
    path = ndjson(tmp_path / "o.ndjson", OBSERVATION | {"contained": [OBSERVATION]})
    assert not_understood(path) == [("Observation inside Observation", "a resource inside another has no place of its own")]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_vital_sign_that_was_taken_back_takes_the_place_of_what_was_sent_before(status, tmp_path):
    said = {"status": status, "valueQuantity": None, "dataAbsentReason": {"coding": [{"code": "error"}]}}
    [found] = records(ndjson(tmp_path / "o.ndjson", OBSERVATION | said))
    assert (found.values["sign"], found.values["measured_at"], found.values["value"]) == (
        "8867-4",
        "2025-02-28 10:10:00",
        "WITHDRAWN",
    )
