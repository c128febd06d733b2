"""The readmissions page shows each role what it may see, keeps its choices in the address, and says why a part is empty."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.frame.choose_readmissions import STEP_KEY
from pipeline.governance import access
from pipeline.governance.policy import load_policy
from pipeline.serving.export import as_json
from pipeline.settings import Settings
from tests.lake import synthetic_hospital
from tests.pages.conftest import run_frame, words

PAGE = "clinical/readmissions"
ROLES = [role for role in load_policy().roles if PAGE in load_policy().pages(role)]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """6,000 encounters: enough stays for a rate, a chart and a funnel."""
    return synthetic_hospital(tmp_path_factory, encounters=6_000, seed=11)


@pytest.fixture
def open_page(hospital: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the page in a role, with an address."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(hospital.home))
    return lambda role="clinician", **address: run_frame(role, PAGE, **address)


def tile(app: AppTest, name: str) -> str:
    return next(one.value for one in app.metric if one.label == name)


def figures(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_the_rates_with_their_denominators(open_page, role):
    said = words(open_page(role))
    assert "95 % confidence interval" in said
    assert "of any age" in said
    assert "no risk standardisation" in said
    assert "HWR" not in said


def test_at_most_six_figures_are_on_the_page(open_page):
    app = open_page()
    assert 3 <= figures(app) <= 6
    assert not app.exception


def test_a_clinician_reads_why_a_stay_counts(open_page):
    said = words(open_page("clinician"))
    assert "Counted as readmitted: first return after" in said
    assert "MP-" in said


def test_an_analyst_reads_why_and_not_who(open_page):
    said = words(open_page("analyst"))
    assert "Counted as readmitted: first return after" in said
    assert "MP-" not in said


def test_an_analyst_reads_stays_over_all_periods_by_year_and_in_a_shorter_one_why_there_are_none(open_page):
    everything, recent = (words(open_page("analyst", period=period)) for period in ("All", "12 months"))
    assert "newest year first" in everything
    assert "listed over all periods only" not in everything
    assert "Single stays are listed over all periods only, because your role sees their year, not their month." in recent
    assert "Counted as" not in recent


def test_a_role_without_clinical_values_reads_that_the_policy_hides_them(open_page):
    said = words(open_page("auditor"))
    assert "the policy hides clinical values" in said
    assert "Counted as" not in said


@pytest.mark.parametrize("role", ROLES)
def test_files_are_offered_only_to_roles_that_may_export(open_page, role):
    offered = [button.label for button in open_page(role).get("download_button")]
    assert offered == (["JSON data", "CSV of rates"] if load_policy().may(role, "export") else [])


def test_a_file_is_built_on_the_click_and_not_before(open_page, monkeypatch):
    built = []
    monkeypatch.setattr("pipeline.serving.export.as_json", lambda payload: built.append(payload) or as_json(payload))
    monkeypatch.setattr(access, "record_action", lambda *said, **more: built.append(said))
    open_page()
    assert built == []


def test_the_population_comes_from_the_address(open_page):
    assert int(tile(open_page(population="65 and over"), "Index stays").replace(",", "")) < int(
        tile(open_page(), "Index stays").replace(",", "")
    )


def test_a_population_that_is_not_on_the_list_is_that_of_adults(open_page):
    assert tile(open_page(population="Everyone"), "Index stays") == tile(open_page(), "Index stays")


def test_the_rates_are_also_a_table(open_page):
    app = open_page()
    app.segmented_control(key="rates_by").set_value("Table").run()
    table = next(one.value for one in app.dataframe if "95 % CI" in one.value.columns)
    assert set(table["By"]) == {"Age group", "Site", "Ward", "Month"}


@pytest.mark.parametrize("role", ROLES)
def test_rows_open_a_patient_only_for_roles_that_see_who_it_is(open_page, role):
    sees = load_policy().by_role[role].shows["identifier"] == "show"
    assert ("Select a row to open the patient." in words(open_page(role))) == sees


def test_another_step_of_the_waterfall_lists_its_stays(open_page):
    app = open_page()
    app.selectbox(key=STEP_KEY).select("Died in hospital").run()
    assert "Not counted: died in hospital" in words(app)
    assert "Counted as readmitted" not in words(app)


def test_a_step_of_adults_falls_back_when_seniors_are_chosen(open_page):
    app = open_page()
    app.selectbox(key=STEP_KEY).select("Under 18").run()
    assert "Not counted: under 18" in words(app)
    app.segmented_control(key="population").set_value("65 and over").run()
    assert not app.exception
    assert not app.error


def test_a_view_without_index_stays_says_why_and_what_to_do(open_page):
    app = open_page(population="65 and over")
    app.segmented_control(key="period").set_value("1 month").run()
    said = words(app)
    assert "choose a longer period" in said
    assert "A control chart needs at least 8 months" in said
    assert tile(app, "Raw return") == "–"


def test_the_tiny_hospital_opens_with_nothing_to_rate(open_app):
    app = open_app("clinician", PAGE)
    assert not app.exception
    assert "no rate is shown" in words(app)


def test_every_run_reads_through_the_door_again(open_page, monkeypatch):
    asked = []
    real = access.read
    monkeypatch.setattr(
        access, "read", lambda viewer, *rest, **named: asked.append(named["purpose"]) or real(viewer, *rest, **named)
    )
    app = open_page()
    first = asked.count("Readmissions")
    app.run()
    assert first > 0
    assert asked.count("Readmissions") == 2 * first


def test_a_figure_is_drawn_once_for_a_view(open_page, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "pages.frame.show_readmissions.readmission_figure", lambda name, *_: drawn.append(name) or {"data": [], "layout": {}}
    )
    app = open_page()
    app.run()
    assert len(drawn) == len(set(drawn))
    st.cache_data.clear()
