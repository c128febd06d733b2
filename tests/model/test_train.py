"""A training gives a model and an honest evaluation of models like it, the same every time."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import ModelRefused
from pipeline.model import evaluation as ev
from pipeline.model.candidates import PresentChampion, candidates
from pipeline.model.judging import Ground, judged, predictions
from pipeline.model.resampling import Draws
from pipeline.model.specification import from_json
from pipeline.model.splits import folds_by_patient, split_by_time
from pipeline.model.train import train
from tests.model.cohorts import STAYS, made_up_cohort

COHORT = made_up_cohort()


@pytest.fixture(scope="module")
def told():
    """A training, and what it wrote into the log."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logger = logging.getLogger("pipeline.model")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    trained = train(COHORT, seed=7, replicates=20)
    logger.removeHandler(handler)
    return trained, heard.getvalue()


@pytest.fixture(scope="module")
def trained(told):
    return told[0]


@pytest.fixture(scope="module")
def logged(told):
    return told[1]


def champion_of(trained, new_share: float = 0.5) -> PresentChampion:
    """The trained model, as if it had been fitted on all stays but the last ones."""
    fitted_until = np.sort(COHORT.ended_at)[int(STAYS * (1 - new_share)) - 1]
    return PresentChampion(trained.specification, fitted_until.astype("datetime64[us]").item())


@pytest.fixture(scope="module")
def again(trained):
    return train(COHORT, seed=7, replicates=20, champion=champion_of(trained))


def test_the_evaluation_reads_back_as_it_was_written(trained):
    assert ev.evaluation_from_json(trained.evaluation.to_json()) == trained.evaluation


def test_the_model_reads_back_as_it_was_written_and_knows_its_features(trained):
    assert from_json(trained.specification.to_json()) == trained.specification
    assert trained.specification.features_fingerprint == COHORT.features_fingerprint
    assert set(trained.specification.made_with) == {"scikit-learn", "numpy", "python"}
    assert len(trained.specification.golden_rows) >= 100


@pytest.mark.slow
def test_the_same_cohort_and_seed_give_the_same_model_and_figures(trained, again):
    assert again.specification == trained.specification
    assert again.evaluation.model(ev.ADDITIVE) == trained.evaluation.model(ev.ADDITIVE)


def test_models_are_judged_beside_each_other(trained):
    names = [ev.ADDITIVE, ev.FULL, ev.PREVALENCE, ev.LACE]
    assert [model.name for model in trained.evaluation.models] == names
    told = candidates(COHORT, seed=7, champion=champion_of(trained))
    assert [one.name for one in told] == [*names, ev.CURRENT_CHAMPION]


def test_a_model_is_better_than_the_rate_and_no_better_than_it_can_be(trained):
    found = trained.evaluation.model(ev.ADDITIVE)
    assert 0.62 < found.grouped.auroc.value < 0.75
    assert 0.8 < found.grouped.slope.value < 1.2
    assert trained.evaluation.model(ev.PREVALENCE).grouped.auroc.value == 0.5
    assert trained.evaluation.model(ev.PREVALENCE).additive_ahead_by.low > 0


@pytest.mark.slow
def test_a_champion_is_judged_on_stays_that_are_new_to_it_and_the_note_says_how_many(again):
    champion = again.evaluation.model(ev.CURRENT_CHAMPION)
    assert champion.grouped.rows == STAYS // 2
    assert f"{STAYS // 2:,} stays that ended after" in champion.note
    assert champion.additive_ahead_over_time_by is not None


def test_a_champion_that_knows_nearly_every_stay_is_not_judged(trained):
    told = candidates(COHORT, seed=7, champion=champion_of(trained, new_share=0.01))
    assert ev.CURRENT_CHAMPION not in [one.name for one in told]


def test_a_champion_of_other_features_is_not_judged(trained):
    other = replace(champion_of(trained), specification=replace(trained.specification, features_fingerprint="of another time"))
    assert ev.CURRENT_CHAMPION not in [one.name for one in candidates(COHORT, seed=7, champion=other)]


def test_a_score_is_judged_where_it_is_computable_and_the_note_says_so(trained):
    lace = trained.evaluation.model(ev.LACE)
    assert lace.grouped.rows == COHORT.scores[ev.LACE].notna().sum()
    assert f"{lace.grouped.rows:,} of {STAYS:,}" in lace.note
    assert trained.evaluation.model(ev.HOSPITAL) is None


def test_groups_too_small_to_judge_are_named_and_not_judged(trained):
    by_name = {(group.grouping, group.group): group for group in trained.evaluation.model(ev.ADDITIVE).subgroups}
    assert by_name["site", "Small"].is_too_few
    assert by_name["sex", "Female"].auroc is not None


def test_capacity_is_a_number_a_day_where_days_are_known(trained):
    assert trained.evaluation.budget_unit == ev.PER_DAY
    assert [point.capacity for point in trained.evaluation.model(ev.ADDITIVE).budget][:2] == [1.0, 2.0]


def test_capacity_is_a_share_where_days_are_not_known():
    cohort = made_up_cohort(has_days=False)
    fold = folds_by_patient(cohort.patient, cohort.is_readmitted, seed=7)
    ground = Ground(cohort, fold, split_by_time(cohort.ended_at, cohort.patient), Draws(cohort.patient, 2, 7))
    rate = next(one for one in candidates(cohort, seed=7, champion=None) if one.name == ev.PREVALENCE)
    (result,) = judged([predictions(rate, ground)], ground)
    assert (result.budget[9].capacity, result.budget[9].flagged) == (0.1, STAYS / 10)


def test_more_capacity_finds_more(trained):
    for model in trained.evaluation.models:
        found = [point.true_positives for point in model.budget]
        assert found == sorted(found)


def test_features_come_with_their_weight(trained):
    weight = {feature.name: feature.importance for feature in trained.evaluation.features}
    assert weight["prior"] > weight["sign"] > 0
    sign = next(feature for feature in trained.evaluation.features if feature.name == "sign")
    assert sign.missing_share == pytest.approx(COHORT.features["sign"].isna().mean())


def test_the_cohort_is_described_and_its_content_fingerprinted(trained):
    facts = trained.evaluation.cohort
    assert (facts.stays, facts.events) == (STAYS, int(COHORT.is_readmitted.sum()))
    assert facts.first_at < facts.last_at
    changed = replace(COHORT, is_readmitted=~COHORT.is_readmitted)
    assert changed.content_fingerprint != facts.content_fingerprint == made_up_cohort().content_fingerprint


def test_logs_hold_counts_and_no_value_of_a_stay(logged):
    assert "4000 stays" in logged
    assert not any(ward in logged for ward in ("Cardiology", "Surgery"))


def test_nothing_of_the_evaluation_is_a_patients_row(trained):
    golden = {json.dumps(dict(row.values), sort_keys=True) for row in trained.specification.golden_rows}
    assert "Closed ward" not in "".join(golden), "a level of few stays is no level of the model"
    assert len(golden) > 50


def test_too_few_stays_are_refused():
    few = np.arange(STAYS) < 900
    with pytest.raises(ModelRefused, match="too few"):
        replace(
            COHORT,
            features=COHORT.features[few],
            is_readmitted=COHORT.is_readmitted[few],
            patient=COHORT.patient[few],
            ended_at=COHORT.ended_at[few],
        )
