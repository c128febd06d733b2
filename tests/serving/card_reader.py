"""Somebody who reads a model card, knows how its figures are made, and reckons what counts can stand behind them.

Every number on the page becomes a bound on whole numbers; the smallest and the largest value that a count can have follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.model.evaluation import ADDITIVE, CurvePoint, Evaluation, Measures
from pipeline.model.evidence import COHORT_SECTION, FEATURES_SECTION, PERFORMANCE_SECTION, SUBGROUPS_SECTION
from pipeline.serving.model_card import ModelCard
from pipeline.serving.rates import FEWEST, TOO_FEW

Name = tuple[str, ...]
Sum = Mapping[Name, float]
BUDGET, HALF = 0.1, 0.5
EVERYBODY = ("everybody",)


class Reader:
    """Unknown counts, by name, and what the card says of them."""

    def __init__(self, shown: ModelCard) -> None:
        self.places: dict[Name, int] = {}
        self.said: list[tuple[Sum, float, float]] = []
        self.sections = {part.title: part for part in shown.sections}
        cohort = shown.evidence.evaluation.cohort
        self._stays_and_back(EVERYBODY)
        self.says({(*EVERYBODY, "stays"): 1}, cohort.stays)
        self.says({(*EVERYBODY, "back"): 1}, cohort.events)
        self._read_tested()
        self._read_file(shown.evidence.evaluation)
        self._read_groups()
        self._read_tenths(shown.evidence.evaluation.model(ADDITIVE).calibration)
        self._read_missing(cohort.stays)

    def says(self, factors: Sum, low: float, high: float | None = None) -> None:
        """That a sum of counts lies between two numbers, or is one."""
        for name in factors:
            self.places.setdefault(name, len(self.places))
        self.said.append((factors, low, low if high is None else high))

    def range_of(self, factors: Sum) -> tuple[int, int]:
        """The smallest and the largest value that a sum of counts can have."""
        table = np.zeros((len(self.said), len(self.places)))
        for row, (factors_said, _, _) in enumerate(self.said):
            for name, factor in factors_said.items():
                table[row, self.places[name]] += factor
        limits = LinearConstraint(table, [low for _, low, _ in self.said], [high for _, _, high in self.said])
        whole = np.array([name[-1] != "found at budget" for name in self.places])
        goal = np.zeros(len(self.places))
        for name, factor in factors.items():
            goal[self.places[name]] += factor
        ends = [milp(sign * goal, constraints=limits, integrality=whole, bounds=Bounds(0, np.inf)) for sign in (1, -1)]
        assert all(end.success for end in ends), [end.message for end in ends]
        return round(ends[0].fun), round(-ends[1].fun)

    def _stays_and_back(self, place: Name) -> None:
        self.says({(*place, "stays"): 1, (*place, "back"): -1}, 0, np.inf)

    def _count(self, name: Name, cell: str) -> None:
        if cell.replace(",", "").isdigit():
            self.says({name: 1}, int(cell.replace(",", "")))
        elif cell == TOO_FEW:
            self.says({name: 1}, 1, FEWEST - 1)

    def _share(self, part: Sum, whole: Sum, cell: str) -> None:
        """That one sum is such a share of another, as far as its decimals tell."""
        number = cell.split(" ")[0]
        if number[:1].isdigit():
            step = HALF * 10.0 ** -len(number.partition(".")[2])
            for sign in (1, -1):
                bound = -(float(number) + sign * step)
                self.says(_added(_times(part, 1), _times(whole, bound)), *((-np.inf, 1e-6) if sign == 1 else (-1e-6, np.inf)))

    def _read_tested(self) -> None:
        before: dict[str, Name] = {}
        for row in self.sections[PERFORMANCE_SECTION].rows:
            cells = dict(zip(self.sections[PERFORMANCE_SECTION].columns, row, strict=True))
            place, outer = (cells["Model"], cells["Tested on"]), before.get(cells["Model"], EVERYBODY)
            stays, back, found = (*place, "stays"), (*place, "back"), (*place, "found at budget")
            self._stays_and_back(place)
            self._count(stays, cells["Stays"])
            self.says({(*outer, "back"): 1, back: -1}, 0, np.inf)
            self.says({(*outer, "stays"): 1, stays: -1, (*outer, "back"): -1, back: 1}, 0, np.inf)
            self._share({found: 1}, {back: 1}, cells["Sensitivity"])
            self._share({found: 1}, {stays: BUDGET}, cells["PPV"])
            before[cells["Model"]] = place

    def _read_file(self, found: Evaluation) -> None:
        """What the page does not print: the readmissions a model was tested on, and the distance that their rate alone has."""
        for one in found.models:
            for where, measures in (("other patients", one.grouped), ("later stays", one.temporal)):
                if measures.events is not None:
                    self.says({(one.title, where, "back"): 1}, measures.events)
                if measures.brier is not None and measures.rows is not None:
                    self._rate_of_brier((one.title, where, "back"), measures)

    def _rate_of_brier(self, back: Name, measures: Measures) -> None:
        """Brier over 1 less the scaled one is rate times 1 less rate, of a rate below a half."""
        ends = [(measures.brier.value + sign * 0.0005) / (1 - measures.scaled_brier.value - sign * 0.0005) for sign in (-1, 1)]
        rates = [0.5 - np.sqrt(0.25 - min(end, 0.25)) for end in ends]
        self.says({back: 1}, *(rate * measures.rows for rate in rates))

    def _read_groups(self) -> None:
        groupings: dict[str, list[Name]] = defaultdict(list)
        for row in self.sections[SUBGROUPS_SECTION].rows:
            cells = dict(zip(self.sections[SUBGROUPS_SECTION].columns, row, strict=True))
            place = (cells["By"], cells["Group"])
            groupings[cells["By"]].append(place)
            stays, back, found, flagged = ((*place, kind) for kind in ("stays", "back", "found", "flagged"))
            self._stays_and_back(place)
            self._count(stays, cells["Stays"])
            self._count(back, cells["Readmissions"])
            self._share({found: 1}, {back: 1}, cells["Sensitivity"])
            self._share({found: 1}, {flagged: 1}, cells["PPV"])
            self.says({back: 1, found: -1}, 0, np.inf)
            self.says({flagged: 1, found: -1}, 0, np.inf)
            self.says({stays: 1, back: -1, flagged: -1, found: 1}, 0, np.inf)
        for places in groupings.values():
            for kind in ("stays", "back", "found", "flagged"):
                self.says({(*EVERYBODY, kind): -1} | {(*place, kind): 1 for place in places}, 0)

    def _read_tenths(self, points: tuple[CurvePoint, ...]) -> None:
        for place, point in enumerate(points):
            back = ("tenth", str(place), "back")
            self.says({back: 1}, (point.observed - 0.0005) * point.rows, (point.observed + 0.0005) * point.rows)
        told = {("tenth", str(place), "back"): 1 for place in range(len(points))}
        self.says({("no tenth", "back"): 1, (*EVERYBODY, "back"): -1} | told, 0)
        self.says({("no tenth", "stays"): 1, (*EVERYBODY, "stays"): -1}, -sum(point.rows for point in points))

    def _read_missing(self, stays: int) -> None:
        for row in self.sections[FEATURES_SECTION].rows:
            name, cell = row[0], row[3]
            if cell[0].isdigit():
                step = HALF * 10.0 ** -len(cell.rstrip("%").partition(".")[2])
                self.says({("missing", name): 1}, *((float(cell.rstrip("%")) + sign * step) / 100 * stays for sign in (-1, 1)))
            else:
                self.says({("missing", name): 1}, 0, stays)

    def left_out(self) -> list[str]:
        """What is written for the stays left out, by reason."""
        return [row[1] for row in self.sections[COHORT_SECTION].rows]


def _times(factors: Sum, times: float) -> Sum:
    return {name: factor * times for name, factor in factors.items()}


def _added(one: Sum, other: Sum) -> Sum:
    return {name: one.get(name, 0) + other.get(name, 0) for name in (*one, *other)}
