"""A version takes the champion's place only when it is calibrated and nowhere worse, and a refusal says where it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import REFUSE, LeakFinding
from pipeline.model.promotion import judge, require
from tests.model.evaluations import beside_champion, evaluation, measures, model, subgroup

SOUND = evaluation()
"""What the champion's own training found of it."""


def broken(found, champion=SOUND):
    return [condition.says for condition in judge(found, champion) if not condition.is_met]


def test_a_sound_version_beside_an_equal_champion_passes():
    assert broken(beside_champion()) == []


def test_the_first_version_has_to_be_ahead_of_the_published_scores():
    assert broken(evaluation(), None) == []
    assert broken(evaluation(model(), model("lace", lead=-0.001)), None) == ["AUROC on later stays above that of lace"]


def test_a_version_that_is_worse_in_one_subgroup_is_refused_with_the_group_and_both_figures():
    women = (subgroup("sex", "Female", auroc=0.66), subgroup("sex", "Male"), subgroup("age band", "65-79"))
    with pytest.raises(ModelRefused, match=r"every subgroup .*: sex Female 0\.660 .* beside 0\.690"):
        require(judge(beside_champion(model(subgroups=women)), SOUND))


def test_a_version_miscalibrated_in_one_subgroup_beyond_chance_is_refused():
    old = (subgroup("age band", "80+", observed_over_expected=1.2),)
    assert broken(beside_champion(model(subgroups=old))) == [
        "observed over expected readmissions within 0.9 to 1.1 in every subgroup"
    ]


def test_a_small_group_that_strays_within_its_interval_is_no_reason():
    strayed = (subgroup("site", "North", observed_over_expected=1.12),)
    assert broken(beside_champion(model(subgroups=strayed))) == []


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (measures(slope=0.85), "calibration slope on later stays from 0.9 to 1.1"),
        (measures(slope=1.11), "calibration slope on later stays from 0.9 to 1.1"),
        (measures(ece=0.021), "expected calibration error on later stays from 0 to 0.02"),
        (replace(measures(), intercept=None), "calibration-in-the-large on later stays from -0.1 to 0.1"),
        (measures(sensitivity=0.28), "share of readmissions found at the alert budget not more than 0.01 below the champion's"),
    ],
)
def test_each_measure_on_later_stays_can_refuse(later, says):
    assert broken(beside_champion(model(temporal=later))) == [says]


@pytest.mark.parametrize(("lead", "is_met"), [(-0.005, True), (-0.0051, False)])
def test_discrimination_may_fall_by_the_margin_and_no_more(lead, is_met):
    assert (broken(beside_champion(lead=lead)) == []) is is_met


@pytest.mark.parametrize(("auroc", "is_met"), [(0.695, True), (0.694, False)])
def test_without_stays_new_to_the_champion_the_figures_of_both_trainings_are_compared(auroc, is_met):
    assert (broken(evaluation(model(temporal=measures(auroc=auroc)))) == []) is is_met


@pytest.mark.parametrize(("auroc", "is_met"), [(0.686, True), (0.684, False)])
def test_on_other_stays_a_version_has_to_fall_behind_by_more_than_chance(auroc, is_met):
    later = evaluation(model(temporal=measures(auroc=auroc)), cohort=replace(SOUND.cohort, content_fingerprint="later"))
    assert (broken(later) == []) is is_met


def test_a_feature_that_carries_the_outcome_refuses():
    leak = LeakFinding("next_stay_id", "label", REFUSE, "next_stay_id tells the outcome")
    assert broken(evaluation(leaks=(leak,)), None) == ["no feature carries the outcome"]
