"""Which vital sets are taken in an encounter, when, and which values of a set are missing.

Every encounter has a set on arrival; ward stays have one in the last 24 hours, about half of the emergency visits one
before they end, and some stays one every morning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic import vitals
from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_END
from pipeline.sources.synthetic.contacts import Columns, Journeys
from pipeline.sources.synthetic.hospital import EMERGENCY, INPATIENT

SECOND_EMERGENCY_SET_SHARE = 0.5
DAILY_SETS_SHARE = 0.17
MORNING_ROUND = 6 * 60
MOST_DAILY_SETS = 20
"""Assumptions; together about 1.7 sets per encounter."""

SCALE_2_OFFSET = 3
"""On SpO2 scale 2 oxygen is given at saturations this much lower, in per cent points (assumption)."""

ALL_MISSING_SHARE = 0.033
"""Sets that are taken but empty: 3.3 % of NHAMCS 2015-2020 visits lack all five signs."""


@dataclass(frozen=True)
class VitalSets(Columns):
    """One entry per vital set; `values` has shape (sets, 6) as in vitals.SIGNS, NaN where missing."""

    encounter: np.ndarray
    measured: np.ndarray
    values: np.ndarray
    on_oxygen: np.ndarray
    consciousness: np.ndarray
    spo2_scale: np.ndarray
    """0 for scale 1, 1 for scale 2, -1 where nothing is said."""


def vital_sets(taken_in: Journeys, age: np.ndarray, usual: np.ndarray, rng: np.random.Generator) -> VitalSets:
    """Every set of these encounters. `age` in years and `usual` (people's own level) have one entry per encounter."""
    first_at = taken_in.arrived + rng.integers(2, 31, age.size)
    first = vitals.vital_signs(vitals.Bodies(age, usual, taken_in.on_scale_2), taken_in.illness, calm=False, rng=rng)
    last, last_at = _last_sets(taken_in, rng)
    daily, daily_at = _daily_sets(taken_in, rng)
    between = (taken_in.illness[daily] + taken_in.last_illness[daily]) / 2
    bodies = vitals.Bodies(age[daily], usual[daily], taken_in.on_scale_2[daily])
    daily_signs = vitals.vital_signs(bodies, between, calm=True, rng=rng)
    encounter = np.concatenate((np.arange(age.size), last, daily))
    measured = np.concatenate((first_at, last_at, daily_at))
    values = np.concatenate((first, taken_in.last_signs[last], daily_signs))
    illness = np.concatenate((taken_in.illness, taken_in.last_illness[last], between))
    in_time = measured < WINDOW_END
    encounter = encounter[in_time]
    taken = _Taken(encounter, measured[in_time], values[in_time], illness[in_time], age[encounter], taken_in.on_scale_2[encounter])
    return _as_charted(taken, rng)


def _last_sets(taken_in: Journeys, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Encounters with a set shortly before they end, and its time; at least half an hour after the one on arrival."""
    drawn = rng.random((2, taken_in.arrived.size))
    ward = taken_in.encounter_class == INPATIENT
    checked = ward | ((taken_in.encounter_class == EMERGENCY) & (drawn[0] < SECOND_EMERGENCY_SET_SHARE))
    chosen = np.flatnonzero(checked & (taken_in.ended < NEVER))
    ended, ward = taken_in.ended[chosen], ward[chosen]
    earliest = np.where(ward, np.maximum(taken_in.arrived[chosen] + 60, ended - DAY + 5), ended - 25)
    latest = np.where(ward, ended - 20, ended - 5)
    return chosen, earliest + np.floor(drawn[1][chosen] * (latest - earliest)).astype(np.int64)


def _daily_sets(taken_in: Journeys, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One set each morning after the first, until the day before discharge, for some stays."""
    charted = (taken_in.encounter_class == INPATIENT) & (rng.random(taken_in.arrived.size) < DAILY_SETS_SHARE)
    chosen = np.flatnonzero(charted)
    first_morning = (taken_in.arrived[chosen] // DAY + 1) * DAY + MORNING_ROUND
    until = np.minimum(taken_in.ended[chosen] - DAY, WINDOW_END)
    count = np.clip((until - 60 - first_morning) // DAY + 1, 0, MOST_DAILY_SETS)
    encounter = np.repeat(chosen, count)
    nth = np.arange(encounter.size) - np.repeat(np.cumsum(count) - count, count)
    return encounter, np.repeat(first_morning, count) + nth * DAY + rng.integers(0, 60, encounter.size)


@dataclass(frozen=True)
class _Taken:
    """The sets as measured, one entry each, before anybody writes them down."""

    encounter: np.ndarray
    measured: np.ndarray
    values: np.ndarray
    illness: np.ndarray
    age: np.ndarray
    on_scale_2: np.ndarray


def _as_charted(taken: _Taken, rng: np.random.Generator) -> VitalSets:
    """With oxygen, consciousness and the gaps that real charts have."""
    missing = _missing(taken.age, rng)
    nothing_charted = missing.all(axis=1)
    return VitalSets(
        taken.encounter,
        taken.measured,
        np.where(missing, np.nan, taken.values),
        np.where(nothing_charted, -1, _on_oxygen(taken, rng)),
        np.where(nothing_charted, -1, _consciousness(taken.illness, rng)),
        np.where(nothing_charted | (taken.age < 18), -1, taken.on_scale_2.astype(np.int64)),
    )


def _missing(age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which values are missing: the NHAMCS share per age band and sign, clustered in wholly empty sets."""
    share = vitals.distributions().missing_share[vitals.age_band(age)]
    drawn = rng.random((age.size, len(vitals.SIGNS)))
    drawn[:, vitals.DIASTOLIC] = drawn[:, vitals.SYSTOLIC]
    alone = (share - ALL_MISSING_SHARE) / (1 - ALL_MISSING_SHARE)
    return (drawn < alone) | (rng.random(age.size) < ALL_MISSING_SHARE)[:, None]


def _on_oxygen(taken: _Taken, rng: np.random.Generator) -> np.ndarray:
    """1 with oxygen, 0 on room air: mostly those below their target (assumption)."""
    saturation = taken.values[:, vitals.SPO2] + np.where(taken.on_scale_2, SCALE_2_OFFSET, 0)
    chance = np.where(saturation < 92, 0.60, np.where(saturation < 95, 0.12, 0.012))
    return (rng.random(saturation.size) < chance).astype(np.int64)


def _consciousness(illness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0 alert, 1 newly confused, 2 voice, 3 pain, 4 unresponsive; nearly all are alert (assumption)."""
    return np.searchsorted([2.6, 3.3, 3.7, 4.1], illness + 0.6 * rng.standard_normal(illness.size), "right")
