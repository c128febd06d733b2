"""Observation as vital signs and laboratory results: values, components, panels, and what says that a value does not count."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.fhir.documents import Found, Number
from pipeline.sources.fhir.elements import LOINC, SNOMED, NotUsed, at, codes, codings, first_time, number, parts, text, unit, utc
from pipeline.sources.fhir.references import Known, referred
from pipeline.sources.known_codes import lab_test_codes, vital_sign_codes
from pipeline.sources.records import NotUnderstood, Record
from pipeline.sources.withdrawn import WITHDRAWN

TAKEN_BACK = {"entered-in-error": "it was entered in error", "cancelled": "it was cancelled"}
NO_RESULT_YET = "registered"
LABORATORY = {"laboratory", "LAB", "CH", "HM"}
"""Categories of FHIR, and of HL7 table 0074: laboratory, chemistry, haematology."""


def observation(found: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    """One record for its value and one for each component that is a vital sign or a laboratory number.

    A vital sign that was entered in error takes the place of what was sent of it before. Of an observation that gives no
    record at all the first reason is raised; a part that gives none beside others is counted.
    """
    resource = found.resource
    if text(resource, "status") == NO_RESULT_YET:
        raise NotUsed("it has no result yet")
    encounter = referred(known, resource, at(resource, "encounter"), "Encounter")
    records, reasons = [], []
    for part in (resource, *parts(resource, "component")):
        try:
            records.append(_record(resource, part, encounter))
        except NotUsed as reason:
            reasons.append((part, str(reason)))
    if not records:
        raise NotUsed(reasons[0][1])
    yield from records
    yield from (NotUnderstood("Observation.component", reason) for part, reason in reasons if part is not resource)


def _record(resource: dict, part: dict, encounter: str) -> Record:
    taken_back = TAKEN_BACK.get(text(resource, "status"))
    if at(part, "dataAbsentReason") is not None and not taken_back:
        raise NotUsed("it says why there is no value")
    if part is not resource and part.get("modifierExtension"):
        raise NotUsed("it has an extension that changes what it means")
    sent = codings(part.get("code"))
    sign = next((code for system, code, _ in sent if system == LOINC and code in vital_sign_codes()), "")
    is_lab = bool(LABORATORY & codes(resource.get("category"))) or any(code.upper() in lab_test_codes() for _, code, _ in sent)
    if not sign and not is_lab:
        raise NotUsed(_neither(resource, part))
    if taken_back and not sign:
        raise NotUsed(taken_back)
    value = WITHDRAWN if taken_back else _value(part)
    times = (text(resource, "effectiveDateTime"), text(resource, "effectiveInstant"), text(resource, "effectivePeriod", "start"))
    taken = next((time for time in times if time), "")
    values = {
        "encounter_id": encounter,
        "value": value,
        "unit": unit(at(part, "valueQuantity")),
        "updated_at": first_time(text(resource, "meta", "lastUpdated"), text(resource, "issued"), taken),
    }
    if sign:
        return Record("vital_signs", 0, values | {"measured_at": utc(taken), "sign": sign})
    if not isinstance(at(part, "valueQuantity", "value"), Number):
        raise NotUsed("a laboratory result that is not a number")
    test = next((code for system, code, _ in sent if system == LOINC), "") or (sent[0][1] if sent else text(part, "code", "text"))
    return Record("lab_results", 0, values | {"collected_at": utc(taken), "test_code": test})


def _value(part: dict) -> str:
    """A number, a code or a word, whichever the value is."""
    if text(part, "valueQuantity", "comparator"):
        raise NotUsed("its value is a bound and not a number")
    if isinstance(part.get("valueBoolean"), bool):
        return "Y" if part["valueBoolean"] else "N"
    named = at(part, "valueCodeableConcept")
    coded = sorted(codings(named), key=lambda coding: coding[0] != SNOMED)
    candidates = (
        number(at(part, "valueQuantity", "value")),
        number(at(part, "valueInteger")),
        number(at(part, "valueString")),
        coded[0][1] if coded else "",
        text(named, "text"),
    )
    found = next((candidate for candidate in candidates if candidate), "")
    if not found:
        raise NotUsed(_valueless(part))
    return found


def _valueless(part: dict) -> str:
    if part.get("hasMember"):
        return "a panel, whose members are resources of their own"
    return "a panel, whose values are components" if part.get("component") else "it has no value that can be read"


def _neither(resource: dict, part: dict) -> str:
    if part is resource and (part.get("hasMember") or part.get("component")):
        return _valueless(part)
    if "vital-signs" in codes(resource.get("category")):
        return "a vital sign that is not used here"
    return "neither a vital sign nor a laboratory result"
