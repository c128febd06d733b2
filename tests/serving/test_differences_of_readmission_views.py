"""Whoever sees no small cells and takes one view of the readmissions from another works out none: all views are one release."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.filters import ALL_SITES, PERIODS, Filters
from pipeline.serving.readmissions import EVERY_COUNT, choices, readmissions
from pipeline.serving.readmissions.population import POPULATIONS
from pipeline.serving.readmissions.waterfall import READMITTED
from tests.serving.conftest import NOON
from tests.serving.readmission_views import Followed, Views
from tests.serving.test_small_cells_of_the_command_center import SMALL

ANALYST, CLINICIAN = Viewer("test", "analyst"), Viewer("test", "clinician")


class Told(NamedTuple):
    """Every count of every view by its name, as the analyst and as the clinician sees it; followed: what the former tells."""

    views: Views
    followed: Followed
    shown: dict[tuple, int | None]
    exact: dict[tuple, int | None]


@pytest.fixture(scope="module", params=["small_hospital", "shared_tiny_lake"])
def told(request) -> Iterator[Told]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIPULSE_HOME", str(request.getfixturevalue(request.param).home))
        views = Views(access.read(CLINICIAN, EVERY_COUNT, purpose="test"))
        chosen = list(product(PERIODS, choices(ANALYST).site_names, POPULATIONS))
        shown, exact = (
            dict(
                count
                for period, site, population in chosen
                for count in views.counts_of(
                    readmissions(viewer, Filters(period, site), population, listed=READMITTED, generated_at=NOON)
                )
            )
            for viewer in (ANALYST, CLINICIAN)
        )
        yield Told(views, Followed(known_sums(views, shown)), shown, exact)


def known_sums(views: Views, shown: dict[tuple, int | None]) -> np.ndarray:
    """What the analyst can start from: every count shown, and that nothing is in what a shown zero adds up."""
    known = np.array([views.told[name] for name, count in shown.items() if count is not None])
    empty = np.array([views.told[name] for name, count in shown.items() if count == 0])
    nothing = np.flatnonzero((empty > 0).any(axis=0)) if len(empty) else []
    return np.vstack([known, np.eye(known.shape[1], dtype="int8")[nothing]])


def test_every_count_of_the_page_is_the_sum_that_it_is_said_to_be(told):
    assert not [name for name, count in told.exact.items() if count is not None and told.views.value(name) != count]


def test_a_count_of_1_to_10_follows_from_no_views_together(told):
    small = [name for name in told.exact if told.views.value(name) in SMALL]
    found = told.followed.tells(np.array([told.views.told[name] for name in small]))
    assert small and not [name for name, follows in zip(small, found, strict=True) if follows]


def test_what_a_site_period_or_population_has_less_than_another_follows_only_where_it_is_not_small(told):
    wider = {"65 and over": "Adults 18+", PERIODS[0]: PERIODS[1], PERIODS[1]: PERIODS[2], PERIODS[2]: PERIODS[3]}
    pairs = [
        (told.views.told[other], told.views.told[name])
        for name in told.shown
        for place, part in enumerate(name[:3])
        if (other := (*name[:place], wider.get(part, ALL_SITES if place == 1 else None), *name[place + 1 :])) in told.shown
    ]
    less = np.array([whole - part for whole, part in pairs])
    less = less[np.isin(less @ told.views.values, SMALL)]
    assert len(less) and not told.followed.tells(less).any()


def test_the_attack_adds_and_subtracts():
    known = np.array([[1, 1, 0], [0, 1, 0]])
    assert Followed(known).tells(np.eye(3)).tolist() == [True, True, False]
