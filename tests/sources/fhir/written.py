"""Hand-made resources and files of them: a case names only what it is about."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.sources.fhir.reader import read
from pipeline.sources.records import NotUnderstood, Record, Unreadable

STAMP = {"meta": {"lastUpdated": "2025-03-02T11:00:00Z"}}
HOSPITAL = {"reference": "Organization/north", "display": "North"}

PATIENT = {"resourceType": "Patient", "id": "ada", "gender": "female", "birthDate": "1950-02-28", **STAMP}
ENCOUNTER = {
    "resourceType": "Encounter", "id": "stay", "status": "finished", "class": {"code": "IMP"},
    "subject": {"reference": "Patient/ada"}, "serviceProvider": HOSPITAL,
    "period": {"start": "2025-02-28T10:00:00Z", "end": "2025-03-02T11:00:00Z"}, **STAMP,
}  # fmt: skip
OBSERVATION = {
    "resourceType": "Observation", "id": "hr", "status": "final", "encounter": {"reference": "Encounter/stay"},
    "category": [{"coding": [{"code": "vital-signs"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "effectiveDateTime": "2025-02-28T10:10:00Z",
    "valueQuantity": {"value": 72, "system": "http://unitsofmeasure.org", "code": "/min", "unit": "beats"}, **STAMP,
}  # fmt: skip
LAB = OBSERVATION | {
    "category": [{"coding": [{"code": "laboratory"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
    "valueQuantity": {"value": 12.5, "unit": "g/dL"},
}  # fmt: skip
CONDITION = {
    "resourceType": "Condition", "id": "failure", "encounter": {"reference": "Encounter/stay"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.9", "display": "Heart failure"}]}, **STAMP,
}  # fmt: skip
PROCEDURE = {
    "resourceType": "Procedure", "id": "echo", "status": "completed", "encounter": {"reference": "Encounter/stay"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-pcs", "code": "B245ZZZ"}], "text": "Echocardiogram"},
    "performedDateTime": "2025-03-01T10:00:00Z", **STAMP,
}  # fmt: skip


def loinc(code: str) -> dict:
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


def ndjson(path: Path, *resources: dict) -> Path:
    """A bulk export of these resources."""
    path.write_text("".join(json.dumps(resource) + "\n" for resource in resources), encoding="utf-8")
    return path


def bundle(path: Path, *resources: dict, full_urls: tuple[str, ...] = ()) -> Path:
    """A Bundle of these resources over several lines; the first of them have these addresses."""
    named = [*full_urls, *[""] * (len(resources) - len(full_urls))]
    entries = [{"resource": one} | ({"fullUrl": url} if url else {}) for one, url in zip(resources, named, strict=True)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1), encoding="utf-8")
    return path


def records(path: Path) -> list[Record]:
    return [item for item in read(path) if isinstance(item, Record)]


def values(path: Path) -> list[dict]:
    """Feed and filled columns of each record."""
    return [{"feed": one.feed} | {name: text for name, text in one.values.items() if text} for one in records(path)]


def not_understood(path: Path) -> list[tuple[str, str]]:
    return [(item.what, item.reason) for item in read(path) if isinstance(item, NotUnderstood)]


def unreadable(path: Path) -> list[Unreadable]:
    return [item for item in read(path) if isinstance(item, Unreadable)]
