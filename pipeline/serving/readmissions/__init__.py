"""Everything the readmissions page shows, as one frozen payload: the screen, the JSON and the CSV are made from it.

The only reads are questions to the governed door, over published counts and the list of stays; everything after is pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from pipeline.errors import BadRequest
from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.center_questions import AT_SITE, dated
from pipeline.serving.control_chart import ControlChart, MonthCount, control_chart
from pipeline.serving.filters import WHOLE_PERIOD, Choices, Filters, months_of
from pipeline.serving.funnel import Funnel, funnel
from pipeline.serving.kept import kept_for_all_who_see_the_same
from pipeline.serving.provenance import Provenance, provenance
from pipeline.serving.readmissions.basis import BASIS, Basis, basis_of
from pipeline.serving.readmissions.groups import (
    MONTH,
    SITE,
    WARD,
    Overall,
    RateGroup,
    children,
    group_sums,
    last_day,
    overall,
    rate_groups,
)
from pipeline.serving.readmissions.population import SENIORS, TOO_YOUNG, checked_population, of_population
from pipeline.serving.readmissions.released import (
    released_groups,
    released_headlines,
    released_overall,
    released_stays,
    released_steps,
    shown_sums,
)
from pipeline.serving.readmissions.released_counts import released_counts
from pipeline.serving.readmissions.released_names import ReadmissionsView
from pipeline.serving.readmissions.stays import STAYS, StayList, stay_rows
from pipeline.serving.readmissions.tiles import HeadlineTile, headline_tiles
from pipeline.serving.readmissions.waterfall import Step, steps_of, waterfall
from pipeline.serving.released.release import Release
from pipeline.serving.single_rows import STAYS_BY_MONTH, why_not_listed
from pipeline.settings import load_settings

PURPOSE = "Readmissions"
FUNNELS = (SITE, WARD)

OFFERED = """
select site_name, min(stay_month) as oldest_month, max(stay_month) as newest_month
from gold.readmission_rates group by site_name
"""
EVERY_COUNT = """
select stay_month, site_name, ward_name, age_group, counted_as, stay_count, raw_index_count, raw_return_count,
    index_count, readmission_count, planned_return_count, coded_count
from gold.readmission_rates
"""
COUNTS = f"{EVERY_COUNT} where {AT_SITE} and stay_month between $first_month and $last_month"


@dataclass(frozen=True)
class Readmissions:
    """Every panel's data for one viewer and one choice of filters. funnels: by what is compared, Site or Ward."""

    provenance: Provenance
    population: str
    basis: Basis
    overall: Overall
    tiles: tuple[HeadlineTile, ...]
    waterfall: tuple[Step, ...]
    groups: tuple[RateGroup, ...]
    control_chart: ControlChart
    funnels: dict[str, Funnel]
    stays: StayList


def choices(viewer: Viewer) -> Choices:
    """The sites with stays, and the days the data covers; NotPublished when it holds no encounter."""
    return _offered(viewer, _basis(viewer))


@access.logged_together()
def readmissions(
    viewer: Viewer, filters: Filters, population: str, *, listed: str, generated_at: datetime | None = None
) -> Readmissions:
    """Read and assemble every panel; BadRequest for a filter, a population or a listed step that is not on its list.

    listed: the step of the waterfall whose stays are listed. generated_at is the moment of asking, now unless said
    otherwise. All panels are of one publication: when a refresh publishes in between, everything is read again.
    """
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    publication = access.publication(viewer)
    basis = _basis(viewer)
    offered = _offered(viewer, basis)
    months = months_of(filters.checked(offered), offered)
    source = provenance(viewer, filters, months, publication=publication, generated_at=asked_at)
    step = _checked_step(listed, checked_population(population))
    view = _view(viewer, source, population, offered) if load_policy().hides_small_cells(viewer.role) else None
    found = _assembled(viewer, source, basis, population, listed=step, view=view)
    if access.publication(viewer).number != publication.number:
        return readmissions(viewer, filters, population, listed=listed, generated_at=asked_at)
    return found


