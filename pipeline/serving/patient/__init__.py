"""Everything the patient page shows of one patient, as one frozen record: the screen and the JSON are made from it.

The only reads are nine questions to the governed door, each with the patient number as its parameter, and two about the model
where it scored one of the stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TypeVar

from pipeline.governance import access
from pipeline.governance.break_glass import still_open
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.row_scope import ALL
from pipeline.serving.patient import model_questions, questions
from pipeline.serving.patient.cells import records
from pipeline.serving.patient.header import Severity, latest_severity
from pipeline.serving.patient.kinds import (
    Comorbidity,
    Diagnosis,
    Encounter,
    LabResult,
    Person,
    Procedure,
    Stay,
    VitalSet,
)
from pipeline.serving.patient.risk import SCORED, StayRisk, stay_risks
from pipeline.serving.patient.vital_charts import VitalChart, vital_charts
from pipeline.serving.provenance import Source, places_text, source
from pipeline.settings import load_settings

PURPOSE = "Patient page"
LONGEST_NUMBER = 64
AGES = ("age_years", "age_months", "age_days")

NO_NUMBER = "Enter a patient number, or open a patient from a list of another page."
NOT_A_NUMBER = f"A patient number has at most {LONGEST_NUMBER} printable characters."
NO_SUCH_PATIENT = "No patient with this number is in the published data."
NOT_OF_YOUR_PLACES = "No patient with this number was seen at your own sites and wards."
"""Said alike of a patient of other places and of one that does not exist."""


Kind = TypeVar("Kind")
Coded = TypeVar("Coded", Diagnosis, Procedure)


@dataclass(frozen=True)
class PatientRecord:
    """One patient as published. Encounters and stays come newest first, vital sets oldest first.

    only_at: the places of a viewer who sees no others, so that what happened elsewhere is missing; empty for the whole record.
    """

    provenance: Source
    person: Person
    severity: Severity
    encounters: tuple[Encounter, ...]
    vital_sets: tuple[VitalSet, ...]
    stays: tuple[Stay, ...]
    comorbidities: tuple[Comorbidity, ...]
    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[Procedure, ...]
    lab_results: tuple[LabResult, ...]
    risks: tuple[StayRisk, ...] = ()
    only_at: str = ""

    def charts(self) -> tuple[VitalChart, ...]:
        """What can be charted, measured last first."""
        return vital_charts(self.encounters, self.stays, self.vital_sets)

    def by_encounter(self) -> dict[str, Encounter]:
        """The encounters by their number."""
        return {one.encounter_id: one for one in self.encounters}

    def conditions_of(self, stay: Stay) -> tuple[Comorbidity, ...]:
        """The conditions that the diagnoses of a stay show."""
        return tuple(one for one in self.comorbidities if one.stay_id == stay.stay_id)

    def risk_of(self, stay: Stay) -> StayRisk | None:
        """What the readmission model says of a stay."""
        return next((one for one in self.risks if one.stay_id == stay.stay_id), None)

    def emergency_before(self, stay: Stay) -> Encounter | None:
        """The emergency visit that led to a stay; None for a direct admission."""
        return next((one for one in self.encounters if one.leads_to_stay and one.stay_id == stay.stay_id), None)

    @property
    def shown_until(self) -> datetime:
        """Where the time axis ends: with the patient's last event, or while in hospital with the newest arrival of the data."""
        times = [one.discharged_at or one.arrived_at for one in self.encounters] + [one.measured_at for one in self.vital_sets]
        if self.person.death_date is not None:
            times.append(datetime.combine(self.person.death_date, time.max))
        newest = self.provenance.newest_arrival_at
        if newest is not None and any(one.is_open for one in self.encounters):
            times.append(newest.replace(tzinfo=None))
        return max(times)


@dataclass(frozen=True)
class Search:
    """What a patient number led to: the record, or the sentence that says why there is none.

    number: of a patient who is not there for this viewer.
    """

    record: PatientRecord | None
    sentence: str = ""
    number: str = ""


