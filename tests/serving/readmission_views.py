"""What every view of the readmissions page says, as sums over the rows of gold.readmission_rates, and what follows from it.

The sums are told here in another way than in the product: whoever adds and subtracts views can do no more than linear algebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.linalg import qr

from pipeline.serving.filters import ALL_SITES, PERIOD_MONTHS
from pipeline.serving.readmissions import Readmissions
from pipeline.serving.readmissions.groups import COLUMNS

STAYS, INDEX, CODED = "stay_count", "index_count", "coded_count"
KINDS = (INDEX, "readmission_count", "planned_return_count", "raw_index_count", "raw_return_count")
COLUMNS_TOLD = (STAYS, CODED, *KINDS[1:])


class Views:
    """Each count is told as which of the numbers of the table's rows it adds up."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = {name: rows[name].to_numpy() for name in rows} | {"stay_month": rows["stay_month"].astype(str).to_numpy()}
        self._months = sorted(set(self._rows["stay_month"]))
        self.values = np.concatenate([self._rows[one] for one in COLUMNS_TOLD])
        self.told: dict[tuple, np.ndarray] = {}

    def counts_of(self, shown: Readmissions) -> Iterator[tuple[tuple, int | None]]:
        """Every count of a view under its name; None where it is hidden."""
        view = shown.provenance.period, shown.provenance.site_name, shown.population
        for step in shown.waterfall:
            yield self._named(view, "step", step.name), step.stay_count
        overall = shown.overall
        for name, count in ((STAYS, overall.stay_count), (CODED, overall.coded_count), (INDEX, overall.index_count)):
            yield self._named(view, "overall", name), count
        for one in shown.groups:
            counted = one.measure.out_of, one.measure.count, one.planned_return_count, one.raw.out_of, one.raw.count
            for kind, count in zip(KINDS, counted, strict=True):
                yield self._named(view, one.grouped_by, one.name, kind), count

    def _named(self, view: tuple, *counted: str) -> tuple:
        name = (*view, *counted)
        if name not in self.told:
            self.told[name] = self._sum(*view, *counted)
        return name

    def _sum(self, period: str, site: str, population: str, grouping: str, group: str, kind: str = STAYS) -> np.ndarray:
        """One number per row and column: 1 where it is added up."""
        rows = self._rows
        first = self._months[-(PERIOD_MONTHS[period] or 0) :][0]
        here = (rows["stay_month"] >= first) & ((site == ALL_SITES) | (rows["site_name"] == site))
        inside = rows["age_group"] == "Senior" if population == "65 and over" else rows["age_group"] != "Pediatric"
        if grouping == "step":
            return self._step(here, inside, group)
        if grouping == "overall":
            return self._over(here & inside, group)
        followed = rows["counted_as"] != "Less than 30 days of follow-up" if kind.startswith("raw") else True
        is_children = group == "Pediatric"
        return self._over(here & (rows[COLUMNS[grouping]] == group) & (is_children | (inside & followed)), kind)

    def _step(self, here: np.ndarray, inside: np.ndarray, step: str) -> np.ndarray:
        if step == "All stays":
            return self._over(here, STAYS)
        if step.startswith("Under "):
            return self._over(here & ~inside, STAYS)
        outcomes = {"Index stays": INDEX, "Readmitted, not planned": KINDS[1], "Planned first return": KINDS[2]}
        if step == "No return within 30 days":
            return self._over(here & inside, INDEX) - sum(self._over(here & inside, kind) for kind in KINDS[1:3])
        if step in outcomes:
            return self._over(here & inside, outcomes[step])
        return self._over(here & inside & (self._rows["counted_as"] == step), STAYS)

    def _over(self, chosen: np.ndarray, kind: str) -> np.ndarray:
        # An index stay is a stay that is counted as one: both columns are the same unknown.
        if kind == INDEX:
            chosen, kind = chosen & (self._rows["counted_as"] == "Index stay"), STAYS
        return np.concatenate([chosen.astype("int8") * (one == kind) for one in COLUMNS_TOLD])

    def value(self, name: tuple) -> int:
        """What a count adds up to."""
        return int(self.told[name] @ self.values)


class Followed:
    """What can be had by adding and subtracting known sums, one a line."""

    def __init__(self, known: np.ndarray) -> None:
        directions, sizes, _ = qr(np.unique(known, axis=0).T.astype(float), mode="economic", pivoting=True)
        self._basis = directions[:, np.abs(np.diag(sizes)) > 1e-9]

    def tells(self, wanted: np.ndarray) -> np.ndarray:
        """Of each of the wanted sums, one a line, whether it follows."""
        return np.abs(wanted - wanted @ self._basis @ self._basis.T).max(axis=1, initial=0) < 1e-6


class Told:
    """Every count of every view by its name, as a role without small cells and as one with sees it, and what the former tells."""

    def __init__(self, rows: pd.DataFrame, pairs: Iterable[tuple[Readmissions, Readmissions]]) -> None:
        self.views = Views(rows)
        self.shown, self.exact = (
            {name: count for view in views for name, count in self.views.counts_of(view)} for views in zip(*pairs, strict=True)
        )
        self.followed = Followed(self._known())

    def _known(self) -> np.ndarray:
        """What one can start from: every count shown, and that nothing is in what a shown zero adds up."""
        known = np.array([self.views.told[name] for name, count in self.shown.items() if count is not None])
        empty = np.array([self.views.told[name] for name, count in self.shown.items() if count == 0])
        nothing = np.flatnonzero((empty > 0).any(axis=0)) if len(empty) else []
        return np.vstack([known, np.eye(known.shape[1], dtype="int8")[nothing]])
