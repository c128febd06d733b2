"""The readmission model on the patient page: the strongest contributions each way, how far it came true, or why there is none."""

from __future__ import annotations

import json
from math import log

import pandas as pd
import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.governance.policy import Viewer
from pipeline.model.deployed import deploy
from pipeline.model.features import feature_columns
from pipeline.refresh.run import refresh
from pipeline.serving.export import as_json
from pipeline.serving.patient import find_patient
from pipeline.serving.patient.risk import (
    Calibration,
    Contribution,
    StayRisk,
    band_of,
    calibration_text,
    risk_score,
    stay_risks,
)
from pipeline.serving.patient.risk_words import FEATURES, feature_name, value_text
from tests.model.models import promoted, small_model
from tests.serving.conftest import NOON

NB = "\u00a0"
TERMS = pd.DataFrame({"feature": ["age_years"] * 2 + ["disposition"], "points": [0.5, -0.5, 0.2], "row_count": [30, 10, 7]})
CALIBRATION = pd.DataFrame(
    {"band_name": ["15 to 20 %"], "mature_count": [1000], "expected_count": [172.0], "readmission_count": [160]}
)
ROW = {
    "stay_id": "E-1", "score_status": "scored", "model_version": 3.0, "readmission_probability": 0.172, "age_years": 81,
    "age_years_points": 0.5, "disposition": None, "disposition_points": 0.2, "sodium_mmol_l": 130.0, "sodium_mmol_l_points": None,
}  # fmt: skip
NOT_SCORED = ROW | {
    "score_status": "not scored: no model has been promoted",
    "model_version": None,
    "readmission_probability": None,
}


def risk(**known: object) -> StayRisk:
    """A scored stay with ten contributions, the strongest first, changed as said."""
    names = list(FEATURES)[:10]
    strong = tuple(Contribution(name, "1", (1 - place / 10) * (-1) ** place) for place, name in enumerate(names))
    usual = {
        "stay_id": "E-1", "status": "scored", "model_version": 3, "probability": 0.172, "band": "15 to 20 %",
        "contributions": strong, "calibration": Calibration(1000, 172.0, 160),
    }  # fmt: skip
    return StayRisk(**(usual | known))


def test_contributions_are_told_against_the_average_training_stay():
    (one,) = stay_risks(pd.DataFrame([ROW]), TERMS, CALIBRATION)
    assert one.contributions == (Contribution("age_years", f"81{NB}years", 0.25), Contribution("disposition", "not known", 0.0))
    assert (one.model_version, one.probability, one.band) == (3, 0.172, "15 to 20 %")
    assert one.calibration == Calibration(1000, 172.0, 160)


def test_a_stay_without_a_score_needs_no_model():
    (one,) = stay_risks(pd.DataFrame([NOT_SCORED]))
    assert (one.probability, one.contributions, one.calibration) == (None, (), None)
    assert risk_score(one).summary == "Not scored: no model has been promoted"


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, "under 5 %"),
        (0.05, "5 to 10 %"),
        (0.0999, "5 to 10 %"),
        (0.1, "10 to 15 %"),
        (0.5, "50 % and over"),
        (1.0, "50 % and over"),
    ],
)
def test_a_probability_lies_in_the_band_that_begins_at_or_below_it(probability, band):
    assert band_of(probability) == band


def test_the_four_strongest_each_way_are_shown_the_strongest_first():
    parts = risk_score(risk()).parts
    assert [part.name[0] for part in parts] == ["▲"] * 4 + ["▼"] * 4
    assert parts[0].name == "▲ Age"
    assert parts[0].answer == f"×{NB}2.72"


def test_what_changes_no_shown_digit_is_left_out():
    weak = (Contribution("age_years", "81", log(1.004)), Contribution("sex", "Female", -0.5))
    assert [part.name for part in risk_score(risk(contributions=weak)).parts] == ["▼ Sex"]


def test_the_result_has_its_band_its_version_and_its_note():
    score = risk_score(risk())
    assert score.name == "Readmission model, version 3"
    assert score.summary == f"17.2{NB}% · 15 to 20 %"
    assert "no cause and not a diagnosis" in score.note


def test_how_far_the_band_came_true_is_said_with_its_interval():
    assert calibration_text(risk()) == (
        f"In the band 15 to 20 %, 1,000 stays were followed for 30 days: 17.2{NB}% expected, 16.0{NB}% observed "
        f"(95{NB}% interval 13.9–18.4{NB}%)."
    )


@pytest.mark.parametrize("calibration", [None, Calibration(10, 1.7, 1)])
def test_too_few_stays_tell_nothing_of_the_band(calibration):
    assert calibration_text(risk(calibration=calibration)).startswith("Too few stays of the band 15 to 20 %")


def test_every_feature_has_its_words_and_no_other():
    assert list(FEATURES) == [column.name for column in feature_columns(load_contracts())]
    assert feature_name("a_new_one") == "A new one"


@pytest.mark.parametrize(
    ("feature", "value", "text"),
    [
        ("heart_failure", 1.0, "Yes"),
        ("heart_failure", 0, "No"),
        ("haemoglobin_g_dl", 11.25, f"11.2{NB}g/dL"),
        ("prior_admission_count", 2.0, "2"),
        ("ward_name", "Cardiology", "Cardiology"),
        ("dementia", None, "not known"),
        ("a_new_one", 3.5, "3.5"),
    ],
)
def test_a_value_is_written_with_its_unit(feature, value, text):
    assert value_text(feature, value) == text


def test_the_record_of_a_patient_tells_what_the_model_says_of_each_stay(tiny_lake, monkeypatch):
    deploy(tiny_lake, promoted(small_model(), 3))
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    ada = find_patient(Viewer("test", "clinician"), "P-ada", NOON).record
    score = risk_score(ada.risk_of(ada.stays[0]))
    assert score.summary == f"13.3{NB}% · 10 to 15 %"
    assert {part.name for part in score.parts} == {"▼ Age", "▼ Left to"}
    assert {part.value for part in score.parts} == {f"75{NB}years", "Home"}
    assert json.loads(as_json(ada))["risks"][0]["model_version"] == 3
