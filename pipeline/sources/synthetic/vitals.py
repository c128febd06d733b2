"""Draws vital signs that look like measured ones: per age band as in NHAMCS, and going wrong together in the ill.

Acute illness is the one cause that all signs share. The body makes up for a mild one; beyond its reserve it decompensates,
and every sign shifts. Distributions come from data/reference/nhamcs_vital_distributions.csv, limits of instability at
discharge from data/reference/instability_limits.csv. It knows nothing of when a set is taken or how it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.catalog.reference import reference_rows
from pipeline.sources.synthetic.population import age_group

SIGNS = ("heart_rate", "respiratory_rate", "systolic_bp", "diastolic_bp", "temperature", "spo2")
HEART_RATE, RESPIRATORY_RATE, SYSTOLIC, DIASTOLIC, TEMPERATURE, SPO2 = range(6)
"""Columns of every array of vital signs, shape (sets, 6): /min, /min, mmHg, mmHg, degrees Celsius, %."""

P95_Z = 1.6449
"""The 95th percentile of a standard normal value."""

OWN_LOADING = np.array([0.45, 0.05, 0.45, 0.30, 0.0, 0.15])
"""How far a person's own usual level moves each sign, in standard deviations (assumption)."""

RESERVE = np.array([0.65, 0.65, 0.45])
"""The latent illness that children, adults and seniors still make up for: seniors have less in reserve (assumption)."""

RESERVE_TO_COLLAPSE = 2.0
"""How much more illness leads from the first signs of decompensation to full decompensation (assumption)."""

DECOMPENSATED_SHIFT = np.array([1.4, 3.0, -2.0, -1.6, 2.8, -3.0])
DECOMPENSATED_UNSTEADINESS = 1.3
"""What full decompensation does: the shift of each sign in standard deviations, and the growth of its noise, since a failing
body shows in one sign more than in another. Assumptions, tuned to two findings: at discharge 18.7 % of adults have an unstable
sign (Nguyen, J Gen Intern Med 2017;32:42, PMC5215152), roughly a quarter of them two or more; and the tails of NHAMCS, whose
breathing, temperature and saturation reach further out than their 5th and 95th percentiles suggest."""

COMPENSATED_SPREAD = np.array([0.88, 0.82, 0.86, 0.88, 0.84, 0.84])
"""Everybody's noise is this much smaller than NHAMCS, so that with the decompensated its percentiles come out (tuned)."""

CALM_SPREAD = 0.86
"""Before discharge the noise is this much smaller again (assumption): pain, fear and the way to hospital are over."""

PULSE_WITH_FEVER = 0.08
SYSTOLIC_WITH_DIASTOLIC = 0.62
"""Shared noise; with the shared illness it comes near the NHAMCS adult correlations 0.20 (heart rate and temperature),
0.13 (heart rate and breathing) and 0.59 (systolic and diastolic)."""

TARGET_SATURATION, TARGET_SPREAD = 91.4, 0.020
"""Median, and standard deviation of its logarithm, in those whose target is 88 to 92 % (NEWS2 SpO2 scale 2; assumption)."""

SATURATION_OF_OTHERS = 0.88
"""How far the saturation of other adults falls against NHAMCS, which has those low ones in it already (tuned)."""

LOWEST = np.array([25, 5, 50, 20, 33.0, 45])
HIGHEST = np.array([240, 75, 280, 170, 41.9, 100])
EVEN_BREATHING_SHARE = 0.8
"""Breaths are counted for half a minute and doubled; 92 % of NHAMCS values are even."""


@dataclass(frozen=True)
class Distributions:
    """Per age band: its first age, and for each sign the 5th, 50th, 95th percentile and the missing share."""

    from_years: np.ndarray
    median: np.ndarray
    spread_below: np.ndarray
    spread_above: np.ndarray
    missing_share: np.ndarray


@cache
def distributions() -> Distributions:
    """Arrays of shape (bands, 6); spreads are standard deviations of the logarithm below and above the median."""
    rows = {(int(row["age_from_years"]), row["vital_sign"]): row for row in reference_rows("nhamcs_vital_distributions")}
    bands = sorted({band for band, _ in rows})
    names = ("p5", "p50", "p95", "missing_share")
    p5, p50, p95, missing = (np.array([[float(rows[band, sign][name]) for sign in SIGNS] for band in bands]) for name in names)
    return Distributions(np.array(bands), p50, np.log(p50 / p5) / P95_Z, np.log(p95 / p50) / P95_Z, missing)


def age_band(age: np.ndarray) -> np.ndarray:
    """The NHAMCS age band of each age in years, 0 to 9."""
    return np.searchsorted(distributions().from_years, np.maximum(age, 0), "right") - 1


