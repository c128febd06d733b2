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

from pipeline.governance.worked_out import places, worked_out

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
    # A zero is told in any case, and there can be many: nothing is decided by it.
    cells = sorted((cell for cell, count in counts.items() if count > 0), key=repr)
    numbers = {cell: number for number, cell in enumerate(cells)}
    numbered = [_numbered(line, numbers) for line in lines if line.total in numbers]
    named = _named_once(len(cells), [(line.total, *line.parts) for line in numbered if len(line.parts) == 1])
    worths = [0] * len(cells)
    for number, cell in enumerate(cells):
        worths[named[number]] = max(worths[named[number]], worth.get(cell, 1))
    small = {number for number in named if counts[cells[number]] < fewest}
    release = _Release([counts[cell] for cell in cells], _renamed(numbered, named), fewest, worths, small)
    waiting = deque(release.lines)
    while waiting:
        _settle(release, waiting)
        waiting.extend(_part_what_tells(release))
    return frozenset(cell for number, cell in enumerate(cells) if named[number] in release.hidden)


def _numbered(line: Line, numbers: Mapping[Cell, int]) -> Line:
    return Line(numbers[line.total], tuple(numbers[part] for part in line.parts if part in numbers))


def _named_once(count: int, same: Iterable[tuple[int, int]]) -> list[int]:
    """One number for all cells that are the same, because the only part of a line is all of it: the lowest of theirs."""
    named = list(range(count))

    def name(cell: int) -> int:
        while named[cell] != cell:
            named[cell] = cell = named[named[cell]]
        return cell

    for one, other in same:
        low, high = sorted((name(one), name(other)))
        named[high] = low
    return [name(cell) for cell in range(count)]


def _renamed(lines: Iterable[Line], named: Sequence[int]) -> list[Line]:
    """Each line once, by the numbers of its cells; none for what is the same by name."""
    renamed = (Line(named[line.total], tuple(sorted(named[part] for part in line.parts))) for line in lines if len(line.parts) > 1)
    return list(dict.fromkeys(renamed))


@dataclass
class _Release:
    """What is hidden so far, and what that is decided by. Cells are numbers here: names are slow to look up and to compare."""

    counts: Sequence[int]
    lines: Sequence[Line]
    fewest: int
    worth: Sequence[int]
    hidden: set[int]

    @cached_property
    def places_of(self) -> Mapping[int, list[int]]:
        """Where in the lines each cell is."""
        found: dict[int, list[int]] = defaultdict(list)
        for place, line in enumerate(self.lines):
            for cell in line.cells:
                found[cell].append(place)
        return found

    def lines_of(self, cell: int) -> list[Line]:
        """The lines that a cell is in."""
        return [self.lines[place] for place in self.places_of[cell]]

    def cheapest(self, cells: Iterable[int], last: int | None = None) -> int | None:
        """What to hide of some cells: that of least worth, then the smallest, and the last one before nothing."""
        left = [cell for cell in cells if cell not in self.hidden]
        return min(left, key=lambda one: (self.worth[one], one == last, self.counts[one], one), default=None)


def _settle(release: _Release, waiting: deque[Line]) -> None:
    """Hides more until no line by itself gives anything away."""
    while waiting:
        line = waiting.popleft()
        if gives_away(line, release.counts, release.hidden, release.fewest):
            chosen = release.cheapest(line.cells, last=line.total)
            if chosen is not None:
                release.hidden.add(chosen)
                waiting.extend((line, *release.lines_of(chosen)))


def _part_what_tells(release: _Release) -> list[Line]:
    """Hides one cell of each set of lines that together tell a small count; gives back the lines that this changes."""
    small = {cell for cell in release.hidden if release.counts[cell] < release.fewest}
    told = worked_out(release.hidden, release.lines, small)
    touched = 0
    for cell in sorted(told, key=lambda one: (told[one].bit_count(), one)):
        if told[cell] & touched:
            continue
        telling = {one for place in places(told[cell]) for one in release.lines[place].cells}
        if (chosen := release.cheapest(telling)) is not None:
            release.hidden.add(chosen)
            touched |= sum(1 << place for place in release.places_of[chosen])
    return [release.lines[place] for place in places(touched)]


def gives_away(line: Line, counts: Sequence[int], hidden: Collection[int], fewest: int) -> bool:
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


def _only_one_way(covered: Sequence[int], counts: Sequence[int], fewest: int) -> bool:
    """Whether the sum of cells that are all said to be small leaves each a single value: all 1, or all the largest of these."""
    values = [counts[cell] for cell in covered]
    return max(values) < fewest and sum(values) in (len(values), len(values) * (fewest - 1))
