"""Whatever the filters, a role without small cells is shown no count of 1 to 10 on the command center, and can work none out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from pypdf import PdfReader

from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.center_questions import choices
from pipeline.serving.charts.figures import figure
from pipeline.serving.command_center import CommandCenter, command_center
from pipeline.serving.export import as_json
from pipeline.serving.filters import ALL_SITES, PERIODS, Filters
from pipeline.serving.rates import FEWEST, SUPPRESSED_RULE
from pipeline.serving.report import report
from tests.serving.conftest import NOON

ANALYST, CLINICIAN = Viewer("test", "analyst"), Viewer("test", "clinician")
SMALL = range(1, FEWEST)
Views = dict[tuple[str, str], CommandCenter]


@pytest.fixture(scope="module", params=["small_hospital", "shared_tiny_lake"])
def hospital(request, tmp_path_factory) -> Iterator[tuple[Views, Views]]:
    """Every view of the analyst, and of the clinician, by period and site: of 3,000 encounters, and of six."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIPULSE_HOME", str(request.getfixturevalue(request.param).home))
        sites = choices(ANALYST).site_names
        yield tuple(
            {(period, site): command_center(viewer, Filters(period, site), NOON) for period, site in product(PERIODS, sites)}
            for viewer in (ANALYST, CLINICIAN)
        )


def counts_in(value: object, name: str = "") -> Iterator[int]:
    """Every number that a file names a count of encounters; rows of files and single patients are not counts of people."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("quality", "checks", "rows", "table_versions"):
                yield from counts_in(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from counts_in(item, name)
    elif isinstance(value, int) and "count" in name:
        yield value


def counted(center: CommandCenter) -> dict[object, int | None]:
    """What the panels count, by what is counted; None where it is hidden."""
    groups = {one.group: one for one in (*center.age_groups, *center.sexes)}
    return (
        {"all": center.risk_map.encounter_count, "listed": center.worklist.total_count, "inside": center.worklist.in_hospital_count}
        | {name: one.encounter_count for name, one in groups.items()}
        | {(name, "high"): one.high_risk_count for name, one in groups.items()}
        | {(one.age_group, one.vital_sign): one.measured_count for one in center.vital_averages}
        | {panel.level: panel.encounter_count for panel in center.risk_map.panels}
        | {(row.step_start, row.encounter_class): row.encounter_count for row in center.volume.itertuples()}
    )


def remainder(total: int | None, parts: list[int | None]) -> int | None:
    """What the shown parts leave of a total; None when the total is hidden."""
    return None if total is None else total - sum(part for part in parts if part is not None)


def test_no_view_holds_a_count_of_1_to_10(hospital):
    for center in hospital[0].values():
        assert not [count for count in counts_in(json.loads(as_json(center))) if count in SMALL]


def test_what_is_shown_is_what_was_counted(hospital):
    for view, center in hospital[0].items():
        exact = counted(hospital[1][view])
        assert {name: count for name, count in counted(center).items() if count is not None}.items() <= exact.items()


def test_no_panel_leaves_a_remainder_of_1_to_10(hospital):
    for center in hospital[0].values():
        total = center.risk_map.encounter_count
        high = next(panel.encounter_count for panel in center.risk_map.panels if panel.level == "High")
        for groups in (center.age_groups, center.sexes):
            assert remainder(total, [one.encounter_count for one in groups]) not in SMALL
            assert remainder(high, [one.high_risk_count for one in groups]) not in SMALL
            assert not [
                one
                for one in groups
                if one.high_risk_count is not None and remainder(one.encounter_count, [one.high_risk_count]) in SMALL
            ]
        assert remainder(total, list(center.volume["encounter_count"])) not in SMALL
        assert remainder(total, [center.risk_map.density_count, center.risk_map.not_drawn_count]) not in SMALL


def test_a_longer_period_tells_nothing_that_a_shorter_one_hides(hospital):
    views, _ = hospital
    sites = {site for _, site in views}
    for site, (shorter, longer) in product(sites, pairwise(PERIODS)):
        few, many = counted(views[shorter, site]), counted(views[longer, site])
        same = [name for name in few if few[name] is not None and many.get(name) is not None and not isinstance(name, tuple)]
        assert not [name for name in same if many[name] - few[name] in SMALL]


def test_all_sites_tell_nothing_that_a_site_hides(hospital):
    views, _ = hospital
    sites = sorted({site for _, site in views} - {ALL_SITES})
    for period in PERIODS:
        for name, total in counted(views[period, ALL_SITES]).items():
            parts = [counted(views[period, site]).get(name, 0) for site in sites]
            assert remainder(total, parts) not in SMALL
            hidden = [site for site, part in zip(sites, parts, strict=True) if part is None]
            assert total is None or len(hidden) != 1, (period, name, hidden)


def test_screen_and_paper_draw_and_print_every_view(hospital):
    for center in hospital[0].values():
        drawn = [figure(name, center, "light") for name in ("demographics", "vital_strip", "volume", "risk_high")]
        printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report(center, NOON))).pages)
        assert all(one["data"] for one in drawn)
        assert " ".join(SUPPRESSED_RULE.split()) in " ".join(printed.split())


def test_bars_of_hidden_counts_are_not_drawn(hospital):
    for center in hospital[0].values():
        bars = [int(count) for trace in figure("volume", center, "light")["data"] for count in trace["y"]]
        assert not [bar for bar in bars if bar in SMALL]


def test_the_map_of_a_role_without_small_cells_holds_bands_and_no_single_encounter(hospital):
    for center in hospital[0].values():
        for panel in center.risk_map.panels:
            assert panel.points.empty
            assert panel.cells["encounter_count"].isna().all()


def test_means_and_shares_go_with_their_counts(hospital):
    for center in hospital[0].values():
        assert not [one for one in center.vital_averages if one.measured_count is None and one.mean is not None]
        groups = (*center.age_groups, *center.sexes)
        assert not [one for one in groups if one.encounter_count is None and (one.share, one.high_risk_share) != (None, None)]
        assert not [one for one in groups if one.high_risk_count is None and one.high_risk_share is not None]


def test_roles_that_see_the_patients_see_every_count(hospital):
    _, exact = hospital
    assert not load_policy().hides_small_cells("clinician")
    for center in exact.values():
        assert None not in counted(center).values()
        assert center.provenance.suppression == ""
    assert any(count in SMALL for center in exact.values() for count in counted(center).values())
