"""Everything the command center shows, as one frozen payload: the screen, the PDF and the JSON are made from it.

The only reads are questions to the governed door, over published aggregates and the worklist; everything after them is pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from pipeline.errors import AccessDenied, NotPublished
from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.row_scope import ALL
from pipeline.serving.filters import ALL_SITES, WHOLE_PERIOD, Choices, Filters, months_of
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
from pipeline.serving.single_rows import ENCOUNTERS_BY_MONTH, is_cut_right, why_not_listed
from pipeline.serving.tiles import Tile, tiles, trend_months
from pipeline.serving.worklist import WORKLIST_LIMIT, Worklist, summed_size, worklist_rows
from pipeline.settings import load_settings

PURPOSE = "Command center"

AT_SITE = f"($site = '{ALL_SITES}' or site_name = $site)"
IN_MONTHS = "arrival_month between $first_month and $last_month"
IN_PERIOD = f"($is_whole_period or {IN_MONTHS})"
"""Of a list that may only be cut by month for a role that sees it."""


OFFERED = """
select site_name, min(arrival_date) as oldest_date, max(arrival_date) as newest_date
from gold.ingestion_volume group by site_name
"""
DEMOGRAPHICS = f"""
select arrival_month, age_group, sex, risk_level, cast(sum(encounter_count) as bigint) as encounter_count,
    cast(sum(in_hospital_count) as bigint) as in_hospital_count
from gold.demographics where {AT_SITE}
group by arrival_month, age_group, sex, risk_level
"""
VITALS = f"""
select arrival_month, age_group, encounter_count,
    heart_rate_count, cast(heart_rate_sum as double) as heart_rate_sum,
    respiratory_rate_count, cast(respiratory_rate_sum as double) as respiratory_rate_sum,
    systolic_bp_count, cast(systolic_bp_sum as double) as systolic_bp_sum,
    temperature_count, cast(temperature_sum as double) as temperature_sum,
    spo2_count, cast(spo2_sum as double) as spo2_sum
from gold.vital_averages where {AT_SITE}
"""
ARRIVALS = f"""
select arrival_date, arrival_month, encounter_class, cast(sum(encounter_count) as bigint) as encounter_count
from gold.ingestion_volume where {AT_SITE} and {IN_MONTHS}
group by arrival_date, arrival_month, encounter_class
"""
CELLS = f"""
select risk_level, age_cell_years, heart_rate_cell_bpm, cast(sum(encounter_count) as bigint) as encounter_count,
    cast(sum(age_years_sum) as bigint) as age_years_sum, cast(sum(heart_rate_sum) as double) as heart_rate_sum
from gold.age_heart_rate_cells where {AT_SITE} and {IN_MONTHS}
group by risk_level, age_cell_years, heart_rate_cell_bpm
"""
WORKLIST = f"""
select encounter_id, patient_id, is_in_hospital, severity_name, news2_score, news2_parameter_count, unstable_vital_count,
    age_years, sex, site_name, ward_name, encounter_class, heart_rate_bpm, spo2_pct, systolic_bp_mmhg,
    respiratory_rate_per_min, temperature_c, flag_reasons, arrived_at, measured_at
