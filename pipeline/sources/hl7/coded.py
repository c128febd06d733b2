"""DG1 and PR1 as diagnoses and procedures of the visit of their message."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.hl7.people_and_visits import visit_number
from pipeline.sources.hl7.segments import Parsed, Segment
from pipeline.sources.hl7.times import Clock
from pipeline.sources.records import NotUnderstood, Record

DIAGNOSIS_SYSTEMS = {
    "I10": "ICD-10-CM", "I10C": "ICD-10-CM", "I10CM": "ICD-10-CM", "ICD10": "ICD-10-CM", "ICD-10": "ICD-10-CM",
    "ICD10CM": "ICD-10-CM", "ICD-10-CM": "ICD-10-CM", "10": "ICD-10-CM",
    "I9": "ICD-9-CM", "I9C": "ICD-9-CM", "I9CDX": "ICD-9-CM", "ICD9": "ICD-9-CM", "ICD-9": "ICD-9-CM", "ICD9CM": "ICD-9-CM",
    "ICD-9-CM": "ICD-9-CM", "9": "ICD-9-CM",
    "SCT": "SNOMED-CT", "SNM3": "SNOMED-CT", "SNOMED": "SNOMED-CT",
}  # fmt: skip
PROCEDURE_SYSTEMS = {
    "I10P": "ICD-10-PCS", "I10PCS": "ICD-10-PCS", "ICD10PCS": "ICD-10-PCS", "ICD-10-PCS": "ICD-10-PCS",
    "I9CP": "ICD-9-CM", "I9P": "ICD-9-CM", "C4": "CPT", "CPT": "CPT", "CPT4": "CPT", "CPT-4": "CPT",
}  # fmt: skip
"""HL7 table 0396, and spellings met in messages."""

STAGES = {"F": 0, "": 1, "W": 2, "A": 3}
"""DG1-6: a final diagnosis comes before a working one, and that before the one on admission."""

LAST = 10_000
DELETION = "D"


def diagnoses(message: Parsed, updated_at: str) -> Iterator[Record | NotUnderstood]:
    """Ranked by stage, then by the priority that was sent, then as they stand in the message."""
    usable = []
    for one in message.named("DG1"):
        system = DIAGNOSIS_SYSTEMS.get((one.text(3, 3) or one.text(2)).upper())
        if one.text(21).upper() == DELETION:
            yield NotUnderstood("DG1", "a deletion, which is not carried out")
        elif system is None or not one.text(3):
            yield NotUnderstood("DG1", "its code is in no system that is used here")
        else:
            usable.append((STAGES.get(one.text(6).upper(), STAGES[""]), _priority(one.text(15)), one.row, one, system))
    ordered = sorted(usable, key=lambda listed: listed[:3])
    for rank, (*_, one, system) in enumerate(ordered, start=1):
        values = _coded(one, message, system, updated_at) | {"diagnosis_rank": str(rank)}
        yield Record("diagnoses", one.row, values | {"name": one.text(3, 2) or one.text(4)}, str(one))


def procedures(message: Parsed, clock: Clock, updated_at: str) -> Iterator[Record | NotUnderstood]:
    """Ranked by the priority that was sent, then as they stand in the message."""
    usable = []
    for one in message.named("PR1"):
        system = PROCEDURE_SYSTEMS.get((one.text(3, 3) or one.text(2)).upper())
        if one.text(20).upper() == DELETION:
            yield NotUnderstood("PR1", "a deletion, which is not carried out")
        elif system is None or not one.text(3):
            yield NotUnderstood("PR1", "its code is in no system that is used here")
        else:
            usable.append((_priority(one.text(14)), one.row, one, system))
    for rank, (*_, one, system) in enumerate(sorted(usable, key=lambda listed: listed[:2]), start=1):
        performed = clock.utc(one.text(5))
        is_exact = " " in performed
        values = _coded(one, message, system, updated_at) | {"procedure_rank": str(rank), "name": one.text(3, 2) or one.text(4)}
        yield Record("procedures", one.row, values | {"performed_at": performed if is_exact else ""}, str(one))
        if performed and not is_exact:
            yield NotUnderstood("PR1-5", "a date without a time of day")


def _coded(one: Segment, message: Parsed, system: str, updated_at: str) -> dict[str, str]:
    return {"encounter_id": visit_number(message), "code_system": system, "code": one.text(3), "updated_at": updated_at}


def _priority(said: str) -> int:
    """A place in the list; what says none comes after what does, as it stands in the message."""
    return int(said) if said.isdecimal() and len(said) < 5 else LAST
