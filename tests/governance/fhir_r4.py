"""AuditEvent as FHIR R4 (4.0.1) defines it, written down by hand: elements with how often and of what type, and the codes.

From the resource's definition (hl7.org/fhir/R4/auditevent.html), of the elements of which the export writes some.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

MANY = 10_000
DICOM = "http://dicom.nema.org/resources/ontology/DCM"

ELEMENTS: dict[str, dict[str, tuple[int, int, str]]] = {
    "AuditEvent": {
        "resourceType": (1, 1, "code"), "id": (0, 1, "id"), "type": (1, 1, "Coding"), "subtype": (0, MANY, "Coding"),
        "action": (0, 1, "code"), "period": (0, 1, "Period"), "recorded": (1, 1, "instant"), "outcome": (0, 1, "code"),
        "outcomeDesc": (0, 1, "string"), "purposeOfEvent": (0, MANY, "CodeableConcept"), "agent": (1, MANY, "Agent"),
        "source": (1, 1, "Source"), "entity": (0, MANY, "Entity"),
    },
    "Agent": {
        "type": (0, 1, "CodeableConcept"), "role": (0, MANY, "CodeableConcept"), "who": (0, 1, "Reference"),
        "altId": (0, 1, "string"), "name": (0, 1, "string"), "requestor": (1, 1, "boolean"), "location": (0, 1, "Reference"),
        "policy": (0, MANY, "uri"), "media": (0, 1, "Coding"), "network": (0, 1, "Network"),
        "purposeOfUse": (0, MANY, "CodeableConcept"),
    },
    "Network": {"address": (0, 1, "string"), "type": (0, 1, "code")},
    "Source": {"site": (0, 1, "string"), "observer": (1, 1, "Reference"), "type": (0, MANY, "Coding")},
    "Entity": {
        "what": (0, 1, "Reference"), "type": (0, 1, "Coding"), "role": (0, 1, "Coding"), "lifecycle": (0, 1, "Coding"),
        "securityLabel": (0, MANY, "Coding"), "name": (0, 1, "string"), "description": (0, 1, "string"),
        "query": (0, 1, "base64Binary"), "detail": (0, MANY, "Detail"),
    },
    "Detail": {"type": (1, 1, "string"), "valueString": (0, 1, "string"), "valueBase64Binary": (0, 1, "base64Binary")},
    "Coding": {"system": (0, 1, "uri"), "version": (0, 1, "string"), "code": (0, 1, "code"), "display": (0, 1, "string")},
    "CodeableConcept": {"coding": (0, MANY, "Coding"), "text": (0, 1, "string")},
    "Reference": {
        "reference": (0, 1, "string"), "type": (0, 1, "uri"), "identifier": (0, 1, "Identifier"), "display": (0, 1, "string"),
    },
    "Identifier": {"use": (0, 1, "code"), "system": (0, 1, "uri"), "value": (0, 1, "string")},
}  # fmt: skip

PATTERNS = {
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "code": r"[^\s]+(\s[^\s]+)*",
    "uri": r"\S+",
    "string": r"[ \r\n\t\S]+",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "base64Binary": r"(\s*[0-9a-zA-Z+/=]){4,}\s*",
}

CODES = {
    "action": set("CRUDE"),
    "outcome": {"0", "4", "8", "12"},
    "network.type": {"1", "2", "3", "4", "5"},
    DICOM: {
        "110100", "110101", "110106", "110112", "110113", "110114", "110122", "110123", "110127", "110132", "110136",
    },
    "http://terminology.hl7.org/CodeSystem/audit-entity-type": {"1", "2", "3", "4"},
    "http://terminology.hl7.org/CodeSystem/object-role": {str(number) for number in range(1, 25)},
    "http://terminology.hl7.org/CodeSystem/security-source-type": {str(number) for number in range(1, 10)},
    "http://terminology.hl7.org/CodeSystem/v3-ActReason": {"BTG", "TREAT", "HOPERAT", "HRESCH"},
}  # fmt: skip


def faults(value: dict, kind: str = "AuditEvent", path: str = "AuditEvent") -> Iterator[str]:
    """What is against the definition, in words; nothing when it is an AuditEvent."""
    elements = ELEMENTS[kind]
    yield from (f"{path}.{name} is not an element" for name in value if name not in elements)
    for name, (fewest, most, type_) in elements.items():
        given = value.get(name)
        found = [] if given is None else given if isinstance(given, list) else [given]
        if (given is not None and isinstance(given, list) != (most > 1)) or not fewest <= len(found) <= most:
            yield f"{path}.{name} stands {len(found)} times"
        for one in found:
            yield from _value_faults(one, type_, f"{path}.{name}")
    yield from _rules(value, kind, path)


def _value_faults(value: object, type_: str, path: str) -> Iterator[str]:
    if type_ in ELEMENTS:
        if not isinstance(value, dict) or not value:
            yield f"{path} is no {type_}"
        else:
            yield from faults(value, type_, path)
    elif type_ == "boolean":
        if not isinstance(value, bool):
            yield f"{path} is no boolean"
    elif not isinstance(value, str) or not re.fullmatch(PATTERNS[type_], value):
        yield f"{path} is no {type_}"
    elif type_ == "base64Binary":
        base64.b64decode(value, validate=True)


def _rules(value: dict, kind: str, path: str) -> Iterator[str]:
    if kind == "Entity" and "name" in value and "query" in value:
        yield f"{path} has a name and a query (sev-1)"
    if kind == "Detail" and ("valueString" in value) == ("valueBase64Binary" in value):
        yield f"{path} has not one value"
    if kind == "Coding" and value.get("code") not in CODES[value["system"]]:
        yield f"{path} has the code {value.get('code')}, unknown to {value['system']}"
    if kind == "AuditEvent" and value["action"] not in CODES["action"]:
        yield f"{path}.action is {value['action']}"
    if kind == "AuditEvent" and value["outcome"] not in CODES["outcome"]:
        yield f"{path}.outcome is {value['outcome']}"
    if kind == "Network" and value.get("type") not in CODES["network.type"]:
        yield f"{path}.type is {value.get('type')}"
