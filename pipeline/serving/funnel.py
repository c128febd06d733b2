"""A funnel plot: the share of each group against how many it rests on, with the limits that chance alone would keep.

Pure; knows nothing of what is counted. Small groups may lie far from the pooled share by chance, large ones may not; the
limits show how far (Spiegelhalter 2005, Stat Med 24:1185). They assume independent cases and the same chance in every group,
so a group outside the limits is a reason to look, at its patients before its care; it is never a judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

import numpy as np

from pipeline.serving.rates import FEWEST, Rate, rate

LIMITS = (0.95, 0.998)
"""About two and three standard errors: of groups that do not differ, 1 in 20 lies outside the inner limits,
1 in 500 outside the outer."""

ABOVE, BELOW = "above", "below"
CURVE_POINTS = 48
REACH = 10
"""Standard deviations of the binomial distribution that are looked at: beyond, less than 1 in 10^20 is left."""


@dataclass(frozen=True)
class FunnelLimits:
    """The limits for groups of one size: low and high per confidence of LIMITS, each 0-1."""

    out_of: int
    low_inner: float
    high_inner: float
    low_outer: float
    high_outer: float


@dataclass(frozen=True)
class FunnelGroup:
    """One group and where it lies. outside: the confidence of the widest limits it lies outside of, None inside both."""

    name: str
    rate: Rate
    outside: float | None
    side: str

    @property
    def place_text(self) -> str:
        """inside the limits, or above the 99.8 % limit."""
        return "inside the limits" if self.outside is None else f"{self.side} the {100 * self.outside:g} % limit"


@dataclass(frozen=True)
class Funnel:
    """centre: the pooled share of all groups, those too small to be drawn included. groups: by size, largest first."""

    centre: Rate
    groups: tuple[FunnelGroup, ...]
    curve: tuple[FunnelLimits, ...]
    small_group_count: int

    @property
    def outside(self) -> tuple[FunnelGroup, ...]:
        """The groups outside a limit, the widest limits first, then by size."""
        found = [one for one in self.groups if one.outside is not None]
        return tuple(sorted(found, key=lambda one: -one.outside))

    @property
    def can_compare(self) -> bool:
        """Whether there are two groups or more to hold against each other."""
        return len(self.groups) > 1


def funnel(counts: Sequence[tuple[str, int, int]]) -> Funnel:
    """The funnel of some groups, each a name, a count and what it is out of. Groups of 1 to 10 are counted, not drawn."""
    centre = rate(sum(count for _, count, _ in counts), sum(out_of for _, _, out_of in counts))
    drawn = sorted((one for one in counts if one[2] >= FEWEST), key=lambda one: (-one[2], one[0]))
    return Funnel(
        centre=centre,
        groups=tuple(_placed(*one, centre.share) for one in drawn),
        curve=tuple(limits(size, centre.share) for size in _sizes(drawn[0][2])) if drawn else (),
        small_group_count=sum(0 < out_of < FEWEST for _, _, out_of in counts),
    )


def limits(out_of: int, centre: float) -> FunnelLimits:
    """Both pairs of limits for groups of one size."""
    inner, outer = ((1 - confidence) / 2 for confidence in LIMITS)
    ends = (binomial_limit(out_of, centre, chance) for chance in (inner, 1 - inner, outer, 1 - outer))
    return FunnelLimits(out_of, *ends)


def binomial_limit(out_of: int, centre: float, chance: float) -> float:
    """The share that a group of this size stays below with this chance, from the exact binomial distribution, 0-1.

    Counts are whole, so the limit is interpolated between the count that reaches the chance and the one before it
    (Spiegelhalter 2005, appendix A.1.1); at small sizes it therefore lies up to one case closer in than the quantile.
    """
    if centre <= 0 or centre >= 1:
        return centre
    counts, reached = _cumulative(out_of, centre)
    place = int(np.searchsorted(reached, chance))
    before = reached[place - 1] if place else 0.0
    part = (reached[place] - chance) / (reached[place] - before)
    return float(min(1.0, max(0.0, (counts[place] - part) / out_of)))


def binomial_quantile(out_of: int, centre: float, chance: float) -> int:
    """The smallest count that a group of this size does not exceed with at least this chance."""
    counts, reached = _cumulative(out_of, centre)
    return int(counts[np.searchsorted(reached, chance)])


@lru_cache(maxsize=512)
def _cumulative(out_of: int, centre: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts around the expected one, and the chance of at most that many.

    Chances are built from the ratio of neighbours and scaled to a sum of 1, so that no factorial of a large number is needed.
    """
    reach = REACH * sqrt(out_of * centre * (1 - centre)) + REACH
    first, last = max(0, int(out_of * centre - reach)), min(out_of, int(out_of * centre + reach))
    counts = np.arange(first, last + 1)
    steps = np.log((out_of - counts[:-1]) / (counts[:-1] + 1)) + log(centre / (1 - centre))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    chances = np.exp(logs - logs.max())
    return counts, np.minimum(np.cumsum(chances / chances.sum()), 1.0)


def _placed(name: str, count: int, out_of: int, centre: float) -> FunnelGroup:
    found, bounds = rate(count, out_of), limits(out_of, centre)
    side = ABOVE if found.share > centre else BELOW
    if found.share < bounds.low_outer or found.share > bounds.high_outer:
        return FunnelGroup(name, found, LIMITS[1], side)
    if found.share < bounds.low_inner or found.share > bounds.high_inner:
        return FunnelGroup(name, found, LIMITS[0], side)
    return FunnelGroup(name, found, None, side)


def _sizes(largest: int) -> list[int]:
    """Sizes from the smallest group shown to a little beyond the largest, closer together where the limits bend."""
    return sorted({round(size) for size in np.geomspace(FEWEST, largest * 1.08 + 1, CURVE_POINTS)})
