"""The worklist of high-risk seniors: which columns it shows, in which words, and how a masked or missing value looks.

Pure. The order comes from the reader's question in command_center.py: in hospital first, then NEWS2, then unstable vital signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.errors import NotPublished
from pipeline.serving.wording import UNKNOWN, count_text, decimal_text, time_text

WORKLIST_LIMIT = 50
NEWS2_PARAMETERS = 7
NEWS2_HIGHEST_SCORE = 20
"""Seven parameters of up to 3 points each, oxygen 2 instead of 3: Royal College of Physicians 2017."""

NO_ROWS = "No encounter of a senior is at risk level High in this period at this site."
ROWS_WITHHELD = "The encounters are not listed, because counting them would tell a count that your role does not see."

SEVERITY_SIGNS = {"High": "◆", "Medium": "▲", "Low-medium": "▲", "Low": "●"}
"""The NEWS2 class in the signs of the risk levels; the word always stands beside it."""

SEVERITY_TEXTS = {name: f"{sign} {name}" for name, sign in SEVERITY_SIGNS.items()}


HEADINGS = {"SpO2": "SpO₂", "temperature": "Temp"}
"""Of the vital signs that data/reference/instability_limits.csv names otherwise than the columns of the table."""


@dataclass(frozen=True)
class WorklistRow:
    """One encounter of a senior at risk level High. Identifiers and times may be masked for the viewer's role."""

    encounter_id: str | None
    patient_id: str | None
    is_in_hospital: bool
    severity_name: str | None
    news2_score: int | None
    news2_parameter_count: int | None
    unstable_vital_count: int | None
    age_years: int | str | None
    sex: str | None
    site_name: str
    ward_name: str | None
    encounter_class: str
    heart_rate_bpm: float | None
    spo2_pct: float | None
    systolic_bp_mmhg: float | None
    respiratory_rate_per_min: float | None
    temperature_c: float | None
    flag_reasons: str | None
    arrived_at: datetime | str | None
    measured_at: datetime | str | None

    @property
    def severity_text(self) -> str:
        """The NEWS2 class with its sign; a dash when the role does not see it."""
        return UNKNOWN if self.severity_name is None else SEVERITY_TEXTS.get(self.severity_name, self.severity_name)

    @property
    def measured_text(self) -> str:
        """How many of the NEWS2 parameters were measured: 6 of 7."""
        return UNKNOWN if self.news2_parameter_count is None else f"{self.news2_parameter_count} of {NEWS2_PARAMETERS}"

    @property
    def unstable_text(self) -> str:
        """Which vital signs lie outside the stability limits, by the headings of the columns that hold the values: HR, SpO₂."""
        if self.flag_reasons is None:
            return UNKNOWN
        names = [reason.split()[0] for reason in self.flag_reasons.split("; ") if reason and not reason.startswith("NEWS2")]
        return ", ".join(HEADINGS.get(name, name) for name in names) or "none"

    @property
    def card_lines(self) -> tuple[str, str, str, str]:
        """The row for a narrow screen: severity, who and where, the measurements, why."""
        age = UNKNOWN if self.age_years is None else f"{self.age_years} years"
        place = f"{self.ward_name or UNKNOWN}{', in hospital' if self.is_in_hospital else ''}"
        score = UNKNOWN if self.news2_score is None else self.news2_score
        measured = (
            f"HR {decimal_text(self.heart_rate_bpm, 0)}",
            f"SpO₂ {decimal_text(self.spo2_pct, 0)} %",
            f"SBP {decimal_text(self.systolic_bp_mmhg, 0)}",
            f"RR {decimal_text(self.respiratory_rate_per_min, 0)}",
            f"{decimal_text(self.temperature_c, 1)} °C",
        )
        return (
            f"{self.severity_text} · NEWS2 {score} ({self.measured_text})",
            f"{self.patient_id or UNKNOWN} · {age} · {place}",
            " · ".join(measured),
            self.flag_reasons or UNKNOWN,
        )


