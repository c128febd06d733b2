"""Which hidden counts the lines of a release determine when they are taken together, as unknowns of equations. Pure.

A line with two unknowns tells neither; several such lines together may tell both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping

PRIME = 2_147_483_647
"""Equations are solved in whole numbers modulo a prime: exact, and never wrong by more than a coefficient that it divides."""

Row = dict[Hashable, int]


def worked_out(unknown: Collection[Hashable], lines: Iterable[tuple[Hashable, tuple[Hashable, ...]]]) -> frozenset[Hashable]:
    """The unknowns that have one solution only, where each line is a total and the parts that add up to it."""
    rows = [row for total, parts in lines if (row := _row(total, parts, unknown))]
    used = Counter(cell for row in rows for cell in row)
    solved: dict[Hashable, Row] = {}
    holding: dict[Hashable, set[Hashable]] = {}
    for row in sorted(rows, key=len):
        for cell in [cell for cell in row if cell in solved]:
            _subtract(row, solved[cell], row.get(cell, 0))
        if row:
            _solve(row, min(row, key=lambda cell: (used[cell], repr(cell))), solved, holding)
    return frozenset(cell for cell, row in solved.items() if len(row) == 1)


def _row(total: Hashable, parts: tuple[Hashable, ...], unknown: Collection[Hashable]) -> Row:
    row = {part: 1 for part in parts if part in unknown}
    return row | ({total: PRIME - 1} if total in unknown else {})


def _solve(row: Row, pivot: Hashable, solved: dict[Hashable, Row], holding: dict[Hashable, set[Hashable]]) -> None:
    """Takes a row as the equation of its pivot, and the pivot out of every other equation."""
    inverse = pow(row[pivot], PRIME - 2, PRIME)
    scaled = {cell: factor * inverse % PRIME for cell, factor in row.items()}
    for other in holding.pop(pivot, ()):
        before = set(solved[other])
        _subtract(solved[other], scaled, solved[other][pivot])
        _note_changes(other, before, solved[other], holding)
    solved[pivot] = scaled
    _note_changes(pivot, {pivot}, scaled, holding)


def _note_changes(owner: Hashable, before: Collection[Hashable], row: Mapping, holding: dict[Hashable, set[Hashable]]) -> None:
    for cell in row.keys() - before:
        holding.setdefault(cell, set()).add(owner)
    for cell in set(before) - row.keys():
        holding.get(cell, set()).discard(owner)


def _subtract(row: Row, other: Row, factor: int) -> None:
    """Takes a multiple of another row off a row; what becomes zero leaves it."""
    for cell, value in other.items():
        left = (row.get(cell, 0) - factor * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)
