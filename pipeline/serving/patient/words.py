"""The sentences of the patient page: captions, headings, and what is said where there is nothing to show. Pure."""

from __future__ import annotations

from pipeline.serving.patient.bands import ADULT_SOURCE, CHILD_SOURCE, NO_BANDS, is_news2_age, is_without_bands
from pipeline.serving.patient.header import Severity, age_text
from pipeline.serving.patient.kinds import Encounter, Stay, VitalSet
from pipeline.serving.patient.stay_scores import as_return_text, exclusions_text, next_stay_text
from pipeline.serving.wording import NO_BREAK, UNKNOWN, code_text, date_text, plural, time_text

TIMELINE = (
    "Lanes by class · ● ▲ ◆ risk level of the encounter, ○ not assessed · boxes are stays, with the number of encounters merged"
)
NO_VITAL_SETS = "No vital set was sent for any encounter of this patient, so there is nothing to chart and no severity to open."
NO_STAYS = "This patient has no inpatient stay in the published data."
NO_STAYS_HERE = "This patient has no inpatient stay in your own places."
STAYS = "Newest first · why each counts or not for 30-day readmission, its scores and what they rest on"
LISTS = "As the hospital sent them, newest encounter first; what a code means to the definitions used here stands beside it"
LIMITS = (
    "Ages are those at arrival. A score uses only what was measured: a missing value is never taken to be normal. "
    "Bands are references, not limits for this patient. Scores describe groups of patients and are not a diagnosis. Times are UTC. "
    "Sources: silver.patients, silver.encounters, silver.stays, silver.stay_encounters, silver.vital_sets, silver.diagnoses, "
    "silver.procedures, silver.lab_results, silver.code_meanings, gold.encounter_risks, gold.index_stays, gold.stay_facts, "
    "gold.stay_scores, gold.stay_comorbidities, gold.risk_features, gold.risk_scores, gold.model_terms, gold.score_calibration."
)


def only_here(only_at: str) -> str:
    """What a record that is not whole leaves out."""
    return (
        f"You see what your own places recorded: {only_at}. What happened elsewhere is missing from every list and score here,"
        " and the patient may be in hospital there."
    )


def severity_words(severity: Severity) -> str:
    """What stands beside the risk level: the score with its count, what else the level rests on, and when."""
    return " · ".join(part for part in (severity.score_text, severity.basis, severity.measured_text) if part)


def bands_caption(one: VitalSet) -> str:
    """Which bands are drawn and what the markers mean."""
    source = NO_BANDS if is_without_bands(one) else ADULT_SOURCE if is_news2_age(one) else CHILD_SOURCE
    return f"● within the band, ▲ above, ▼ below, ○ no band · {source} · dotted: the chosen vital set"


def severity_caption(one: VitalSet) -> str:
    """Which vital set the scores are of."""
    return f"Of the vital set of {time_text(one.measured_at)}, age {age_text(one)}"


def stay_heading(stay: Stay) -> str:
    """When, where, how long, and the two scores of a stay."""
    until = "in hospital now" if stay.discharged_at is None else date_text(stay.discharged_at.date())
    length = "" if stay.length_of_stay_days is None else plural(stay.length_of_stay_days, "day", "days")
    lace = "" if stay.lace_score is None else f"LACE{NO_BREAK}{stay.lace_score}"
    hospital = "" if stay.hospital_score is None else f"HOSPITAL{NO_BREAK}{stay.hospital_score}"
    when = f"{date_text(stay.admitted_at.date())} – {until}"
    return " · ".join(part for part in (when, stay.place, length, lace, hospital) if part)


def stay_sentences(stay: Stay, emergency_before: Encounter | None) -> tuple[str, ...]:
    """Why the stay counts as it does and what excludes it, the return after it, and what it was for."""
    diagnosis = (
        " ".join(part for part in (code_text(stay.code_system, stay.diagnosis_code), stay.diagnosis_name) if part) or "not sent"
    )
    said = (
        f"{stay.count_reason}. {exclusions_text(stay)}".strip(),
        # The reason of a stay that counts already tells how long it took.
        "" if stay.is_index else next_stay_text(stay),
        as_return_text(stay),
        f"Principal diagnosis: {diagnosis}.",
        _admission_text(stay, emergency_before),
    )
    return tuple(sentence for sentence in said if sentence)


def _admission_text(stay: Stay, emergency_before: Encounter | None) -> str:
    said = [
        f"{stay.admission_type or 'Unknown type of'} admission",
        "through the emergency department" if emergency_before else "",
        f"{stay.encounter_count} encounters merged" if stay.encounter_count > 1 else "",
        f"left to: {stay.disposition or UNKNOWN}" if stay.discharged_at else "",
    ]
    return f"{', '.join(part for part in said if part)}."
