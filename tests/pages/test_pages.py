"""Each role opens each of its pages, sees what the policy lets it see, and reads failures in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from pages.frame import page as frame_page
from pages.frame import refresh as refresh_panel
from pages.frame.navigation import PAGE_CARDS
from pages.frame.plain import plain
from pipeline.errors import AccessDenied, RefreshFailed
from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.refresh.progress import RunProgress, TaskProgress
from tests.pages.conftest import run_frame, words

ROLES = load_policy().roles
NOTICE = "not a medical device"


OPENED = [(role, page) for role in ROLES for page in load_policy().pages(role)]
NOT_OPENED = sorted(set(product(ROLES, PAGE_CARDS)) - set(OPENED))


@pytest.mark.parametrize(("role", "page"), OPENED)
def test_every_role_opens_every_page_of_the_policy(open_app, role, page):
    app = open_app(role, page)
    assert not app.exception
    assert PAGE_CARDS[page].title in [title.value for title in app.title]
    assert NOTICE in words(app)
    assert not app.error


@pytest.mark.parametrize(("role", "page"), NOT_OPENED)
def test_a_page_that_is_not_the_roles_is_not_there_for_it(open_app, role, page):
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_app(role, page)


@pytest.mark.parametrize(("role", "page"), NOT_OPENED)
def test_a_page_that_is_not_the_roles_refuses_to_open(role, page, monkeypatch, shared_tiny_lake):
    monkeypatch.setattr(frame_page, "current_viewer", lambda: Viewer("demo", role))
    with pytest.raises(AccessDenied, match="may not open this page"):
        frame_page.open_page(page)


def test_every_page_of_the_policy_exists():
    assert {page for role in ROLES for page in load_policy().pages(role)} <= set(PAGE_CARDS)


@pytest.mark.parametrize(("role", "figure_count"), [("clinician", 6), ("analyst", 6), ("auditor", 3)])
def test_a_role_without_ages_gets_no_empty_map(open_app, role, figure_count):
    app = open_app(role, "clinical/command_center")
    assert len(app.get("plotly_chart")) == figure_count
    assert ("not drawn, because your role does not see ages" in words(app)) == (figure_count == 3)
    assert ("vertical axis" in words(app)) == (figure_count == 6)


@pytest.mark.parametrize("role", [role for role in ROLES if role in ("analyst", "auditor")])
def test_a_masked_patient_is_nowhere_on_the_page(open_app, role):
    said = words(open_app(role, "clinical/command_center"))
    assert "P-ada" not in said
    assert "E-ada" not in said


def test_the_patient_on_the_worklist_is_shown_to_a_clinician(open_app):
    assert "P-ada" in words(open_app("clinician"))


def test_a_role_without_clinical_values_reads_why_there_is_no_list(open_app):
    assert "the policy hides clinical values" in words(open_app("auditor", "clinical/command_center"))


def test_a_role_that_sees_years_reads_why_a_shorter_period_has_no_list(open_app):
    said = words(open_app("analyst", "clinical/command_center", period="1 month"))
    assert "Single encounters are listed over all periods only, because your role sees their year, not their month." in said


WITH_CENTER = [role for role in ROLES if "clinical/command_center" in load_policy().pages(role)]


def test_a_place_without_encounters_of_a_risk_level_has_an_empty_panel(open_app):
    app = open_app("triage_nurse", "clinical/command_center")
    assert "**Low** 0 " in words(app)
    assert not app.error


@pytest.mark.parametrize("role", WITH_CENTER)
def test_refresh_is_offered_only_to_roles_that_may(open_app, role):
    labels = [button.label for button in open_app(role, "clinical/command_center").button]
    assert ("Refresh data" in labels) == load_policy().may(role, "refresh")


@pytest.mark.parametrize("role", WITH_CENTER)
def test_export_is_offered_only_to_roles_that_may(open_app, role):
    offered = [button.label for button in open_app(role, "clinical/command_center").get("download_button")]
    assert offered == (["PDF report", "JSON data"] if load_policy().may(role, "export") else [])


def test_filters_come_from_the_address(open_app):
    app = open_app(period="1 month", site="North")
    encounters = next(tile for tile in app.metric if tile.label == "Encounters")
    everything = next(tile for tile in open_app().metric if tile.label == "Encounters")
    assert int(encounters.value) < int(everything.value)


def test_a_filter_that_is_not_on_the_list_shows_everything(open_app):
    shown = open_app(period="1 century", site="' or 1 = 1 --")
    everything = open_app()
    assert [tile.value for tile in shown.metric] == [tile.value for tile in everything.metric]


def test_every_run_of_a_page_reads_through_the_door_again(open_app, monkeypatch):
    asked = []
    real = access.ask
    monkeypatch.setattr(access, "ask", lambda viewer, *rest, **named: asked.append(viewer.role) or real(viewer, *rest, **named))
    app = open_app("clinician")
    first = len(asked)
    app.run()
    assert first > 0
    assert len(asked) == 2 * first


def test_an_unknown_failure_is_a_reference_number_and_no_traceback(open_app, monkeypatch):
    def broken(*_, **__):
        raise ValueError("patient P-ada broke it")

    monkeypatch.setattr(access, "ask", broken)
    app = open_app("clinician")
    assert not app.exception
    assert "Reference MP-" in app.error[0].value
    assert "P-ada" not in words(app)


def test_the_first_start_prepares_the_data_by_itself(tmp_path, monkeypatch):
    started = []
    run = RunProgress(
        "run-1", 1, "running", "demo", datetime.now(UTC), tasks=(TaskProgress("bronze.patients", "Bronze patients", "running"),)
    )
    monkeypatch.setenv("MEDIPULSE_HOME", str(tmp_path))
    monkeypatch.setattr(refresh_panel.launch, "start", lambda settings, by: started.append(by) or "run-1")
    monkeypatch.setattr(refresh_panel, "latest_run", lambda settings: run if started else None)
    app = run_frame("clinician")
    assert started == ["demo"]
    assert "Preparing the first data" in words(app)
    assert "Bronze patients" in words(app)


def test_a_failed_run_says_what_failed_and_that_the_last_good_data_is_shown(open_app, monkeypatch):
    tasks = (TaskProgress("bronze.patients", "Bronze patients", "succeeded", 7, 0.1), TaskProgress("gold.x", "Gold x", "failed"))
    run = RunProgress("run-2", 2, "failed", "demo", datetime.now(UTC), message="A rule was broken.", tasks=tasks)
    monkeypatch.setattr(refresh_panel, "latest_run", lambda settings: run)
    app = open_app("clinician")
    assert "stopped at “Gold x”" in words(app)
    assert "the last good data is still shown" in words(app)
    assert "A rule was broken." in words(app)
    app.button(key="run_dismiss").click().run()
    assert "stopped at" not in words(app)


def test_a_first_start_that_cannot_begin_is_a_sentence(tmp_path, monkeypatch):
    def refused(settings, by):
        raise RefreshFailed("The refresh did not start.")

    monkeypatch.setenv("MEDIPULSE_HOME", str(tmp_path))
    monkeypatch.setattr(refresh_panel.launch, "start", refused)
    app = run_frame("clinician")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [plain("The refresh did not start.")]


def test_a_narrow_screen_gets_the_worklist_as_cards(open_app):
    cards = [text.value for text in open_app("clinician").text if "NEWS2" in text.value]
    assert cards == [
        "◆ High · NEWS2 14 (7 of 7)\nP-ada · 75 years · Cardiology\nHR 121 · SpO₂ 88 % · SBP 88 · RR 26 · 38.5 °C\n"
        "NEWS2 14; HR over 100; RR over 24; SBP 90 or less; SpO2 under 90; temperature 37.8 or more"
    ]
