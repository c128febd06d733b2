"""Everything the command center shows, as one frozen payload: the screen, the PDF and the JSON are made from it.

Everything after the questions to the governed door is pure, and kept while the door answers the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.center_questions import PURPOSE, Answers, asked, choices, dated
from pipeline.serving.filters import ALL_SITES, Choices, Filters, months_of
from pipeline.serving.groups import (
    AGE_GROUPS,
    SEXES,
    GroupShare,
    VitalAverage,
    in_months,
    shares,
    step_name,
    vital_averages,
    volume,
)
from pipeline.serving.kept import Kept
from pipeline.serving.provenance import Provenance, provenance
from pipeline.serving.quality import CheckResult, Quality, check_results, quality
from pipeline.serving.released.center import (
    released_averages,
    released_map,
    released_shares,
    released_tiles,
    released_volume,
    released_worklist,
)
from pipeline.serving.released.center_counts import released_counts
from pipeline.serving.released.release import View
from pipeline.serving.risk_map import RiskMap, risk_map
from pipeline.serving.single_rows import ENCOUNTERS_BY_MONTH, why_not_listed
from pipeline.serving.tiles import Tile, tiles, trend_months
from pipeline.serving.worklist import Worklist, summed_size, worklist_rows
from pipeline.settings import load_settings

_kept: Kept[CommandCenter] = Kept()

MAP_AGES = ("gold.age_heart_rate_cells", "age_cell_years")


@dataclass(frozen=True)
class CommandCenter:
    """Every panel's data for one viewer and one choice of filters.

    volume: one row per step and class: step_start, encounter_class, encounter_count; volume_step is week or month. For a role
    without small cells a count can be empty, and the column suppressed says what to write for it.
    """

    provenance: Provenance
    tiles: tuple[Tile, ...]
    quality: Quality
    risk_map: RiskMap
    age_groups: tuple[GroupShare, ...]
    sexes: tuple[GroupShare, ...]
    vital_averages: tuple[VitalAverage, ...]
    volume: pd.DataFrame
    volume_step: str
    worklist: Worklist
    checks: tuple[CheckResult, ...]


@access.logged_together()
def command_center(viewer: Viewer, filters: Filters, generated_at: datetime | None = None) -> CommandCenter:
    """Read and assemble every panel; BadRequest for a filter that is not on the list.

    generated_at is the moment of asking, now unless said otherwise. All panels are of one publication: when a refresh
    publishes in between, everything is read again.
    """
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    publication = access.publication(viewer)
    offered = choices(viewer)
    months = months_of(filters.checked(offered), offered)
    read_from = provenance(viewer, filters, months, publication=publication, generated_at=asked_at)
    answers = asked(viewer, filters, months)
    # With the publication: what was read across two of them, and is read again below, must not serve the second.
    view = publication.number, publication.run_id, filters, offered
    center = _kept.of(answers, view, lambda: _seen(answers, viewer, filters, offered, read_from))
    if access.publication(viewer).number != publication.number:
        return command_center(viewer, filters, asked_at)
    return replace(center, provenance=read_from)


def _seen(answers: Answers, viewer: Viewer, filters: Filters, offered: Choices, read_from: Provenance) -> CommandCenter:
    """The payload for anybody who got these answers, which the role, the places and the publication decided."""
    center = _assembled(answers, Viewer("", viewer.role), filters, offered, read_from)
    if not load_policy().hides_small_cells(viewer.role):
        return center
    kept = load_settings().home, read_from.publication_number, read_from.run_id
    release = released_counts(viewer, offered, kept, purpose=PURPOSE)
    return _released(center, View(release, filters.period, filters.site_name), offered)


def _assembled(answers: Answers, anybody: Viewer, filters: Filters, offered: Choices, read_from: Provenance) -> CommandCenter:
    months = months_of(filters, offered)
    demographics = dated(answers.demographics.frame(), "arrival_month")
    vitals = dated(answers.vitals.frame(), "arrival_month")
    arrivals = dated(answers.arrivals.frame(), "arrival_date", "arrival_month")
    judged = quality(answers.ledger.frame())
    chosen = in_months(demographics, months)
    return CommandCenter(
        provenance=read_from,
        tiles=tiles(demographics, vitals, quality=judged, filters=filters, choices=offered),
        quality=judged,
        risk_map=risk_map(answers.cells.frame(), access.treatment(anybody, *MAP_AGES)),
        age_groups=shares(chosen, "age_group", AGE_GROUPS),
        sexes=shares(chosen, "sex", SEXES),
        vital_averages=vital_averages(in_months(vitals, months)),
        volume=volume(arrivals, months),
        volume_step=step_name(months),
        worklist=_worklist(answers, anybody, filters.period, chosen),
        checks=check_results(answers.checks.frame()),
    )


def _released(center: CommandCenter, view: View, offered: Choices) -> CommandCenter:
    """The same without small counts, and without those from which one could be worked out, here or with other filters."""
    sites = offered.sites if view.site_name == ALL_SITES else ()
    return replace(
        center,
        tiles=released_tiles(center.tiles, view, trend_months(offered.newest_month, offered.oldest_month)),
        risk_map=released_map(center.risk_map, view),
        age_groups=released_shares(center.age_groups, "age_group", view),
        sexes=released_shares(center.sexes, "sex", view),
        vital_averages=released_averages(center.vital_averages, view),
        volume=released_volume(center.volume, view),
        worklist=released_worklist(center.worklist, view, sites),
    )


def _worklist(answers: Answers, anybody: Viewer, period: str, counted: pd.DataFrame) -> Worklist:
    """The list, or why there is none. Who cannot have encounters counted by month has them counted by the sums of the months."""
    if answers.size is None:
        total, inside = summed_size(counted)
    else:
        size = answers.size.frame().iloc[0]
        total, inside = int(size["total_count"]), int(size["in_hospital_count"])
    rows = () if answers.listed is None else worklist_rows(answers.listed.frame())
    is_hidden = not access.shows(anybody, "gold.high_risk_seniors", "severity_name")
    return Worklist(rows, total, inside, unlisted=why_not_listed(anybody, ENCOUNTERS_BY_MONTH, period), is_hidden=is_hidden)
