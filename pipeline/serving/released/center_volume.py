"""The counts of the volume chart over all filters: steps of weeks or months by class, and how they add up. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from itertools import pairwise

import pandas as pd

from pipeline.serving.filters import ALL_SITES, PERIODS, WHOLE_PERIOD, Choices, Filters, Months, months_of, months_within
from pipeline.serving.groups import step_name, volume
from pipeline.serving.released.release import Count, Ledger
from pipeline.serving.tiles import trend_months


def in_step(step_start: date, encounter_class: str) -> tuple[str, date, str]:
    """What one bar of the chart counts."""
    return "step", step_start, encounter_class


def add_volume(ledger: Ledger, arrivals: pd.DataFrame, choices: Choices, *, all_encounters: Hashable) -> None:
    """Puts in the bars of every period and site, from site_name, arrival_date, arrival_month, encounter_class, encounter_count."""
    spans = {period: months_of(Filters(period), choices) for period in PERIODS}
    trend = frozenset(trend_months(choices.newest_month, choices.oldest_month))
    classes = sorted(arrivals["encounter_class"].unique())
    for period, months in spans.items():
        steps = _steps(ledger, arrivals, period, months=months, sites=choices.site_names, classes=classes)
        for site in choices.site_names:
            _add_up_classes(ledger, Count(period, site, all_encounters), steps, classes)
            of_month = trend if step_name(months) == "month" else frozenset()
            _add_up_steps(ledger, Count(period, site, all_encounters), steps, classes=classes, by_month=of_month)
    _nest(ledger, spans, choices.site_names, classes)


def _steps(
    ledger: Ledger, arrivals: pd.DataFrame, period: str, *, months: Months, sites: tuple[str, ...], classes: list[str]
) -> list[date]:
    """Puts in every bar, also those that are zero at a site, and gives back the steps."""
    by_site = {site: arrivals if site == ALL_SITES else arrivals[arrivals["site_name"] == site] for site in sites}
    found = {
        (site, row.step_start, row.encounter_class): row.encounter_count
        for site, rows in by_site.items()
        for row in volume(rows, months).itertuples()
    }
    steps = sorted({step for _, step, _ in found})
    for step in steps:
        for one in classes:
            bars = [ledger.put(Count(period, site, in_step(step, one)), found.get((site, step, one), 0)) for site in sites]
            ledger.add_up(bars[0], bars[1:])
    return steps


def _add_up_classes(ledger: Ledger, whole: Count, steps: list[date], classes: list[str]) -> None:
    sums = []
    for one in classes:
        bars = [whole._replace(counted=in_step(step, one)) for step in steps]
        total = ledger.put(whole._replace(counted=("class", one)), sum(ledger.counts[bar] for bar in bars), worth=0)
        ledger.add_up(total, bars)
        sums.append(total)
    ledger.add_up(whole, sums)


def _add_up_steps(ledger: Ledger, whole: Count, steps: list[date], *, classes: list[str], by_month: frozenset[date]) -> None:
    """Of each step; where the step is a month of the trends, its total is shown there."""
    for step in steps:
        bars = [whole._replace(counted=in_step(step, one)) for one in classes]
        total = whole._replace(span=step) if step in by_month else whole._replace(counted=("step", step))
        if step not in by_month:
            ledger.put(total, sum(ledger.counts[bar] for bar in bars), worth=0)
        ledger.add_up(total, bars)


def _nest(ledger: Ledger, spans: dict[str, Months], sites: tuple[str, ...], classes: list[str]) -> None:
    """A bar of a period against the same bar of the next longer one, and weeks against the months they make up."""
    names = [name for name in ledger.counts if name.span in spans and name.counted[0] in ("step", "class")]
    for shorter, longer in pairwise(PERIODS):
        is_same_kind = step_name(spans[shorter]) == step_name(spans[longer])
        for name in (one for one in names if one.span == shorter):
            if name.counted[0] == "class" or is_same_kind:
                ledger.add_up_with_rest(name._replace(span=longer), (name,), "more")
    if step_name(spans[WHOLE_PERIOD]) == "month":
        for period in (one for one in spans if step_name(spans[one]) == "week"):
            _nest_in_months(ledger, period, spans[period], sites=sites, classes=classes)


def _nest_in_months(ledger: Ledger, period: str, months: Months, *, sites: tuple[str, ...], classes: list[str]) -> None:
    for site in sites:
        for one in classes:
            bars = (Count(WHOLE_PERIOD, site, in_step(month, one)) for month in months_within(months))
            ledger.add_up(Count(period, site, ("class", one)), [bar for bar in bars if bar in ledger.counts])
