"""Patient and Encounter as canonical records."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.code_words import ADMISSION_TYPES, CLASSES_V3, DISPOSITIONS, birth_date
from pipeline.sources.fhir.documents import Found
from pipeline.sources.fhir.elements import NotUsed, at, codes, first_time, parts, text, utc
from pipeline.sources.fhir.references import Known, name_of, own_id, referred
from pipeline.sources.records import NotUnderstood, Record
from pipeline.sources.withdrawn import cancelled

ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"
PLANNED, TAKEN_BACK = "planned", {"entered-in-error", "cancelled"}


def patient(found: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    """Who somebody is. A missing birth date stays missing, so that the row is refused with that reason."""
    resource = found.resource
    if any(text(one, "type") == "replaced-by" for one in parts(resource, "link")):
        raise NotUsed("another record stands for it")
    if any(text(one, "url") == ANIMAL for one in parts(resource, "extension")):
        raise NotUsed("it is an animal")
    name, home = _best(resource, "name", ("official", "usual")), _best(resource, "address", ("home",))
    given = at(name, "given")
    yield Record(
        "patients",
        0,
        {
            "patient_id": own_id(resource, found.full_url),
            "given_name": " ".join(text(one) for one in given if text(one)) if isinstance(given, list) else "",
            "family_name": text(name, "family"),
            **birth_date(text(resource, "birthDate")),
            "sex": text(resource, "gender"),
            "postal_code": text(home, "postalCode"),
            "death_date": text(resource, "deceasedDateTime").partition("T")[0],
            "updated_at": first_time(text(resource, "meta", "lastUpdated")),
        },
    )
    if resource.get("deceasedBoolean") is True:
        yield NotUnderstood("Patient.deceasedBoolean", "a death without its date")


def encounter(found: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    """One contact; one that was cancelled takes the place of what was sent of it before.

    Its class is the code as it was sent; the contract of the feed says what each code is.
    """
    resource = found.resource
    if text(resource, "status") == PLANNED:
        raise NotUsed("it has not happened yet")
    if isinstance(resource.get("class"), list):
        raise NotUsed("its class is a list, which is not FHIR R4")
    start, end = text(resource, "period", "start"), text(resource, "period", "end")
    left_to, priority = at(resource, "hospitalization", "dischargeDisposition"), at(resource, "priority")
    disposition, admission_type = _word(DISPOSITIONS, left_to), _word(ADMISSION_TYPES, priority, at(resource, "type"))
    site, ward = _places(known, resource)
    values = {
        "encounter_id": own_id(resource, found.full_url),
        "patient_id": referred(known, resource, at(resource, "subject"), "Patient"),
        "site_name": site,
        "ward_name": ward,
        "encounter_class": CLASSES_V3.get(text(resource, "class", "code"), text(resource, "class", "code")),
        "admission_type": admission_type,
        "arrived_at": utc(start),
        "discharged_at": utc(end),
        "disposition": disposition,
        "updated_at": first_time(text(resource, "meta", "lastUpdated"), end, start),
    }
    yield Record("encounters", 0, cancelled(values) if text(resource, "status") in TAKEN_BACK else values)
    if codes(left_to) and not disposition:
        yield NotUnderstood("Encounter.dischargeDisposition", "a code that has no place in the feed")
    if codes(priority) and not admission_type:
        yield NotUnderstood("Encounter.priority", "a code that has no place in the feed")


def _places(known: Known, resource: dict) -> tuple[str, str]:
    """Site and ward: who provides the encounter, and where in it the patient was last. A room is never taken for a site."""
    places = [at(one, "location") for one in parts(resource, "location") if text(one, "status") not in ("planned", "reserved")]
    ward = name_of(known, resource, places[-1], "Location") if places else ""
    return name_of(known, resource, at(resource, "serviceProvider"), "Organization"), ward


def _word(words: dict[str, str], *concepts: object) -> str:
    """The canonical word of the first concept that has one; empty when none has."""
    return next((words[code] for concept in concepts for code in sorted(codes(concept)) if code in words), "")


def _best(resource: dict, name: str, uses: tuple[str, ...]) -> dict:
    """The entry of a list with the most fitting use; one that is old counts last."""
    entries = sorted(
        parts(resource, name),
        key=lambda one: uses.index(text(one, "use")) if text(one, "use") in uses else len(uses) + (text(one, "use") == "old"),
    )
    return entries[0] if entries else {}
