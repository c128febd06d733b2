"""Monitoring of the model shows a role without small cells none, and nothing that adds up to one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.model.evaluation import BudgetPoint
from pipeline.serving.alert_budget.released import shown_points
from pipeline.serving.model_drift import UNSURE, WATCH, drift, judged_together, observed_over_expected
from pipeline.serving.model_watch import ModelWatch
from pipeline.serving.model_watch_released import released_watch
from pipeline.serving.model_watch_words import drift_table, groups_table, months_table
from pipeline.serving.rates import WITHHELD
from tests.serving.test_small_cells_of_the_command_center import SMALL


def ratio(name: str, stays: int, observed: int):
    return observed_over_expected(name, stays, stays * 0.1, observed)


WATCHED = ModelWatch(
    None,
    None,
    overall=ratio("All", 300, 40),
    immature_count=7,
    months=((date(2026, 1, 1), ratio("Jan 2026", 150, 26)), (date(2026, 2, 1), ratio("Feb 2026", 150, 14))),
    groups=(("Sex", (ratio("Female", 150, 25), ratio("Male", 145, 15), ratio("Other", 5, 0))),),
    drifts=(drift("age", ["young", "old"], {0: 4, 1: 296}, {0: 150, 1: 150}),),
)


def test_a_small_group_is_hidden_with_the_next_smallest():
    (_, sexes), *_ = released_watch(WATCHED).groups
    assert {one.name: one.stay_count for one in sexes} == {"Female": 150, "Male": None, "Other": None}


def test_what_cannot_be_worked_out_stays():
    found = released_watch(WATCHED)
    assert (found.overall, found.months) == (WATCHED.overall, WATCHED.months)


def test_what_is_shown_is_judged_without_what_is_hidden():
    """South is hidden with the small site. Judged beside it, 548 of 500 in the north would not be beyond chance."""
    sites = (ratio("North", 5_000, 548), ratio("South", 5_000, 500), ratio("Other", 30, 4))
    found = released_watch(replace(WATCHED, overall=ratio("All", 10_030, 1_052), months=(), groups=(("Site", sites),)))
    assert [one.ratio is not None for one in found.groups[0][1]] == [True, False, False]
    assert [one.is_beyond_chance for one in judged_together(sites)] == [False, False, False]
    assert [one.verdict for one in found.groups[0][1]] == [WATCH, UNSURE, UNSURE]


def test_stays_not_yet_followed_and_shares_of_few_stays_are_hidden():
    found = released_watch(WATCHED)
    assert (found.immature_count, found.drifts[0].share_now) == (None, None)


@pytest.mark.parametrize(("then", "is_shown"), [(3, False), (10, False), (0, True), (11, True), (289, True), (293, False)])
def test_a_share_of_few_training_stays_is_hidden(then, is_shown):
    moved = drift("age", ["young", "old"], {0: 150, 1: 150}, {0: then, 1: 300 - then})
    (shown,) = released_watch(replace(WATCHED, drifts=(moved,))).drifts
    assert (shown.share_then is not None) == is_shown
    assert (WITHHELD in drift_table(replace(WATCHED, drifts=(shown,)))["In training"].iloc[0]) != is_shown


def test_a_share_that_many_counts_have_stays():
    moved = drift("age", ["young", "old"], {0: 150, 1: 150}, {0: 3, 1: 24_000 - 3})
    (shown,) = released_watch(replace(WATCHED, drifts=(moved,))).drifts
    assert shown.share_then == pytest.approx(3 / 24_000)


def test_the_tables_say_what_is_hidden_and_hold_no_small_count():
    found = released_watch(WATCHED)
    cells = [cell for table in (groups_table(found), months_table(found)) for cell in table.to_numpy().ravel()]
    assert "<\u00a011" in cells
    assert "not\u00a0shown" in cells
    assert not [cell for cell in cells if cell in {str(count) for count in SMALL}]


def point(capacity: float, flagged: int, found: int) -> BudgetPoint:
    return BudgetPoint(capacity, flagged, found, found / 100, found / flagged, flagged / found, 1.0, None)


def test_a_budget_shows_no_capacity_that_finds_or_adds_few():
    points = [point(1, 30, 5), point(2, 60, 20), point(3, 75, 24), point(4, 120, 40), point(5, 400, 95)]
    assert [one.capacity for one in shown_points(points, events=100)] == [2, 4]
