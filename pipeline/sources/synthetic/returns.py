"""How likely an unplanned return within 30 days of a discharge is, and when it comes.

The only place where the reasons for a return stand. The outcome itself is never written anywhere: it shows as a later
stay. Sizes come from the named papers where they have one and are assumptions otherwise. Comorbidity, anaemia and low
sodium act as they are, not as they are coded or measured; frailty is never written and stays unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.calendar import DAY
from pipeline.sources.synthetic.contacts import DELIVERY
from pipeline.sources.synthetic.hospital import (
    AGAINST_ADVICE,
    HOME_HEALTH,
    ONCOLOGY,
    REHABILITATION,
    SKILLED_NURSING,
    SURGICAL,
)

BASELINE_LOGIT = -3.735
"""Sets the overall level: 11 to 12.5 % of all and 14 to 16 % of seniors' discharges (UCI Diabetes-130: 11.2 %)."""

FROM_75_YEARS = 1.04
"""Age by itself is weak (UCI Diabetes-130: AUROC 0.52); most of it acts through comorbidity, frailty and length of stay."""

CHILD = 0.95
"""Against young adults; Berry et al., JAMA 2013;309:372 found 6.5 % after children's discharges."""

MALE = 1.05
PRIOR_ADMISSIONS = np.array([1.0, 1.3, 1.6, 1.85, 2.1, 2.5])
"""Odds ratio by admissions in the 12 months before (5 means more too): the UCI Diabetes-130 gradient, damped
because those who come often are frail as well."""

PRIOR_ED_VISITS = 1.22
"""Per square root of the emergency visits in the 12 months before; in the spirit of LACE (assumption)."""

LOG_LENGTH_OF_STAY = 1.28
"""Per natural logarithm of days; LACE (van Walraven, CMAJ 2010;182:551), damped."""

ACUTE_ADMISSION = 1.60
"""Emergency or urgent against elective; in the spirit of LACE (assumption)."""

DISPOSITION = {HOME_HEALTH: 1.35, SKILLED_NURSING: 1.60, REHABILITATION: 1.80, AGAINST_ADVICE: 2.01}
"""UCI Diabetes-130 (12.7, 14.7 and 27.7 % against 9.3 % home, the last one damped); against advice: Tan, JAMA Netw Open
2020;3:e206009."""

INSTABILITIES = np.array([1.0, 1.36, 1.80, 2.40])
"""Vital signs unstable in the last 24 h, 0 to 3 or more, adults; Nguyen, J Gen Intern Med 2017;32:42 (PMC5215152)."""

SENIOR_TACHYCARDIA = 1.11
LONG_STAY_TO_NURSING = 1.25
"""Two interactions, so that the process is not purely additive (assumptions): a fast pulse in a senior; nursing after > 7 days."""

COMORBIDITY_POINT, MOST_COMORBIDITY_POINTS = 1.07, 8
"""Per point of the LACE index's comorbidity scale, as far as they count (LACE itself stops near 5 points; assumption)."""

ANAEMIA, LOW_SODIUM, ONCOLOGY_SERVICE = 1.32, 1.30, 1.60
"""Adults: haemoglobin below 12 g/dL and sodium below 135 mmol/L at discharge, and the oncology service: the factors of the
HOSPITAL score, in the proportion of its points 1, 1 and 2 (Donze, JAMA Intern Med 2013;173:632; sizes are assumptions)."""

AFTER_DELIVERY = 0.40
"""About 3 % of mothers come back (assumption)."""

SURGICAL_SPECIALTY = 0.85
"""Assumption."""

SITE = np.array([1.0, 1.08, 0.95, 1.0])
FRAILTY_LOGIT = 0.33
"""Per standard deviation of latent frailty: what no model can see."""

TIME_SCALE_DAYS = 11.0
"""Truncated exponential at 30 days, median 7 days; shape after Dharmarajan, BMJ 2015;350:h411."""

