"""The time the synthetic hospital lives in: its period, quarters, busy hours, weeks and seasons.

All times are whole minutes since 2024-11-01 00:00 UTC (int64), all days are whole days since then.
It knows nothing of patients.
"""

from __future__ import annotations

import numpy as np

WINDOW_START = np.datetime64("2024-11-01", "D")
WINDOW_DAYS = 730
"""2024-11-01 to 2026-10-31; the data end at midnight, the start of 2026-11-01."""

BURN_IN_DAYS = 365
"""Lived through before the window and not written, so that everybody has a past from the first day on."""

DAY = 24 * 60
WINDOW_END = WINDOW_DAYS * DAY
BURN_IN_START = -BURN_IN_DAYS * DAY
NEVER = np.int64(2**40)
"""A time after everything."""

YEARLY_GROWTH = 1.065
WINTER_SWING = 0.08
WEEKDAY_LOAD = np.array([1.10, 1.03, 1.00, 1.00, 1.02, 0.93, 0.92])
"""Monday to Sunday. Growth, winter swing and weekly rhythm are assumptions of the size usual in emergency care; deaths
take about 2.5 % a year off the growth, since the people of a block are a closed group but for births."""

EMERGENCY_ARRIVALS_BY_HOUR = np.array([0, 2, 3, 2, 5, 5, 5, 2, 3, 7, 4, 6, 12, 8, 10, 11, 15, 15, 16, 10, 14, 12, 8, 6])
"""Emergency registrations by hour from midnight, MIMIC-IV demo 2.2, n = 181; smoothed below because n is small."""

PLANNED_ARRIVALS_BY_HOUR = np.array([0, 0, 0, 0, 0, 0, 2, 8, 16, 18, 16, 12, 6, 9, 12, 10, 5, 1, 0, 0, 0, 0, 0, 0])
"""Clinics and planned admissions keep office hours (assumption)."""


def later(from_minute: np.ndarray, per_year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The next routine contact after each time, for contacts that come `per_year` on average; NEVER past the window."""
    wait = rng.standard_exponential(from_minute.size) * 365.0 / per_year
    reached = np.interp(from_minute / DAY, _DAYS, _LOAD) + wait
    return np.where(reached < _LOAD[-1], np.interp(reached, _LOAD, _DAYS) * DAY, NEVER).astype(np.int64)


def at_busy_hour(minute: np.ndarray, planned: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same days at a likely time of the day; planned contacts move off the weekend to Monday."""
    day = minute // DAY
    weekday = (day + _FIRST_WEEKDAY) % 7
    day = day + np.where(planned & (weekday > 4), 7 - weekday, 0)
    drawn = rng.random(minute.size)
    hours = np.where(planned, np.searchsorted(_PLANNED, drawn, "right"), np.searchsorted(_UNPLANNED, drawn, "right"))
    return day * DAY + hours * 60 + rng.integers(0, 60, minute.size)


def quarter_names() -> tuple[str, ...]:
    """The calendar quarters of the window, `2024q4` first."""
    first, last = _quarter(np.int64(0)), _quarter(np.int64(WINDOW_DAYS - 1))
    return tuple(f"{number // 4}q{number % 4 + 1}" for number in range(int(first), int(last) + 1))


def quarter_of(minute: np.ndarray) -> np.ndarray:
    """The position in `quarter_names()` of each time of the window."""
    return _quarter(minute // DAY) - _quarter(np.int64(0))


def _quarter(day: np.ndarray) -> np.ndarray:
    months = (WINDOW_START + day).astype("datetime64[M]").astype(np.int64)
    return (months + 1970 * 12) // 3


def _load_by_day() -> tuple[np.ndarray, np.ndarray]:
    """Day edges and the contacts expected until each, 1.0 a day at the start of the window."""
    days = np.arange(-BURN_IN_DAYS, WINDOW_DAYS + 1)
    season = 1 + WINTER_SWING * np.cos(2 * np.pi * ((days + 305 - 20) % 365.25) / 365.25)
    daily = YEARLY_GROWTH ** (days / 365) * season * WEEKDAY_LOAD[(days + _FIRST_WEEKDAY) % 7]
    return days.astype(float), np.concatenate(([0.0], np.cumsum(daily[:-1])))


def _cumulative(arrivals_by_hour: np.ndarray) -> np.ndarray:
    share = np.cumsum(arrivals_by_hour / arrivals_by_hour.sum())
    return share[:-1]


_FIRST_WEEKDAY = 4  # 2024-11-01 was a Friday; Monday is 0
_DAYS, _LOAD = _load_by_day()
_UNPLANNED = _cumulative(sum(np.roll(EMERGENCY_ARRIVALS_BY_HOUR, shift) for shift in (-1, 0, 1)))
_PLANNED = _cumulative(PLANNED_ARRIVALS_BY_HOUR)
