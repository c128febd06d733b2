"""What happens inside one contact: how ill the patient is, how long it lasts and how it ends.

Pure draws for arrays of contacts; who comes when, and what follows, is in journeys.py. Where no source is named the
number is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.calendar import DAY
from pipeline.sources.synthetic.hospital import (
    ACUTE_MEDICAL,
    AGAINST_ADVICE,
    CARDIOLOGY,
    EXPIRED,
    FRAILTY,
    FRAILTY_WARD_AGE,
    FRAILTY_WARD_SHARE,
    HOME,
    NOT_SAID,
    ONCOLOGY,
    OWN_SPECIALTY_SHARE,
    PAEDIATRIC_SURGERY,
    PAEDIATRICS,
    SPECIALTY_SHARES,
    SURGICAL,
    TRANSFER,
    pick,
)
from pipeline.sources.synthetic.population import age_group

ADMITTED_SHARE = np.array([0.07, 0.22, 0.55])
"""Of emergency visits by children, adults and seniors who are as ill as usual; rises with illness."""

ILLNESS_BY_CLASS = np.array([-0.12, 0.12, -0.45])
"""Mean latent illness on arrival at the emergency department, directly on a ward, in a clinic."""

WORST_TO_LEAVE_WITH = 1.9
"""Nobody is sent home more ill than this, in standard deviations of illness on arrival."""

EMERGENCY_MINUTES, EMERGENCY_SPREAD = 235, 0.45
ADMITTED_MINUTES = 389
"""Median of an emergency visit; before admission 389 min, IQR 292-542 (MIMIC-IV demo 2.2)."""

STAY_DAYS = np.array([[2.0, 2.9, 3.8], [1.8, 2.4, 2.9]])
STAY_SPREAD = 0.72
"""Median days on a ward, acute then elective, for children, adults and seniors; UCI Diabetes-130 has a mean of 4.4."""

LENGTH_BY_REASON = np.array([1.0, 1.0, 0.9, 0.75, 1.7, 2.4])
"""Against an ordinary stay: illness, planned care, cancer treatment, delivery, psychiatric, rehabilitation (assumption)."""

SURGICAL_SHARE_OF_PLANNED = 0.5

DISPOSITION_SHARES = np.array(
    [
        [0.945, 0.025, 0.001, 0.005, 0.022, 0.001, 0.001],
        [0.790, 0.090, 0.045, 0.025, 0.026, 0.006, 0.018],
        [0.560, 0.160, 0.170, 0.040, 0.035, 0.028, 0.007],
    ]
)
"""Children, adults, seniors who leave a ward alive, in the order of DISPOSITIONS; near US hospital discharge data."""

EMERGENCY_TRANSFER_SHARE, EMERGENCY_WALKOUT_SHARE, EMERGENCY_DEATH_SHARE = 0.010, 0.013, 0.0008


def illness_on_arrival(encounter_class: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Latent acute illness: mean near 0 and standard deviation near 1 over all arrivals, so that NHAMCS stays the sum of them."""
    return ILLNESS_BY_CLASS[encounter_class] + 0.25 * frailty + 0.93 * rng.standard_normal(frailty.size)


