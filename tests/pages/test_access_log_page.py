"""The access log on the screen: the answer to who looked at a patient, the proof, and one's own record for everybody."""

from __future__ import annotations

import pytest

from pipeline.governance.audit import read_log, record_all
from tests.governance.writer import event
from tests.pages.conftest import run_frame, words


@pytest.fixture
def log(tiny_lake, monkeypatch):
    """Two viewers looked at Ada and at Ben; the one who looks now has the name of the demonstration."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    record_all(tiny_lake, [event("nurse-joy"), event("doctor-oak", patients=("P-ben",)), event("demo", purpose="my own look")])
    return tiny_lake


def test_an_auditor_learns_who_looked_at_a_patient(log):
    app = run_frame("auditor", "trust/access_log")
    app.text_input(key="log_patient").set_value("P-ben").run()
    assert app.dataframe[0].value["Viewer"].tolist() == ["doctor-oak"]
    assert "P-ben" not in words(app)
    again = app.run().dataframe[0].value
    assert again[["Viewer", "For"]].to_numpy().tolist()[0] == ["demo", "Access log"]  # the search before names the patient too


def test_looking_at_the_log_is_on_record(log):
    run_frame("auditor", "trust/access_log")
    assert [line["kind"] for line in read_log(log.access_log)][-2:] == ["audit read", "audit read"]


def test_nothing_found_is_said_with_what_to_do(log):
    app = run_frame("auditor", "trust/access_log")
    app.text_input(key="log_viewer").set_value("nobody").run()
    assert "No record of this period is so. Leave a choice out" in words(app)


def test_the_log_is_proven_on_a_click(log):
    app = run_frame("data_steward", "trust/access_log")
    app.button(key="log_prove").click().run()
    assert "OK: the access log is whole" in words(app)


@pytest.mark.parametrize("role", ["clinician", "analyst"])
def test_my_record_holds_my_reads_and_nobody_elses(role, log):
    said = words(run_frame(role, "trust/my_record"))
    assert "my own look" in said
    assert "nurse-joy" not in said and "doctor-oak" not in said
