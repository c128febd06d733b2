"""How far a deployed model still fits: expected against observed readmissions, and how stays moved between its bins. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import log, sqrt
from statistics import NormalDist

from pipeline.serving.rates import CONFIDENCE

FEWEST_STAYS, FEWEST_EXPECTED = 500, 50
"""Of a group that is judged. Below, its interval is so wide that it says nothing (this project's choice)."""

LEAST_RATIO, MOST_RATIO = 0.9, 1.1
"""Observed over expected within which a model counts as calibrated in the large (this project's choice)."""

DRIFT_WATCH, DRIFT_MOVED = 0.1, 0.2
"""Population stability index from which stays have moved a little, and clearly: Siddiqi, Credit Risk Scorecards, 2006."""

LEAST_SHARE = 0.0001
"""Taken for an empty bin, where the index would be infinite."""

STEADY, WATCH, MOVED, UNSURE = "steady", "watch", "moved", "too few"


@dataclass(frozen=True)
class Ratio:
    """Observed over expected readmissions: 1 is as the model says, 1.1 is a tenth more than it expects.

    low and high: the ends of its 95 % interval; all three None where nothing was expected. stay_count: index stays behind it.
    is_beyond_chance: whether chance is an unlikely reason for its distance from 1, judged alone or among others (judged_together).
    suppressed, observed_suppressed: what is written for stay_count and observed where these are hidden as small cells and None.
    """

    name: str
    stay_count: int | None
    expected: float | None
    observed: int | None
    ratio: float | None
    low: float | None
    high: float | None
    suppressed: str = ""
    observed_suppressed: str = ""
    is_beyond_chance: bool = False

    @property
    def is_judged(self) -> bool:
        """Whether enough is behind it to say more than too few."""
        return self.ratio is not None and self.stay_count >= FEWEST_STAYS and self.expected >= FEWEST_EXPECTED

    @property
    def verdict(self) -> str:
        """watch: beyond chance; moved: beyond chance and outside 0.9-1.1; too few: under 500 stays or 50 expected."""
        if not self.is_judged:
            return UNSURE
        if not self.is_beyond_chance:
            return STEADY
        return WATCH if LEAST_RATIO <= self.ratio <= MOST_RATIO else MOVED


@dataclass(frozen=True)
class Drift:
    """How far the stays of a period lie otherwise in a feature's bins than the training stays: 0 alike, above 0.2 clearly not.

    bin_label and share_now, share_then: the bin that moved most, with its shares, 0-1. What would tell a small cell is None.
    trained_count: training stays, of which share_then is a share.
    """

    feature: str
    stay_count: int | None
    index: float | None
    bin_label: str
    share_now: float | None
    share_then: float | None
    trained_count: int

    @property
    def verdict(self) -> str:
        if self.index is None or self.stay_count is None or self.stay_count < FEWEST_STAYS:
            return UNSURE
        return MOVED if self.index > DRIFT_MOVED else WATCH if self.index > DRIFT_WATCH else STEADY


def observed_over_expected(name: str, stay_count: int, expected: float, observed: int) -> Ratio:
    """The ratio, judged alone, with the 95 % interval of Byar (Breslow & Day, IARC 82, 1987, p. 69)."""
    if expected <= 0:
        return Ratio(name, stay_count, expected, observed, None, None, None)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    low = 0.0 if observed == 0 else observed * (1 - 1 / (9 * observed) - z / (3 * sqrt(observed))) ** 3
    more = observed + 1
    high = more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3
    is_beyond = chance_of(observed, expected) < 1 - CONFIDENCE
    return Ratio(
        name, stay_count, expected, observed, observed / expected, low / expected, high / expected, is_beyond_chance=is_beyond
    )


def chance_of(observed: int, expected: float) -> float:
    """How likely a count at least this far from its expectation is by chance, either way, 0-1: Byar's test, which is below 0.05
    where his 95 % interval leaves 1 out (Breslow & Day, IARC 82, 1987, p. 69).
    """
    count = observed if observed > expected else observed + 1
    deviation = 3 * sqrt(count) * abs(1 - 1 / (9 * count) - (expected / count) ** (1 / 3))
    return 2 * NormalDist().cdf(-deviation)


def judged_together(ratios: Sequence[Ratio]) -> tuple[Ratio, ...]:
    """The same ratios, beyond chance only so far that of models which fit, at most 5 in 100 have any such ratio.

    Holm's rule (1979, Scand J Stat 6:65) over those large enough to be judged: the least likely is held against 5 % divided by
    how many they are, the next by one fewer, and so on until one is not beyond. It holds however much groups overlap, as months,
    sexes and sites do, which are the same stays.
    """
    chances = {place: chance_of(one.observed, one.expected) for place, one in enumerate(ratios) if one.is_judged}
    allowed = ((1 - CONFIDENCE) / left for left in range(len(chances), 0, -1))
    steps = takewhile(lambda step: chances[step[0]] < step[1], zip(sorted(chances, key=chances.get), allowed, strict=True))
    beyond = {place for place, _ in steps}
    return tuple(replace(one, is_beyond_chance=place in beyond) if place in chances else one for place, one in enumerate(ratios))


def drift(feature: str, labels: Sequence[str], now: Mapping[int, int], then: Mapping[int, int]) -> Drift:
    """The population stability index of a feature. labels: of the bins from 0; now and then: stays by bin number."""
    shares_now, shares_then = _shares(now, len(labels)), _shares(then, len(labels))
    parts = [_part(one, other) for one, other in zip(shares_now, shares_then, strict=True)]
    most = max(range(len(labels)), key=lambda place: parts[place])
    return Drift(feature, sum(now.values()), sum(parts), labels[most], shares_now[most], shares_then[most], sum(then.values()))


def _shares(counts: Mapping[int, int], bins: int) -> list[float]:
    whole = sum(counts.values())
    return [counts.get(place, 0) / whole if whole else 0.0 for place in range(bins)]


def _part(now: float, then: float) -> float:
    one, other = max(now, LEAST_SHARE), max(then, LEAST_SHARE)
    return (one - other) * log(one / other)