def is_admitted(age: np.ndarray, illness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whether an emergency visit leads to a ward."""
    usual = ADMITTED_SHARE[age_group(age)]
    logit = np.log(usual / (1 - usual)) + 0.9 * illness
    return rng.random(age.size) < 1 / (1 + np.exp(-logit))


@dataclass(frozen=True)
class Care:
    """What of contacts decides the specialty, one entry each; `own` is the specialty a patient is known to."""

    own: np.ndarray
    site: np.ndarray
    is_planned: np.ndarray
    """On a ward."""

    is_planned_return: np.ndarray
    has_cancer: np.ndarray


def specialty(age: np.ndarray, care: Care, rng: np.random.Generator) -> np.ndarray:
    """The specialty that looks after a contact; oncology only for people with cancer."""
    drawn = rng.random((4, age.size))
    by_site = pick(np.cumsum(SPECIALTY_SHARES, axis=1)[care.site], drawn[0])
    adult = np.where(drawn[1] < OWN_SPECIALTY_SHARE, np.where(care.own >= PAEDIATRICS, by_site, care.own), by_site)
    adult = np.where((adult == ONCOLOGY) & ~care.has_cancer, ACUTE_MEDICAL, adult)
    operated = care.is_planned & (drawn[2] < SURGICAL_SHARE_OF_PLANNED) & (adult != ONCOLOGY)
    adult = np.where(operated, SURGICAL, adult)
    adult = np.where(care.is_planned_return, _planned_return_specialty(care, drawn[3]), adult)
    frail = (age >= FRAILTY_WARD_AGE) & ~care.is_planned & (drawn[2] < FRAILTY_WARD_SHARE)
    child_operated = np.where(care.is_planned, drawn[1] < 0.8, drawn[1] < 0.25) | care.is_planned_return
    child = np.where(child_operated, PAEDIATRIC_SURGERY, PAEDIATRICS)
    return np.where(age < 18, child, np.where(frail, FRAILTY, adult))


def _planned_return_specialty(care: Care, drawn: np.ndarray) -> np.ndarray:
    """A planned return is for the next cancer treatment or for an operation."""
    operated = np.where(drawn < 0.75, SURGICAL, CARDIOLOGY)
    return np.where(care.has_cancer & (drawn > 0.15), ONCOLOGY, operated)


def emergency_minutes(admitted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Length of an emergency visit."""
    median = np.where(admitted, ADMITTED_MINUTES, EMERGENCY_MINUTES)
    return np.clip(np.rint(median * np.exp(EMERGENCY_SPREAD * rng.standard_normal(admitted.size))), 60, 2 * DAY).astype(np.int64)


def ward_end(
    arrived: np.ndarray,
    age: np.ndarray,
    acute: np.ndarray,
    *,
    reason: np.ndarray,
    burden: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """When a stay ends: log-normal days, then a likely hour of that day. `burden` lengthens it, 1 by about a tenth."""
    median = STAY_DAYS[np.where(acute, 0, 1), age_group(age)] * LENGTH_BY_REASON[reason]
    days = np.clip(median * np.exp(0.10 * burden + STAY_SPREAD * rng.standard_normal(age.size)), 0.2, 120)
    hour = np.clip(14 + 2.6 * rng.standard_normal(age.size), 7, 22.9)
    end = (arrived + days * DAY).astype(np.int64) // DAY * DAY + np.rint(hour * 60).astype(np.int64)
    shortest = arrived + 240 + np.rint(days * 360).astype(np.int64)
    return np.where(end < shortest, shortest, end)


def ward_disposition(age: np.ndarray, illness: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How a stay ends, death included (about 2 %)."""
    logit = -4.55 + 0.035 * (age - 65) + 0.9 * illness + 0.25 * frailty
    dies = rng.random(age.size) < 1 / (1 + np.exp(-logit))
    # Frailty bends the draw towards the later codes (care at home, nursing), without leaving 0 to 1.
    drawn = rng.random(age.size) ** np.exp(-0.25 * frailty)
    alive = pick(np.cumsum(DISPOSITION_SHARES, axis=1)[age_group(age)], drawn)
    return np.where(dies, EXPIRED, alive)


def illness_on_leaving(illness: np.ndarray, disposition: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Latent illness in the last day of a stay: new draws around a good half of it, never extreme, but worst in the dying."""
    left = np.minimum(0.60 * illness + 0.10 + 0.85 * rng.standard_normal(illness.size), WORST_TO_LEAVE_WITH)
    return left + np.where(disposition == EXPIRED, 2.5, np.where(disposition == AGAINST_ADVICE, 0.4, 0.0))


def death_after_discharge(age: np.ndarray, frailty: np.ndarray) -> np.ndarray:
    """The probability of dying at home within 30 days of leaving a ward."""
    return 1 / (1 + np.exp(5.0 - 0.045 * (age - 65) - 0.5 * frailty))


def clinic_minutes(count: int, rng: np.random.Generator) -> np.ndarray:
    """Length of a clinic visit."""
    return rng.integers(30, 150, count)


def emergency_disposition(admitted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How a visit ends; nothing is said of those who go on to a ward of the same site."""
    ends = np.cumsum([EMERGENCY_TRANSFER_SHARE, EMERGENCY_WALKOUT_SHARE, EMERGENCY_DEATH_SHARE])
    code = np.array([TRANSFER, AGAINST_ADVICE, EXPIRED, HOME])[np.searchsorted(ends, rng.random(admitted.size), "right")]
    return np.where(admitted, NOT_SAID, code)
