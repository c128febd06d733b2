"""Every encounter is on the map, or counted as not drawn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from pipeline.governance.policy import Viewer
from pipeline.serving.center_questions import choices
from pipeline.serving.charts.screen import NOTHING_DRAWN, risk_panel
from pipeline.serving.filters import PERIODS
from pipeline.serving.risk_map import axis_ranges, grid, risk_map


def cells(*rows: tuple) -> pd.DataFrame:
    """Cells as the door returns them: level, age cell, heart rate cell, count, sum of ages, sum of heart rates."""
    names = ["risk_level", "age_cell_years", "heart_rate_cell_bpm", "encounter_count", "age_years_sum", "heart_rate_sum"]
    return pd.DataFrame(rows, columns=names).astype({"heart_rate_cell_bpm": "float64", "heart_rate_sum": "float64"})


def test_a_lone_encounter_is_drawn_at_its_exact_age_and_heart_rate():
    panel = risk_map(cells(("High", 70, 120, 1, 71, 121.5))).panels[2]
    assert panel.points.to_dict("records") == [{"age_years": 71, "heart_rate_bpm": 121.5}]
    assert panel.cells.empty


def test_two_encounters_in_a_cell_become_density():
    panel = risk_map(cells(("Low", 40, 72, 2, 81, 146.0))).panels[0]
    assert (panel.density_count, panel.single_count, panel.darkest) == (2, 0, 2)


def test_missing_heart_rate_and_no_assessment_are_counted_as_not_drawn():
    drawn = risk_map(cells(("Low", 40, None, 5, 205, None), ("Not assessed", 8, 72, 3, 27, 220.0), ("Low", 40, 72, 2, 81, 146.0)))
    assert (drawn.encounter_count, drawn.density_count, drawn.single_count, drawn.not_drawn_count) == (10, 2, 0, 8)


def test_an_empty_period_draws_nothing_and_says_so():
    drawn = risk_map(cells())
    assert drawn.caption.startswith("All 0 encounters")
    assert risk_panel(drawn, "High", "light")["data"] == [NOTHING_DRAWN]


def test_the_grid_holds_exactly_the_density():
    panel = risk_map(cells(("Low", 40, 72, 300, 1, 1.0), ("Low", 44, 60, 2, 1, 1.0), ("Low", 0, 72, 1, 0, 75.0))).panels[0]
    counted = grid(panel)
    assert counted.counts.dtype == np.uint16
    assert counted.counts.sum() == panel.density_count
    assert (counted.age_from, counted.heart_rate_from) == (40, 60)


def test_without_the_sums_of_its_cells_nobody_is_drawn_alone():
    drawn = risk_map(cells(("High", 90, 120, 1, None, None), ("High", 90, 124, 3, None, None)), ages="age")
    assert (drawn.density_count, drawn.single_count, drawn.not_drawn_count) == (4, 0, 0)
    assert list(drawn.panels[2].cells["encounter_count"]) == [1, 3]
    assert drawn.caption.endswith("age 90 stands for 90 and over")


def test_a_role_without_ages_has_no_map_and_reads_why():
    drawn = risk_map(cells(("High", None, 120, 12, None, None), ("Low", None, 72, 30, None, None)), ages="mask")
    assert [len(panel.cells) + len(panel.points) for panel in drawn.panels] == [0, 0, 0]
    assert [panel.encounter_count for panel in drawn.panels] == [30, 0, 12]
    assert drawn.caption.endswith("not drawn, because your role does not see ages")
    assert (drawn.is_drawn, drawn.axis_note, drawn.shading) == (False, "", "")


@pytest.mark.parametrize("period", PERIODS)
def test_an_analyst_sees_no_cell_over_90_and_an_auditor_none(read_as, period):
    exact, told, untold = (read_as(role, period=period).risk_map for role in ("clinician", "analyst", "auditor"))
    ages = [age for panel in told.panels for age in panel.cells["age_cell_years"]]
    assert max(ages, default=0) <= 90
    assert all(panel.cells.empty for panel in untold.panels)
    assert told.encounter_count in (exact.encounter_count, None)
    assert axis_ranges(told)["age"] == (-2, 102)


def test_the_oldest_are_drawn_at_90(read_as):
    old = [age for panel in read_as().risk_map.panels for age in (*panel.cells["age_cell_years"], *panel.points["age_years"])]
    told = [age for panel in read_as("analyst").risk_map.panels for age in panel.cells["age_cell_years"]]
    assert max(old) > 91
    assert max(told) == 90


@pytest.mark.parametrize("period", PERIODS)
def test_density_singles_and_not_drawn_are_all_encounters_under_every_filter(read_as, small_hospital, period):
    sites = choices(Viewer("test", "clinician")).site_names
    for site in sites:
        center = read_as(period=period, site_name=site)
        drawn = center.risk_map
        assert drawn.density_count + drawn.single_count + drawn.not_drawn_count == drawn.encounter_count
        assert drawn.encounter_count == center.tiles[0].value == sum(one.encounter_count for one in center.age_groups)


@pytest.mark.parametrize(("level", "appearance"), list(product(("Low", "Moderate", "High"), ("light", "dark"))))
def test_the_figure_draws_what_the_caption_counts(read_as, level, appearance):
    drawn = read_as().risk_map
    panel = next(panel for panel in drawn.panels if panel.level == level)
    traces = {trace["type"]: trace for trace in risk_panel(drawn, level, appearance)["data"]}
    assert sum(int(trace["z"].sum()) for kind, trace in traces.items() if kind == "heatmap") == panel.density_count
    assert sum(len(trace["x"]) for kind, trace in traces.items() if kind == "scatter") == panel.single_count