@dataclass(frozen=True)
class Worklist:
    """The first rows of the list, and how many encounters the whole list holds.

    suppressed, in_hospital_suppressed: what is written for a count that is hidden as a small cell. is_withheld: whether the rows
    are left out because whoever counts them would know such a count. unlisted: why they are not listed in this period, if not.
    is_hidden: whether the viewer's role may count the list but not see what it rests on.
    """

    rows: tuple[WorklistRow, ...]
    total_count: int | None
    in_hospital_count: int | None
    suppressed: str = ""
    in_hospital_suppressed: str = ""
    is_withheld: bool = False
    unlisted: str = ""
    is_hidden: bool = False

    @property
    def why_empty(self) -> str:
        """What stands for the rows where there are none."""
        return self.unlisted or (ROWS_WITHHELD if self.is_withheld else NO_ROWS)

    @property
    def caption(self) -> str:
        """What the list holds and in which order."""
        return (
            f"{self.suppressed or count_text(self.total_count)} encounters of patients 65+ at risk level High, "
            f"{self.in_hospital_suppressed or count_text(self.in_hospital_count)} in hospital, {self._shown_text} "
            "· in hospital first, then NEWS2, "
            f"then vital signs outside the stability limits, then latest {self._arrival_text}"
        )

    @property
    def _arrival_text(self) -> str:
        """What the rows tell of the arrival: a time, or its year."""
        return "year of arrival" if any(isinstance(row.arrived_at, str) for row in self.rows) else "arrival"

    @property
    def _shown_text(self) -> str:
        if self.is_withheld or self.unlisted:
            return "none shown"
        return "all shown" if len(self.rows) >= self.total_count else f"first {len(self.rows)} shown"


def summed_size(counted: pd.DataFrame) -> tuple[int, int]:
    """How many encounters the list holds, and how many of them in hospital, from rows of gold.demographics.

    Raises NotPublished for sums of an older version, which did not count who is in hospital.
    """
    high = counted[(counted["age_group"] == "Senior") & (counted["risk_level"] == "High")]
    if high["in_hospital_count"].isna().any():
        raise NotPublished("gold.demographics does not tell who is in hospital: an older version made it. Refresh the data.")
    return int(high["encounter_count"].sum()), int(high["in_hospital_count"].sum())


def worklist_rows(found: pd.DataFrame) -> tuple[WorklistRow, ...]:
    """The rows of gold.high_risk_seniors as they may be shown to this viewer."""
    texts = ("encounter_id", "patient_id", "sex", "ward_name", "severity_name", "flag_reasons")
    measures = ("heart_rate_bpm", "spo2_pct", "systolic_bp_mmhg", "respiratory_rate_per_min", "temperature_c")
    return tuple(
        WorklistRow(
            is_in_hospital=bool(row["is_in_hospital"]),
            site_name=str(row["site_name"]),
            encounter_class=str(row["encounter_class"]),
            age_years=_age(row["age_years"]),
            news2_score=_whole(row["news2_score"]),
            news2_parameter_count=_whole(row["news2_parameter_count"]),
            unstable_vital_count=_whole(row["unstable_vital_count"]),
            arrived_at=_moment(row["arrived_at"]),
            measured_at=_moment(row["measured_at"]),
            **{name: _known(row[name]) for name in texts},
            **{name: _measure(row[name]) for name in measures},
        )
        for row in found.to_dict("records")
    )


def worklist_table(listed: Worklist) -> pd.DataFrame:
    """The worklist as shown on the screen: one row per encounter, columns named for their headings; Severity is a list of one."""
    columns = (
        "Severity", "NEWS2", "Measured", "Patient", "Age", "Ward", "In hospital",
        "HR", "SpO₂", "SBP", "RR", "Temp", "Unstable", "Arrived (UTC)",
    )  # fmt: skip
    return pd.DataFrame([_shown(row) for row in listed.rows], columns=list(columns))


def _shown(row: WorklistRow) -> tuple[object, ...]:
    return (
        [row.severity_text], row.news2_score, row.measured_text, row.patient_id or UNKNOWN,
        UNKNOWN if row.age_years is None else str(row.age_years), row.ward_name or UNKNOWN, "Yes" if row.is_in_hospital else "No",
        row.heart_rate_bpm, row.spo2_pct, row.systolic_bp_mmhg, row.respiratory_rate_per_min, row.temperature_c,
        row.unstable_text, moment_text(row.arrived_at),
    )  # fmt: skip


def moment_text(moment: datetime | str | None) -> str:
    """A time in UTC as written, or the mask as it came."""
    return moment if isinstance(moment, str) else time_text(moment).removesuffix(" UTC")


def _known(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


def _measure(value: object) -> float | None:
    return None if pd.isna(value) else float(value)


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)


def _age(value: object) -> int | str | None:
    return value if isinstance(value, str) else _whole(value)


def _moment(value: object) -> datetime | str | None:
    if isinstance(value, str) or pd.isna(value):
        return value if isinstance(value, str) else None
    return pd.Timestamp(value).to_pydatetime().replace(tzinfo=None)
