"""Who the patient is, where the patient is now, and the latest severity with what it rests on. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.serving.patient.kinds import Encounter, Person, Stay, VitalSet
from pipeline.serving.theme import RISK_STYLES
from pipeline.serving.wording import date_text, plural, time_text
from pipeline.serving.worklist import NEWS2_PARAMETERS

NOT_ASSESSED, NOT_ASSESSED_SIGN = "Not assessed", "○"
MONTHS_FROM_DAYS, YEARS_FROM_MONTHS = 28, 24
"""A newborn's age is told in days up to 28, an infant's in months up to two years."""


@dataclass(frozen=True)
class Severity:
    """The risk level of the encounter that was measured last, with its sign. level: Low, Moderate, High or Not assessed.

    score_text: NEWS2 with its count, or a child's severity; basis: what the level rests on beside it, empty for nothing.
    """

    level: str
    sign: str
    score_text: str
    measured_text: str
    basis: str


def age_text(one: Encounter | VitalSet) -> str:
    """Age at the arrival of the encounter: 75 years; 14 months under two years; 9 days in the first four weeks."""
    if one.age_days < MONTHS_FROM_DAYS:
        return plural(one.age_days, "day", "days")
    if one.age_months < YEARS_FROM_MONTHS:
        return plural(one.age_months, "month", "months")
    return plural(one.age_years, "year", "years")


def facts_text(person: Person, encounters: tuple[Encounter, ...], stays: tuple[Stay, ...]) -> str:
    """Age at the latest contact, sex, birth, death, and how often the patient came."""
    age = f"{age_text(encounters[0])} at the latest contact" if encounters else ""
    died = "" if person.death_date is None else f"died {date_text(person.death_date)}"
    counts = f"{plural(len(encounters), 'encounter', 'encounters')}, {plural(len(stays), 'stay', 'stays')}"
    return " · ".join(part for part in (age, person.sex, f"born {date_text(person.birth_date)}", died, counts) if part)


def where_text(encounters: tuple[Encounter, ...], *, is_whole: bool = True) -> str:
    """Where the patient is now, or when and where last seen; of a record that is not whole, in the viewer's own places."""
    here = next((one for one in encounters if one.is_open), None)
    if here is not None:
        return f"In hospital now: {here.place}, since {time_text(here.arrived_at)}"
    if not encounters:
        return "No encounter of this patient is in the published data."
    last = encounters[0]
    now = "Not in hospital. Last contact" if is_whole else "Not in your own places now. Last contact there"
    return f"{now}: {last.encounter_class.lower()}, {last.place}, {time_text(last.arrived_at)}"


def latest_severity(encounters: tuple[Encounter, ...]) -> Severity:
    """Of the encounter with the newest vital set; Not assessed when nothing was ever measured."""
    measured = [one for one in encounters if one.measured_at is not None]
    if not measured:
        return Severity(NOT_ASSESSED, NOT_ASSESSED_SIGN, "", "No vital set in any encounter", "")
    last = max(measured, key=lambda one: (one.measured_at, one.encounter_id))
    return Severity(
        level=last.risk_level or NOT_ASSESSED,
        sign=risk_sign(last.risk_level),
        score_text=_score_text(last),
        measured_text=f"measured {time_text(last.measured_at)}",
        basis=(last.unstable_vitals or "").replace("; ", ", "),
    )


def risk_sign(level: str | None) -> str:
    """The sign of a risk level; an open circle where there is none."""
    return next((style.sign for style in RISK_STYLES if style.level == level), NOT_ASSESSED_SIGN)


def _score_text(last: Encounter) -> str:
    """NEWS2 with the number of its parameters, a child's severity for age, or why there is neither."""
    if last.news2_score is not None:
        return f"NEWS2 {last.news2_score} ({last.news2_parameter_count} of {NEWS2_PARAMETERS} measured)"
    if last.severity_name is not None and last.severity_name.endswith(" SD"):
        distance = last.severity_name.replace("Within", "within").replace("Over", "over").replace("-", "–")
        return f"heart or respiratory rate {distance} from the median for the age"
    if last.severity_name not in (None, NOT_ASSESSED):
        return last.severity_name
    return f"NEWS2 {last.news2_status}" if last.news2_status else ""
