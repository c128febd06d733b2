"""A stay opened: why it counts or not, and LACE, HOSPITAL and vital-sign instability with what each rests on.

Pure. Points and statuses come from gold.stay_scores, the values behind them from gold.stay_facts. No adult score is
opened for a child, for a patient who died or for one who is still in hospital: the status says so.
"""

from __future__ import annotations

from pipeline.serving.patient.kinds import Comorbidity, Stay
from pipeline.serving.patient.scores import COMPUTED, Score, ScorePart, points_text, yes_or_no
from pipeline.serving.wording import UNKNOWN, decimal_text, plural

LACE_USUAL_CUT, LACE_HIGHEST, HOSPITAL_HIGHEST, INSTABILITY_HIGHEST = 10, 19, 13, 5
NOT_SENT = "not sent"
COMPONENTS = ("Component", "Points", "")

CHARLSON_NOTE = "Conditions that the diagnoses of this stay show, with the weights of LACE; codes after Quan, Med Care 2005."
LACE_NOTE = (
    "LACE: van Walraven, CMAJ 2010; its outcome includes death. The usual cut of 10 flags most old patients, so the published best "
    "cut at the patient's age stands beside it (Intern Emerg Med 2020)."
)
HOSPITAL_NOTE = (
    "HOSPITAL score in its 2016 variant: Donzé, JAMA Intern Med 2016. Admissions in the previous year count 0–1, 2–5, over 5."
)
INSTABILITY_NOTE = (
    "Vital signs outside the stability limits in the last set of the 24 h before discharge: Nguyen, J Gen Intern Med 2017."
)

EXCLUSIONS = {
    "is_under_18": "Under 18",
    "is_in_hospital": "Still in hospital",
    "has_died": "Died in hospital",
    "is_transferred_out": "Transferred to another hospital",
    "left_against_advice": "Left against medical advice",
    "is_psychiatric": "Psychiatric stay",
    "is_rehabilitation": "Rehabilitation stay",
    "is_cancer_treatment": "Medical treatment of cancer",
    "lacks_follow_up": "Less than 30 days of follow-up",
}
"""The columns of gold.index_stays in the order in which they exclude, in its words; a test compares the two."""


def exclusions(stay: Stay) -> tuple[str, ...]:
    """Every exclusion that holds, whichever of them was first."""
    return tuple(words for column, words in EXCLUSIONS.items() if getattr(stay, column))


def exclusions_text(stay: Stay) -> str:
    """Which exclusions hold, as a sentence; empty for a single one, which the reason of the stay has named."""
    held = exclusions(stay)
    if not held:
        return "No exclusion holds."
    return f"Exclusions that hold: {', '.join(word.lower() for word in held)}." if len(held) > 1 else ""


def next_stay_text(stay: Stay) -> str:
    """How long it took until the next stay."""
    if stay.is_in_hospital or stay.has_died:
        return "No return can be counted."
    if stay.days_to_next_stay is None:
        return "No later stay in the data."
    return f"The next stay began {plural(stay.days_to_next_stay, 'day', 'days')} after this discharge."


def as_return_text(stay: Stay) -> str:
    """Whether this stay, seen as a return from an earlier one, would be a planned one."""
    return f"Seen as a return, this stay is planned: {stay.planned_because}." if stay.planned_because else ""


def stay_scores(stay: Stay, conditions: tuple[Comorbidity, ...]) -> tuple[tuple[Score, ...], ...]:
    """The scores of a stay in three columns; `conditions` are those of this stay."""
    return (lace(stay),), (hospital_score(stay),), (charlson(stay, conditions), instability(stay))


def lace(stay: Stay) -> Score:
    """LACE with its four components and both cuts."""
    parts = (
        ScorePart("L · length of stay", _days(stay.length_of_stay_days), points_text(stay.lace_length_points)),
        ScorePart("A · acute admission", yes_or_no(stay.acute_admission, NOT_SENT), points_text(stay.lace_acute_points)),
        ScorePart("C · Charlson index", _charlson_text(stay.charlson_points), points_text(stay.lace_comorbidity_points)),
        ScorePart("E · emergency visits, 6 months", str(stay.emergency_visit_count), points_text(stay.lace_emergency_points)),
    )
    return Score("LACE", _lace_result(stay), stay.lace_status, "", _opened(stay, parts), COMPONENTS, LACE_NOTE)


