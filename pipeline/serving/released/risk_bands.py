"""The risk map for a role without small cells: each cell in a fixed band of counts, no single point. Pure.

Bands do not move with the filters. Taking one view from another therefore gives no count, where exact counts would.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.serving.rates import FEWEST
from pipeline.serving.risk_map import AGE_CELL_YEARS, HEART_RATE_CELL_BPM, RiskMap, RiskPanel
from pipeline.serving.wording import count_text

EDGES = (1, FEWEST, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Where the bands begin. A band is number 1 and up; 0 is an empty cell."""

BAND_NAMES = (
    "no",
    f"fewer than {FEWEST}",
    *(f"{count_text(low)} to {count_text(high - 1)}" for low, high in pairwise(EDGES[1:])),
    f"{count_text(EDGES[-1])} or more",
)


def banded(panel: RiskPanel) -> RiskPanel:
    """The panel in bands. Its cells of fewer than 11 are drawn where their number does not tell how many each holds."""
    cells = pd.concat([panel.cells, _cells_of(panel.points)], ignore_index=True)
    low = cells["encounter_count"] < FEWEST
    drawn = cells if _keeps_counts(cells.loc[low, "encounter_count"]) else cells[~low]
    numbers = [bisect_right(EDGES, count) for count in drawn["encounter_count"]]
    shown = drawn.assign(
        encounter_count=pd.Series([None] * len(drawn), index=drawn.index, dtype=object),
        band_number=np.array(numbers, dtype="int64"),
        band_name=[BAND_NAMES[number] for number in numbers],
    ).sort_values(["age_cell_years", "heart_rate_cell_bpm"], ignore_index=True)
    return replace(panel, density_count=None, single_count=None, cells=shown, points=panel.points.iloc[:0])


def banded_note(drawn: RiskMap, encounters_text: str, not_drawn_text: str) -> str:
    """How many, and how the map is to be read, in one sentence."""
    if not drawn.is_drawn:
        return f"All {encounters_text} encounters"
    left_out = any(len(panel.cells) + len(panel.points) > len(banded(panel).cells) for panel in drawn.panels)
    said = (
        f"All {encounters_text} encounters, {not_drawn_text} not drawn (no heart rate recorded or not assessed) "
        f"· cells in fixed bands of counts, the lightest shade is fewer than {FEWEST}"
    )
    return f"{said}, left out of a panel where their number would tell how many each holds" if left_out else said


def _cells_of(points: pd.DataFrame) -> pd.DataFrame:
    ages, rates = points["age_years"] // AGE_CELL_YEARS, points["heart_rate_bpm"] // HEART_RATE_CELL_BPM
    return pd.DataFrame(
        {
            "age_cell_years": (ages * AGE_CELL_YEARS).astype("int64"),
            "heart_rate_cell_bpm": (rates * HEART_RATE_CELL_BPM).astype("int64"),
            "encounter_count": np.ones(len(points), dtype="int64"),
        }
    )


def _keeps_counts(small: pd.Series) -> bool:
    """Whether a reader who knows the sum of these counts of 1 to 10 still knows none of them: not near 1 each, nor near 10."""
    return 2 * len(small) <= small.sum() <= (FEWEST - 2) * len(small)
