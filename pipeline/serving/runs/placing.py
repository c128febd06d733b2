"""Places the items of a layered graph in their rows: neighbours near each other, few lines crossing. Pure.

The method of Sugiyama, Tagawa and Toda (IEEE Trans. Systems, Man and Cybernetics, 1981) in its plainest form: rows are sorted
by the mean place of what they are joined to, down and up again; then every item moves as near to that mean as its row allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

SWEEPS = 12
GAP_WIDTH = 0.18
"""What a passing line takes of a row, in widths of a box."""


@dataclass(frozen=True)
class Item:
    """A box, or the gap that a line goes through, in one row."""

    name: str
    row: int
    is_gap: bool = False

    @property
    def width(self) -> float:
        return GAP_WIDTH if self.is_gap else 1.0


def placed(rows: Sequence[Sequence[Item]], joined: Iterable[tuple[Item, Item]]) -> tuple[dict[Item, float], float]:
    """The middle of every item and the width of the whole, in widths of a box."""
    above, below = _neighbours(joined)
    width = max((sum(item.width for item in row) for row in rows), default=1.0)
    ordered = _ordered(rows, above, below)
    x = {item: place for row in ordered for item, place in zip(row, _packed(row, width), strict=True)}
    for sweep in range(SWEEPS):
        near, turn = (above, ordered) if sweep % 2 == 0 else (below, ordered[::-1])
        for row in turn:
            x |= _moved(row, x, near, width)
    return x, width


def _neighbours(joined: Iterable[tuple[Item, Item]]) -> tuple[dict[Item, list[Item]], dict[Item, list[Item]]]:
    above: dict[Item, list[Item]] = {}
    below: dict[Item, list[Item]] = {}
    for upper, lower in joined:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    return above, below


def _ordered(rows: Sequence[Sequence[Item]], above: Mapping, below: Mapping) -> list[list[Item]]:
    """The order with the fewest crossings among those that the sweeps come by."""
    current = [list(row) for row in rows]
    best, fewest = [list(row) for row in current], _crossings(current, below)
    for sweep in range(SWEEPS):
        near = above if sweep % 2 == 0 else below
        for row in current if sweep % 2 == 0 else current[::-1]:
            place = {item: index / max(len(other), 1) for other in current for index, item in enumerate(other)}
            row.sort(key=lambda item: fmean(place[other] for other in near[item]) if item in near else place[item])
        count = _crossings(current, below)
        if count < fewest:
            best, fewest = [list(row) for row in current], count
    return best


def _crossings(rows: Sequence[Sequence[Item]], below: Mapping[Item, list[Item]]) -> int:
    place = {item: index for row in rows for index, item in enumerate(row)}
    count = 0
    for row in rows:
        ends = [(place[item], place[other]) for item in row for other in below.get(item, ())]
        count += sum(a < c and b > d for a, b in ends for c, d in ends)
    return count


def _packed(row: Sequence[Item], width: float) -> list[float]:
    """Side by side in the middle."""
    start = (width - sum(item.width for item in row)) / 2
    places = []
    for item in row:
        places.append(start + item.width / 2)
        start += item.width
    return places


def _moved(row: Sequence[Item], x: Mapping[Item, float], near: Mapping[Item, list[Item]], width: float) -> dict[Item, float]:
    """Every item as near to the mean of its neighbours as the others in the row allow, pushed from either side in turn."""
    wanted = [fmean(x[other] for other in near[item]) if item in near else x[item] for item in row]
    from_left = _pushed(row, wanted, width)
    mirrored = _pushed(row[::-1], [width - place for place in wanted[::-1]], width)
    from_right = [width - place for place in mirrored[::-1]]
    return {item: (left + right) / 2 for item, left, right in zip(row, from_left, from_right, strict=True)}


def _pushed(row: Sequence[Item], wanted: Sequence[float], width: float) -> list[float]:
    """The nearest places at or to the right of the wanted ones without overlap, kept within the width."""
    places, edge = [], 0.0
    for item, place in zip(row, wanted, strict=True):
        places.append(max(place, edge + item.width / 2))
        edge = places[-1] + item.width / 2
    edge = width
    for index in reversed(range(len(row))):
        places[index] = min(places[index], edge - row[index].width / 2)
        edge = places[index] - row[index].width / 2
    return places
