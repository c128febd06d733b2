"""Everything one view of the readmissions page counts, and how it adds up. Pure."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from pipeline.serving.readmissions.groups import AGE_GROUP, CHILDREN, GROUPINGS, SUMMED, group_sums
from pipeline.serving.readmissions.population import TOO_YOUNG
from pipeline.serving.readmissions.waterfall import ALL_STAYS, INDEX, INDEX_STAYS, NOT_RETURNED, PLANNED, READMITTED, TOTAL, Step
from pipeline.serving.released.release import Count, Ledger, View

INDEXED, RETURNED, PLANNED_RETURNS, FOLLOWED, CAME_BACK = SUMMED[3], SUMMED[4], SUMMED[5], SUMMED[1], SUMMED[2]
STAYS_OF_POPULATION, CODED = "stay_count", "coded_count"
WHOLE = ("whole", "")
"""Stands for all groups of a grouping together."""


def released_view(rows: pd.DataFrame, counted: pd.DataFrame, steps: tuple[Step, ...], *, span: Hashable, site_name: str) -> View:
    """Which counts of a view are hidden, from the rows as read, those of the population, and the steps of the waterfall."""
    ledger = Ledger()

    def name(counted: Hashable) -> Count:
        return Count(span, site_name, counted)

    for step in steps:
        ledger.put(name(step.name), step.stay_count, worth=3 if step.kind in (TOTAL, INDEX) else 2)
    excluded = [name(step.name) for step in steps if step.kind == "excluded"]
    ledger.add_up(name(ALL_STAYS), [*excluded, name(INDEX_STAYS)])
    ledger.add_up(name(INDEX_STAYS), [name(one) for one in (READMITTED, PLANNED, NOT_RETURNED)])
    _add_groups(ledger, counted, name(""))
    for kind, step in ((INDEXED, INDEX_STAYS), (RETURNED, READMITTED), (PLANNED_RETURNS, PLANNED)):
        ledger.add_up(name((*WHOLE, kind)), [name(step)])
    _add_stays(ledger, rows, counted, name(""), too_young=excluded[0])
    return View(ledger.released(), span, site_name)


def _add_groups(ledger: Ledger, counted: pd.DataFrame, place: Count) -> None:
    """The counts of every group, which add up to the whole in each grouping, and within each group."""
    inside = counted[counted["is_in_population"]]
    kinds = (INDEXED, RETURNED, PLANNED_RETURNS, FOLLOWED, CAME_BACK)
    for kind in kinds:
        ledger.put(place._replace(counted=(*WHOLE, kind)), inside[kind].sum(), worth=3)
    _add_up_group(ledger, place, WHOLE)
    sums = group_sums(counted)
    for grouping in GROUPINGS:
        for row in sums[grouping].itertuples():
            for kind in kinds:
                ledger.put(place._replace(counted=(grouping, str(row.Index), kind)), getattr(row, kind))
            _add_up_group(ledger, place, (grouping, str(row.Index)))
        for kind in kinds:
            parts = [place._replace(counted=(grouping, str(group), kind)) for group in sums[grouping].index]
            ledger.add_up(place._replace(counted=(*WHOLE, kind)), parts)


def _add_up_group(ledger: Ledger, place: Count, group: tuple[str, str]) -> None:
    def one(kind: str) -> Count:
        return place._replace(counted=(*group, kind))

    ledger.add_up_with_rest(one(INDEXED), (one(RETURNED), one(PLANNED_RETURNS)), "not returned")
    ledger.add_up_with_rest(one(FOLLOWED), (one(CAME_BACK),), "not back")


def _add_stays(ledger: Ledger, rows: pd.DataFrame, counted: pd.DataFrame, place: Count, *, too_young: Count) -> None:
    """All stays of the population, those with a diagnosis, and the children beside it."""
    inside = counted[counted["is_in_population"]]
    stays = ledger.put(place._replace(counted=STAYS_OF_POPULATION), inside["stay_count"].sum(), worth=3)
    ledger.add_up(place._replace(counted=ALL_STAYS), (stays, too_young))
    coded = ledger.put(place._replace(counted=CODED), inside["coded_count"].sum())
    ledger.add_up_with_rest(stays, (coded,), "without a diagnosis")
    if too_young.counted in TOO_YOUNG.values():
        children = rows[rows["age_group"] == CHILDREN]
        back = {kind: place._replace(counted=(AGE_GROUP, CHILDREN, kind)) for kind in (FOLLOWED, CAME_BACK)}
        for kind, one in back.items():
            ledger.put(one, children[kind].sum())
        ledger.add_up_with_rest(back[FOLLOWED], (back[CAME_BACK],), "not back")
        ledger.add_up_with_rest(too_young, (back[FOLLOWED],), "others too young")
