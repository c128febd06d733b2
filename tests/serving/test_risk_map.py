"""Every encounter is on the map, or counted as not drawn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from pipeline.governance.policy import Viewer
from pipeline.serving.charts.screen import NOTHING_DRAWN, risk_panel
from pipeline.serving.command_center import choices
from pipeline.serving.filters import PERIODS
from pipeline.serving.risk_map import grid, risk_map


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
