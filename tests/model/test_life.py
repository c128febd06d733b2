"""A version's life over a real registry and a real lake: promoted, compared, refused, rolled back, recalibrated, retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import ModelRefused
from pipeline.model import life
from pipeline.model.evidence import evidence_from_json
from pipeline.model.features import features_fingerprint
from pipeline.model.life import Decision, intercept_shift
from pipeline.model.registry import Registry
from pipeline.model.specification import NUMBER, GoldenRow, Specification, Term
from pipeline.model.train import Trained
from pipeline.refresh.run import refresh
from pipeline.settings import Settings
from tests.lake import rows_of, synthetic_hospital
from tests.model.evaluations import COHORT, beside_champion, evaluation, model, subgroup

pytestmark = pytest.mark.slow

WHO = Decision("R. Steward", "a test")


@pytest.fixture(scope="module")
def hospital(tmp_path_factory) -> Settings:
    """6,000 encounters, published; the tests of this file follow one model through its life in it."""
    return synthetic_hospital(tmp_path_factory, encounters=6_000, seed=11)


def specification(intercept: float = -2.0) -> Specification:
    """A model of two features, of the features as they are defined now."""
    age = Term("age_years", NUMBER, (0.0, -0.2, 0.3), (0, 500, 500), (0, 40, 70), cuts=(65.0,))
    prior = Term("prior_admission_count", NUMBER, (0.0, -0.1, 0.6), (0, 800, 200), (0, 60, 50), cuts=(1.0,))
    plain = Specification(intercept, (age, prior), features_fingerprint(load_contracts()), {"scikit-learn": "1.9.1"})
    values = {"age_years": 70.0, "prior_admission_count": 2.0}
    probability = 1 / (1 + 2.718281828459045 ** -(intercept + 0.3 + 0.6))
    return replace(plain, golden_rows=(GoldenRow(values, probability),))


def kept(settings: Settings, found, model_text: Specification | None = None):
    """A training, kept as the next version."""
    registry = Registry(settings)
    return life.keep_version(settings, Trained(model_text or specification(), found), WHO, registry.champion())


@pytest.fixture(autouse=True)
def same_champion(request):
    """Each test finds the first version crowned, whatever the one before tried."""
    yield
    if "champion" in request.fixturenames:
        first, settings = request.getfixturevalue("champion"), request.getfixturevalue("hospital")
        Registry(settings).crown(Registry(settings).version(first.number))


@pytest.fixture(scope="module")
def champion(hospital):
    """The first version, promoted and scoring."""
    version = kept(hospital, evaluation())
    life.promote(hospital, version.number, WHO)
    assert refresh(hospital, requested_by="test").status == "succeeded"
    return version


def test_a_promoted_version_scores_every_stay_it_applies_to(hospital, champion):
    scores = rows_of(hospital, "gold.risk_scores")
    scored = scores[scores["score_status"] == "scored"]
    assert len(scored) > 500
    assert set(scored["model_version"]) == {champion.number}
    assert set(scores["score_status"].str.partition(":")[0]) <= {"scored", "not applicable"}


def test_its_evidence_says_who_promoted_it_and_who_trained_it(hospital, champion):
    evidence = evidence_from_json(hospital.evidence_file.read_text(encoding="utf-8"))
    assert (evidence.promotion.version, evidence.promotion.promoted_by) == (champion.number, "R. Steward")
    assert evidence.evaluation == evaluation()
    assert any("R. Steward" in sentence for section in evidence.card for sentence in section.sentences)


def test_a_version_waits_until_it_was_compared_with_the_champion(hospital, champion):
    challenger = kept(hospital, beside_champion())
    with pytest.raises(ModelRefused, match="not compared yet: python -m pipeline shadow"):
        life.promote(hospital, challenger.number, WHO)
    compared = life.shadow(hospital, challenger.number)
    assert (compared.champion_version, compared.largest_difference) == (champion.number, 0)
    assert all(condition.is_met for condition in life.conditions_of(Registry(hospital), *_with_model(hospital, challenger)))


def _with_model(settings, version):
    registry = Registry(settings)
    return registry.version(version.number), registry.specification(version)


def test_a_version_worse_in_one_subgroup_is_refused_with_the_reason_and_nothing_changes(hospital, champion):
    before = hospital.champion_file.read_bytes()
    women = (subgroup("sex", "Female", auroc=0.6), subgroup("sex", "Male"), subgroup("age band", "65-79"))
    challenger = kept(hospital, beside_champion(model(subgroups=women)))
    life.shadow(hospital, challenger.number)
    with pytest.raises(ModelRefused, match=r"sex Female 0\.600"):
        life.promote(hospital, challenger.number, WHO)
    assert hospital.champion_file.read_bytes() == before
    assert Registry(hospital).champion().number == champion.number


def test_a_version_of_other_features_is_refused(hospital, champion):
    stranger = kept(hospital, beside_champion(), replace(specification(), features_fingerprint="of another time"))
    with pytest.raises(ModelRefused, match="defined otherwise now"):
        life.promote(hospital, stranger.number, WHO)


def test_a_champion_is_rolled_back_to_and_only_a_former_one(hospital, champion):
    second = kept(hospital, beside_champion(), specification(-1.5))
    with pytest.raises(ModelRefused, match="never was the champion"):
        life.roll_back(hospital, second.number, WHO)
    life.shadow(hospital, second.number)
    life.promote(hospital, second.number, WHO)
    life.roll_back(hospital, champion.number, WHO)
    assert refresh(hospital, requested_by="test").status == "succeeded"
    scored = rows_of(hospital, "gold.risk_scores").dropna(subset=["model_version"])
    assert set(scored["model_version"]) == {champion.number}
    assert Registry(hospital).champion().number == champion.number


def test_a_recalibrated_version_needs_readmissions_since_the_training(hospital, champion):
    future = evaluation(cohort=replace(COHORT, last_at=datetime(2100, 1, 1)))
    Registry(hospital).crown(kept(hospital, future))
    with pytest.raises(ModelRefused, match="are needed for a new intercept"):
        life.recalibrate(hospital, Decision("R. Steward", "expected and observed differ"))


def test_a_recalibrated_version_expects_what_was_observed(hospital, champion):
    old = replace(evaluation(), cohort=replace(COHORT, last_at=COHORT.first_at))
    earlier = kept(hospital, beside_champion(old.models[0]))
    registry = Registry(hospital)
    registry.crown(registry.version(kept(hospital, old).number))
    renewed = life.recalibrate(hospital, WHO)
    cohort = life.hospital_cohort(hospital)
    expected = registry.specification(renewed).probabilities(cohort.features).sum()
    assert expected == pytest.approx(cohort.is_readmitted.sum(), abs=0.01)
    assert "moves every probability and no rank" in registry.evaluation(renewed).models[0].note
    assert renewed.number > earlier.number


def test_a_retired_champion_scores_nobody_and_the_rules_carry_on(hospital, champion):
    life.retire(hospital, champion.number, Decision("R. Steward", "its data is old"))
    assert refresh(hospital, requested_by="test").status == "succeeded"
    assert not rows_of(hospital, "gold.risk_scores")["readmission_probability"].notna().any()
    assert (rows_of(hospital, "gold.stay_scores")["lace_status"] == "computed").any()
    assert not hospital.evidence_file.exists()


def test_a_decision_without_a_reason_is_none():
    with pytest.raises(ModelRefused, match="Say why"):
        Decision("R. Steward", "  ")


def test_the_shift_of_an_intercept_makes_expected_and_observed_agree():
    import numpy as np

    probabilities = np.array([0.05, 0.1, 0.2, 0.4])
    shift = intercept_shift(probabilities, 2)
    shifted = 1 / (1 + np.exp(-(np.log(probabilities / (1 - probabilities)) + shift)))
    assert shifted.sum() == pytest.approx(2)
