"""Which hidden counts the lines of a release determine when they are taken together, as unknowns of equations. Pure.

A line with two unknowns tells neither; several such lines together may tell both.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

Cell = Hashable
PRIME = 2_147_483_647
"""Equations are solved in whole numbers modulo a prime, which is exact; their factors are small, so it divides none of them."""


@dataclass
class _Equation:
    """Unknowns with their factors, and the lines it was made from, one bit each."""

    factors: dict[Cell, int]
    made_from: int

    def subtract(self, other: _Equation, times: int) -> None:
        """Takes a multiple of another one off; an unknown whose factor becomes zero leaves it."""
        self.made_from |= other.made_from
        for cell, factor in other.factors.items():
            left = (self.factors.get(cell, 0) - times * factor) % PRIME
            if left:
                self.factors[cell] = left
            else:
                self.factors.pop(cell, None)

    def scale(self, cell: Cell) -> None:
        """Makes the factor of one unknown 1."""
        if self.factors[cell] != 1:
            inverse = pow(self.factors[cell], PRIME - 2, PRIME)
            self.factors = {one: factor * inverse % PRIME for one, factor in self.factors.items()}


def worked_out(
    unknown: Collection[Cell], lines: Sequence[tuple[Cell, tuple[Cell, ...]]], wanted: Collection[Cell]
) -> Mapping[Cell, int]:
    """The wanted unknowns that have one solution only, each with the lines that tell it, one bit each by their places.

    A line is a total and its parts. Cells must be sortable, so that two runs give the same.
    """
    found = (_Equation(_factors(total, parts, unknown), 1 << place) for place, (total, parts) in enumerate(lines))
    told = _solved(_telling([one for one in found if one.factors], wanted))
    return {cell: made_from for cell, made_from in told.items() if cell in wanted}


def _telling(equations: Sequence[_Equation], wanted: Collection[Cell]) -> list[_Equation]:
    """Without those that tell nothing of what is wanted: with an unknown that is not, and that no other equation has."""
    holders: dict[Cell, set[int]] = defaultdict(set)
    for number, one in enumerate(equations):
        for cell in one.factors:
            holders[cell].add(number)
    left = dict(enumerate(equations))
    alone = deque(cell for cell in holders if len(holders[cell]) == 1 and cell not in wanted)
    while alone:
        for number in tuple(holders[alone.popleft()]):  # of one or, by now, of none
            for cell in left.pop(number).factors:
                holders[cell].remove(number)
                if len(holders[cell]) == 1 and cell not in wanted:
                    alone.append(cell)
    return list(left.values())


def _solved(equations: Sequence[_Equation]) -> dict[Cell, int]:
    """The unknowns that have one solution only, by elimination."""
    used = Counter(cell for one in equations for cell in one.factors)
    solved: dict[Cell, _Equation] = {}
    holders: dict[Cell, set[Cell]] = defaultdict(set)
    for one in sorted(equations, key=lambda one: len(one.factors)):
        for cell in [cell for cell in one.factors if cell in solved]:
            one.subtract(solved[cell], one.factors[cell])
        if one.factors:
            _solve(one, min(one.factors, key=lambda cell: (used[cell], cell)), solved, holders)
    return {cell: one.made_from for cell, one in solved.items() if len(one.factors) == 1}


def places(bits: int) -> tuple[int, ...]:
    """The places of the bits that are set, the lowest first."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return tuple(found)


def _factors(total: Cell, parts: tuple[Cell, ...], unknown: Collection[Cell]) -> dict[Cell, int]:
    return dict.fromkeys((part for part in parts if part in unknown), 1) | ({total: PRIME - 1} if total in unknown else {})


def _solve(one: _Equation, pivot: Cell, solved: dict[Cell, _Equation], holders: dict[Cell, set[Cell]]) -> None:
    """Takes an equation as that of its pivot, and the pivot out of every other one. holders: who may hold an unknown."""
    one.scale(pivot)
    for owner in holders.pop(pivot, ()):
        other = solved[owner]
        if pivot in other.factors:
            other.subtract(one, other.factors[pivot])
            for cell in one.factors.keys() & other.factors.keys():
                holders[cell].add(owner)
    solved[pivot] = one
    for cell in one.factors.keys() - {pivot}:
        holders[cell].add(pivot)
