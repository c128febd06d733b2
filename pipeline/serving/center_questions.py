"""What the command center asks of the governed door: the questions of one view, over published aggregates and the worklist."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.errors import AccessDenied, NotPublished
from pipeline.governance import access
from pipeline.governance.access import Answer
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.row_scope import ALL
from pipeline.serving.filters import ALL_SITES, WHOLE_PERIOD, Choices, Filters, Months
from pipeline.serving.single_rows import ENCOUNTERS_BY_MONTH, is_cut_right, why_not_listed
from pipeline.serving.worklist import WORKLIST_LIMIT

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


@dataclass(frozen=True)
class Answers:
    """What the door answered to the questions of one view.

    size, which counts the worklist, and listed, which are its rows, are None for a role that is given them in another way or not.
    """

    demographics: Answer
    vitals: Answer
    arrivals: Answer
    ledger: Answer
    cells: Answer
    checks: Answer
    size: Answer | None
    listed: Answer | None


def choices(viewer: Viewer) -> Choices:
    """The sites and days the published data holds; NotPublished when it holds no encounter.

    Raises AccessDenied for a viewer held to own places when none of them has a patient: a refresh would not help.
    """
    # Plain rows: a frame of these few costs five times as much as the answer, at every look at the page.
    found = access.ask(viewer, OFFERED, purpose=PURPOSE).rows.to_pylist()
    if not found:
        if load_policy().rows(viewer.role) != ALL:
            raise AccessDenied("Your account names no site or ward that has patients here. Ask a data steward to add yours.")
        raise NotPublished("The published data holds no encounters yet. Put files into the landing folder and refresh.")
    sites = sorted(row["site_name"] for row in found)
    return Choices(tuple(sites), min(row["oldest_date"] for row in found), max(row["newest_date"] for row in found))


def asked(viewer: Viewer, filters: Filters, months: Months) -> Answers:
    """Asks every question of a view; the filters must be on the list of choices."""

    def ask(question: str, given: dict[str, object] | None = None) -> Answer:
        return access.ask(viewer, question, given, purpose=PURPOSE)

    site = {"site": filters.site_name}
    period = {**site, "first_month": months.first, "last_month": months.last}
    whole = {"is_whole_period": filters.period == WHOLE_PERIOD}
    return Answers(
        demographics=ask(DEMOGRAPHICS, site),
        vitals=ask(VITALS, site),
        arrivals=ask(ARRIVALS, period),
        ledger=ask(LEDGER),
        cells=ask(CELLS, period),
        checks=ask(CHECKS),
        size=ask(WORKLIST_SIZE, period) if is_cut_right(viewer, ENCOUNTERS_BY_MONTH) else None,
        listed=None if why_not_listed(viewer, ENCOUNTERS_BY_MONTH, filters.period) else ask(WORKLIST, period | whole),
    )


def dated(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Dates as plain dates, whatever the engine returned."""
    return frame.assign(**{column: pd.to_datetime(frame[column]).dt.date for column in columns})
