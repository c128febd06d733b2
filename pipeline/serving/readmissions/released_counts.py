"""Everything the readmissions page counts, in every period, at every site and of both populations, and how it adds up. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import pandas as pd

from pipeline.serving.filters import ALL_SITES, PERIODS, Choices, Filters, Months, months_of, months_within
from pipeline.serving.readmissions.groups import AGE_GROUP, CHILDREN, COLUMNS, WARD
from pipeline.serving.readmissions.population import ADULTS, POPULATIONS, SENIORS, TOO_YOUNG, of_population
from pipeline.serving.readmissions.released_names import (
    ANYBODY,
    CAME_BACK,
    CODED,
    FOLLOWED,
    INDEXED,
    KINDS,
    PLANNED_RETURNS,
    RETURNED,
    STAYS_OF_POPULATION,
    WHOLE,
    Counted,
    of_group,
    of_stays,
)
from pipeline.serving.readmissions.waterfall import ALL_STAYS, EXCLUSIONS, NOT_RETURNED
from pipeline.serving.released.release import Count, Ledger, Release

PLACE = ["site_name", "stay_month"]
NOT_BACK = "not back"
OUTCOMES_OF = {INDEXED: (RETURNED, PLANNED_RETURNS, NOT_RETURNED), FOLLOWED: (CAME_BACK, NOT_BACK)}
"""What adds up to a count within every group; the last of each is the rest, which only the waterfall shows."""

OF_EVERY_GROUP = (*KINDS, NOT_RETURNED, NOT_BACK)

OF_ALL_STAYS = Counted(ANYBODY, *WHOLE, ALL_STAYS)
CHILDREN_FOLLOWED = Counted(ANYBODY, AGE_GROUP, CHILDREN, FOLLOWED)


def released_counts(rows: pd.DataFrame, choices: Choices) -> Release:
    """Which counts are hidden, whatever the filters, from the rows of all months and sites of gold.readmission_rates."""
    counted = _counted(rows)
    names = list(counted)
    of_months = [name for name in names if (name.grouping, name.group) == WHOLE and name.what in OF_EVERY_GROUP]
    ledger = Ledger()
    for month in months_within(Months(choices.oldest_month, choices.newest_month)):
        _add_span(ledger, _summed(counted[of_months], Months(month, month), choices), month)
    for period in PERIODS:
        _add_span(ledger, _summed(counted, months_of(Filters(period), choices), choices), period)
    _nest_periods(ledger, names, of_months, choices)
    return ledger.released()


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per site and month, one column per thing that is counted."""
    children = rows[rows["age_group"] == CHILDREN]
    counted = {OF_ALL_STAYS: _sums(rows, "stay_count")}
    counted |= {of_group(AGE_GROUP, CHILDREN, kind, ADULTS): _sums(children, kind) for kind in (FOLLOWED, CAME_BACK)}
    for population in POPULATIONS:
        counted |= _counted_of(of_population(rows, population), population)
    for name in [name for name in counted if name.what in OUTCOMES_OF]:
        *known, rest = _parts(name)
        counted[rest] = counted[name].sub(sum(counted[part] for part in known), fill_value=0)
    table = pd.concat(counted.values(), axis=1, keys=range(len(counted))).fillna(0).astype("int64")
    table.columns = pd.Index(list(counted), tupleize_cols=False)
    return table


def _counted_of(rows: pd.DataFrame, population: str) -> dict[Counted, pd.Series]:
    """Of one population: its stays, the exclusions of its waterfall, and its groups."""
    inside = rows[rows["is_in_population"]]
    counted = {of_stays(one, population): _sums(inside, one) for one in (STAYS_OF_POPULATION, CODED)}
    for step in (TOO_YOUNG[population], *EXCLUSIONS):
        counted[of_stays(step, population)] = _sums(rows[rows["counted_as"] == step], "stay_count")
    groups = [(*WHOLE, inside)]
    groups += [(by, str(group), its) for by in (AGE_GROUP, WARD) for group, its in inside.groupby(COLUMNS[by])]
    return counted | {of_group(by, group, kind, population): _sums(its, kind) for by, group, its in groups for kind in KINDS}


