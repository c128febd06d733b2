"""Every kind of record is an AuditEvent of FHIR R4, and what is none is noticed."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import AccessDenied
from pipeline.governance import access
from pipeline.governance.audit import KINDS, read_log, record_all
from pipeline.governance.audit_door import audit_records
from pipeline.governance.audit_event import TYPES, audit_event, bundles
from pipeline.governance.policy import Viewer
from tests.governance.fhir_r4 import faults
from tests.governance.tampering import tampered
from tests.governance.writer import event
from tests.test_command_line import run

EVERY_KIND = [event(action=kind, outcome="allowed") for kind in KINDS if kind != "refusal"]
FULL = event(
    action="export", filters=("site", "period"), masked_columns=("gold.stays.patient_id",), query_hash="ab12", publication=3,
    address="10.0.0.7", session="f00d", reason="because",
)  # fmt: skip


@pytest.fixture
def records(settings):
    record_all(settings, [*EVERY_KIND, event(outcome="denied", reason="No."), FULL, event(patients=None, tables=())])
    return read_log(settings.access_log)


def test_every_kind_of_record_is_an_audit_event(records):
    assert {line["kind"] for line in records} == set(KINDS) == set(TYPES)
    assert [fault for line in records for fault in faults(audit_event(line))] == []


def test_it_carries_what_the_record_says(records):
    said = json.dumps(audit_event(records[-2]))
    facts = ("gold.stays@1", "10.0.0.7", "f00d", "site, period", records[-2]["seal"], records[-2]["patients"][0], "because")
    assert [fact for fact in facts if fact not in said] == []


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ({"recorded": "yesterday"}, "AuditEvent.recorded is no instant"),
        ({"agent": []}, "AuditEvent.agent stands 0 times"),
        ({"type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "1"}}, "AuditEvent.type has the code 1"),
        ({"outcome": "ok"}, "AuditEvent.outcome is ok"),
        ({"viewer": "ana"}, "AuditEvent.viewer is not an element"),
        ({"entity": [{"name": "a", "query": "YWJj"}]}, "AuditEvent.entity has a name and a query"),
    ],
)
def test_what_is_none_is_noticed(records, damage, fault):
    assert any(found.startswith(fault) for found in faults(audit_event(records[0]) | damage))


def test_bundles_hold_every_record_once_and_in_order(records):
    made = list(bundles(records * 30))
    entries = [entry for bundle in made for entry in bundle["entry"]]
    assert {(bundle["resourceType"], bundle["type"]) for bundle in made} == {("Bundle", "collection")}
    assert len(made) > 1
    assert [entry["resource"]["id"] for entry in entries] == [line["id"] for line in records * 30]
    assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in entries)


def test_the_export_is_on_record_and_only_for_those_who_may_audit(tiny_lake, tmp_path):
    access.record_action(Viewer("dana", "clinician"), "export", "Something", tiny_lake)
    out = tmp_path / "events.ndjson"
    assert run(tiny_lake, "audit", "export", "--out", str(out)).returncode == 0
    (bundle,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert [list(faults(entry["resource"])) for entry in bundle["entry"]] == [[]]
    last = read_log(tiny_lake.access_log)[-1]
    assert (last["kind"], last["purpose"], last["row_count"]) == ("audit read", "AuditEvent export", 1)
    with pytest.raises(AccessDenied, match="may not audit"):
        audit_records(Viewer("dana", "clinician"), tiny_lake, purpose="curious")
    assert read_log(tiny_lake.access_log)[-1]["kind"] == "refusal"


def test_the_command_proves_the_log_or_names_what_is_wrong(tiny_lake):
    access.record_action(Viewer("dana", "clinician"), "export", "Something", tiny_lake)
    whole = run(tiny_lake, "audit", "verify")
    assert (whole.returncode, whole.stdout[:37]) == (0, "OK: the access log is whole: 1 record")
    tampered(tiny_lake, "update access_log set body = replace(body, 'dana', 'nobody')")
    broken = run(tiny_lake, "audit", "verify")
    assert (broken.returncode, broken.stdout) == (11, "")
    assert broken.stderr.startswith("The access log is not as it was written. Record 1 was edited")
