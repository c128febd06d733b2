"""Which counts of a release are hidden: those of too few people, and those from which one of these could be worked out. Pure.

A release is cells and lines. A cell is a count under a key; a line says that some cells add up to another. Hiding the small
ones is not enough: what is left of a line whose total is known gives the hidden one away, so others are hidden with it
(complementary suppression). Knows nothing of what is counted.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from pipeline.governance.worked_out import worked_out

Cell = Hashable


class Line(NamedTuple):
    """parts add up to total; every one is a key of the release."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.total, *self.parts)


def hidden_cells(
    counts: Mapping[Cell, int], lines: Sequence[Line], *, fewest: int, worth: Mapping[Cell, int] = MappingProxyType({})
) -> frozenset[Cell]:
    """The cells that are not shown: every count of 1 to fewest - 1, and what must go with it. A zero is always shown.

    Afterwards no line has exactly one hidden cell, the hidden parts of a line with a shown total add up to fewest or more, and
    all lines together determine no small count.
    worth: of cells that could be hidden, those of least worth go first, 1 if not said. 0 is for what nobody is shown anyway but
    anybody could work out, such as what one period has more than another.
    """
    release = _Release(counts, lines, fewest, worth, {cell for cell, count in counts.items() if 0 < count < fewest})
    waiting = deque(lines)
    while waiting:
        _settle(release, waiting)
        waiting.extend(_part_what_tells(release))
    return frozenset(release.hidden)


@dataclass
class _Release:
    """What is hidden so far, and what that is decided by."""

    counts: Mapping[Cell, int]
    lines: Sequence[Line]
    fewest: int
    worth: Mapping[Cell, int]
    hidden: set[Cell]

    @cached_property
    def lines_of(self) -> Mapping[Cell, list[Line]]:
        found: dict[Cell, list[Line]] = defaultdict(list)
        for line in self.lines:
            for cell in line.cells:
                found[cell].append(line)
        return found

    def cheapest(self, cells: Iterable[Cell], last: Cell = None) -> Cell | None:
        """What to hide of some cells: that of least worth, then the smallest, and the last one before nothing."""
        left = [cell for cell in cells if cell not in self.hidden and self.counts[cell] > 0]
        return min(left, key=lambda one: (self.worth.get(one, 1), one == last, self.counts[one], repr(one)), default=None)


def _settle(release: _Release, waiting: deque[Line]) -> None:
    """Hides more until no line by itself gives anything away."""
    while waiting:
        line = waiting.popleft()
        if gives_away(line, release.counts, release.hidden, release.fewest):
            chosen = release.cheapest(line.cells, last=line.total)
            if chosen is not None:
                release.hidden.add(chosen)
                waiting.extend((line, *release.lines_of[chosen]))


def _part_what_tells(release: _Release) -> list[Line]:
    """Hides one cell of each set of lines that together tell a small count; gives back the lines that this changes."""
    told = worked_out(release.hidden, release.lines)
    chosen: set[Cell] = set()
    for cell in sorted((one for one in told if release.counts[one] < release.fewest), key=lambda one: (len(told[one]), repr(one))):
        telling = {one for place in told[cell] for one in release.lines[place].cells}
        if chosen.isdisjoint(telling) and (found := release.cheapest(telling)) is not None:
            release.hidden.add(found)
            chosen.add(found)
    return [line for cell in chosen for line in release.lines_of[cell]]


def gives_away(line: Line, counts: Mapping[Cell, int], hidden: Collection[Cell], fewest: int) -> bool:
    """Whether the shown cells of a line tell a hidden one, or too small a sum of hidden ones."""
    covered = [cell for cell in line.cells if cell in hidden]
    if not covered:
        return False
    if len(covered) == 1:
        return True
    if line.total in hidden:
        return False
    together = sum(counts[cell] for cell in covered)
    return together < fewest or _only_one_way(covered, counts, fewest)


def _only_one_way(covered: Sequence[Cell], counts: Mapping[Cell, int], fewest: int) -> bool:
    """Whether the sum of cells that are all said to be small leaves each a single value: all 1, or all the largest of these."""
    values = [counts[cell] for cell in covered]
    return max(values) < fewest and sum(values) in (len(values), len(values) * (fewest - 1))