from gold.high_risk_seniors where {AT_SITE} and {IN_PERIOD}
order by is_in_hospital desc, news2_score desc nulls last, unstable_vital_count desc, arrived_at desc, encounter_id
limit {WORKLIST_LIMIT}
"""
WORKLIST_SIZE = f"""
select cast(count(*) as bigint) as total_count, cast(count(case when is_in_hospital then 1 end) as bigint) as in_hospital_count
from gold.high_risk_seniors where {AT_SITE} and {IN_MONTHS}
"""
LEDGER = """
select layer, cast(sum(accepted_count) as bigint) as accepted_count, cast(sum(quarantined_count) as bigint) as quarantined_count
from ops.row_ledger group by layer
"""
CHECKS = """
select table_name, check_sentence, severity, result, violation_count, row_count
from ops.check_results
"""


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


def choices(viewer: Viewer) -> Choices:
    """The sites and days the published data holds; NotPublished when it holds no encounter.

    Raises AccessDenied for a viewer held to own places when none of them has a patient: a refresh would not help.
    """
    found = _dated(access.read(viewer, OFFERED, purpose=PURPOSE), "oldest_date", "newest_date")
    if found.empty:
        if load_policy().rows(viewer.role) != ALL:
            raise AccessDenied("Your account names no site or ward that has patients here. Ask a data steward to add yours.")
        raise NotPublished("The published data holds no encounters yet. Put files into the landing folder and refresh.")
    return Choices(tuple(sorted(found["site_name"])), found["oldest_date"].min(), found["newest_date"].max())


@access.logged_together()
def command_center(viewer: Viewer, filters: Filters, generated_at: datetime | None = None) -> CommandCenter:
    """Read and assemble every panel; BadRequest for a filter that is not on the list.

    generated_at is the moment of asking, now unless said otherwise. All panels are of one publication: when a refresh
    publishes in between, everything is read again.
    """
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    publication = access.publication(viewer)
    offered = choices(viewer)
    center = _assembled(viewer, filters.checked(offered), offered, publication, asked_at)
    if load_policy().hides_small_cells(viewer.role):
        kept = load_settings().home, publication.number, publication.run_id
        release = released_counts(viewer, offered, kept, purpose=PURPOSE)
        center = _released(center, View(release, filters.period, filters.site_name), offered)
    if access.publication(viewer).number != publication.number:
        return command_center(viewer, filters, asked_at)
    return center


def _assembled(
    viewer: Viewer, filters: Filters, offered: Choices, publication: access.Publication, generated_at: datetime
) -> CommandCenter:
    months = months_of(filters, offered)
    site = {"site": filters.site_name}
    period = {**site, "first_month": months.first, "last_month": months.last}
    demographics = _dated(access.read(viewer, DEMOGRAPHICS, site, purpose=PURPOSE), "arrival_month")
    vitals = _dated(access.read(viewer, VITALS, site, purpose=PURPOSE), "arrival_month")
    arrivals = _dated(access.read(viewer, ARRIVALS, period, purpose=PURPOSE), "arrival_date", "arrival_month")
    judged = quality(access.read(viewer, LEDGER, purpose=PURPOSE))
    chosen = in_months(demographics, months)
    return CommandCenter(
        provenance=provenance(viewer, filters, months, publication=publication, generated_at=generated_at),
        tiles=tiles(demographics, vitals, quality=judged, filters=filters, choices=offered),
        quality=judged,
        risk_map=risk_map(access.read(viewer, CELLS, period, purpose=PURPOSE), access.treatment(viewer, *MAP_AGES)),
        age_groups=shares(chosen, "age_group", AGE_GROUPS),
        sexes=shares(chosen, "sex", SEXES),
        vital_averages=vital_averages(in_months(vitals, months)),
        volume=volume(arrivals, months),
        volume_step=step_name(months),
        worklist=_worklist(viewer, period, filters.period, chosen),
        checks=check_results(access.read(viewer, CHECKS, purpose=PURPOSE)),
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


def _worklist(viewer: Viewer, asked: dict[str, object], period: str, counted: pd.DataFrame) -> Worklist:
    """The list, or why there is none. Who cannot have encounters counted by month has them counted by the sums of the months."""
    unlisted = why_not_listed(viewer, ENCOUNTERS_BY_MONTH, period)
    if is_cut_right(viewer, ENCOUNTERS_BY_MONTH):
        size = access.read(viewer, WORKLIST_SIZE, asked, purpose=PURPOSE).iloc[0]
        total, inside = int(size["total_count"]), int(size["in_hospital_count"])
    else:
        total, inside = summed_size(counted)
    whole = {"is_whole_period": period == WHOLE_PERIOD}
    rows = () if unlisted else worklist_rows(access.read(viewer, WORKLIST, asked | whole, purpose=PURPOSE))
    is_hidden = not access.shows(viewer, "gold.high_risk_seniors", "severity_name")
    return Worklist(rows, total, inside, unlisted=unlisted, is_hidden=is_hidden)


def _dated(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Dates as plain dates, whatever the engine returned."""
    return frame.assign(**{column: pd.to_datetime(frame[column]).dt.date for column in columns})
