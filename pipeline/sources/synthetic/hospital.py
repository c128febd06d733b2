"""The invented hospital itself: sites, specialties, wards, and the words each site uses for the same thing.

Codes are positions in these tuples. What a site writes is here; how a line becomes text is in text.py.
All shares are assumptions, chosen so that the sites differ visibly in their case mix.
"""

from __future__ import annotations

import numpy as np

SITE_NAMES = ("North Campus", "Riverside", "St Anne", "Lakeside Paediatric")
NORTH, RIVERSIDE, ST_ANNE, LAKESIDE = range(4)

CLASSES = ("EMERGENCY", "INPATIENT", "OUTPATIENT")
EMERGENCY, INPATIENT, OUTPATIENT = range(3)
CLASS_TEXTS = (CLASSES, CLASSES, ("EMER", "IMP", "AMB"), CLASSES)
"""What each site writes for the class; St Anne sends the HL7 ActEncounterCode."""

ADMISSION_TYPES = ("EMERGENCY", "URGENT", "ELECTIVE")
EMERGENT, URGENT, ELECTIVE = range(3)

DISPOSITIONS = (
    "HOME",
    "HOME_HEALTH",
    "SKILLED_NURSING",
    "REHABILITATION",
    "TRANSFER_ACUTE",
    "HOSPICE",
    "AGAINST_MEDICAL_ADVICE",
    "EXPIRED",
)
HOME, HOME_HEALTH, SKILLED_NURSING, REHABILITATION, TRANSFER, HOSPICE, AGAINST_ADVICE, EXPIRED = range(8)
NOT_SAID = -1
"""Still in hospital, or moved from the emergency department to a ward of the same site."""

SPECIALTIES = (
    "Acute medical",
    "Cardiology",
    "Respiratory",
    "Surgical",
    "Oncology",
    "Frailty",
    "Paediatrics",
    "Paediatric surgery",
    "Maternity",
)
ACUTE_MEDICAL, CARDIOLOGY, RESPIRATORY, SURGICAL, ONCOLOGY, FRAILTY, PAEDIATRICS, PAEDIATRIC_SURGERY, MATERNITY = range(9)

WARDS = (
    tuple("Paediatric emergency" if "Paediatric" in name else "Emergency" for name in SPECIALTIES)
    + SPECIALTIES
    + tuple(f"{name} clinic" for name in SPECIALTIES)
)
"""By class, then specialty: WARDS[encounter_class * len(SPECIALTIES) + specialty]."""

FRAILTY_WARD_AGE, FRAILTY_WARD_SHARE = 75, 0.35
OWN_SPECIALTY_SHARE = 0.6
"""How often a contact concerns the illness a patient is known for."""

HOME_SITE_SHARES = np.array([[0.22, 0.14, 0.09, 0.55], [0.45, 0.33, 0.22, 0.0], [0.38, 0.32, 0.30, 0.0]])
"""Children, adults, seniors by site: St Anne is older, children mostly go to Lakeside."""

SPECIALTY_SHARES = np.array(
    [
        [0.34, 0.21, 0.15, 0.20, 0.10],
        [0.44, 0.12, 0.18, 0.22, 0.04],
        [0.40, 0.22, 0.22, 0.14, 0.02],
        [1.00, 0.00, 0.00, 0.00, 0.00],
    ]
)
"""By site, the first five specialties (adults): North Campus has the heart and cancer centres."""

DATE_STYLES = (0, 1, 2, 3)
"""By site, the position in text.py's date styles: 2025-03-04 13:05:00, 03/04/2025 13:05, 20250304130500, 2025-03-04T13:05:00."""

OXYGEN_TEXTS = (("N", "Y"), ("N", "Y"), ("0", "1"), ("FALSE", "TRUE"))
CONSCIOUSNESS = ("A", "C", "V", "P", "U")
"""ACVPU: alert, newly confused, answers to voice, to pain, unresponsive."""

SPO2_SCALES = (("", "2"), ("", "2"), ("1", "2"), ("", "2"))
"""By site, what stands for NEWS2 SpO2 scale 1 and 2; only St Anne says the usual one."""

SENDS_FAHRENHEIT = np.array([False, False, True, False])
TEMPERATURE_UNITS = (("C", "CEL"), ("CEL", "C"), ("F", "[DEGF]"), ("C", "CEL"))
"""By site, the usual text of the unit and the one used now and then."""

ICD9_SITE, ICD9_DAYS = RIVERSIDE, 151
"""Riverside codes in ICD-9-CM until the end of March 2025, by arrival: a legacy system as others had until 2015."""

DIAGNOSIS_SYSTEMS = ("ICD-10-CM", "ICD10CM", "10", "ICD10CM", "ICD-9-CM")
PROCEDURE_SYSTEMS = ("ICD-10-PCS", "ICD10PCS", "10", "ICD-10-PCS", "ICD-9-CM")
WRITES_DOTS = np.array([True, True, False, True, False])
"""What each site calls its codes and whether it writes their dot; the fifth entry is Riverside while it sends ICD-9-CM."""

TEST_CODES = (("718-7", "2951-2"), ("HGB", "SODIUM"), ("HAEMOGLOBIN", "SODIUM"), ("718-7", "2951-2"))
TEST_UNITS = (("g/dL", "mmol/L"), ("g/dL", "mEq/L"), ("g/L", "mmol/L"), ("g/dL", "mmol/L"))
SENDS_GRAMS_PER_LITRE = np.array([False, False, True, False])
"""By site, code and unit of haemoglobin and of sodium. Nobody writes NA for sodium: that text means "missing"."""


def other_site(site: np.ndarray, is_child: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Where a patient is transferred to: children to Lakeside, adults to or from North Campus."""
    from_north = np.where(drawn < 0.6, RIVERSIDE, ST_ANNE)
    adult = np.where(site == NORTH, from_north, NORTH)
    return np.where(is_child, np.where(site == LAKESIDE, NORTH, LAKESIDE), adult)


def pick(cumulative: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """For each row of cumulative shares the position that a uniform draw falls into."""
    return (drawn[:, None] >= cumulative[:, :-1]).sum(axis=1)
