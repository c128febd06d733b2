"""Haemoglobin and sodium: what a patient's blood is like, and when samples of it are taken on a ward.

Both are lower in cancer, kidney and heart failure and in the frail. Sized so that about 44 % of adults leave with a
haemoglobin below 12 g/dL and 15 % with a sodium below 135 mmol/L, the two cut-offs of the HOSPITAL score (assumption).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_END
from pipeline.sources.synthetic.contacts import DELIVERY, PLANNED_CARE, Columns, Journeys
from pipeline.sources.synthetic.hospital import INPATIENT
from pipeline.sources.synthetic.population import People

HAEMOGLOBIN, SODIUM = range(2)
"""Columns of every array of blood values, shape (samples, 2): g/dL and mmol/L."""

ANAEMIA_BELOW_G_DL, LOW_SODIUM_BELOW_MMOL_L = 12.0, 135.0
"""The cut-offs of the HOSPITAL score (Donze, JAMA Intern Med 2013;173:632), adults."""

USUAL_HAEMOGLOBIN = {"child": 12.6, "woman": 12.70, "man": 13.70}
HAEMOGLOBIN_PER_YEAR_FROM_60 = -0.022
HAEMOGLOBIN_SPREAD = np.array([1.1, 1.45])
"""g/dL, in the last day of a stay; children then adults."""

USUAL_SODIUM, SODIUM_SPREAD = 138.75, np.array([2.4, 3.1])
BLOOD_LOSS = {PLANNED_CARE: -0.9, DELIVERY: -1.0}
ILLNESS_ON_BLOOD = np.array([-0.25, -0.45])
"""Per standard deviation of illness on leaving."""

LOWEST, HIGHEST = np.array([4.0, 112.0]), np.array([20.5, 168.0])

BOTH_BEFORE_DISCHARGE_SHARE = np.array([0.80, 0.938])
HAEMOGLOBIN_ALONE_SHARE = 0.35
"""Of stays, children's then adults': both values within 24 h before discharge; of the others, only haemoglobin."""

ON_ADMISSION_SHARE, LONG_STAY_DAYS = 0.62, 2
ADMISSION_DIFFERENCE, ADMISSION_CHANGE = np.array([0.5, -0.6]), np.array([0.6, 2.2])
"""Stays of more than two days have samples on admission too, most of them: blood not yet diluted, sodium not yet corrected."""


@dataclass(frozen=True)
class LabResults(Columns):
    """One entry per result: `test` is HAEMOGLOBIN or SODIUM, `value` in g/dL or mmol/L."""

    encounter: np.ndarray
    test: np.ndarray
    collected: np.ndarray
    value: np.ndarray


def blood_on_leaving(
    age: np.ndarray, who: np.ndarray, people: People, *, illness: np.ndarray, reason: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Haemoglobin and sodium at the end of each contact of these people, shape (contacts, 2), within living limits."""
    group, noise = (age >= 18).astype(int), rng.standard_normal((2, age.size))
    adult = np.where(people.is_male[who], USUAL_HAEMOGLOBIN["man"], USUAL_HAEMOGLOBIN["woman"])
    usual = np.where(group == 1, adult + HAEMOGLOBIN_PER_YEAR_FROM_60 * np.maximum(age - 60, 0), USUAL_HAEMOGLOBIN["child"])
    lost = np.array([BLOOD_LOSS.get(code, 0.0) for code in range(6)])[reason]
    ill = np.maximum(illness, 0)
    haemoglobin = usual + people.health.haemoglobin[who] + lost + ILLNESS_ON_BLOOD[0] * ill + HAEMOGLOBIN_SPREAD[group] * noise[0]
    sodium = USUAL_SODIUM + people.health.sodium[who] + ILLNESS_ON_BLOOD[1] * ill + SODIUM_SPREAD[group] * noise[1]
    recorded = np.column_stack((np.round(haemoglobin, 1), np.rint(sodium)))
    return np.clip(recorded, LOWEST, HIGHEST)


def is_anaemic(blood: np.ndarray) -> np.ndarray:
    """Haemoglobin below the cut-off of the HOSPITAL score."""
    return blood[:, HAEMOGLOBIN] < ANAEMIA_BELOW_G_DL


def is_low_in_sodium(blood: np.ndarray) -> np.ndarray:
    """Sodium below the cut-off of the HOSPITAL score."""
    return blood[:, SODIUM] < LOW_SODIUM_BELOW_MMOL_L


def lab_results(taken_in: Journeys, age: np.ndarray, rng: np.random.Generator) -> LabResults:
    """The results of every ward stay; `age` has one entry per encounter."""
    ward = np.flatnonzero(taken_in.encounter_class == INPATIENT)
    before, after = _on_admission(taken_in, ward, rng), _before_discharge(taken_in, ward, age[ward], rng)
    both = LabResults.joined((before, after))
    return both.rows(np.flatnonzero(both.collected < WINDOW_END))


def _before_discharge(taken_in: Journeys, ward: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> LabResults:
    drawn = rng.random((3, ward.size))
    ended, arrived = taken_in.ended[ward], taken_in.arrived[ward]
    left = ended < NEVER
    both = left & (drawn[0] < BOTH_BEFORE_DISCHARGE_SHARE[(age >= 18).astype(int)])
    alone = left & ~both & (drawn[1] < HAEMOGLOBIN_ALONE_SHARE)
    earliest = np.maximum(arrived + 30, ended - 23 * 60)
    collected = earliest + np.floor(drawn[2] * np.maximum(ended - 90 - earliest, 1)).astype(np.int64)
    row, test = np.nonzero(np.column_stack((both | alone, both)))
    return LabResults(ward[row], test, collected[row], taken_in.last_blood[ward[row], test])


def _on_admission(taken_in: Journeys, ward: np.ndarray, rng: np.random.Generator) -> LabResults:
    still_in = taken_in.ended[ward] == NEVER
    long = still_in | (taken_in.ended[ward] - taken_in.arrived[ward] > LONG_STAY_DAYS * DAY)
    ward = ward[long & (rng.random(ward.size) < ON_ADMISSION_SHARE)]
    encounter, test = np.repeat(ward, 2), np.tile((HAEMOGLOBIN, SODIUM), ward.size)
    collected = np.repeat(taken_in.arrived[ward] + rng.integers(5, 180, ward.size), 2)
    change = ADMISSION_DIFFERENCE[test] + ADMISSION_CHANGE[test] * rng.standard_normal(encounter.size)
    value = taken_in.last_blood[encounter, test] + change
    recorded = np.where(test == SODIUM, np.rint(value), np.round(value, 1))
    return LabResults(encounter, test, collected, np.clip(recorded, LOWEST[test], HIGHEST[test]))
