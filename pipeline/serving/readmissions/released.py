"""The parts of the readmissions page without the counts that a release hides, and without what is computed from them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from pipeline.serving.rates import HIDDEN_NOTE, WITHHELD, Rate, withheld
from pipeline.serving.readmissions.groups import SITE, WARD, Overall, RateGroup
from pipeline.serving.readmissions.released_names import (
    CAME_BACK,
    CODED,
    FOLLOWED,
    INDEXED,
    PLANNED_RETURNS,
    RETURNED,
    STAYS_OF_POPULATION,
    WHOLE,
    ReadmissionsView,
)
from pipeline.serving.readmissions.stays import ROWS_WITHHELD, StayList
from pipeline.serving.readmissions.tiles import HeadlineTile
from pipeline.serving.readmissions.waterfall import ALL_STAYS, EXCLUDED, INDEX_STAYS, OUTCOME, Step

MEASURE, RAW = (INDEXED, RETURNED), (FOLLOWED, CAME_BACK)
RESTS_ON = (
    tuple((*WHOLE, kind) for kind in MEASURE),
    tuple((*WHOLE, kind) for kind in RAW),
    (INDEX_STAYS, ALL_STAYS),
    ((*WHOLE, PLANNED_RETURNS), INDEX_STAYS),
    (CODED, STAYS_OF_POPULATION),
)
"""The counts behind each of the headline tiles, in their order."""


def released_overall(summed: Overall, view: ReadmissionsView) -> Overall:
    """The sums of the whole view."""
    hidden = {name: bool(view.words(one)) for name, one in (("stay_count", STAYS_OF_POPULATION), ("coded_count", CODED))}
    hidden |= {kind: bool(view.words((*WHOLE, kind))) for kind in (INDEXED, PLANNED_RETURNS)}
    known = {name: None if is_hidden else getattr(summed, name) for name, is_hidden in hidden.items()}
    return Overall(**known, measure=_rate(summed.measure, WHOLE, MEASURE, view), raw=_rate(summed.raw, WHOLE, RAW, view))


def released_headlines(tiles: Sequence[HeadlineTile], view: ReadmissionsView) -> tuple[HeadlineTile, ...]:
    """The five tiles."""
    return tuple(_tile(tile, view.words(*counts)) for tile, counts in zip(tiles, RESTS_ON, strict=True))


def _tile(tile: HeadlineTile, words: str) -> HeadlineTile:
    return replace(tile, value=None, text=WITHHELD, interval_text="", note=HIDDEN_NOTE, suppressed=words) if words else tile


def released_groups(groups: Iterable[RateGroup], view: ReadmissionsView) -> tuple[RateGroup, ...]:
    """The groups; sites and wards without a rate after those with one, by name, because their place would tell about it."""
    shown = [_group(one, view) for one in groups]
    groupings = list(dict.fromkeys(one.grouped_by for one in shown))
    return tuple(sorted(shown, key=lambda one: (groupings.index(one.grouped_by), *_place(one))))


def _place(one: RateGroup) -> tuple[bool, str]:
    is_placed_by_rate = one.grouped_by in (SITE, WARD) and one.measure.share is None
    return is_placed_by_rate, one.name if is_placed_by_rate else ""


def _group(one: RateGroup, view: ReadmissionsView) -> RateGroup:
    name = one.grouped_by, one.name
    planned = view.words((*name, PLANNED_RETURNS))
    return replace(
        one,
        measure=_rate(one.measure, name, MEASURE, view),
        raw=_rate(one.raw, name, RAW, view),
        planned_return_count=None if planned else one.planned_return_count,
    )


def _rate(one: Rate, name: tuple[str, str], kinds: tuple[str, str], view: ReadmissionsView) -> Rate:
    out_of, count = (view.words((*name, kind)) for kind in kinds)
    return one if one.is_small or one.out_of is None or not (out_of or count) else withheld(one, out_of, count)


def shown_sums(sums: pd.DataFrame, grouped_by: str, view: ReadmissionsView) -> pd.DataFrame:
    """The groups of one grouping whose measure may be shown: what charts are drawn of."""
    return sums[[not view.words(*((grouped_by, str(name), kind) for kind in MEASURE)) for name in sums.index]]


def released_steps(steps: Sequence[Step], view: ReadmissionsView) -> tuple[Step, ...]:
    """The waterfall; hidden steps have no length, so that the places of the others do not tell it."""
    total, index = view.words(ALL_STAYS), view.words(INDEX_STAYS)
    known = [_step(step, view.words(step.name), index if step.kind == OUTCOME else total) for step in steps]
    left = sum(step.stay_count or 0 for step in known if step.kind == EXCLUDED) if total else steps[0].stay_count
    done, placed = 0, []
    for step in known:
        length = step.stay_count or 0
        if step.kind == EXCLUDED:
            placed.append(replace(step, starts_at=left, ends_at=left - length))
            left -= length
        elif step.kind == OUTCOME:
            placed.append(replace(step, starts_at=done, ends_at=done + length))
            done += length
        else:
            placed.append(replace(step, starts_at=0, ends_at=length))
    return tuple(placed)


def _step(step: Step, words: str, whole: str) -> Step:
    return replace(
        step,
        stay_count=None if words else step.stay_count,
        share=None if words or whole else step.share,
        suppressed=words,
    )


def released_stays(listed: StayList, view: ReadmissionsView) -> StayList:
    """The list of a step, without its rows where counting them, also by site, would tell a hidden count.

    Of a list that is cut, counting tells nothing.
    """
    words, is_whole = view.words(listed.step), len(listed.rows) == listed.total_count
    if not words and not (is_whole and view.is_hidden_at_a_site(listed.step)):
        return listed
    total = None if words else listed.total_count
    return replace(listed, rows=(), unlisted=listed.unlisted or ROWS_WITHHELD, total_count=total, suppressed=words)
