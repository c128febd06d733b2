"""A record of the access log as the AuditEvent of FHIR R4, for the audit store of a hospital. Pure.

R4 (4.0.1) and not R5, which renamed most elements. Codes are those of DICOM and of the audit code systems of R4; what has
no code there is text.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
PATIENT_PSEUDONYM = "urn:medipulse:patient-pseudonym"
EVENTS_IN_A_BUNDLE = 100

TYPES = {
    "read": ("110112", "Query"),
    "export": ("110106", "Export"),
    "sign-in": ("110114", "User Authentication"),
    "sign-out": ("110114", "User Authentication"),
    "refusal": ("110113", "Security Alert"),
    "action": ("110100", "Application Activity"),
    "policy change": ("110113", "Security Alert"),
    "break-glass": ("110113", "Security Alert"),
    "audit read": ("110101", "Audit Log Used"),
}
SUBTYPES = {
    "sign-in": ("110122", "Login"),
    "sign-out": ("110123", "Logout"),
    "refusal": ("110132", "Use of Restricted Function"),
    "policy change": ("110136", "Security Roles Changed"),
    "break-glass": ("110127", "Emergency Override Started"),
}
READS, EXECUTES = "R", "E"
SUCCESS, SERIOUS_FAILURE = "0", "8"


def bundles(records: Iterable[Mapping]) -> Iterator[dict]:
    """The records as Bundles of AuditEvents, in their order."""
    coming = iter(records)
    while some := list(islice(coming, EVENTS_IN_A_BUNDLE)):
        entries = [{"fullUrl": f"urn:uuid:{record['id']}", "resource": audit_event(record)} for record in some]
        yield {"resourceType": "Bundle", "type": "collection", "entry": entries}


def audit_event(record: Mapping) -> dict:
    """One record as an AuditEvent; what the record does not know is left out, since FHIR knows no empty element."""
    kind, is_allowed = record["kind"], record["outcome"] == "allowed"
    subtype = SUBTYPES.get(kind)
    return _without_empty(
        {
            "resourceType": "AuditEvent",
            "id": record["id"],
            "type": _coding(DICOM, *TYPES[kind]),
            "subtype": [_coding(DICOM, *subtype)] if subtype else None,
            "action": READS if record["action"] in ("read", "audit read", "export") else EXECUTES,
            "recorded": record["recorded_at"],
            "outcome": SUCCESS if is_allowed else SERIOUS_FAILURE,
            "outcomeDesc": record["reason"],
            "purposeOfEvent": _purposes(record),
            "agent": [_agent(record)],
            "source": {
                "observer": {"display": "MediPulse"},
                "type": [_coding(f"{TERMINOLOGY}/security-source-type", "4", "Application Server")],
            },
            "entity": list(_entities(record)),
        }
    )


def _agent(record: Mapping) -> dict:
    address = record["address"]
    return {
        "who": {"identifier": {"system": "urn:medipulse:viewer", "value": record["viewer"]}},
        "altId": record["session"],
        "name": record["viewer"],
        "role": [{"text": record["role"]}] if record["role"] else None,
        "requestor": True,
        "network": {"address": address, "type": "2"} if address else None,
    }


def _purposes(record: Mapping) -> list[dict]:
    """Breaking the glass has a code; what a page or a file is for is told in words."""
    coded = [_coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "BTG", "break the glass")]
    return [{"coding": coded if record["kind"] == "break-glass" else None, "text": record["purpose"]}]


def _entities(record: Mapping) -> Iterator[dict]:
    yield {
        "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
        "role": _coding(f"{TERMINOLOGY}/object-role", "13", "Security Resource"),
        "name": f"Access log record {record['sequence']}",
        "detail": [_detail(name, record.get(name)) for name in ("previous", "seal", "policy", "key") if record.get(name)],
    }
    if record["query_hash"]:
        facts = ("query_hash", "row_count", "publication", "patient_count")
        lists = ("filters", "masked_columns")
        yield {
            "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
            "role": _coding(f"{TERMINOLOGY}/object-role", "24", "Query"),
            "query": base64.b64encode(record["query_hash"].encode()).decode(),
            "detail": [_detail(name, record[name]) for name in facts if record[name] is not None]
            + [_detail(name, ", ".join(record[name])) for name in lists if record[name]],
        }
    for table in record["tables"]:
        yield {
            "what": {"identifier": {"system": "urn:medipulse:table-version", "value": table}},
            "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
            "role": _coding(f"{TERMINOLOGY}/object-role", "4", "Domain Resource"),
        }
    for pseudonym in record["patients"]:
        yield {
            "what": {"identifier": {"system": PATIENT_PSEUDONYM, "value": pseudonym}},
            "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "1", "Person"),
            "role": _coding(f"{TERMINOLOGY}/object-role", "1", "Patient"),
        }


def _detail(name: str, value: object) -> dict:
    return {"type": name, "valueString": str(value)}


def _coding(system: str, code: str, display: str) -> dict:
    return {"system": system, "code": code, "display": display}


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        kept = {name: _without_empty(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
