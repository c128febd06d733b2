"""The risk map: every encounter, as density where several share a cell and as an exact point where one stands alone.

Pure. Cells arrive already re-summed over the months and sites of the filters, because two lone encounters of two months
can meet in one cell. Density, single points and encounters that cannot be drawn always add up to all encounters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.governance.treatments import OLDEST_AGE
from pipeline.serving.theme import RISK_LEVELS
from pipeline.serving.wording import count_text

AGES_HIDDEN = "not drawn, because your role does not see ages"
AGES_CAPPED = f"age {OLDEST_AGE} stands for {OLDEST_AGE} and over"

AGE_CELL_YEARS = 2
HEART_RATE_CELL_BPM = 4
"""The cell sizes of gold.age_heart_rate_cells."""


@dataclass(frozen=True)
class RiskPanel:
    """One risk level of the map.

    cells: one row per cell drawn as density: age_cell_years, heart_rate_cell_bpm, encounter_count (2 or more; 1 for a role that
    sees no exact ages). In bands, for a role without small cells, every encounter_count is empty and band_number and band_name
    are beside it.
    points: one row per encounter drawn alone: age_years, heart_rate_bpm; none in bands, where the counts of parts are None too.
    suppressed: what is written for an encounter_count that is hidden as a small cell.
    """

    level: str
    encounter_count: int | None
    density_count: int | None
    single_count: int | None
    cells: pd.DataFrame
    points: pd.DataFrame
    suppressed: str = ""

    @property
    def not_drawn_count(self) -> int | None:
        """Encounters of this level without a heart rate."""
        if self.encounter_count is None or self.density_count is None:
            return None
        return self.encounter_count - self.density_count - self.single_count

    @property
    def is_banded(self) -> bool:
        """Whether its cells show bands of counts and not counts."""
        return "band_number" in self.cells

    @property
    def depths(self) -> pd.Series:
        """What the shade of each cell stands for: its count, or the number of its band."""
        return self.cells["band_number" if self.is_banded else "encounter_count"]

    @property
    def darkest(self) -> int:
        """The depth that is drawn darkest: the largest number of encounters in one cell, or the highest band."""
        return 0 if self.cells.empty else int(self.depths.max())

    @property
    def counted_text(self) -> str:
        """How many, as written."""
        return self.suppressed or count_text(self.encounter_count)


@dataclass(frozen=True)
class RiskMap:
    """The three panels and how they reconcile with all encounters.

    banded_note: of a map in bands, which has no single points, how it is to be read; a count is None where it is hidden.
    ages_note: what the viewer's role sees of the ages, empty where it sees them all; is_drawn: whether it sees any.
    """

    panels: tuple[RiskPanel, ...]
    encounter_count: int | None
    density_count: int | None
    single_count: int | None
    not_drawn_count: int | None
    banded_note: str = ""
    ages_note: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether the viewer's role sees ages to draw by."""
        return self.ages_note != AGES_HIDDEN

    @property
    def caption(self) -> str:
        """One sentence in which the parts add up to the whole."""
        said = self.banded_note or (
            f"All {count_text(self.encounter_count)} encounters: {count_text(self.density_count)} as density, "
            f"{count_text(self.single_count)} as single points, {count_text(self.not_drawn_count)} not drawn "
            "(no heart rate recorded or not assessed)"
        )
        return f"{said} · {self.ages_note}" if self.ages_note else said

    @property
    def axis_note(self) -> str:
        """What follows the caption on the screen: the axis that has no title there; nothing where no map is drawn."""
        return " · vertical axis: heart rate, /min" if self.is_drawn else ""

    @property
    def shading(self) -> str:
        """What a cell and its shade mean, in one sentence; nothing where no map is drawn."""
        if not self.is_drawn:
            return ""
        cell = f"A cell of the map is {AGE_CELL_YEARS} years by {HEART_RATE_CELL_BPM} beats per minute"
        if self.banded_note:
            return f"{cell}."
        return f"{cell}, shaded logarithmically, darkest at the fullest cell of its panel; a single mark is one encounter."


def risk_map(cells: pd.DataFrame, ages: str = "show") -> RiskMap:
    """The map of re-summed cells, with the columns of gold.age_heart_rate_cells but month and site.

    ages: what becomes of an age for the viewer's role. Where it sees none, nothing is drawn.
    """
    note = {"show": "", "age": AGES_CAPPED}.get(ages, AGES_HIDDEN)
    panels = tuple(_panel(level, cells[cells["risk_level"] == level]) for level in RISK_LEVELS)
    total = int(cells["encounter_count"].sum())
    density = sum(panel.density_count for panel in panels)
    singles = sum(panel.single_count for panel in panels)
    return RiskMap(panels, total, density, singles, total - density - singles, ages_note=note)


def _panel(level: str, cells: pd.DataFrame) -> RiskPanel:
    """One level. A cell of one encounter is a point where its sums, which are the encounter's own values, are seen."""
    drawn = cells[cells["heart_rate_cell_bpm"].notna() & cells["age_cell_years"].notna()]
    is_lone = (drawn["encounter_count"] == 1) & drawn["age_years_sum"].notna()
    dense, lone = drawn[~is_lone], drawn[is_lone]
    points = pd.DataFrame(
        {"age_years": lone["age_years_sum"].astype("int64"), "heart_rate_bpm": lone["heart_rate_sum"].astype("float64")}
    ).sort_values(["age_years", "heart_rate_bpm"], ignore_index=True)
    whole = ["age_cell_years", "heart_rate_cell_bpm", "encounter_count"]
    return RiskPanel(
        level=level,
        encounter_count=int(cells["encounter_count"].sum()),
        density_count=int(dense["encounter_count"].sum()),
        single_count=len(points),
        cells=dense[whole].astype("int64").sort_values(whole[:2], ignore_index=True),
        points=points,
    )


@dataclass(frozen=True)
class Grid:
    """Counts, or numbers of bands, on a full rectangle, ready for a heatmap: rows are heart rate cells, columns age cells, from
    the lower edges given.
    """

    counts: np.ndarray
    age_from: int
    heart_rate_from: int


def grid(panel: RiskPanel) -> Grid | None:
    """The density of a panel as a grid of the smallest whole-number type that holds it; None when no cell has two encounters."""
    if panel.cells.empty:
        return None
    columns = panel.cells["age_cell_years"].to_numpy() // AGE_CELL_YEARS
    rows = panel.cells["heart_rate_cell_bpm"].to_numpy() // HEART_RATE_CELL_BPM
    kind = np.uint16 if panel.darkest <= np.iinfo(np.uint16).max else np.uint32
    counts = np.zeros((rows.max() - rows.min() + 1, columns.max() - columns.min() + 1), dtype=kind)
    counts[rows - rows.min(), columns - columns.min()] = panel.depths.to_numpy()
    return Grid(counts, int(columns.min()) * AGE_CELL_YEARS, int(rows.min()) * HEART_RATE_CELL_BPM)


def axis_ranges(drawn: RiskMap) -> Mapping[str, tuple[int, int]]:
    """One age and one heart rate range for all three panels, so that they can be compared side by side."""
    ages = [0, 100]
    rates = [40, 180]
    for panel in drawn.panels:
        ages += [*panel.cells["age_cell_years"] + AGE_CELL_YEARS, *panel.points["age_years"]]
        rates += [*panel.cells["heart_rate_cell_bpm"], *panel.points["heart_rate_bpm"]]
    return {"age": (-2, int(max(ages)) + 2), "heart_rate": (int(min(rates)) - 6, int(max(rates)) + 8)}
