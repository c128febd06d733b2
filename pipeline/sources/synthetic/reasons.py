"""Why a new contact takes place: illness, planned care, cancer treatment, a birth, a psychiatric illness, rehabilitation.

Drawn once and kept through the emergency department, the ward and a transfer. Which code says it is in coding.py.
All shares are assumptions of a general hospital's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.contacts import (
    CANCER_TREATMENT,
    DELIVERY,
    ILLNESS,
    PLANNED_CARE,
    PLANNED_RETURN,
    PSYCHIATRIC,
    REHABILITATION_CARE,
    ROUTINE,
    UNPLANNED_RETURN,
    Contacts,
)
from pipeline.sources.synthetic.hospital import ELECTIVE, INPATIENT, ONCOLOGY, OUTPATIENT

CANCER_TREATMENT_SHARE = np.array([0.70, 0.85])
"""Of planned oncology stays: routine ones, and planned returns (the next cycle)."""

DELIVERY_SHARE = 0.62
DELIVERY_AGES = (18, 45)
DAYS_BETWEEN_DELIVERIES = 420
"""Of women's routine direct admissions at these ages. Births are a tenth of US stays, but here everybody else is older."""

PSYCHIATRIC_SHARE, PSYCHIATRIC_SHARE_OF_MENTALLY_ILL = 0.034, 0.50
PSYCHIATRIC_FROM_YEARS = 14

REHABILITATION_SHARE = 0.040
REHABILITATION_FROM_YEARS = 50
"""Of routine direct admissions from this age."""


@dataclass(frozen=True)
class Patients:
    """What of the people who come matters for the reason, one entry per contact."""

    is_male: np.ndarray
    is_mentally_ill: np.ndarray
    has_cancer: np.ndarray
    delivered_at: np.ndarray


def reasons(contacts: Contacts, specialty: np.ndarray, patients: Patients, rng: np.random.Generator) -> np.ndarray:
    """The reason of each contact that begins something new."""
    drawn = rng.random((4, contacts.who.size))
    inpatient = contacts.encounter_class == INPATIENT
    routine_ward = inpatient & (contacts.kind == ROUTINE)
    planned = inpatient & (contacts.admission_type == ELECTIVE)
    treated = CANCER_TREATMENT_SHARE[(contacts.kind == PLANNED_RETURN).astype(int)]
    choices = [
        (DELIVERY, routine_ward & _may_deliver(contacts, patients) & (drawn[0] < DELIVERY_SHARE)),
        (CANCER_TREATMENT, planned & (specialty == ONCOLOGY) & patients.has_cancer & (drawn[1] < treated)),
        (REHABILITATION_CARE, routine_ward & (contacts.age >= REHABILITATION_FROM_YEARS) & (drawn[2] < REHABILITATION_SHARE)),
        (PSYCHIATRIC, _may_be_psychiatric(contacts, planned) & (drawn[3] < _psychiatric_share(patients))),
        (PLANNED_CARE, planned),
    ]
    return np.select([rows for _, rows in choices], [reason for reason, _ in choices], ILLNESS)


def _may_deliver(contacts: Contacts, patients: Patients) -> np.ndarray:
    first, below = DELIVERY_AGES
    rested = contacts.arrived - patients.delivered_at > DAYS_BETWEEN_DELIVERIES * 24 * 60
    return ~patients.is_male & (contacts.age >= first) & (contacts.age < below) & rested


def _may_be_psychiatric(contacts: Contacts, planned: np.ndarray) -> np.ndarray:
    fresh = (contacts.kind == ROUTINE) | (contacts.kind == UNPLANNED_RETURN)
    return fresh & ~planned & (contacts.encounter_class != OUTPATIENT) & (contacts.age >= PSYCHIATRIC_FROM_YEARS)


def _psychiatric_share(patients: Patients) -> np.ndarray:
    return np.where(patients.is_mentally_ill, PSYCHIATRIC_SHARE_OF_MENTALLY_ILL, PSYCHIATRIC_SHARE)