@access.logged_together()
def find_patient(viewer: Viewer, number: str, generated_at: datetime | None = None) -> Search:
    """The record of the patient with this number, as the viewer's role may see it.

    All of it is of one publication: when a refresh publishes in between, everything is read again. Nothing is asked for
    a text that cannot be a patient number.
    """
    wanted = number.strip()
    # The whole text is measured: the field cuts what is too long, and spaces before the cut must not make it short enough.
    if len(number) > LONGEST_NUMBER or not wanted.isprintable():
        return Search(None, NOT_A_NUMBER)
    if not wanted:
        return Search(None, NO_NUMBER)
    publication = access.publication(viewer)
    people = records(Person, access.read(viewer, questions.PERSON, {"patient_id": wanted}, purpose=PURPOSE))
    if not people:
        return Search(None, _not_found(viewer), wanted)
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    record = _assembled(viewer, people[0], source(viewer, publication, asked_at))
    if access.publication(viewer).number != publication.number:
        return find_patient(viewer, number, asked_at)
    return Search(record)


def _not_found(viewer: Viewer) -> str:
    return NO_SUCH_PATIENT if load_policy().rows(viewer.role) == ALL else NOT_OF_YOUR_PLACES


def _assembled(viewer: Viewer, person: Person, read_from: Source) -> PatientRecord:
    def asked(kind: type[Kind], question: str, **parameters: object) -> tuple[Kind, ...]:
        return records(kind, access.read(viewer, question, parameters, purpose=PURPOSE))

    encounters = asked(Encounter, questions.ENCOUNTERS, patient_id=person.patient_id)
    stays = asked(Stay, questions.STAYS, patient_id=person.patient_id)
    encounter_ids, stay_ids = [one.encounter_id for one in encounters], [one.stay_id for one in stays]
    return PatientRecord(
        provenance=read_from,
        person=person,
        severity=latest_severity(encounters),
        encounters=encounters,
        vital_sets=_vital_sets(viewer, encounters),
        stays=stays,
        comorbidities=asked(Comorbidity, questions.COMORBIDITIES, stay_ids=stay_ids),
        diagnoses=_newest_first(asked(Diagnosis, questions.DIAGNOSES, encounter_ids=encounter_ids), encounter_ids),
        procedures=_newest_first(asked(Procedure, questions.PROCEDURES, encounter_ids=encounter_ids), encounter_ids),
        lab_results=asked(LabResult, questions.LAB_RESULTS, encounter_ids=encounter_ids),
        risks=_risks(viewer, person),
        only_at=_only_at(viewer, person),
    )


def _only_at(viewer: Viewer, person: Person) -> str:
    if load_policy().rows(viewer.role) == ALL or person.patient_id in still_open(viewer, load_settings()):
        return ""
    return places_text(viewer)


def _risks(viewer: Viewer, person: Person) -> tuple[StayRisk, ...]:
    """The model itself is only asked for where it scored."""
    found = access.read(viewer, questions.RISKS, {"patient_id": person.patient_id}, purpose=PURPOSE)
    if not (found["score_status"] == SCORED).any():
        return stay_risks(found)
    terms = access.read(viewer, model_questions.TERMS, purpose=PURPOSE)
    return stay_risks(found, terms, access.read(viewer, model_questions.CALIBRATION, purpose=PURPOSE))


def _vital_sets(viewer: Viewer, encounters: tuple[Encounter, ...]) -> tuple[VitalSet, ...]:
    """With the age at the arrival of the encounter, which says which band and which scores are for the patient."""
    asked_for = {"encounter_ids": [one.encounter_id for one in encounters]}
    found = access.read(viewer, questions.VITAL_SETS, asked_for, purpose=PURPOSE)
    of = found["encounter_id"]
    ages = {age: of.map({one.encounter_id: getattr(one, age) for one in encounters}) for age in AGES}
    return records(VitalSet, found.assign(**ages))


def _newest_first(coded: tuple[Coded, ...], encounter_ids: list[str]) -> tuple[Coded, ...]:
    """In the order of the encounters, and within one as before."""
    order = {encounter_id: number for number, encounter_id in enumerate(encounter_ids)}
    return tuple(sorted(coded, key=lambda one: order[one.encounter_id]))
