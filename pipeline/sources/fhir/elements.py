"""Small readings of FHIR's data types that never fail: what is not there, or not as FHIR says, reads as nothing.

Times become UTC text. A time that says less than a canonical column needs is handed on as it was sent, so that the
typed step refuses its row with the reason; nothing is made more precise than it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline.sources.fhir.documents import Number
from pipeline.sources.numbers import canonical_number

UNDATED = "1900-01-01 00:00:00"
"""When a record was changed whose sender does not say: before any version that is dated."""

A_TIME = re.compile(r"([12]\d{3}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"


class NotUsed(Exception):
    """Why a resource that can be read gives no record, in words that hold no value of it."""


def at(value: object, *path: str | int) -> object:
    """What lies at a path of names and list places; None where the path does not exist."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def text(value: object, *path: str | int) -> str:
    """The text at a path, trimmed; empty when there is none."""
    found = at(value, *path)
    return found.strip() if isinstance(found, str) else ""


def parts(value: object, *path: str | int) -> Iterator[dict]:
    """The objects of the list at a path."""
    found = at(value, *path)
    return (part for part in (found if isinstance(found, list) else ()) if isinstance(part, dict))


def codings(concept: object) -> list[tuple[str, str, str]]:
    """System, code and display of each coding of a CodeableConcept that has a code."""
    found = ((text(one, "system"), text(one, "code"), text(one, "display")) for one in parts(concept, "coding"))
    return [coding for coding in found if coding[1]]


def codes(concepts: object) -> set[str]:
    """Every code of a list of CodeableConcepts, whatever its system."""
    listed = concepts if isinstance(concepts, list) else [concepts]
    return {code for concept in listed for _, code, _ in codings(concept)}


def utc(sent: str) -> str:
    """An instant as `YYYY-MM-DD HH:MM:SS` in UTC. A date alone stays as it was sent.

    Raises NotUsed for a time of day without a zone, which could be any of 26 instants.
    """
    matched = A_TIME.fullmatch(sent)
    if matched is None:
        return sent
    date, clock, zone = matched.groups()
    if zone is None:
        raise NotUsed("a time has no time zone")
    try:
        instant = datetime.fromisoformat(f"{date}T{clock}{'+00:00' if zone == 'Z' else zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return sent
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def first_time(*sent: str) -> str:
    """The first of these that names an instant, in UTC; else UNDATED. For when a record was changed."""
    zoned = (one for one in sent if (matched := A_TIME.fullmatch(one)) and matched[3])
    return next((utc(one) for one in zoned), UNDATED)


def number(value: object) -> str:
    """A number, or digits in a string, as canonical text; anything else as it was sent."""
    return canonical_number(value.text if isinstance(value, Number) else value.strip() if isinstance(value, str) else "")


def unit(quantity: object) -> str:
    """The unit as it was sent: the UCUM code where there is one, otherwise the words."""
    if text(quantity, "system") == UCUM and text(quantity, "code"):
        return text(quantity, "code")
    return text(quantity, "unit") or text(quantity, "code")
