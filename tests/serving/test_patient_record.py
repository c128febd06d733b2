"""One patient's record is complete, of one publication, and asked with parameters only."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from pipeline.errors import AccessDenied
from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving import patient
from pipeline.serving.export import as_json, file_name
from pipeline.serving.patient import NO_SUCH_PATIENT, PatientRecord, find_patient, questions
from pipeline.serving.patient.kinds import Stay
from pipeline.serving.patient.stay_scores import EXCLUSIONS, exclusions, stay_scores
from pipeline.serving.patient.tables import diagnoses_table, encounters_table, lab_results_table, procedures_table
from pipeline.serving.patient.words import stay_sentences
from pipeline.settings import TABLES
from tests.serving.conftest import NOON
from tests.serving.test_patient import blank

CLINICIAN = Viewer("test", "clinician")
OFTEN_HERE = "select patient_id from silver.encounters group by patient_id order by count(*) desc, patient_id limit 30"
ASKED = [name for name in dir(questions) if name.isupper()]


@pytest.fixture
def tiny(shared_tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))


@pytest.fixture(scope="module")
def often_here(small_hospital) -> list[PatientRecord]:
    """The records of the thirty patients who came most often."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MEDIPULSE_HOME", str(small_hospital.home))
        found = access.read(CLINICIAN, OFTEN_HERE, purpose="test")
        return [find_patient(CLINICIAN, number, NOON).record for number in found["patient_id"]]


@pytest.fixture
def ada(tiny) -> PatientRecord:
    return find_patient(CLINICIAN, "P-ada", NOON).record


def test_a_record_holds_what_was_sent_of_the_patient(ada):
    assert ada.person.name == "Ada Ash"
    assert [one.encounter_id for one in ada.encounters] == ["E-ada"]
    assert [one.news2_score for one in ada.vital_sets] == [0, 14]
    assert [(one.diagnosis_code, one.diagnosis_rank) for one in ada.diagnoses] == [("I509", 1), ("E119", 2)]
    assert [one.procedure_name for one in ada.procedures] == ["Echocardiogram"]
    assert [(one.result_value, one.result_unit) for one in ada.lab_results] == [(133, "mEq/L"), (112, "g/L"), (12.6, "g/dL")]


def test_a_code_is_listed_once_with_everything_it_means(ada):
    assert "Charlson: Congestive heart failure" in ada.diagnoses[0].meanings
    assert len(ada.diagnoses) == 2


def test_a_patient_without_stays_codes_or_results_still_has_a_record(tiny):
    record = find_patient(CLINICIAN, "P-di", NOON).record
    assert (record.stays, record.diagnoses, record.procedures, record.lab_results, record.comorbidities) == ((), (), (), (), ())
    assert len(record.charts()) == 1


@pytest.mark.parametrize("name", ASKED)
def test_a_question_holds_no_value_of_a_patient(name):
    text = getattr(questions, name)
    assert re.findall(r"\$\w+", text)
    assert set(re.findall(r"\$(\w+)", text)) <= {"patient_id", "encounter_ids", "stay_ids"}


def test_nine_reads_make_a_record_and_one_tells_that_there_is_none(tiny, monkeypatch):
    asked = []
    real = access.read
    monkeypatch.setattr(access, "read", lambda *rest, **named: asked.append(named["purpose"]) or real(*rest, **named))
    find_patient(CLINICIAN, "P-ada", NOON)
    assert asked == [patient.PURPOSE] * 9
    assert find_patient(CLINICIAN, "P-nobody", NOON).sentence == NO_SUCH_PATIENT
    assert len(asked) == 10


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_the_door_refuses_a_role_without_the_tables(tiny, role):
    with pytest.raises(AccessDenied):
        find_patient(Viewer("test", role), "P-ada", NOON)


def test_a_refresh_in_between_is_read_again(tiny, monkeypatch):
    numbers = iter([1, 2, 2, 2])
    real = access.publication

    def renumbered(viewer):
        found = real(viewer)
        return type(found)(**{field.name: getattr(found, field.name) for field in fields(found)} | {"number": next(numbers)})

    monkeypatch.setattr(access, "publication", renumbered)
    assert find_patient(CLINICIAN, "P-ada", NOON).record.provenance.publication_number == 2


def test_every_vital_set_is_charted_and_every_row_listed(often_here):
    for record in often_here:
        by_encounter = record.by_encounter()
        assert sum(len(chart.vital_sets) for chart in record.charts()) == len(record.vital_sets)
        assert len(encounters_table(record.encounters)) == len(record.encounters)
        assert len(diagnoses_table(record.diagnoses, by_encounter)) == len(record.diagnoses)
        assert len(procedures_table(record.procedures, by_encounter)) == len(record.procedures)
        assert len(lab_results_table(record.lab_results, by_encounter)) == len(record.lab_results)


def test_the_components_of_a_score_that_is_shown_add_up_to_it(often_here):
    opened = 0
    for record in often_here:
        for stay in record.stays:
            (lace,), (hospital,), _ = stay_scores(stay, record.conditions_of(stay))
            opened += _adds_up(stay.lace_score, lace) + _adds_up(stay.hospital_score, hospital)
    assert opened > 20


def _adds_up(total: int | None, score) -> int:
    if total is None:
        return 0
    assert sum(int(part.answer) for part in score.parts) == total
    return 1


def test_the_file_holds_the_record_and_its_name_no_patient(ada):
    written = json.loads(as_json(ada))
    assert written["person"]["patient_id"] == "P-ada"
    assert written["provenance"]["viewer_role"] == "clinician"
    assert len(written["vital_sets"]) == 2
    assert file_name("Patient", ada.provenance, "json") == "medipulse-patient-publication-1-2026-11-23.json"


def test_the_exclusions_are_those_of_the_table_in_its_words_and_order():
    said = (TABLES / "gold" / "index_stays.sql").read_text(encoding="utf-8")
    assert re.findall(r"when q\.(\w+) then '([^']+)'", said) == list(EXCLUSIONS.items())


def test_every_exclusion_that_holds_is_named():
    stay = blank(Stay, is_under_18=True, is_psychiatric=True, count_reason="Not counted: under 18", encounter_count=1)
    assert exclusions(stay) == ("Under 18", "Psychiatric stay")
    assert "Exclusions that hold: under 18, psychiatric stay." in stay_sentences(stay, None)[0]


def test_a_child_opens_no_adult_score():
    stay = blank(
        Stay, not_applicable="not applicable: under 18", lace_status="not applicable: under 18", emergency_visit_count=0,
        hospital_status="not applicable: under 18", instability_status="not applicable: under 18", prior_admission_count=0,
    )  # fmt: skip
    for score in (score for column in stay_scores(stay, ()) for score in column):
        assert (score.parts, score.summary) == ((), "Not applicable: under 18")
