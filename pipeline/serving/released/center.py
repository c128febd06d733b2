"""The parts of the command center without the counts that a release hides, and without what is computed from them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from pipeline.serving.groups import VITAL_SIGNS, GroupShare, VitalAverage
from pipeline.serving.rates import HIDDEN_NOTE, WITHHELD
from pipeline.serving.released.center_counts import (
    ALL,
    DRAWN_ON_MAP,
    HIGH_RISK_SENIORS,
    NOT_DRAWN,
    SATURATIONS,
    SENIORS,
    STILL_IN_HOSPITAL,
    before,
)
from pipeline.serving.released.center_volume import in_step
from pipeline.serving.released.release import View
from pipeline.serving.released.risk_bands import banded, banded_note
from pipeline.serving.risk_map import RiskMap, RiskPanel
from pipeline.serving.tiles import Tile
from pipeline.serving.wording import count_text
from pipeline.serving.worklist import Worklist

RESTS_ON = {
    "Encounters": (ALL,),
    "Seniors 65+": (SENIORS, ALL),
    "High-risk seniors": (HIGH_RISK_SENIORS, SENIORS),
    "Mean SpO₂": (SATURATIONS,),
}
"""The counts behind each tile, what it is named for first."""

COUNTS_ITSELF = ("Encounters", "High-risk seniors")


def released_tiles(tiles: Sequence[Tile], view: View, months: Sequence[date]) -> tuple[Tile, ...]:
    """The tiles; months are those of their trends, oldest first."""
    return tuple(_tile(tile, view, months) if tile.name in RESTS_ON else tile for tile in tiles)


def _tile(tile: Tile, view: View, months: Sequence[date]) -> Tile:
    counted = RESTS_ON[tile.name]
    monthly = tuple(None if view.at(month).words(*counted) else value for month, value in zip(months, tile.monthly, strict=True))
    words = view.words(*counted)
    if words:
        written = words if tile.name in COUNTS_ITSELF else WITHHELD
        hidden = replace(tile, value=None, text=written, note=HIDDEN_NOTE, suppressed=words)
        return replace(hidden, change_text=None, monthly=monthly)
    change = None if view.at(before(view.span)).words(*counted) else tile.change_text
    return replace(tile, change_text=change, monthly=monthly)


def released_shares(groups: Sequence[GroupShare], column: str, view: View) -> tuple[GroupShare, ...]:
    """The groups of a column."""
    return tuple(_share(one, column, view) for one in groups)


def _share(one: GroupShare, column: str, view: View) -> GroupShare:
    name = column, one.group
    own, high = view.words(name), view.words(("high", *name))
    return GroupShare(
        group=one.group,
        encounter_count=None if own else one.encounter_count,
        share=None if view.words(name, ALL) else one.share,
        high_risk_count=None if high else one.high_risk_count,
        high_risk_share=None if own or high else one.high_risk_share,
        suppressed=own,
        high_risk_suppressed=high,
    )


def released_averages(averages: Sequence[VitalAverage], view: View) -> tuple[VitalAverage, ...]:
    """The means of those that enough encounters have."""
    stems = {sign.name: sign.stem for sign in VITAL_SIGNS}
    return tuple(_average(one, view.words(("vital", one.age_group, stems[one.vital_sign])), view) for one in averages)


def _average(one: VitalAverage, words: str, view: View) -> VitalAverage:
    group = view.words(("age_group", one.age_group))
    shown = replace(one, encounter_count=None if group else one.encounter_count, suppressed=words)
    return replace(shown, mean=None, measured_count=None, band_position=None) if words else shown


def released_volume(volume: pd.DataFrame, view: View) -> pd.DataFrame:
    """The volume with a column suppressed: what is written for a count that is hidden, empty for the others."""
    words = [view.words(in_step(row.step_start, row.encounter_class)) for row in volume.itertuples()]
    counts = [None if why else int(count) for why, count in zip(words, volume["encounter_count"], strict=True)]
    return volume.assign(encounter_count=pd.Series(counts, index=volume.index, dtype=object), suppressed=words)


def released_map(drawn: RiskMap, view: View) -> RiskMap:
    """The map in bands."""
    whole = view.words(ALL)
    parts = [view.words(name) for name in (DRAWN_ON_MAP, NOT_DRAWN)] if drawn.is_drawn else ["", whole]
    counts = [drawn.density_count + drawn.single_count, drawn.not_drawn_count]
    density, left = (None if why else count for why, count in zip(parts, counts, strict=True))
    note = banded_note(drawn, whole or count_text(drawn.encounter_count), parts[1] or count_text(left))
    panels = tuple(_panel(panel, view.words(("level", panel.level))) for panel in drawn.panels)
    total = None if whole else drawn.encounter_count
    return replace(
        drawn,
        panels=panels,
        encounter_count=total,
        density_count=density,
        single_count=None,
        not_drawn_count=left,
        banded_note=note,
    )


def _panel(panel: RiskPanel, words: str) -> RiskPanel:
    return replace(banded(panel), encounter_count=None if words else panel.encounter_count, suppressed=words)


def released_worklist(listed: Worklist, view: View, sites: Sequence[str]) -> Worklist:
    """The list, without its rows where counting them, also by site, would tell a hidden count."""
    total, inside = view.words(HIGH_RISK_SENIORS), view.words(STILL_IN_HOSPITAL)
    places = [View(view.release, view.span, site) for site in (view.site_name, *sites)]
    is_withheld = any(place.words(name) for place in places for name in (HIGH_RISK_SENIORS, STILL_IN_HOSPITAL))
    return replace(
        listed,
        rows=() if is_withheld else listed.rows,
        total_count=None if total else listed.total_count,
        in_hospital_count=None if inside else listed.in_hospital_count,
        suppressed=total,
        in_hospital_suppressed=inside,
        is_withheld=is_withheld,
    )
