"""Draws vital signs that look like measured ones: per age band as in NHAMCS, correlated, worse in the ill.

Distributions come from data/reference/nhamcs_vital_distributions.csv, limits of instability at discharge from
data/reference/instability_limits.csv. It knows nothing of when a set is taken or how it is written.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.settings import REFERENCE

SIGNS = ("heart_rate", "respiratory_rate", "systolic_bp", "diastolic_bp", "temperature", "spo2")
HEART_RATE, RESPIRATORY_RATE, SYSTOLIC, DIASTOLIC, TEMPERATURE, SPO2 = range(6)
"""Columns of every array of vital signs, shape (sets, 6): /min, /min, mmHg, mmHg, degrees Celsius, %."""

P95_Z = 1.6449
"""The 95th percentile of a standard normal value."""

ILLNESS_LOADING = np.array([0.34, 0.34, -0.06, -0.06, 0.26, -0.34])
OWN_LOADING = np.array([0.45, 0.05, 0.45, 0.30, 0.0, 0.15])
"""How far acute illness and a person's own usual level move each sign, in standard deviations (assumption)."""

PULSE_WITH_FEVER = 0.15
SYSTOLIC_WITH_DIASTOLIC = 0.62
"""Shared noise; with the loadings above it gives the NHAMCS adult correlations 0.20 (heart rate and temperature),
0.13 (heart rate and breathing) and 0.59 (systolic and diastolic)."""

CALM_PULL = 0.96
"""Before discharge signs lie this much closer to the usual (assumption)."""

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
    rows = {(int(row["age_from_years"]), row["vital_sign"]): row for row in _reference_rows("nhamcs_vital_distributions.csv")}
    bands = sorted({band for band, _ in rows})
    names = ("p5", "p50", "p95", "missing_share")
    p5, p50, p95, missing = (np.array([[float(rows[band, sign][name]) for sign in SIGNS] for band in bands]) for name in names)
    return Distributions(np.array(bands), p50, np.log(p50 / p5) / P95_Z, np.log(p95 / p50) / P95_Z, missing)


def age_band(age: np.ndarray) -> np.ndarray:
    """The NHAMCS age band of each age in years, 0 to 9."""
    return np.searchsorted(distributions().from_years, np.maximum(age, 0), "right") - 1


def vital_signs(age: np.ndarray, illness: np.ndarray, usual: np.ndarray, *, calm: bool, rng: np.random.Generator) -> np.ndarray:
    """One vital set per entry, as recorded (whole numbers, temperature to 0.01 °C), all within living limits.

    `illness` is a latent value, 0 for the usual emergency visit and 1 for one standard deviation worse.
    """
    own = usual[:, [0, 0, 1, 1, 0, 0]] * OWN_LOADING * [1, 1, 1, 1, 1, -1]
    z = illness[:, None] * ILLNESS_LOADING + own + _noise(age.size, rng)
    z = z * CALM_PULL if calm else z
    known, band = distributions(), age_band(age)
    values = known.median[band] * np.exp(z * np.where(z < 0, known.spread_below[band], known.spread_above[band]))
    values[:, TEMPERATURE] = np.round((values[:, TEMPERATURE] - 32) / 1.8, 2)
    return _as_recorded(np.clip(values, LOWEST, HIGHEST), rng)


def instabilities(values: np.ndarray) -> np.ndarray:
    """How many of the five signs are unstable for an adult's discharge (Nguyen 2017), 0 to 5."""
    signs, lowest, highest = (np.array(part) for part in zip(*_instability_limits(), strict=True))
    return ((values[:, signs] >= lowest) & (values[:, signs] <= highest)).sum(axis=1)


def is_tachycardic(values: np.ndarray) -> np.ndarray:
    """Whether the heart rate alone is unstable for an adult's discharge."""
    low = next(low for sign, low, _ in _instability_limits() if sign == HEART_RATE)
    return values[:, HEART_RATE] >= low


def _noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """The part of each sign that neither illness nor the person explains; each column brings its variance up to 1."""
    raw = rng.standard_normal((count, 6))
    left = np.sqrt(1 - ILLNESS_LOADING**2 - OWN_LOADING**2)
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
    rows = _reference_rows("instability_limits.csv")
    return tuple((SIGNS.index(row["parameter"]), float(row["at_least"]), float(row["at_most"])) for row in rows)


def _reference_rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
