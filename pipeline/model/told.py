"""How the card writes counts of stays: as they are, or as they may stand in a file that no policy guards. Pure.

The first is for the evidence, of which the policy decides for each reader. The second is for the text kept with a training run and
printed by a command. Its shares keep their decimals, from which who knows the counts beside them may reckon others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

SMALL_CELL = 11
"""Counts of patients from 1 to 10 are not told, after the cell size suppression policy of CMS."""

TOO_FEW, WITHHELD = f"under {SMALL_CELL}", "not told"

Tell = Callable[[Sequence[int], Sequence[int]], tuple[str, ...]]
"""Writes counts that add up to a known sum, of which each may be part of another count that is told."""


def exactly(counts: Sequence[int], out_of: Sequence[int] = ()) -> tuple[str, ...]:
    """The counts as they are."""
    return tuple(f"{count:,}" for count in counts)


def publicly(counts: Sequence[int], out_of: Sequence[int] = ()) -> tuple[str, ...]:
    """The counts without the small ones, without those that leave a small one of out_of, and without what tells one of them."""
    rests = [whole - count for whole, count in zip(out_of, counts, strict=True)] if out_of else [0] * len(counts)
    hidden = [place for place, count in enumerate(counts) if _is_small(count) or _is_small(rests[place])]
    others = sorted((place for place in range(len(counts)) if place not in hidden and counts[place]), key=counts.__getitem__)
    while hidden and others and _tell_one([counts[place] for place in hidden]):
        hidden.append(others.pop(0))
    return tuple(_words(count) if place in hidden else f"{count:,}" for place, count in enumerate(counts))


def _is_small(count: int) -> bool:
    return 0 < count < SMALL_CELL


def _words(count: int) -> str:
    return TOO_FEW if _is_small(count) else WITHHELD


def _tell_one(hidden: Sequence[int]) -> bool:
    """Whether the sum of hidden counts gives one away: it is that of one, or small, or leaves each small one a single value."""
    together = sum(hidden)
    is_one_way = max(hidden) < SMALL_CELL and together in (len(hidden), len(hidden) * (SMALL_CELL - 1))
    return len(hidden) == 1 or together < SMALL_CELL or is_one_way
