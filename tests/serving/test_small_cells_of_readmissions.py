"""A role without small cells is shown no count of 1 to 10 on the readmissions page, and tells none from all its views together."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.charts.readmission_screen import FORESTS, readmission_figure
from pipeline.serving.export import as_json
from pipeline.serving.filters import ALL_SITES, PERIODS, Filters
from pipeline.serving.readmissions import EVERY_COUNT, Readmissions, choices, readmissions
from pipeline.serving.readmissions.export import rates_csv
from pipeline.serving.readmissions.groups import GROUPINGS
from pipeline.serving.readmissions.population import POPULATIONS
from pipeline.serving.readmissions.waterfall import EXCLUDED, OUTCOME, READMITTED
from tests.serving.conftest import NOON
from tests.serving.readmission_views import Followed, Told
from tests.serving.test_small_cells_of_the_command_center import SMALL, counts_in, remainder

ANALYST, CLINICIAN = Viewer("test", "analyst"), Viewer("test", "clinician")
Pairs = list[tuple[Readmissions, Readmissions]]


@pytest.fixture(scope="module", params=["small_hospital", "shared_tiny_lake"])
def pairs(request) -> Iterator[Pairs]:
    """Every view as the analyst and as the clinician reads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIPULSE_HOME", str(request.getfixturevalue(request.param).home))
        views = product(PERIODS, choices(ANALYST).site_names, POPULATIONS)
        yield [
            tuple(
                readmissions(viewer, Filters(period, site), population, listed=READMITTED, generated_at=NOON)
                for viewer in (ANALYST, CLINICIAN)
            )
            for period, site, population in views
        ]


@pytest.fixture(scope="module")
def told(pairs: Pairs) -> Told:
    """What all views say, and what follows from the analyst's by adding and subtracting them."""
    return Told(access.read(CLINICIAN, EVERY_COUNT, purpose="test"), pairs)


def test_no_view_holds_a_count_of_1_to_10(pairs):
    for shown, _ in pairs:
        written = json.loads(as_json(shown))
        groups_of = {name: {**one, "small_group_count": 0} for name, one in written["funnels"].items()}
        assert not [count for count in counts_in(written | {"funnels": groups_of}) if count in SMALL]


def test_rates_rest_on_no_count_of_1_to_10(pairs):
    for shown, _ in pairs:
        charted = [
            one.rate for one in (*shown.control_chart.months, *(one for funnel in shown.funnels.values() for one in funnel.groups))
        ]
        rates = [
            shown.overall.measure,
            shown.overall.raw,
            *charted,
            *(rate for one in shown.groups for rate in (one.measure, one.raw)),
        ]
        assert not [one for one in rates if one.count in SMALL or one.out_of in SMALL]
        assert not [one for one in rates if None in (one.count, one.out_of) and one.share is not None]


def test_what_is_shown_is_what_was_counted(pairs):
    for shown, exact in pairs:
        for one, other in zip(shown.waterfall, exact.waterfall, strict=True):
            assert one.stay_count in (None, other.stay_count)


def test_the_waterfall_leaves_no_remainder_of_1_to_10(pairs):
    for shown, _ in pairs:
        by_kind = {kind: [step.stay_count for step in shown.waterfall if step.kind == kind] for kind in (EXCLUDED, OUTCOME)}
        everything, index = (step.stay_count for step in shown.waterfall if step.kind not in by_kind)
        assert remainder(index, by_kind[OUTCOME]) not in SMALL
        assert remainder(everything, [*by_kind[EXCLUDED], index]) not in SMALL
        for total, parts in ((index, by_kind[OUTCOME]), (everything, [*by_kind[EXCLUDED], index])):
            assert total is None or parts.count(None) != 1


def test_the_length_of_a_hidden_step_is_not_drawn(pairs):
    for shown, _ in pairs:
        assert not [step for step in shown.waterfall if step.stay_count is None and step.starts_at != step.ends_at]


def test_the_groups_of_a_kind_leave_no_remainder_of_1_to_10(pairs):
    for (shown, _), grouping in product(pairs, GROUPINGS):
        rates = [one.measure for one in shown.groups if one.grouped_by == grouping]
        total = shown.overall.measure
        assert remainder(total.count, [one.count for one in rates]) not in SMALL
        assert remainder(total.out_of, [one.out_of for one in rates]) not in SMALL


def test_the_file_of_rates_holds_no_count_of_1_to_10(pairs):
    for shown, _ in pairs:
        lines = csv.DictReader(io.StringIO(rates_csv(shown).decode("utf-8-sig")))
        numbers = [line[name] for line in lines for name in line if name.endswith("_count")]
        assert not [number for number in numbers if number and int(number) in SMALL]


def test_stays_are_not_listed_where_their_number_is_hidden(pairs):
    for shown, _ in pairs:
        assert shown.stays.total_count is not None or not shown.stays.rows
        assert len(shown.stays.rows) not in SMALL


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


def test_every_view_is_drawn(pairs):
    for shown, _ in pairs:
        assert readmission_figure("attrition", shown, "light")["data"]
        assert all(readmission_figure(f"forest_{name}", shown, "light") for name in FORESTS)


def test_a_clinician_sees_every_count(pairs):
    assert not [step for _, exact in pairs for step in exact.waterfall if step.stay_count is None]
    assert [step for _, exact in pairs for step in exact.waterfall if step.stay_count in SMALL]
