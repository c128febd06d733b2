"""What else is coded in a stay besides its reason and the chronic conditions: complications, circumstances, procedures.

Each is a probability per encounter, an assumption of a general hospital's size; what the blood shows and what the
patient has makes some of them likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.code_tables import chronic_conditions, diagnosis_codes
from pipeline.sources.synthetic.conditions import CANCERS
from pipeline.sources.synthetic.contacts import DELIVERY, Journeys
from pipeline.sources.synthetic.hospital import CARDIOLOGY, INPATIENT, RESPIRATORY, SURGICAL
from pipeline.sources.synthetic.laboratory import HAEMOGLOBIN, is_anaemic, is_low_in_sodium
from pipeline.sources.synthetic.population import People


@dataclass(frozen=True)
class Facts:
    """What coders can know of each encounter, one entry each."""

    taken_in: Journeys
    age: np.ndarray
    people: People
    reason: np.ndarray
    leads_to_ward: np.ndarray
    is_pregnant: np.ndarray

    def has(self, *conditions: str) -> np.ndarray:
        """Whether the patient has any of these conditions."""
        return self.people.health.has_any(*conditions)[self.taken_in.person]

    @property
    def is_ward_stay(self) -> np.ndarray:
        return self.taken_in.encounter_class == INPATIENT

    @property
    def illness(self) -> np.ndarray:
        """Latent illness on arrival as far as it exceeds the usual, 0 to 3."""
        return np.clip(self.taken_in.illness, 0, 3)

    @property
    def is_birth(self) -> np.ndarray:
        return self.taken_in.reason == DELIVERY

    @property
    def is_on_dialysis(self) -> np.ndarray:
        at = chronic_conditions().names.index("severe kidney disease")
        last_stage = self.people.health.code[:, at] == diagnosis_codes().position("N18.6")
        return self.has("severe kidney disease") & last_stage[self.taken_in.person]


def further_diagnoses(facts: Facts) -> dict[str, np.ndarray]:
    """The probability of each code for each encounter, the weightier codes first."""
    chances = _complications(facts) | _circumstances(facts)
    return {code: np.where(facts.is_ward_stay, chance, 0.0) for code, chance in chances.items()}


def further_procedures(facts: Facts) -> dict[str, np.ndarray]:
    """The probability of each procedure for each encounter."""
    taken_in, grown_up = facts.taken_in, facts.age >= 18
    haemoglobin = taken_in.last_blood[:, HAEMOGLOBIN]
    lungs, heart = taken_in.specialty == RESPIRATORY, taken_in.specialty == CARDIOLOGY
    chances = {
        "5A1D70Z": facts.is_on_dialysis * 0.75,
        "30233N1": np.where(haemoglobin < 8, 0.6, np.where(haemoglobin < 9, 0.25, 0.01)),
        "5A09457": np.where(taken_in.on_scale_2, 0.10, 0.01) * lungs,
        "5A1945Z": 0.012 * facts.illness,
        "02HV33Z": 0.02 + 0.02 * facts.illness,
        "B245ZZZ": np.where(heart, 0.12, 0.015) * grown_up,
        "0DJ08ZZ": 0.015 * grown_up,
        "0BJ08ZZ": 0.05 * lungs,
    }
    return {code: np.where(facts.is_ward_stay & ~facts.is_birth, chance, 0.0) for code, chance in chances.items()}


def _complications(facts: Facts) -> dict[str, np.ndarray]:
    """What went wrong besides: low values of the blood are coded about every second time."""
    age, ill, in_labour = facts.age, facts.illness, facts.is_birth
    anaemic, low_sodium = is_anaemic(facts.taken_in.last_blood), is_low_in_sodium(facts.taken_in.last_blood)
    cancer, kidneys = facts.has(*CANCERS), facts.has("moderate kidney disease", "severe kidney disease")
    return {
        "J96.12": facts.taken_in.on_scale_2 * 0.55,
        "N17.9": (age >= 18) * (0.05 + 0.06 * ill + 0.12 * kidneys),
        "E87.1": low_sodium * 0.50,
        "D63.0": (anaemic & cancer) * 0.45,
        "D63.1": (anaemic & kidneys & ~cancer) * 0.45,
        "D64.9": (anaemic & ~kidneys & ~cancer) * 0.30,
        "D62": (anaemic & (facts.taken_in.specialty == SURGICAL)) * 0.25,
        "F05": np.where(facts.has("dementia"), 0.14, (age >= 75) * 0.05),
        "E87.6": 0.08 * ~in_labour,
        "J96.01": (0.02 + 0.05 * ill) * ~in_labour,
        "N39.0": (0.02 + 0.06 * (age >= 65)) * ~in_labour,
        "E86.0": 0.08 * ~in_labour,
        "I95.9": (age >= 18) * 0.04,
        "R13.10": (age >= 75) * 0.04,
        "E44.0": (age >= 18) * (0.02 + 0.06 * cancer),
    }


def _circumstances(facts: Facts) -> dict[str, np.ndarray]:
    """What is worth a code without being an illness of its own, and small complaints."""
    age, everybody = facts.age, np.ones(facts.age.size)
    return {
        "Z33.1": facts.is_pregnant * 0.9,
        "Z37.0": facts.is_birth * 1.0,
        "Z99.2": facts.is_on_dialysis * 0.85,
        "Z66": (age >= 75) * 0.12,
        "Z79.4": facts.has("diabetes", "diabetes with complications") * 0.35,
        "G89.18": np.where(facts.taken_in.specialty == SURGICAL, 0.15, 0.02),
        "R11.2": everybody * 0.12,
        "K59.00": everybody * 0.11,
        "Z87.891": ((age >= 18) & ~facts.has("nicotine dependence")) * 0.20,
        "Z88.0": everybody * 0.17,
        "Z79.899": np.where(age >= 18, 0.32, 0.12),
    }
