"""Breaking the glass opens one patient for a time to who gives a reason, and the access log is what holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import AccessDenied, BadRequest
from pipeline.governance import break_glass as glass
from pipeline.governance.access import OPENED_BY_BREAKING_THE_GLASS, read
from pipeline.governance.audit import read_log
from pipeline.governance.audit_door import LogQuestion, search
from pipeline.governance.audit_key import load_key
from pipeline.governance.break_glass import break_glass, still_open
from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.access_log.words import records_table

NINA = Viewer("nina", "triage_nurse", sites=("North",), wards=("Cardiology",))
WHY = "Transferred to my ward tonight"


def patients(viewer, settings, table="silver.encounters"):
    return set(read(viewer, f"select patient_id from {table}", purpose="test", settings=settings)["patient_id"])


def test_the_glass_opens_one_patient_and_no_other(tiny_lake):
    break_glass(NINA, "P-eve", WHY, tiny_lake)
    opened = replace(NINA, opened=("P-eve",))
    assert patients(NINA, tiny_lake) == {"P-ada"}
    assert patients(opened, tiny_lake) == patients(opened, tiny_lake, "silver.patients") == {"P-ada", "P-eve"}
    seen = read(opened, "select encounter_id from silver.vital_sets", purpose="test", settings=tiny_lake)
    assert set(seen["encounter_id"]) == {"E-ada", "E-eve"}


def test_what_the_log_does_not_hold_was_not_opened(tiny_lake):
    assert patients(replace(NINA, opened=("P-eve",)), tiny_lake) == {"P-ada"}
    break_glass(NINA, "P-eve", WHY, tiny_lake)
    assert patients(replace(NINA, opened=("P-ben",)), tiny_lake) == {"P-ada"}
    assert patients(replace(NINA, name="ned", opened=("P-eve",)), tiny_lake) == {"P-ada"}


def test_the_glass_closes_by_itself(tiny_lake, monkeypatch):
    until = break_glass(NINA, "P-eve", WHY, tiny_lake)
    assert timedelta(minutes=59) < until - datetime.now(UTC) <= load_policy().opened_for == timedelta(minutes=60)
    opened = replace(NINA, opened=("P-eve",))
    assert still_open(opened, tiny_lake) == ("P-eve",)
    monkeypatch.setattr(glass, "load_policy", lambda: replace(load_policy(), opened_for=timedelta(0)))
    assert still_open(opened, tiny_lake) == ()
    assert patients(opened, tiny_lake) == {"P-ada"}


def test_opening_and_every_read_meanwhile_stand_out_in_the_log(tiny_lake):
    break_glass(NINA, "P-eve", WHY, tiny_lake)
    patients(replace(NINA, opened=("P-eve",)), tiny_lake)
    opening, looking = read_log(tiny_lake.access_log)
    key = load_key(tiny_lake.audit_key_file, may_begin=False)
    assert (opening["kind"], opening["outcome"], opening["reason"]) == ("break-glass", "allowed", WHY)
    assert opening["patients"] == key.pseudonyms(("P-eve",))
    assert (looking["kind"], looking["reason"]) == ("read", OPENED_BY_BREAKING_THE_GLASS)


@pytest.mark.parametrize("why", ["", "   ", "urgent", "...!"])
def test_without_a_reason_in_words_nothing_opens(why, tiny_lake):
    with pytest.raises(BadRequest, match="reason in words"):
        break_glass(NINA, "P-eve", why, tiny_lake)
    assert patients(replace(NINA, opened=("P-eve",)), tiny_lake) == {"P-ada"}


@pytest.mark.parametrize("role", [role for role in load_policy().roles if role != "triage_nurse"])
def test_a_role_that_may_not_is_refused_on_record(role, tiny_lake):
    with pytest.raises(AccessDenied, match="may not break_glass"):
        break_glass(Viewer("eve", role), "P-eve", WHY, tiny_lake)
    (line,) = read_log(tiny_lake.access_log)
    assert (line["kind"], line["outcome"]) == ("refusal", "denied")


def test_an_auditor_finds_the_opening_and_what_was_read_through_it(tiny_lake):
    patients(NINA, tiny_lake)
    break_glass(NINA, "P-eve", WHY, tiny_lake)
    patients(replace(NINA, opened=("P-eve",)), tiny_lake)
    question = LogQuestion(since=datetime.now(UTC) - timedelta(hours=1), kind="break-glass")
    found = search(Viewer("aud", "auditor"), question, 10, purpose="test", settings=tiny_lake)
    assert records_table(found.records)["What"].tolist() == [["◆ Read, glass broken"], ["◆ Break-glass"]]
    assert (found.found_count, found.period_count) == (2, 3)
