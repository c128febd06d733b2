"""Which stays a deployed model scores, and which of them are counted beside what came of them, on the real SQL."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.model.in_force import compiled_selects
from tests.model.models import CONTRACTS, promoted, small_model
from tests.tables.golden import built_from
from tests.tables.stories import raw_rows

MODEL = replace(small_model(), intercept=-1.734437912)
"""A person of 65 to 79 who goes home: 0.125 more, which is exactly 1 in 6."""

LEFT = {"id": "A", "from": "2026-03-01", "to": "2026-03-05"}
BACK = {"id": "B", "from": "2026-03-10", "to": "2026-03-12"}
STORIES = {
    "an index stay whose patient did not come back": [LEFT],
    "readmitted": [LEFT, BACK],
    "back for a planned procedure": [LEFT, BACK | {"dx": "Z51.11", "type": "ELECTIVE"}],
    "discharged in the last 30 days": [{"id": "A", "from": "2026-12-10", "to": "2026-12-12"}],
    "discharged on the first day with 30 days of follow-up": [{"id": "A", "from": "2026-11-28", "to": "2026-12-01"}],
    "left against advice": [LEFT | {"disposition": "AGAINST_MEDICAL_ADVICE"}],
    "died": [LEFT | {"disposition": "EXPIRED"}],
    "still in hospital": [{"id": "A", "from": "2026-12-20", "to": "", "disposition": ""}],
}
SCORED = {
    "an index stay whose patient did not come back": "scored",
    "left against advice": "scored",
    "discharged in the last 30 days": "scored",
    "died": "not applicable: died in hospital",
    "still in hospital": "not applicable: still in hospital",
}
COUNTED = {
    "an index stay whose patient did not come back": (1, 1, 0, 0),
    "readmitted": (2, 2, 0, 1),
    "back for a planned procedure": (1, 1, 0, 0),
    "discharged in the last 30 days": (1, 0, 1, 0),
    "discharged on the first day with 30 days of follow-up": (1, 1, 0, 0),
    "left against advice": None,
    "died": None,
    "still in hospital": None,
}
"""Stays, mature ones, immature ones and readmissions; None where no stay is counted. A planned stay for cancer is no index stay."""


def built(story: str, **given):
    return built_from(raw_rows([{"encounters": STORIES[story], **given}]), selects=compiled_selects(promoted(MODEL), CONTRACTS))


@pytest.mark.parametrize("story", SCORED)
def test_a_stay_is_scored_unless_no_adult_score_applies(story):
    rows = dict(built(story).rows("select stay_id, score_status from gold.risk_scores"))
    assert rows["0-A"] == SCORED[story]


@pytest.mark.parametrize("story", COUNTED)
def test_what_came_of_a_scored_stay_is_counted_once_it_can_be_known(story):
    counts = "sum(stay_count), sum(mature_count), sum(immature_count), sum(readmission_count)"
    (found,) = built(story).rows(f"select {counts} from gold.score_calibration")
    assert found == (COUNTED[story] or (None,) * 4)


def test_the_expected_readmissions_are_the_sum_of_the_probabilities_of_mature_stays():
    found = built("readmitted").rows("select band_name, expected_count from gold.score_calibration")
    assert [(band, round(expected, 6)) for band, expected in found] == [("15 to 20 %", Decimal("0.333333"))]
    assert built("discharged in the last 30 days").rows("select expected_count from gold.score_calibration") == [(Decimal(0),)]


def test_a_child_is_neither_scored_nor_counted():
    child = built("readmitted", birth_date="2015-01-01")
    assert {row[0] for row in child.rows("select score_status from gold.risk_scores")} == {"not applicable: under 18"}
    assert child.rows("select * from gold.score_calibration") == child.rows("select * from gold.feature_bins") == []
