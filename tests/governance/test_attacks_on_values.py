"""No question gets behind a pseudonym, into another ward or out of an error, and what one role asked is never another's answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import BadRequest, MediPulseError
from pipeline.governance.access import read
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer, load_policy
from pipeline.lakehouse.reader import open_published
from pipeline.settings import Settings
from tests.governance.attacks import ATTACKS
from tests.governance.attacks_on_values import (
    NOTHING_BY_NURSES,
    OTHER_WARDS,
    PROBES,
    READABLE_BY_NURSES,
    RESERVED_NAMES,
    VALUES_IN_ERRORS,
)

ANALYST, CLINICIAN = Viewer("eve", "analyst"), Viewer("cleo", "clinician")
CARDIOLOGY = Viewer("nina", "triage_nurse", sites=("North",), wards=("Cardiology",))
NOWHERE = Viewer("nobody", "triage_nurse")
OF_OTHER_WARDS = ("P-ben", "P-cy", "P-di", "P-eve", "E-ben", "E-cy", "E-di", "E-eve", "Oak", "Elm", "Fir", "Yew", "1980-01-01")
OF_CARDIOLOGY = ("P-ada", "E-ada", "Ash", "1950-02-28")
NAMES = ("Ada", "Ash", "Ben", "Oak", "Elm", "Fir", "Yew", "12345", "23456", "34567", "P-ada", "1950-02-28")


def asked(settings: Settings, viewer: Viewer, sql: str, parameters: dict | None = None) -> str:
    """Everything that comes back, as text; a refusal too. Anything else that is raised is a failure of the door."""
    try:
        return read(viewer, sql, parameters, purpose="test", settings=settings).to_csv()
    except MediPulseError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


@pytest.mark.parametrize("viewer", [ANALYST, CARDIOLOGY], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("attack", RESERVED_NAMES)
def test_the_programs_own_parameters_cannot_be_named(attack, viewer, shared_tiny_lake):
    with pytest.raises(BadRequest, match="the program's own"):
        read(viewer, attack, purpose="test", settings=shared_tiny_lake)


@pytest.mark.parametrize("name", ["own_wards", "OWN_WARDS", "opened_patients", "Own_Sites"])
def test_the_programs_own_parameters_cannot_be_given(name, shared_tiny_lake):
    given = {name: ["Clinic", "South", "P-cy"]}
    said = asked(shared_tiny_lake, CARDIOLOGY, "select patient_id, ward_name from silver.encounters", given)
    assert not [canary for canary in OF_OTHER_WARDS if canary in said]


@pytest.mark.parametrize("probe", PROBES)
def test_an_answer_does_not_tell_whether_a_guessed_number_is_somebodys(probe, shared_tiny_lake):
    answers = {
        asked(shared_tiny_lake, ANALYST, probe.replace("{number}", guess), {"guess": guess} if "$guess" in probe else None)
        for guess in ("P-ada", "P-ida")
    }
    assert len(answers) == 1
    assert not answers.pop().startswith(("BadRequest", "AccessDenied"))


@pytest.mark.parametrize("attack", OTHER_WARDS)
def test_a_nurse_gets_nobody_of_another_ward_and_one_of_no_ward_nobody(attack, shared_tiny_lake):
    of_one, of_none = (asked(shared_tiny_lake, viewer, attack) for viewer in (CARDIOLOGY, NOWHERE))
    assert not [canary for canary in OF_OTHER_WARDS if canary in of_one]
    assert not [canary for canary in (*OF_OTHER_WARDS, *OF_CARDIOLOGY) if canary in of_none]


@pytest.mark.parametrize("attack", NOTHING_BY_NURSES)
def test_what_another_ward_has_counts_for_nothing(attack, shared_tiny_lake):
    found = read(CARDIOLOGY, attack, purpose="test", settings=shared_tiny_lake)
    assert found["n"].sum() == 0


@pytest.mark.parametrize("attack", VALUES_IN_ERRORS)
def test_no_error_carries_a_value(attack, shared_tiny_lake):
    try:
        read(CLINICIAN, attack, purpose="test", settings=shared_tiny_lake)
    except MediPulseError as error:
        assert not [value for value in NAMES if value in str(error)]


def test_a_question_that_fails_is_on_record_without_what_it_asked(tiny_lake):
    with pytest.raises(MediPulseError):
        read(CLINICIAN, "select cast(given_name as integer) from silver.patients", purpose="test", settings=tiny_lake)
    (line,) = read_log(tiny_lake.access_log)
    assert (line["outcome"], line["tables"], line["viewer"]) == ("failed", ["silver.patients"], "cleo")
    assert not [value for value in NAMES if value in str(line)]


ONE_TEXT = "select patient_id, arrived_at, age_years from gold.encounter_risks order by encounter_id"


@pytest.mark.parametrize("order", [(CLINICIAN, ANALYST), (ANALYST, CLINICIAN)], ids=("clinician first", "analyst first"))
def test_the_same_text_is_answered_anew_for_every_role(order, shared_tiny_lake):
    said = {viewer.role: asked(shared_tiny_lake, viewer, ONE_TEXT) for viewer in order}
    assert "P-ada" in said["clinician"] and "P-ada" not in said["analyst"]


def test_the_same_text_is_answered_anew_for_every_ward(shared_tiny_lake):
    clinic = Viewer("nina", "triage_nurse", sites=("South",), wards=("Clinic",))
    first, second, third = (asked(shared_tiny_lake, viewer, ONE_TEXT) for viewer in (CARDIOLOGY, clinic, NOWHERE))
    assert ("P-ada" in first, "P-cy" in first, "P-ada" in second, "P-cy" in second, "P-" in third) == (
        True,
        False,
        False,
        True,
        False,
    )


def test_many_roles_at_once_each_get_their_own(shared_tiny_lake):
    viewers = [CLINICIAN, ANALYST, CARDIOLOGY, NOWHERE] * 12
    with ThreadPoolExecutor(8) as readers:
        said = list(readers.map(lambda viewer: (viewer.name, asked(shared_tiny_lake, viewer, ONE_TEXT)), viewers))
    assert {(name, text.count("P-ada"), text.count("P-cy")) for name, text in said} == {
        ("cleo", 1, 2),
        ("eve", 0, 0),
        ("nina", 1, 0),
        ("nobody", 0, 0),
    }


def test_what_the_attacks_look_for_is_there(shared_tiny_lake):
    told = open_published(shared_tiny_lake).query("select p, e from silver.patients p join silver.encounters e using (patient_id)")
    text = str(told.to_pylist())
    assert not [canary for canary in (*OF_CARDIOLOGY, *OF_OTHER_WARDS) if canary.startswith(("P-", "E-")) and canary not in text]
    assert set(READABLE_BY_NURSES) <= {table for table in READABLE_BY_NURSES if load_policy().may_read("triage_nurse", table)}


def test_there_are_two_hundred_different_attacks():
    every = {*ATTACKS, *RESERVED_NAMES, *PROBES, *OTHER_WARDS, *NOTHING_BY_NURSES, *VALUES_IN_ERRORS}
    assert len(every) >= 350
