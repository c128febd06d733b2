"""The same figures for paper, as SVG text: rectangles of one shade share one path, so the file stays small.

Pure. Takes the same grids and points as the screen; colours are those of paper.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pandas as pd

from pipeline.serving.charts.screen import class_colours
from pipeline.serving.charts.shades import STOPS, shade, shade_position
from pipeline.serving.groups import ENCOUNTER_CLASSES, drawn_volume
from pipeline.serving.risk_map import AGE_CELL_YEARS, HEART_RATE_CELL_BPM, RiskMap, RiskPanel, axis_ranges
from pipeline.serving.theme import PAPER, SENIOR_AGE_YEARS
from pipeline.serving.wording import count_text

PANEL_WIDTH, PANEL_HEIGHT = 200, 196
LEFT, BOTTOM, TOP = 24, 26, 4
VOLUME_WIDTH, VOLUME_HEIGHT = 620, 100
NAMED_STEPS = 8
SEAM = 0.12
POINT_SHAPES = {
    "Low": "m-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0",
    "Moderate": "m0-1.7l1.7 3h-3.4z",
    "High": "m0-1.9l1.9 1.9l-1.9 1.9l-1.9-1.9z",
}


def risk_panel_svg(drawn: RiskMap, level: str) -> str:
    """One risk level of the map, with its axes and the line at 65."""
    panel = next(panel for panel in drawn.panels if panel.level == level)
    ranges = axis_ranges(drawn)
    x = _scale(ranges["age"], LEFT, PANEL_WIDTH - 2)
    y = _scale(ranges["heart_rate"], PANEL_HEIGHT - BOTTOM, TOP)
    parts = [*_rate_lines(ranges["heart_rate"], y), *_ages(x), *_cells(panel, x, y), _lone_points(panel, x, y)]
    line = f"M{x(SENIOR_AGE_YEARS):.1f} {TOP}V{PANEL_HEIGHT - BOTTOM}"
    parts.append(f'<path d="{line}" stroke="{PAPER.text}" stroke-width=".7" stroke-dasharray="2 2"/>')
    return _svg(PANEL_WIDTH, PANEL_HEIGHT, parts)


def _scale(ends: tuple[float, float], low: float, high: float):
    return lambda value: low + (value - ends[0]) / (ends[1] - ends[0]) * (high - low)


def _rate_lines(ends: tuple[int, int], y) -> list[str]:
    rates = range(-(-ends[0] // 40) * 40, ends[1], 40)
    lines = "".join(f"M{LEFT} {y(rate):.1f}H{PANEL_WIDTH}" for rate in rates)
    return [
        f'<path d="{lines}" stroke="{PAPER.border}" stroke-width=".6"/>',
        *(_text(str(rate), LEFT - 4, y(rate) + 2.5, "end") for rate in rates),
    ]


def _ages(x) -> list[str]:
    ages = [_text(str(age), x(age), PANEL_HEIGHT - BOTTOM + 10, "middle") for age in (0, 20, 40, SENIOR_AGE_YEARS, 80, 100)]
    return [*ages, _text("Age (years)", (LEFT + PANEL_WIDTH) / 2, PANEL_HEIGHT - 4, "middle")]


def _cells(panel: RiskPanel, x, y) -> list[str]:
    # A hair wider than a cell, so that neighbours leave no white seam when the page is drawn.
    width, height = x(AGE_CELL_YEARS) - x(0) + SEAM, y(0) - y(HEART_RATE_CELL_BPM) + SEAM
    by_shade: dict[int, list[str]] = defaultdict(list)
    for cell, depth in zip(panel.cells.itertuples(), panel.depths, strict=True):
        step = round(shade_position(depth, panel.darkest) * STOPS)
        corner = f"M{x(cell.age_cell_years):.1f} {y(cell.heart_rate_cell_bpm):.1f}"
        by_shade[step].append(f"{corner}h{width:.2f}v-{height:.2f}h-{width:.2f}z")
    colour = PAPER.risk(panel.level)
    return [
        f'<path d="{"".join(cells)}" fill="{shade(step / STOPS, colour, PAPER.background)}"/>'
        for step, cells in sorted(by_shade.items())
    ]


def _lone_points(panel: RiskPanel, x, y) -> str:
    marks = "".join(
        f"M{x(point.age_years):.1f} {y(point.heart_rate_bpm):.1f}{POINT_SHAPES[panel.level]}" for point in panel.points.itertuples()
    )
    return f'<path d="{marks}" fill="{PAPER.risk(panel.level)}" fill-opacity=".75"/>' if marks else ""


def volume_svg(volumes: pd.DataFrame) -> str:
    """Encounters by arrival week or month, stacked by class; hidden counts are not drawn."""
    arrivals = drawn_volume(volumes)
    steps = sorted(arrivals["step_start"].unique())
    totals = arrivals.groupby("step_start")["encounter_count"].sum()
    y = _scale((0, max(int(totals.max()) if len(totals) else 1, 1)), VOLUME_HEIGHT - 16, 8)
    slot = (VOLUME_WIDTH - 40) / max(len(steps), 1)
    left = {step: 40 + index * slot for index, step in enumerate(steps)}
    parts = [*_volume_axis(totals, y), *_stacks(arrivals, left, slot, y), *_step_names(steps, left, slot)]
    return _svg(VOLUME_WIDTH, VOLUME_HEIGHT, parts)


def _volume_axis(totals: pd.Series, y) -> list[str]:
    top = int(totals.max()) if len(totals) else 0
    lines = "".join(f"M40 {y(value):.1f}H{VOLUME_WIDTH}" for value in (0, top))
    return [
        f'<path d="{lines}" stroke="{PAPER.border}" stroke-width=".6"/>',
        *(_text(count_text(value), 36, y(value) + 2.5, "end") for value in (0, top)),
    ]


def _stacks(arrivals: pd.DataFrame, left: dict[date, float], slot: float, y) -> list[str]:
    height = defaultdict(int)
    paths = []
    for name, colour in zip(ENCOUNTER_CLASSES, class_colours(PAPER), strict=True):
        bars = []
        for row in arrivals[arrivals["encounter_class"] == name].itertuples():
            low, high = y(height[row.step_start]), y(height[row.step_start] + row.encounter_count)
            bars.append(f"M{left[row.step_start] + slot * 0.12:.1f} {low:.1f}V{high:.1f}h{slot * 0.76:.1f}V{low:.1f}z")
            height[row.step_start] += row.encounter_count
        paths.append(f'<path d="{"".join(bars)}" fill="{colour}"/>')
    return paths


def _step_names(steps: list[date], left: dict[date, float], slot: float) -> list[str]:
    every = -(-len(steps) // NAMED_STEPS) or 1
    in_months = all(step.day == 1 for step in steps)
    names = {step: f"{step:%b %Y}" if in_months else f"{step.day} {step:%b}" for step in steps[::every]}
    return [_text(name, left[step] + slot / 2, VOLUME_HEIGHT - 4, "middle") for step, name in names.items()]


def _text(text: str, x: float, y: float, anchor: str) -> str:
    look = f'font-family="Inter" font-size="7.5" fill="{PAPER.muted}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{text}</text>'


def _svg(width: int, height: int, parts: list[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'