AGAINST_ADVICE_HASTE = 0.6
LATEST_DAYS = 28.9
"""Leaves room for the hours in the emergency department before the ward."""


@dataclass(frozen=True)
class Discharges:
    """What is known when inpatients leave alive, one entry each."""

    age: np.ndarray
    is_male: np.ndarray
    prior_admissions: np.ndarray
    prior_ed_visits: np.ndarray
    length_of_stay_days: np.ndarray
    is_acute: np.ndarray
    disposition: np.ndarray
    instabilities: np.ndarray
    is_tachycardic: np.ndarray
    specialty: np.ndarray
    site: np.ndarray
    reason: np.ndarray
    comorbidity_points: np.ndarray
    is_anaemic: np.ndarray
    is_low_in_sodium: np.ndarray
    frailty: np.ndarray


def return_probability(left: Discharges) -> np.ndarray:
    """The probability, 0 to 1, of an unplanned return within 30 days."""
    logit = BASELINE_LOGIT + _who(left) + _stay(left) + _health(left) + FRAILTY_LOGIT * left.frailty
    return 1.0 / (1.0 + np.exp(-logit))


def days_to_return(drawn: np.ndarray, disposition: np.ndarray) -> np.ndarray:
    """Days from discharge to the unplanned return, from uniform draws."""
    scale = np.where(disposition == AGAINST_ADVICE, AGAINST_ADVICE_HASTE, 1.0) * TIME_SCALE_DAYS
    return np.maximum(-scale * np.log1p(-drawn * -np.expm1(-LATEST_DAYS / scale)), 2 * 60 / DAY)


def _who(left: Discharges) -> np.ndarray:
    logit = np.where(left.age < 18, np.log(CHILD), 0.0) + np.where(left.is_male, np.log(MALE), 0.0)
    logit = logit + np.where(left.age >= 75, np.log(FROM_75_YEARS), 0.0)
    return logit + np.log(PRIOR_ADMISSIONS)[left.prior_admissions] + np.log(PRIOR_ED_VISITS) * np.sqrt(left.prior_ed_visits)


def _stay(left: Discharges) -> np.ndarray:
    """Everything about the stay itself and the state the patient left in."""
    tachycardic_senior = left.is_tachycardic & (left.age >= 65)
    long_then_nursing = (left.disposition == SKILLED_NURSING) & (left.length_of_stay_days > 7)
    return (
        np.log(LOG_LENGTH_OF_STAY) * np.log(np.maximum(left.length_of_stay_days, 0.5))
        + np.where(left.is_acute, np.log(ACUTE_ADMISSION), 0.0)
        + _log_ratios(DISPOSITION)[left.disposition]
        + np.log(INSTABILITIES)[np.minimum(left.instabilities, 3)]
        + np.where(tachycardic_senior, np.log(SENIOR_TACHYCARDIA), 0.0)
        + np.where(long_then_nursing, np.log(LONG_STAY_TO_NURSING), 0.0)
        + np.where(left.specialty == SURGICAL, np.log(SURGICAL_SPECIALTY), 0.0)
        + np.log(SITE)[left.site]
    )


def _health(left: Discharges) -> np.ndarray:
    """Diseases and blood."""
    return (
        np.log(COMORBIDITY_POINT) * np.minimum(left.comorbidity_points, MOST_COMORBIDITY_POINTS)
        + np.where(left.is_anaemic, np.log(ANAEMIA), 0.0)
        + np.where(left.is_low_in_sodium, np.log(LOW_SODIUM), 0.0)
        + np.where(left.specialty == ONCOLOGY, np.log(ONCOLOGY_SERVICE), 0.0)
        + np.where(left.reason == DELIVERY, np.log(AFTER_DELIVERY), 0.0)
    )


def _log_ratios(ratios: dict[int, float]) -> np.ndarray:
    """Log odds ratios by code; codes without one count 0."""
    return np.array([np.log(ratios.get(code, 1.0)) for code in range(8)])
