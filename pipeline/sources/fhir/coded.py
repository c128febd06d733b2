"""Condition and Procedure as canonical records."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.code_words import DIAGNOSIS_SYSTEMS, PROCEDURE_SYSTEMS
from pipeline.sources.fhir.documents import Found
from pipeline.sources.fhir.elements import NotUsed, at, codes, codings, first_time, text, utc
from pipeline.sources.fhir.references import Known, own_id, referred
from pipeline.sources.records import NotUnderstood, Record

NOT_HAD = {
    "refuted": "it was refuted",
    "entered-in-error": "it was entered in error",
    "differential": "it is one of several possibilities",
}
NOT_DONE = {
    "not-done": "it was not done",
    "entered-in-error": "it was entered in error",
    "preparation": "it has not happened yet",
    "on-hold": "it has not happened yet",
}


def condition(found: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    """A diagnosis of an encounter. Its rank is the one the encounter gives it, otherwise the next in the order of the file."""
    resource = found.resource
    _require(NOT_HAD, codes(resource.get("verificationStatus")))
    own = _id_or_nothing(found)
    encounter = referred(known, resource, at(resource, "encounter"), "Encounter") or known.encounters.get(own, "")
    system, code, name = _coding(resource, DIAGNOSIS_SYSTEMS)
    if not encounter:
        raise NotUsed("it names no encounter")
    recorded = (text(resource, "meta", "lastUpdated"), text(resource, "recordedDate"), known.changed.get(encounter, ""))
    yield Record(
        "diagnoses",
        0,
        {
            "encounter_id": encounter,
            "diagnosis_rank": str(known.rank("diagnoses", encounter, own)),
            "code_system": system,
            "code": code,
            "name": text(resource, "code", "text") or name,
            "updated_at": _changed(*recorded),
        },
    )


def procedure(found: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    """What was done in an encounter, ranked in the order of the file."""
    resource = found.resource
    _require(NOT_DONE, {text(resource, "status")})
    encounter = referred(known, resource, at(resource, "encounter"), "Encounter")
    system, code, name = _coding(resource, PROCEDURE_SYSTEMS)
    if not encounter:
        raise NotUsed("it names no encounter")
    performed = text(resource, "performedDateTime") or text(resource, "performedPeriod", "start")
    recorded = (text(resource, "meta", "lastUpdated"), performed, known.changed.get(encounter, ""))
    yield Record(
        "procedures",
        0,
        {
            "encounter_id": encounter,
            "procedure_rank": str(known.rank("procedures", encounter)),
            "code_system": system,
            "code": code,
            "name": text(resource, "code", "text") or name,
            "performed_at": utc(performed) if "T" in performed else "",
            "updated_at": _changed(*recorded),
        },
    )
    if performed and "T" not in performed:
        yield NotUnderstood("Procedure.performed", "a date without a time of day")


def _require(refusals: dict[str, str], statuses: set[str]) -> None:
    for status in sorted(statuses):
        if status in refusals:
            raise NotUsed(refusals[status])


def _coding(resource: dict, systems: dict[str, str]) -> tuple[str, str, str]:
    """System, code and words of the best coding; of several of the best system, the first."""
    found = codings(resource.get("code"))
    for address, system in systems.items():
        for sent_system, code, display in found:
            if sent_system == address:
                return system, code, display
    raise NotUsed("its code is in no system that is used here" if found else "it has no code")


def _changed(last_updated: str, own: str, encounters: str) -> str:
    """When the record was changed: its own word, otherwise when its encounter was."""
    return first_time(last_updated, own, encounters.replace(" ", "T") + "Z")


def _id_or_nothing(found: Found) -> str:
    try:
        return own_id(found.resource, found.full_url)
    except NotUsed:
        return ""
