"""PID and PV1 of an ADT message as a patient and an encounter, and what the event of the message does to the encounter.

Messages often repeat only what changed, so both keep what earlier messages of the same file said of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.sources.code_words import ADMISSION_TYPES_V2, CLASSES_V2, DISPOSITIONS, birth_date
from pipeline.sources.hl7.segments import DELETED, Parsed, Segment
from pipeline.sources.hl7.times import Clock, date
from pipeline.sources.records import NotUnderstood, Record
from pipeline.sources.withdrawn import cancelled

PERSON_EVENTS = {"A28", "A31"}
ARRIVALS = {"A01", "A04"}
DISCHARGE, CANCELLED_DISCHARGE, CANCELLED_ADMISSION = "A03", "A13", "A11"
VISIT_EVENTS = ARRIVALS | {"A02", "A06", "A07", "A08", "A09", "A10", "A12", "A21", "A22", "A52", "A53"} | {
    DISCHARGE, CANCELLED_DISCHARGE, CANCELLED_ADMISSION
}  # fmt: skip
PLANNED_CLASS = "P"

SEXES = {"A": "OTHER", "N": "UNKNOWN"}
"""Of HL7 table 0001 what the patients feed does not know: ambiguous, and not applicable."""


@dataclass
class Earlier:
    """What the messages read so far say of each patient or encounter: when it was said last, and its columns."""

    said: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def and_now(self, number: str, updated_at: str, stated: dict[str, str]) -> dict[str, str]:
        """The columns stated now over those stated before; what was not stated is kept, what was deleted is empty.

        A message older than the last one changes nothing that stands.
        """
        now = {name: "" if text == DELETED else text for name, text in stated.items() if text}
        before_at, before = self.said.get(number, ("", {}))
        together = before | now if updated_at >= before_at else now | before
        self.said[number] = (max(updated_at, before_at), together)
        return before | now


def patient_number(pid: Segment | None) -> str:
    """PID-3, the medical record number among several; before version 2.3, PID-2."""
    if pid is None:
        return ""
    places = range(1, pid.repetitions(3) + 1)
    typed = {pid.text(3, 5, repetition=place): pid.text(3, repetition=place) for place in reversed(places)}
    return typed.get("MR") or typed.get("PI") or pid.text(3) or pid.text(2)


def visit_number(message: Parsed) -> str:
    """PV1-19, otherwise the account number of PID-18."""
    visit, pid = message.first("PV1"), message.first("PID")
    return (visit.text(19) if visit else "") or (pid.text(18) if pid else "")


def patient(message: Parsed, updated_at: str, people: Earlier) -> Iterator[Record | NotUnderstood]:
    """Who somebody is, as PID says and earlier ones said."""
    pid = message.first("PID")
    if pid is None:
        yield NotUnderstood("PID", "the message says nothing of a patient")
        return
    given = " ".join(part for part in (pid.text(5, 2), pid.text(5, 3)) if part and part != DELETED)
    number = patient_number(pid)
    stated = {
        "patient_id": number,
        "given_name": given,
        "family_name": pid.text(5),
        **_born(pid.text(7)),
        "sex": SEXES.get(pid.text(8).upper(), pid.text(8)),
        "postal_code": pid.text(11, 5),
        "death_date": date(pid.text(29)),
    }
    yield Record("patients", pid.row, people.and_now(number, updated_at, stated) | {"updated_at": updated_at}, str(pid))
    if pid.text(30).upper() == "Y" and not pid.text(29):
        yield NotUnderstood("PID-30", "a death without its date")


def encounter(message: Parsed, event: str, clock: Clock, updated_at: str, visits: Earlier) -> Iterator[Record | NotUnderstood]:
    """What the message says of its visit together with what was said before, as the event changes it."""
    visit, number = message.first("PV1"), visit_number(message)
    if visit is None or not number:
        yield NotUnderstood(f"ADT^{event}", "it names no visit")
        return
    if visit.text(2).upper() == PLANNED_CLASS:
        yield NotUnderstood(f"ADT^{event}", "the visit has not happened yet")
        return
    stated = _stated(message, visit, clock) | _by_event(message, event, clock, visit)
    values = visits.and_now(number, updated_at, stated) | {"encounter_id": number, "updated_at": updated_at}
    values = {"site_name": message.header.text(4)} | values
    yield Record("encounters", visit.row, cancelled(values) if event == CANCELLED_ADMISSION else values, str(visit))
    yield from _without_a_place(visit)


def _born(sent: str) -> dict[str, str]:
    """A date that is stated in full takes away that an earlier one was assumed."""
    return {"birth_date_basis": DELETED if sent else ""} | birth_date(date(sent))


def _stated(message: Parsed, visit: Segment, clock: Clock) -> dict[str, str]:
    return {
        "patient_id": patient_number(message.first("PID")),
        "site_name": visit.text(3, 4) or visit.text(39),
        "ward_name": visit.text(3),
        "encounter_class": CLASSES_V2.get(visit.text(2), visit.text(2)),
        "admission_type": ADMISSION_TYPES_V2.get(visit.text(4).upper(), ""),
        "arrived_at": clock.utc(visit.text(44)),
        "discharged_at": clock.utc(visit.text(45)),
        "disposition": DISPOSITIONS.get(visit.text(36).lower(), ""),
    }


def _by_event(message: Parsed, event: str, clock: Clock, visit: Segment) -> dict[str, str]:
    """A time that PV1 lacks is when the event occurred; when it was recorded stands in openly as assumed."""
    if event == CANCELLED_DISCHARGE:
        return {"discharged_at": DELETED, "disposition": DELETED}
    column = {"A01": "arrived_at", "A04": "arrived_at", DISCHARGE: "discharged_at"}.get(event)
    if visit.text(44) and visit.text(45):
        return {"time_basis": DELETED}
    if column is None or visit.text(44 if column == "arrived_at" else 45):
        return {}
    recorded = message.first("EVN")
    if recorded and recorded.text(6):
        return {column: clock.utc(recorded.text(6))}
    assumed = clock.utc((recorded.text(2) if recorded else "") or message.header.text(7))
    return {column: assumed, "time_basis": "assumed"}


def _without_a_place(visit: Segment) -> Iterator[NotUnderstood]:
    if visit.text(4) not in ("", DELETED) and visit.text(4).upper() not in ADMISSION_TYPES_V2:
        yield NotUnderstood("PV1-4", "a code that has no place in the feed")
    if visit.text(36) not in ("", DELETED) and visit.text(36).lower() not in DISPOSITIONS:
        yield NotUnderstood("PV1-36", "a code that has no place in the feed")
