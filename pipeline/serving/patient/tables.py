"""The patient's lists as shown on the screen: one row per encounter, diagnosis, procedure or result, columns named for headings.

Pure. What came from a sender stays text; nothing here is markup.
"""

from __future__ import annotations

import pandas as pd

from pipeline.serving.patient.header import age_text, risk_sign
from pipeline.serving.patient.kinds import Diagnosis, Encounter, LabResult, Procedure
from pipeline.serving.patient.scores import Score
from pipeline.serving.wording import UNKNOWN, code_text, date_text
from pipeline.serving.worklist import NEWS2_PARAMETERS, moment_text

Encounters = dict[str, Encounter]


def encounters_table(encounters: tuple[Encounter, ...]) -> pd.DataFrame:
    """Newest first, with the stay each belongs to and why."""
    columns = (
        "Arrived (UTC)",
        "Left (UTC)",
        "Class",
        "Ward",
        "Site",
        "Type",
        "Disposition",
        "Age",
        "Risk level",
        "NEWS2",
        "Stay",
        "Encounter",
    )
    rows = [
        (
            moment_text(one.arrived_at), "in hospital" if one.is_open else moment_text(one.discharged_at), one.encounter_class,
            one.ward_name or UNKNOWN, one.site_name, one.admission_type or UNKNOWN, one.disposition or UNKNOWN, age_text(one),
            f"{risk_sign(one.risk_level)} {one.risk_level or 'Not assessed'}", _news2_text(one), _stay_text(one), one.encounter_id,
        )
        for one in encounters
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _news2_text(one: Encounter) -> str:
    return UNKNOWN if one.news2_score is None else f"{one.news2_score} ({one.news2_parameter_count} of {NEWS2_PARAMETERS})"


def _stay_text(one: Encounter) -> str:
    if one.stay_id is None:
        return UNKNOWN
    return f"{one.stay_id}, {'led to it' if one.leads_to_stay else one.joined_because}"


def diagnoses_table(diagnoses: tuple[Diagnosis, ...], by_encounter: Encounters) -> pd.DataFrame:
    """Newest encounter first, then by rank; rank 1 is the principal diagnosis."""
    columns = ("Encounter of", "Where", "Rank", "Code", "Diagnosis", "Means", "System", "Stay")
    rows = [
        (
            *_of(one.encounter_id, by_encounter), one.diagnosis_rank, code_text(one.code_system, one.diagnosis_code),
            one.diagnosis_name or UNKNOWN, one.meanings or UNKNOWN, one.code_system, _stay_of(one.encounter_id, by_encounter),
        )
        for one in diagnoses
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def procedures_table(procedures: tuple[Procedure, ...], by_encounter: Encounters) -> pd.DataFrame:
    """Newest encounter first, then by rank."""
    columns = ("Encounter of", "Where", "Rank", "Done (UTC)", "Code", "Procedure", "Means", "System", "Stay")
    rows = [
        (
            *_of(one.encounter_id, by_encounter), one.procedure_rank, moment_text(one.performed_at),
            code_text(one.code_system, one.procedure_code),
            one.procedure_name or UNKNOWN, one.meanings or UNKNOWN, one.code_system, _stay_of(one.encounter_id, by_encounter),
        )
        for one in procedures
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def lab_results_table(results: tuple[LabResult, ...], by_encounter: Encounters) -> pd.DataFrame:
    """Newest first: the result as it came, and in the canonical unit where a score uses it."""
    columns = ("Taken (UTC)", "Where", "Test", "Analyte", "Result", "Unit", "Used as", "Stay")
    rows = [
        (
            moment_text(one.collected_at), by_encounter[one.encounter_id].place, one.test_code, one.analyte_name or UNKNOWN,
            f"{one.result_value:g}", one.result_unit or UNKNOWN, _used_text(one), _stay_of(one.encounter_id, by_encounter),
        )
        for one in results
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _stay_of(encounter_id: str, by_encounter: Encounters) -> str:
    return by_encounter[encounter_id].stay_id or UNKNOWN


def _used_text(one: LabResult) -> str:
    return UNKNOWN if one.analyte_value is None else f"{one.analyte_value:g} {one.canonical_unit or ''}".rstrip()


def _of(encounter_id: str, by_encounter: Encounters) -> tuple[str, str]:
    encounter = by_encounter[encounter_id]
    return date_text(encounter.arrived_at.date()), f"{encounter.encounter_class}, {encounter.place}"


def score_table(score: Score) -> pd.DataFrame:
    """The parts of a score; rules stand in a column of their own only where there are any."""
    name, answer, rule = score.headings
    columns = {name: [part.name for part in score.parts], "Value": [part.value for part in score.parts]}
    columns[answer] = [part.answer for part in score.parts]
    if rule:
        columns[rule] = [part.rule for part in score.parts]
    return pd.DataFrame(columns)