def _lace_result(stay: Stay) -> str:
    if stay.lace_score is None:
        return UNKNOWN
    usual = "reaches" if stay.lace_score >= LACE_USUAL_CUT else "below"
    own = (
        ""
        if stay.lace_age_cut is None
        else f", {'above' if stay.is_above_lace_age_cut else 'not above'} {stay.lace_age_cut:g} for the age"
    )
    return f"{stay.lace_score} of {LACE_HIGHEST} · {stay.lace_class} · {usual} the usual cut of {LACE_USUAL_CUT}{own}"


def _charlson_text(points: int | None) -> str:
    return NOT_SENT if points is None else plural(points, "point", "points")


def charlson(stay: Stay, conditions: tuple[Comorbidity, ...]) -> Score:
    """The conditions behind LACE's C; one that a graver condition outranks is listed and does not count."""
    status = stay.not_applicable or (COMPUTED if stay.charlson_points is not None else "not computable: missing diagnoses")
    result = UNKNOWN if stay.charlson_points is None or stay.not_applicable else _charlson_text(stay.charlson_points)
    parts = tuple(
        ScorePart(one.condition_name, "counted" if one.is_counted else "outranked by a graver one", str(one.points))
        for one in conditions
    )
    return Score("Charlson index of LACE", result, status, "", _opened(stay, parts), ("Condition", "Points", ""), CHARLSON_NOTE)


def hospital_score(stay: Stay) -> Score:
    """The HOSPITAL score of 2016 with its seven components."""
    haemoglobin, sodium = _lab(stay.haemoglobin_g_dl, "g/dL"), _lab(stay.sodium_mmol_l, "mmol/L")
    parts = (
        ScorePart("Haemoglobin under 12", haemoglobin, points_text(stay.hospital_haemoglobin_points)),
        ScorePart("Oncology service", yes_or_no(stay.oncology_service, NOT_SENT), points_text(stay.hospital_oncology_points)),
        ScorePart("Sodium under 135", sodium, points_text(stay.hospital_sodium_points)),
        ScorePart("Procedure", yes_or_no(stay.procedure_done, NOT_SENT), points_text(stay.hospital_procedure_points)),
        ScorePart("Urgent admission", yes_or_no(stay.acute_admission, NOT_SENT), points_text(stay.hospital_urgent_points)),
        ScorePart("Admissions in 12 months", str(stay.prior_admission_count), points_text(stay.hospital_prior_admission_points)),
        ScorePart("Stay of 5 days or more", _days(stay.length_of_stay_days), points_text(stay.hospital_length_points)),
    )
    return Score(
        "HOSPITAL, 2016", _hospital_result(stay), stay.hospital_status, "", _opened(stay, parts), COMPONENTS, HOSPITAL_NOTE
    )


def _hospital_result(stay: Stay) -> str:
    if stay.hospital_score is None:
        return UNKNOWN
    rate = stay.hospital_avoidable_readmission_pct
    known = "" if rate is None else f" · published avoidable readmission at this class {decimal_text(rate, 1)} %"
    return f"{stay.hospital_score} of {HOSPITAL_HIGHEST} · {stay.hospital_class}{known}"


def instability(stay: Stay) -> Score:
    """Vital signs outside the stability limits before discharge."""
    count = stay.unstable_vital_count
    named = f": {stay.unstable_vitals.replace('; ', ', ')}" if stay.unstable_vitals else ""
    result = UNKNOWN if count is None else f"{count} of {INSTABILITY_HIGHEST} outside the limits{named}"
    return Score("Instability before discharge", result, stay.instability_status, "", (), COMPONENTS, INSTABILITY_NOTE)


def _opened(stay: Stay, parts: tuple[ScorePart, ...]) -> tuple[ScorePart, ...]:
    return parts if stay.not_applicable is None else ()


def _days(days: int | None) -> str:
    return UNKNOWN if days is None else plural(days, "day", "days")


def _lab(value: float | None, unit: str) -> str:
    return NOT_SENT if value is None else f"{decimal_text(value, 1)} {unit}"
