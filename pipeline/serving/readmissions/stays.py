"""The stays behind one step of the waterfall, each with the sentence that says why it counts as it does.

Reads through the governed door. What the viewer's role may not see arrives masked or empty, and is shown so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from pipeline.serving.center_questions import AT_SITE
from pipeline.serving.readmissions.waterfall import NOT_RETURNED, PLANNED, READMITTED
from pipeline.serving.wording import UNKNOWN, code_text, count_text, date_text, month_text

STAYS_LIMIT = 200
ROWS_WITHHELD = "The stays are not listed, because counting them would tell a count that your role does not see."

STAYS = f"""
with named as (
    select
        stay_id, patient_id, age_years, site_name, ward_name, stay_month, discharge_date, discharged_at, length_of_stay_days,
        code_system, diagnosis_code, diagnosis_name, days_to_next_stay, count_reason,
        case
            when first_exclusion = 'Under 18' or ($seniors_only and age_group <> 'Senior') then $too_young
            when first_exclusion is not null then first_exclusion
            when is_readmitted then '{READMITTED}'
            when has_planned_return then '{PLANNED}'
            when is_index then '{NOT_RETURNED}'
        end as step_name
    from gold.index_stays
    where {AT_SITE} and ($is_whole_period or stay_month between $first_month and $last_month)
)
select
    stay_id, patient_id, age_years, site_name, ward_name, stay_month, discharge_date, length_of_stay_days,
    code_system, diagnosis_code, diagnosis_name, days_to_next_stay, count_reason
from named where step_name = $step
order by stay_month desc, discharged_at desc nulls last, stay_id, site_name, ward_name, length_of_stay_days, days_to_next_stay
limit {STAYS_LIMIT}
"""


@dataclass(frozen=True)
class CountedStay:
    """One stay of gold.index_stays. Identifiers, times and clinical values may be masked or empty for the viewer's role."""

    stay_id: str | None
    patient_id: str | None
    age_years: int | None
    site_name: str
    ward_name: str | None
    stay_month: date | str | None
    discharge_date: date | str | None
    length_of_stay_days: int | None
    code_system: str | None
    diagnosis_code: str | None
    diagnosis_name: str | None
    days_to_next_stay: int | None
    count_reason: str | None

    @property
    def discharged_text(self) -> str:
        """The day of discharge; the month of admission while the patient is in hospital; the year where the role sees no more."""
        if isinstance(self.discharge_date, date):
            return date_text(self.discharge_date)
        return month_text(self.stay_month) if isinstance(self.stay_month, date) else self.stay_month or UNKNOWN

    @property
    def diagnosis_text(self) -> str:
        """Code and words of the principal diagnosis; a dash without one."""
        return " ".join(part for part in (code_text(self.code_system, self.diagnosis_code), self.diagnosis_name) if part) or UNKNOWN


@dataclass(frozen=True)
class StayList:
    """The newest stays of one step, and how many the step holds in all; without rows where that number is suppressed.

    unlisted: why they are not listed in this period, if not. is_hidden: whether the viewer's role may count the stays but not see
    what they are counted for.
    """

    step: str
    rows: tuple[CountedStay, ...]
    total_count: int | None
    suppressed: str = ""
    unlisted: str = ""
    is_hidden: bool = False

    @property
    def caption(self) -> str:
        """What the list holds and in which order."""
        source = "source gold.index_stays"
        if self.is_hidden or self.unlisted or not self.total_count:
            return f"{self.step}: {self.suppressed or count_text(self.total_count)} · {source}"
        tells_months = all(isinstance(row.stay_month, date) for row in self.rows)
        first, order = (
            ("newest", "newest discharge first, days of the hospital") if tells_months else ("first", "newest year first")
        )
        shown = "all shown" if len(self.rows) >= self.total_count else f"{first} {len(self.rows)} shown"
        return f"{self.step}: {count_text(self.total_count)}, {shown} · {order} · {source}"


def stay_rows(found: pd.DataFrame) -> tuple[CountedStay, ...]:
    """The rows of gold.index_stays as they may be shown to this viewer."""
    texts = ("stay_id", "patient_id", "ward_name", "code_system", "diagnosis_code", "diagnosis_name", "count_reason")
    wholes = ("age_years", "length_of_stay_days", "days_to_next_stay")
    return tuple(
        CountedStay(
            site_name=str(row["site_name"]),
            stay_month=_day(row["stay_month"]),
            discharge_date=_day(row["discharge_date"]),
            **{name: None if pd.isna(row[name]) else str(row[name]) for name in texts},
            **{name: None if pd.isna(row[name]) else int(row[name]) for name in wholes},
        )
        for row in found.to_dict("records")
    )


def _day(value: object) -> date | str | None:
    """A day; as it came where it is the year alone."""
    if isinstance(value, str) or pd.isna(value):
        return value if isinstance(value, str) else None
    return pd.Timestamp(value).date()


def stays_table(listed: StayList) -> pd.DataFrame:
    """The list as shown on the screen: one row per stay, columns named for their headings."""
    columns = (
        "Patient", "Age", "Site", "Ward", "Discharged", "Stay", "Principal diagnosis", "Next stay", "Why",
    )  # fmt: skip
    rows = [
        (
            row.patient_id or UNKNOWN, row.age_years, row.site_name, row.ward_name or UNKNOWN, row.discharged_text,
            row.length_of_stay_days, row.diagnosis_text, row.days_to_next_stay, row.count_reason or UNKNOWN,
        )
        for row in listed.rows
    ]  # fmt: skip
    wholes = dict.fromkeys(("Age", "Stay", "Next stay"), "Int64")
    return pd.DataFrame(rows, columns=list(columns)).astype(wholes)