def _offered(viewer: Viewer, basis: Basis) -> Choices:
    found = dated(access.read(viewer, OFFERED, purpose=PURPOSE), "oldest_month", "newest_month")
    # A discharge can be later than the newest arrival, and a stay can be older than what the file of arrivals holds.
    days = [basis.first_date, basis.last_date, *found["oldest_month"], *found["newest_month"]]
    return Choices(tuple(sorted(found["site_name"])), min(days), max(days))


def _view(viewer: Viewer, source: Provenance, population: str, offered: Choices) -> ReadmissionsView:
    """What the role may be shown of the counts of this view."""
    publication = load_settings().home, source.publication_number, source.run_id
    release = _release(viewer, offered, publication)
    return ReadmissionsView(release, source.period, source.site_name, population, offered.sites)


@kept_for_all_who_see_the_same
def _release(viewer: Viewer, offered: Choices, publication: tuple[Path, int, str]) -> Release:
    """Which counts are hidden, whatever the filters; the publication is its lake, number and run."""
    return released_counts(dated(access.read(viewer, EVERY_COUNT, purpose=PURPOSE), "stay_month"), offered)


def _assembled(
    viewer: Viewer, source: Provenance, basis: Basis, population: str, *, listed: str, view: ReadmissionsView | None
) -> Readmissions:
    rows = dated(access.read(viewer, COUNTS, _asked(source), purpose=PURPOSE), "stay_month")
    counted = of_population(rows, population)
    summed, steps = overall(counted), waterfall(counted, population)
    sums = group_sums(counted)
    drawn = sums if view is None else {grouped_by: shown_sums(sums[grouped_by], grouped_by, view) for grouped_by in sums}
    found = Readmissions(
        provenance=source,
        population=population,
        basis=basis,
        overall=summed,
        tiles=headline_tiles(summed, basis, population, steps[0].stay_count),
        waterfall=steps,
        groups=(*children(rows, population), *rate_groups(sums, basis.whole_until)),
        control_chart=control_chart(_month_counts(drawn[MONTH], basis.whole_until)),
        funnels={grouped_by: funnel(_group_counts(drawn[grouped_by])) for grouped_by in FUNNELS},
        stays=_listed(viewer, source, population, next(step for step in steps if step.name == listed)),
    )
    return found if view is None else _released(found, view)


def _released(found: Readmissions, view: ReadmissionsView) -> Readmissions:
    """The same without small counts, and without those from which one could be worked out, here or with other filters."""
    return replace(
        found,
        overall=released_overall(found.overall, view),
        tiles=released_headlines(found.tiles, view),
        waterfall=released_steps(found.waterfall, view),
        groups=released_groups(found.groups, view),
        stays=released_stays(found.stays, view),
    )


def _asked(source: Provenance) -> dict[str, object]:
    return {"site": source.site_name, "first_month": source.first_month, "last_month": source.last_month}


def _listed(viewer: Viewer, source: Provenance, population: str, step: Step) -> StayList:
    """The list, or why there is none."""
    unlisted = why_not_listed(viewer, STAYS_BY_MONTH, source.period)
    asked = _asked(source) | {"is_whole_period": source.period == WHOLE_PERIOD}
    asked |= {"step": step.name, "too_young": TOO_YOUNG[population], "seniors_only": population == SENIORS}
    rows = () if unlisted else stay_rows(access.read(viewer, STAYS, asked, purpose=PURPOSE))
    is_hidden = not access.shows(viewer, "gold.index_stays", "count_reason")
    return StayList(step.name, rows, step.stay_count, unlisted=unlisted, is_hidden=is_hidden)


def _month_counts(sums: pd.DataFrame, whole_until: date) -> list[MonthCount]:
    return [
        MonthCount(row.Index, int(row.readmission_count), int(row.index_count), last_day(row.Index) <= whole_until)
        for row in sums.itertuples()
    ]


def _group_counts(sums: pd.DataFrame) -> list[tuple[str, int, int]]:
    return [(str(row.Index), int(row.readmission_count), int(row.index_count)) for row in sums.itertuples()]


def _basis(viewer: Viewer) -> Basis:
    return basis_of(access.read(viewer, BASIS, purpose=PURPOSE).iloc[0])


def _checked_step(listed: str, population: str) -> str:
    offered = steps_of(population)
    if listed not in offered:
        raise BadRequest(f"There is no such step of the waterfall. Choose one of: {', '.join(offered)}.")
    return listed
