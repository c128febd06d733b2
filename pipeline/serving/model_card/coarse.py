"""In how many decimals a figure may be given, so that no small count can be worked out from it. Pure.

A share with three decimals of a known number of stays gives its count back. With fewer, many counts are written alike: where
as many as the fewest that are shown are, the figure tells none of them.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

from pipeline.model.evaluation import Interval
from pipeline.serving.model_card.counts import BACK, FLAGGED, FOUND, STAYS, Place
from pipeline.serving.rates import FEWEST, WITHHELD
from pipeline.serving.released.release import View
from pipeline.serving.wording import UNKNOWN

EXACT = 3
"""Decimals of every figure of the card, where nothing speaks against them."""

COARSER = (EXACT, 2)
"""Decimals to choose from; with one alone a figure of the card says nothing."""

COARSE_NOTE = f"Figures with fewer decimals: with more, a count under {FEWEST} could be worked out from them."
ROUNDING = 1e-9


def alike(count: int, out_of: int, decimals: int) -> int:
    """How many counts out of the same number are written as the same share."""
    step = 10.0**-decimals
    share = round(count / out_of, decimals)
    low = max(0, ceil((share - step / 2) * out_of + ROUNDING))
    high = min(out_of, floor((share + step / 2) * out_of - ROUNDING))
    return high - low + 1


def decimals_hiding(count: int, out_of: int) -> int | None:
    """The most decimals that do not tell the count; None where every share would."""
    return next((decimals for decimals in COARSER if out_of and alike(count, out_of, decimals) >= FEWEST), None)


def decimals_of_missing(missing: Place, stays: int, view: View) -> int | None:
    """Of the share of stays without a value."""
    name = (*missing, STAYS)
    return decimals_hiding(_count(missing, STAYS, view), stays) if view.words(name) else EXACT


def decimals_of_rates(place: Place, view: View, *, out_of: tuple[str, ...] = (BACK, FLAGGED)) -> int | None:
    """Of sensitivity and PPV at the alert budget. out_of: the denominators that a reader knows."""
    names = [(*place, kind) for kind in (STAYS, BACK, FLAGGED, FOUND)]
    if not view.words(*names):
        return EXACT
    found = [decimals_hiding(_count(place, FOUND, view), _count(place, kind, view)) for kind in out_of]
    return None if None in found else min(found)


def decimals_of_ratio(place: Place, view: View) -> int | None:
    """Of observed over expected readmissions; coarse where these are hidden, as if the expected ones, about as many, were known."""
    if not view.words((*place, STAYS), (*place, BACK)):
        return EXACT
    back = _count(place, BACK, view)
    return decimals_hiding(back // 2, back)


def _count(place: Place, kind: str, view: View) -> int:
    return view.release.counts.get((view.span, view.site_name, (*place, kind)), 0)


def rounded(measured: Interval | None, decimals: int | None = EXACT) -> Interval | None:
    """The measure and its interval; None where it may not be given."""
    if measured is None or decimals is None:
        return None
    ends = {name: round(getattr(measured, name), decimals) for name in ("value", "low", "high")}
    return replace(measured, **ends)


def measure_text(measured: Interval | None, decimals: int | None = EXACT) -> str:
    """0.683 (0.677–0.688), or with fewer decimals; a dash where there is no figure."""
    if measured is None:
        return UNKNOWN
    if decimals is None:
        return WITHHELD
    value, low, high = (f"{end:.{decimals}f}" for end in (measured.value, measured.low, measured.high))
    return f"{value} ({low}–{high})"


def share_told(share: float, decimals: int | None) -> str:
    """8.3%, or with fewer decimals."""
    return WITHHELD if decimals is None else f"{share:.{decimals - 2}%}"
