"""What an evaluation found reads back as it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.errors import ModelRefused
from pipeline.model import evaluation as ev

INTERVAL = ev.Interval(0.6731234567890123, 0.66, 0.68)
MEASURES = ev.Measures(1000, 100, *[INTERVAL] * 4, None, None, *[INTERVAL] * 3)
RESULT = ev.ModelResult(
    name=ev.ADDITIVE,
    title="Additive model",
    grouped=MEASURES,
    temporal=MEASURES,
    temporal_unseen=None,
    subgroups=(ev.SubgroupResult("sex", "Female", 700, 60, *[INTERVAL] * 4), ev.SubgroupResult("sex", "Other", 3, 0, *[None] * 4)),
    calibration=(ev.CurvePoint(0.1, 0.11, 0.08, 0.14, 100),),
    net_benefit=(ev.NetBenefitPoint(0.1, 0.03, 0.015),),
    budget=(ev.BudgetPoint(10, 100, 0, 0.0, 0.0, None, 10.0, None), ev.BudgetPoint(20, 200, 50, 0.5, 0.25, 4.0, 20.0, 0.2)),
    note="",
)
FOUND = ev.Evaluation(
    cohort=ev.CohortFacts(
        name="hospital",
        description="Index stays",
        source="publication 7",
        is_synthetic=True,
        publication=7,
        stays=1000,
        patients=800,
        events=100,
        first_at=datetime(2024, 1, 1, 10, 30, tzinfo=UTC),
        last_at=None,
        flow=(("Stays", 1200), ("Died in hospital", 200)),
        features_fingerprint="f00d",
        content_fingerprint="beef",
    ),
    models=(RESULT,),
    features=(ev.FeatureFacts("age_years", "Completed years", "years", "at admission", "number", 0.0, 0.05),),
    leaks=(ev.LeakFinding("age_years", "single feature", ev.WARN, "stands out"),),
    parameters={"seed": 7, "learning_rate": 0.1, "loss": "log loss"},
    budget_unit=ev.PER_DAY,
    published=(ev.PublishedResult("A paper", "random forest", "by row", 0.99, "oversampled before the split"),),
    made_with={"numpy": "2"},
    seconds=1.5,
)


def test_an_evaluation_reads_back_as_it_was_written():
    assert ev.evaluation_from_json(FOUND.to_json()) == FOUND


def test_a_model_is_found_by_its_name():
    assert (FOUND.model(ev.ADDITIVE), FOUND.model(ev.FULL)) == (RESULT, None)


def test_a_measure_that_is_not_a_number_cannot_be_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        replace(FOUND, seconds=float("nan")).to_json()


WHOLE = FOUND.to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 1}',
        WHOLE.replace('"format": 1', '"format": 99'),
        WHOLE.replace('"rows": 1000', '"rows": "many"'),
        WHOLE.replace('"auprc"', '"area"'),
        WHOLE.replace('"is_synthetic": true', '"is_synthetic": null'),
    ],
)
def test_a_text_that_is_not_a_whole_evaluation_is_refused(text):
    with pytest.raises(ModelRefused):
        ev.evaluation_from_json(text)