@dataclass(frozen=True)
class Bodies:
    """Whose signs are measured, one entry per set: age in years, own usual level (shape (sets, 2)), SpO2 scale 2 or not."""

    age: np.ndarray
    usual: np.ndarray
    on_scale_2: np.ndarray


def vital_signs(bodies: Bodies, illness: np.ndarray, *, calm: bool, rng: np.random.Generator) -> np.ndarray:
    """One vital set per entry, as recorded (whole numbers, temperature to 0.01 °C), all within living limits.

    `illness` is a latent value, 0 for the usual emergency visit and 1 for one standard deviation worse.
    """
    age = bodies.age
    failing = decompensation(age, illness)
    shift = (failing - _usual_decompensation()[age_group(age)])[:, None] * DECOMPENSATED_SHIFT
    own = bodies.usual[:, [0, 0, 1, 1, 0, 0]] * OWN_LOADING * [1, 1, 1, 1, 1, -1]
    spread = (CALM_SPREAD if calm else 1.0) * (1 + DECOMPENSATED_UNSTEADINESS * failing)
    z = shift + own + spread[:, None] * _noise(age.size, rng)
    lowered = bodies.on_scale_2
    z[(age >= 18) & ~lowered & (z[:, SPO2] < 0), SPO2] *= SATURATION_OF_OTHERS
    known, band = distributions(), age_band(age)
    values = known.median[band] * np.exp(z * np.where(z < 0, known.spread_below[band], known.spread_above[band]))
    values[lowered, SPO2] = TARGET_SATURATION * np.exp(z[lowered, SPO2] * TARGET_SPREAD)
    values[:, TEMPERATURE] = np.round((values[:, TEMPERATURE] - 32) / 1.8, 2)
    return _as_recorded(np.clip(values, LOWEST, HIGHEST), rng)


def decompensation(age: np.ndarray, illness: np.ndarray) -> np.ndarray:
    """How far acute illness exceeds what the body makes up for: 0 while it copes, 1 when every sign is fully shifted."""
    return np.clip((illness - RESERVE[age_group(age)]) / RESERVE_TO_COLLAPSE, 0.0, 1.0)


def instabilities(values: np.ndarray) -> np.ndarray:
    """How many of the five signs are unstable for an adult's discharge (Nguyen 2017), 0 to 5."""
    signs, lowest, highest = (np.array(part) for part in zip(*_instability_limits(), strict=True))
    return ((values[:, signs] >= lowest) & (values[:, signs] <= highest)).sum(axis=1)


def is_tachycardic(values: np.ndarray) -> np.ndarray:
    """Whether the heart rate alone is unstable for an adult's discharge."""
    low = next(low for sign, low, _ in _instability_limits() if sign == HEART_RATE)
    return values[:, HEART_RATE] >= low


@cache
def _usual_decompensation() -> np.ndarray:
    """Its mean over all arrivals by age group, illness being nearly standard normal; NHAMCS already contains that much."""
    illness = np.linspace(-5, 5, 2_001)
    density = np.exp(-(illness**2) / 2)
    groups = (np.full(illness.size, age) for age in (0, 18, 65))
    return np.array([np.average(decompensation(age, illness), weights=density) for age in groups])


def _noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """The part of each sign that neither illness nor the person explains, in standard deviations."""
    raw = rng.standard_normal((count, 6))
    left = COMPENSATED_SPREAD * np.sqrt(1 - OWN_LOADING**2)
    noise = raw * left
    noise[:, TEMPERATURE] = left[TEMPERATURE] * _mixed(raw[:, HEART_RATE], raw[:, TEMPERATURE], PULSE_WITH_FEVER)
    noise[:, DIASTOLIC] = left[DIASTOLIC] * _mixed(raw[:, SYSTOLIC], raw[:, DIASTOLIC], SYSTOLIC_WITH_DIASTOLIC)
    return noise


def _mixed(shared: np.ndarray, own: np.ndarray, correlation: float) -> np.ndarray:
    return correlation * shared + np.sqrt(1 - correlation**2) * own


def _as_recorded(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    recorded = np.rint(values)
    recorded[:, TEMPERATURE] = values[:, TEMPERATURE]
    even = rng.random(len(values)) < EVEN_BREATHING_SHARE
    recorded[:, RESPIRATORY_RATE] = np.where(even, 2 * np.rint(values[:, RESPIRATORY_RATE] / 2), recorded[:, RESPIRATORY_RATE])
    recorded[:, DIASTOLIC] = np.minimum(recorded[:, DIASTOLIC], recorded[:, SYSTOLIC] - 8)
    return recorded


@cache
def _instability_limits() -> tuple[tuple[int, float, float], ...]:
    rows = reference_rows("instability_limits")
    return tuple((SIGNS.index(row["parameter"]), float(row["at_least"]), float(row["at_most"])) for row in rows)
