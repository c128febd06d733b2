"""Who may look into the access log, what it answers, and that each look is on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import AccessDenied
from pipeline.governance.audit import read_log, record, record_all
from pipeline.governance.audit_door import LogQuestion, day_counts, own_record, prove, search
from pipeline.governance.policy import Viewer
from tests.governance.tampering import tampered
from tests.governance.writer import event

AUDITOR = Viewer("aud", "auditor")
LONG_AGO = datetime.now(UTC) - timedelta(days=7)


@pytest.fixture
def log(settings):
    crowd = tuple(f"P-{number}" for number in range(60))
    record_all(settings, [event("ana"), event("ben", role="clinician", patients=("P-ben",)), event("ben", patients=crowd)])
    record(settings, event("ana", outcome="denied", patients=None))
    return settings


@pytest.mark.parametrize(
    ("asked", "viewers"),
    [
        ({}, ["ana", "ben", "ben", "ana"]),
        ({"viewer": "ben"}, ["ben", "ben"]),
        ({"role": "clinician"}, ["ben"]),
        ({"outcome": "denied"}, ["ana"]),
        ({"patient_id": "P-ada"}, ["ana"]),
        ({"patient_id": "P-ben", "viewer": "ana"}, []),
        ({"patient_id": "P-' or 1=1 --"}, []),
    ],
)
def test_the_log_is_searched_by_each_of_its_sides(asked, viewers, log):
    found = search(AUDITOR, LogQuestion(since=LONG_AGO, **asked), 10, purpose="test", settings=log)
    assert [line["viewer"] for line in found.records] == viewers
    assert (found.found_count, found.period_count) == (len(viewers), 4)


def test_a_search_for_a_patient_says_how_many_records_name_too_many_to_tell(log):
    found = search(AUDITOR, LogQuestion(since=LONG_AGO, patient_id="P-ada"), 10, purpose="test", settings=log)
    assert found.unnamed_count == 1


def test_only_the_newest_are_given_and_all_are_counted(log):
    found = search(AUDITOR, LogQuestion(since=LONG_AGO), 1, purpose="test", settings=log)
    assert ([line["outcome"] for line in found.records], found.found_count) == (["denied"], 4)


def test_what_was_before_the_period_is_left_out(log):
    found = search(AUDITOR, LogQuestion(since=datetime.now(UTC) + timedelta(hours=1)), 10, purpose="test", settings=log)
    assert (found.records, found.period_count) == ([], 0)


def test_looking_is_on_record_with_the_patient_looked_for_and_without_the_number(log):
    search(AUDITOR, LogQuestion(since=LONG_AGO, patient_id="P-ada"), 10, purpose="Access log", settings=log)
    last = read_log(log.access_log)[-1]
    assert (last["kind"], last["viewer"], last["filters"]) == ("audit read", "aud", ["since", "patient_id"])
    assert last["patients"] == read_log(log.access_log)[0]["patients"]


@pytest.mark.parametrize("role", ["clinician", "analyst"])
def test_other_roles_see_their_own_record_and_no_one_elses(role, log):
    ben = Viewer("ben", role)
    looks = (
        lambda: search(ben, LogQuestion(since=LONG_AGO), 9, purpose="x", settings=log),
        lambda: day_counts(ben, LONG_AGO, purpose="x", settings=log),
        lambda: prove(ben, purpose="x", settings=log),
    )
    for look in looks:
        with pytest.raises(AccessDenied, match="may not audit"):
            look()
    mine = own_record(ben, LONG_AGO, 9, purpose="My record", settings=log)
    assert {line["viewer"] for line in mine.records} == {"ben"}
    assert mine.period_count == len(mine.records)
    assert [line["kind"] for line in mine.records] == ["refusal"] * 3 + ["read"] * 2
    assert read_log(log.access_log)[-1]["purpose"] == "My record"


def test_days_are_counted_per_viewer_and_role(log):
    found = {(one.viewer, one.role): (one.record_count, one.read_count, one.refusal_count)
             for one in day_counts(AUDITOR, LONG_AGO, purpose="x", settings=log)}  # fmt: skip
    assert found == {("ana", "analyst"): (2, 1, 1), ("ben", "analyst"): (1, 1, 0), ("ben", "clinician"): (1, 1, 0)}


def test_an_auditor_can_have_the_log_proven(log):
    assert prove(AUDITOR, purpose="x", settings=log)[0]
    tampered(log, "update access_log set body = replace(body, 'ben', 'bob') where sequence = 2")
    is_whole, sentence = prove(AUDITOR, purpose="x", settings=log)
    assert not is_whole and "Record 2 was edited" in sentence