def _sums(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby(PLACE)[column].sum()


def _summed(counted: pd.DataFrame, months: Months, choices: Choices) -> pd.DataFrame:
    """One row per site, all sites first, with the sums over the months."""
    when = counted.index.get_level_values("stay_month")
    inside = counted[(when >= months.first) & (when <= months.last)]
    by_site = inside.groupby(level="site_name").sum().reindex(choices.sites, fill_value=0)
    everywhere = by_site.sum().to_frame(ALL_SITES).T
    return pd.concat([everywhere, by_site])


def _add_span(ledger: Ledger, summed: pd.DataFrame, span: Hashable) -> None:
    """The counts of one span of time: over the sites, and within each."""
    for name, counts in zip(summed.columns, summed.to_numpy().T, strict=True):
        names_of = [Count(span, site, name) for site in summed.index]
        cells = [ledger.put(one, count, worth=_worth(one)) for one, count in zip(names_of, counts, strict=True)]
        ledger.add_up(cells[0], cells[1:])
    names = list(summed.columns)
    for place in (_Place(ledger, span, site) for site in summed.index):
        _add_up_groups(place, names)
        if OF_ALL_STAYS in names:
            _add_up_stays(place, names)


def _worth(one: Count) -> int:
    """The headline numbers are hidden last: a period before a month, the whole before a group, all sites before one."""
    name, is_period = one.counted, one.span in PERIODS
    if name.what == NOT_BACK or (name.what == NOT_RETURNED and (name.group or not is_period)):
        return 0
    is_measure = name.what in (INDEXED, RETURNED, ALL_STAYS, STAYS_OF_POPULATION)
    return 1 + 2 * (not name.group) + 2 * is_measure + 2 * is_period + (one.site_name == ALL_SITES)


@dataclass(frozen=True)
class _Place:
    """One span of time at one site, in which counts add up."""

    ledger: Ledger
    span: Hashable
    site_name: str

    def add_up(self, whole: Counted, parts: Iterable[Counted]) -> None:
        self.ledger.add_up(self._count(whole), [self._count(part) for part in parts])

    def add_up_with_rest(self, whole: Counted, part: Counted, rest: str) -> None:
        self.ledger.add_up_with_rest(self._count(whole), (self._count(part),), rest)

    def _count(self, name: Counted) -> Count:
        return Count(self.span, self.site_name, name)


def _add_up_groups(place: _Place, names: list[Counted]) -> None:
    """Each group by its outcomes, and adults by those of 65 and over and the others."""
    for name in names:
        if name.what in OUTCOMES_OF:
            place.add_up(name, _parts(name))
        if name.population == SENIORS and (of_adults := name._replace(population=ADULTS)) in names:
            place.add_up_with_rest(of_adults, name, "under 65")


def _add_up_stays(place: _Place, names: list[Counted]) -> None:
    """All stays by the steps of each waterfall, those of a population by its groups, and the young among them."""
    for whole, groups in _groupings(names):
        place.add_up(whole, groups)
    for population in POPULATIONS:
        stays, too_young, index, coded = (
            of_stays(what, population) for what in (STAYS_OF_POPULATION, TOO_YOUNG[population], INDEXED, CODED)
        )
        steps = [index, *(of_stays(step, population) for step in EXCLUSIONS)]
        place.add_up(OF_ALL_STAYS, (stays, too_young))
        place.add_up(OF_ALL_STAYS, (too_young, *steps))
        place.add_up(stays, steps)
        place.add_up_with_rest(stays, coded, "without a diagnosis")
    under_18, under_65 = (of_stays(TOO_YOUNG[population], population) for population in POPULATIONS)
    place.add_up_with_rest(under_18, CHILDREN_FOLLOWED, "others too young")
    place.add_up_with_rest(under_65, under_18, "18 to 64")


def _parts(name: Counted) -> list[Counted]:
    return [name._replace(what=part) for part in OUTCOMES_OF[name.what]]


def _groupings(names: list[Counted]) -> Iterator[tuple[Counted, list[Counted]]]:
    """The whole of each kind, with its groups: the wards, and the ages of adults."""
    for population, kind in product(POPULATIONS, KINDS):
        whole = Counted(population, *WHOLE, kind)
        yield whole, [name for name in names if (name.population, name.grouping, name.what) == (population, WARD, kind)]
    for kind in KINDS:
        of_adults = [name for name in names if name[:2] == (ADULTS, AGE_GROUP) and name.what == kind]
        yield Counted(ADULTS, *WHOLE, kind), [*of_adults, Counted(SENIORS, *WHOLE, kind)]


def _nest_periods(ledger: Ledger, names: list[Counted], of_months: list[Counted], choices: Choices) -> None:
    """Each period holds the next shorter one, and both the months they are made of."""
    spans = {period: months_of(Filters(period), choices) for period in PERIODS}
    for site in choices.site_names:
        for shorter, longer in pairwise(PERIODS):
            for name in names:
                whole, rest = Count(longer, site, name), ("more", shorter)
                ledger.add_up_with_rest(whole, (Count(shorter, site, name),), rest)
                if name in of_months:
                    between = [month for month in months_within(spans[longer]) if month < spans[shorter].first]
                    ledger.add_up(Count((longer, rest), site, name), [Count(month, site, name) for month in between])
        for name in of_months:
            for period, months in spans.items():
                ledger.add_up(Count(period, site, name), [Count(month, site, name) for month in months_within(months)])
