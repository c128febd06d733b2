"""Which counts of a release are hidden: those of too few people, and those from which one of these could be worked out. Pure.

A release is cells and lines. A cell is a count under a key; a line says that some cells add up to another. Hiding the small
ones is not enough: what is left of a line whose total is known gives the hidden one away, so others are hidden with it
(complementary suppression). Knows nothing of what is counted.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
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
    counts: Mapping[Cell, int], lines: Sequence[Line], *, fewest: int, unseen: Collection[Cell] = frozenset()
) -> frozenset[Cell]:
    """The cells that are not shown: every count of 1 to fewest - 1, and what must go with it. A zero is always shown.

    Afterwards no line has exactly one hidden cell, the hidden parts of a line with a shown total add up to fewest or more, and
    all lines together determine no small count.
    unseen: cells that nobody is shown anyway, but anybody could work out, such as what one period has more than another. They
    are hidden first, because that costs nothing.
    """
    hidden = {cell for cell, count in counts.items() if 0 < count < fewest}
    lines_of = _lines_of(lines)
    waiting = deque(lines)
    while waiting:
        _settle(waiting, counts, hidden, fewest=fewest, unseen=unseen, lines_of=lines_of)
        told = sorted((cell for cell in worked_out(hidden, lines) if counts[cell] < fewest), key=repr)
        for cell in told:
            chosen = _nearest(cell, counts, hidden, unseen=unseen, lines_of=lines_of)
            if chosen is not None:
                hidden.add(chosen)
                waiting.extend(lines_of[chosen])
    return frozenset(hidden)


def _settle(
    waiting: deque[Line],
    counts: Mapping[Cell, int],
    hidden: set[Cell],
    *,
    fewest: int,
    unseen: Collection[Cell],
    lines_of: Mapping[Cell, list[Line]],
) -> None:
    """Hides more until no line by itself gives anything away."""
    while waiting:
        line = waiting.popleft()
        if gives_away(line, counts, hidden, fewest):
            chosen = _next((*line.parts, line.total), counts, hidden, unseen, last=line.total)
            if chosen is not None:
                hidden.add(chosen)
                waiting.extend((line, *lines_of[chosen]))


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


def _next(
    cells: Iterable[Cell], counts: Mapping[Cell, int], hidden: Collection[Cell], unseen: Collection[Cell], last: Cell = None
) -> Cell | None:
    """What costs least: a cell that is not seen anyway, then the smallest, and the last before nothing."""
    left = [cell for cell in cells if cell not in hidden and counts[cell] > 0]
    return min(left, key=lambda cell: (cell not in unseen, cell == last, counts[cell], repr(cell)), default=None)


def _nearest(
    cell: Cell,
    counts: Mapping[Cell, int],
    hidden: Collection[Cell],
    *,
    unseen: Collection[Cell],
    lines_of: Mapping[Cell, list[Line]],
) -> Cell | None:
    """What costs least in the lines of a cell; where all of these is hidden, in the lines of its neighbours, and so on."""
    known, reached = {cell}, {cell}
    while reached:
        reached = {one for near in reached for line in lines_of[near] for one in line.cells} - known
        known |= reached
        if (chosen := _next(reached, counts, hidden, unseen)) is not None:
            return chosen
    return None


def _lines_of(lines: Iterable[Line]) -> Mapping[Cell, list[Line]]:
    found: dict[Cell, list[Line]] = defaultdict(list)
    for line in lines:
        for cell in line.cells:
            found[cell].append(line)
    return found
