"""The model card and the alert budget: empty without a model, filled from its evaluation with one, and choices on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.governance.audit import read_log
from pipeline.model.card import card
from pipeline.model.evaluation import SubgroupResult
from pipeline.model.evidence import Evidence, Promotion
from pipeline.serving.rates import SUPPRESSED_RULE, TOO_FEW, WITHHELD
from pipeline.settings import Settings
from tests.model.evaluations import evaluation, model, subgroup
from tests.model.test_specification import MODEL
from tests.pages.conftest import run_frame, words

PROMOTION = Promotion(4, "run-1", datetime(2025, 7, 1, 9, 30, tzinfo=UTC), "R. Steward", "first model")
PAGES = ["trust/model_card", "clinical/alert_budget"]


@pytest.fixture
def home(tiny_lake: Settings, monkeypatch) -> Settings:
    """The tiny hospital in a home of its own, without a model."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


@pytest.fixture
def evidenced(home: Settings) -> Settings:
    """The same with a promoted model's evidence."""
    home.evidence_file.parent.mkdir(parents=True, exist_ok=True)
    home.evidence_file.write_text(Evidence(PROMOTION, card(evaluation(), MODEL, {}), evaluation()).to_json(), encoding="utf-8")
    return home


@pytest.mark.parametrize("page", PAGES)
def test_without_a_model_the_page_says_why_it_is_empty_and_what_to_do(home, page):
    said = words(run_frame("clinician", page))
    assert "No readmission model is in use" in said
    assert "python -m pipeline train" in said


def test_the_card_shows_who_promoted_which_version_and_its_figures(evidenced):
    said = words(run_frame("auditor", "trust/model_card"))
    assert "Version 4, in use since 1 Jul 2025, promoted by R. Steward: first model" in said
    assert "AUROC, other patients 0.700 0.690–0.710" in said
    assert "not validated for clinical use" in said


@pytest.fixture
def with_a_small_group(evidenced: Settings) -> Settings:
    """The same, where three stays are of unknown sex and two stays were left out for a reason of their own."""
    whole = model().grouped
    groups = (subgroup("sex", "Female"), subgroup("sex", "Male"), SubgroupResult("sex", "Unknown", 3, 2, *[None] * 4))
    flow = (("Under 18", 800), ("Left against medical advice", 77), ("Transferred", 2))
    found = evaluation(model(subgroups=groups, grouped=replace(whole, rows=10_003, events=1_202), temporal=whole))
    found = replace(found, cohort=replace(found.cohort, stays=10_003, events=1_202, flow=flow))
    evidenced.evidence_file.write_text(Evidence(PROMOTION, card(found, MODEL, {}), found).to_json(), encoding="utf-8")
    return evidenced


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_the_card_hides_small_counts_and_says_so_to_a_role_that_sees_none(with_a_small_group, role):
    said = words(run_frame(role, "trust/model_card"))
    assert f"Unknown,{TOO_FEW},{TOO_FEW}" in said
    assert f"Transferred,{TOO_FEW}" in said
    assert f"Left against medical advice,{WITHHELD}" in said
    assert SUPPRESSED_RULE in said


def test_a_clinician_reads_every_count_of_the_card(with_a_small_group):
    said = words(run_frame("clinician", "trust/model_card"))
    assert "Unknown,3,2" in said
    assert "Transferred,2" in said
    assert TOO_FEW not in said
    assert SUPPRESSED_RULE not in said


def test_damaged_evidence_is_a_sentence_and_no_traceback(evidenced):
    evidenced.evidence_file.write_text("{", encoding="utf-8")
    app = run_frame("auditor", "trust/model_card")
    assert not app.exception
    assert "evidence is damaged" in words(app)


def test_moving_the_budget_moves_the_figures(evidenced):
    app = run_frame("clinician", "clinical/alert_budget")
    app.select_slider[0].set_value(2).run()
    assert "Sensitivity 24.0" in words(app)
    app.select_slider[0].set_value(5).run()
    assert "Sensitivity 60.0" in words(app)


def test_a_budget_is_kept_with_who_and_why_and_stands_in_the_log(evidenced):
    app = run_frame("data_steward", "clinical/alert_budget")
    app.select_slider[0].set_value(3).run()
    app.text_input[0].set_value("three nurses from December on")
    app.button[[button.label for button in app.button].index("Use 3 stays a day")].click().run()
    said = words(app)
    assert "The budget in use: 3 stays a day" in said
    assert "three nurses from December on" in said
    assert "set_budget" in [line["action"] for line in read_log(evidenced.access_log)]


def test_a_budget_without_a_reason_is_refused_in_words(evidenced):
    app = run_frame("data_steward", "clinical/alert_budget")
    app.button[[button.label for button in app.button].index("Use 8 stays a day")].click().run()
    assert "Say why this budget is right" in words(app)
    assert not evidenced.alert_budgets.exists()


def test_a_role_that_may_not_choose_is_not_offered_it(evidenced):
    labels = [button.label for button in run_frame("analyst", "clinical/alert_budget").button]
    assert not [label for label in labels if label.startswith("Use ")]


def test_a_role_that_sees_years_is_told_of_no_day_of_discharges(evidenced):
    said = words(run_frame("analyst", "clinical/alert_budget"))
    assert "Single stays are not listed by day, because your role sees their year, not their day." in said
    assert "stays that ended on the last day with discharges" in said
    assert "1 Jan" not in said


def test_a_role_without_clinical_values_reads_no_name(evidenced):
    said = words(run_frame("auditor", "clinical/alert_budget"))
    assert "the policy hides clinical values" in said
    assert "P-ada" not in said
