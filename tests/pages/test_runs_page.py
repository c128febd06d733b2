"""The page of pipeline runs: the run of the address, a run that stopped, and who may begin another one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pages.frame import refresh as refresh_panel
from pipeline.governance.audit import read_log
from pipeline.governance.policy import load_policy
from pipeline.refresh.progress import RunLog, latest_run
from pipeline.refresh.run import refresh
from tests.pages.conftest import run_frame, words

PAGE = "operations/pipeline_runs"
ROLES = [role for role in load_policy().roles if PAGE in load_policy().pages(role)]


@pytest.fixture
def lake(tiny_lake, monkeypatch):
    """A copy of the tiny hospital that a test may change."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


@pytest.fixture
def stopped(lake):
    """Its second run stopped at the encounters of silver."""
    newest = max(lake.lake.glob("silver/encounters/_delta_log/*.json"))
    newest.write_bytes(newest.read_bytes()[:100])
    assert refresh(lake, requested_by="watch", full=True).status == "failed"
    return lake


def test_the_newest_run_is_shown_as_a_graph(lake):
    app = run_frame("analyst", PAGE)
    assert "Run 1" in [one.value for one in app.subheader]
    done = sum(task.status == "succeeded" for task in latest_run(lake).tasks)
    assert f"✓ {done} done · –" in words(app)
    assert len(app.get("plotly_chart")) == 2


def test_the_address_opens_a_run_and_a_way_to_look_at_it(lake):
    refresh(lake, requested_by="watch")
    app = run_frame("auditor", PAGE, run="1", show="Log")
    assert "Run 1" in [one.value for one in app.subheader]
    assert "The run began. Asked for by test." in words(app)
    assert app.selectbox(key="run").value == "1"


@pytest.mark.parametrize("number", ["7", "-1", "' or 1 = 1 --"])
def test_an_address_of_no_run_shows_the_newest(lake, number):
    app = run_frame("auditor", PAGE, run=number)
    assert not app.exception
    assert not app.error
    assert "Run 1" in [one.value for one in app.subheader]


@pytest.mark.parametrize("role", ROLES)
def test_a_run_that_stopped_says_where_and_offers_a_retry_to_those_who_may(stopped, role):
    app = run_frame(role, PAGE)
    assert "It stopped at “Silver encounters”. The log of the Delta table silver.encounters cannot be read." in words(app)
    assert "every page still shows the last good data" in words(app)
    offered = [button.label for button in app.button if button.key == "run_retry"]
    assert offered == (["Retry from “Silver encounters”"] if load_policy().may(role, "refresh") else [])


def test_a_retry_begins_a_run_and_is_on_record(stopped, monkeypatch):
    started = []
    monkeypatch.setattr(refresh_panel.launch, "start", lambda settings, by: started.append(by) or "run-3")
    app = run_frame("data_steward", PAGE)
    app.button(key="run_retry").click().run()
    assert started == ["demo"]
    asked = [line for line in read_log(stopped.access_log) if line["action"] == "refresh"]
    assert [(line["purpose"], line["outcome"]) for line in asked] == [("Retry run 2", "allowed")]


def test_only_the_newest_run_is_retried(stopped):
    refresh(stopped, requested_by="test", full=True)
    app = run_frame("data_steward", PAGE, run="2")
    assert "It stopped at" in words(app)
    assert [button.key for button in app.button if button.key == "run_retry"] == []


def test_a_run_that_goes_on_shows_how_far_it_is(lake, monkeypatch):
    log = RunLog(lake, "ada")
    log.plan([("landing", "Look at new files"), ("publish", "Publish")], {"publish": ["landing"]})
    with log.task("landing") as counted:
        counted(2)
    monkeypatch.setattr("pipeline.refresh.progress.is_refreshing", lambda settings: True)
    app = run_frame("auditor", PAGE)
    assert latest_run(lake).status == "running"
    assert "✓ 1 done · ○ 1 waiting" in words(app)
    assert "goes on" in words(app)


def test_a_name_from_outside_is_text_and_no_markup(lake):
    RunLog(lake, "![x](http://tracker/p.png)").finish("failed", "![y](http://tracker/q.png)")
    app = run_frame("auditor", PAGE)
    markdown = [one.value for kind in (app.markdown, app.caption, app.subheader) for one in kind]
    assert [text for text in markdown if "tracker" in text] == []
    assert datetime.now(UTC).strftime("%Y") in words(app)
