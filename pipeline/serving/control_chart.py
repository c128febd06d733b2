"""A p-chart: the share of each month against the limits that chance alone would keep, and four rules for runs.

Pure; knows nothing of what is counted. Limits are those of Shewhart's p-chart: the pooled share, and three standard errors
of a share of that month's size on either side. They assume that the counted stays are independent of each other; where
patients come back often, the true limits are wider. A signal says that chance is an unlikely reason, not what the reason is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import sqrt

from pipeline.serving.rates import FEWEST, Rate, rate
from pipeline.serving.wording import month_text

SIGMAS, WARNING_SIGMAS = 3, 2
RUN_MONTHS, TREND_MONTHS = 8, 6
"""Rules of the Western Electric handbook (1956) and of Nelson (1984, J Qual Technol 16:237)."""

FEWEST_MONTHS = RUN_MONTHS
"""With fewer, no run could be told."""

SETTLED_MONTHS = 20
"""Limits from fewer months are still moving (Montgomery, Introduction to Statistical Quality Control: 20-25 samples)."""

ABOVE, BELOW = "above", "below"


@dataclass(frozen=True)
class MonthCount:
    """`count` out of `out_of` in a month; is_whole says that nothing of the month is still to come."""

    month: date
    count: int
    out_of: int
    is_whole: bool = True


@dataclass(frozen=True)
class ChartedMonth:
    """One month on the chart. lower and upper: its limits, 0-1. deviation: how many standard errors above the centre, below
    when negative; beyond 3 either way is rarer than 3 in 1,000 by chance alone.
    """

    month: date
    rate: Rate
    lower: float
    upper: float
    deviation: float


@dataclass(frozen=True)
class Signal:
    """A rule that some months meet. mark: one or two words for the chart; words: the sentence for the list."""

    rule: str
    months: tuple[date, ...]
    mark: str
    words: str


@dataclass(frozen=True)
class ControlChart:
    """centre: the pooled share of the charted months, 0-1. Left out are small_months, with fewer than 11 cases, and open_months,
    of which something is still to come.
    """

    centre: Rate
    months: tuple[ChartedMonth, ...]
    signals: tuple[Signal, ...]
    small_months: tuple[date, ...]
    open_months: tuple[date, ...]

    @property
    def is_long_enough(self) -> bool:
        """Whether there are months enough to tell a run."""
        return len(self.months) >= FEWEST_MONTHS

    @property
    def signalled_months(self) -> frozenset[date]:
        """Every month that belongs to a signal."""
        return frozenset(month for signal in self.signals for month in signal.months)


def control_chart(counts: Sequence[MonthCount]) -> ControlChart:
    """The chart of some months, in the order of time, whatever the order they come in."""
    ordered = sorted(counts, key=lambda one: one.month)
    whole = [one for one in ordered if one.is_whole]
    drawn = [one for one in whole if one.out_of >= FEWEST]
    centre = rate(sum(one.count for one in drawn), sum(one.out_of for one in drawn))
    months = tuple(_charted(one, centre.share) for one in drawn)
    return ControlChart(
        centre=centre,
        months=months,
        signals=signals(months),
        small_months=tuple(one.month for one in whole if one.out_of < FEWEST),
        open_months=tuple(one.month for one in ordered if not one.is_whole),
    )


def _charted(one: MonthCount, centre: float) -> ChartedMonth:
    error = sqrt(centre * (1 - centre) / one.out_of)
    found = rate(one.count, one.out_of)
    return ChartedMonth(
        month=one.month,
        rate=found,
        lower=max(0.0, centre - SIGMAS * error),
        upper=min(1.0, centre + SIGMAS * error),
        deviation=(found.share - centre) / error if error else 0.0,
    )


def signals(months: Sequence[ChartedMonth]) -> tuple[Signal, ...]:
    """Every rule that is met, by the last month of each; `in a row` means in a row of the months given."""
    found = [*_beyond_limits(months), *_near_limits(months), *_one_side(months), *_trends(months)]
    return tuple(sorted(found, key=lambda signal: (signal.months[-1], len(signal.months))))


def _beyond_limits(months: Sequence[ChartedMonth]) -> Iterator[Signal]:
    """One month more than three standard errors from the centre."""
    for one in months:
        if abs(one.deviation) > SIGMAS:
            which = "upper" if one.deviation > 0 else "lower"
            words = f"{month_text(one.month)}: {_side(one.deviation)} the {which} limit"
            yield Signal("Beyond a limit", (one.month,), f"{_side(one.deviation)} limit", words)


def _near_limits(months: Sequence[ChartedMonth]) -> Iterator[Signal]:
    """Two of three months in a row more than two standard errors from the centre, on the same side."""
    for last in range(1, len(months)):
        side = _side(months[last].deviation)
        far = [one for one in months[max(0, last - 2) : last + 1] if _is_far(one, side)]
        if len(far) >= 2 and far[-1] is months[last]:
            names = " and ".join(month_text(one.month) for one in far)
            words = f"{names}: two of three months in a row far {side} the centre, by more than {WARNING_SIGMAS} standard errors"
            yield Signal("Two of three", tuple(one.month for one in far), f"2 of 3 {side}", words)


def _is_far(one: ChartedMonth, side: str) -> bool:
    return abs(one.deviation) > WARNING_SIGMAS and _side(one.deviation) == side


def _one_side(months: Sequence[ChartedMonth]) -> Iterator[Signal]:
    """Eight or more months in a row on one side of the centre; a month exactly on it ends the run."""
    for side, run in groupby(months, key=lambda one: _side(one.deviation)):
        members = tuple(one.month for one in run)
        if side and len(members) >= RUN_MONTHS:
            words = f"{_span(members)}: {len(members)} months in a row {side} the centre"
            yield Signal("Run on one side", members, f"{len(members)} {side}", words)


def _trends(months: Sequence[ChartedMonth]) -> Iterator[Signal]:
    """Six or more months in a row, each higher than the one before, or each lower; two equal months end the trend."""
    for step, run in groupby(range(1, len(months)), key=lambda here: _step(months, here)):
        places = tuple(run)
        members = tuple(one.month for one in months[places[0] - 1 : places[-1] + 1])
        if step and len(members) >= TREND_MONTHS:
            direction = "rising" if step > 0 else "falling"
            words = f"{_span(members)}: {len(members)} months in a row {direction}"
            yield Signal("Trend", members, f"{len(members)} {direction}", words)


def _step(months: Sequence[ChartedMonth], here: int) -> int:
    change = months[here].rate.share - months[here - 1].rate.share
    return (change > 0) - (change < 0)


def _side(deviation: float) -> str:
    return ABOVE if deviation > 0 else BELOW if deviation < 0 else ""


def _span(months: Sequence[date]) -> str:
    return f"{month_text(months[0])} – {month_text(months[-1])}"
