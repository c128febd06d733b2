"""The people of one block: who they are, how often they come, how frail they are, how long they live.

Frailty and frequency are latent: they are never written, they only show in what happens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.calendar import BURN_IN_START, DAY, NEVER, WINDOW_DAYS
from pipeline.sources.synthetic.conditions import CANCERS, HEART_DISEASES, LUNG_DISEASES, Health, health
from pipeline.sources.synthetic.hospital import (
    CARDIOLOGY,
    HOME_SITE_SHARES,
    LAKESIDE,
    ONCOLOGY,
    PAEDIATRICS,
    RESPIRATORY,
    SPECIALTY_SHARES,
    pick,
)

AGE_EDGES = np.array([-1, 0, 1, 5, 12, 18, 30, 45, 65, 75, 85, 101])
"""Years of age in the middle of the window; below 0 are those who are born in its second half."""

AGE_SHARES = np.array([0.011, 0.012, 0.045, 0.049, 0.049, 0.145, 0.185, 0.270, 0.1205, 0.0800, 0.0335])
"""Of the people drawn. Chosen so that, with the rates below, 31 % of encounters are by seniors and 14 % by children."""

CONTACTS_PER_YEAR = np.array([0.45, 0.40, 0.62])
"""Routine contacts of children, adults and seniors, before individual differences (assumption)."""

FREQUENCY_SHAPE = 2.0
"""Gamma shape of how often people come: a few come very often (assumption)."""

FRAILTY_ON_FREQUENCY = 0.40

KNOWN_FOR = {CARDIOLOGY: 2.5, RESPIRATORY: 3.0, ONCOLOGY: 60.0}
"""How much more often people are known to the specialty of a condition they have; to oncology only with cancer."""

GOMPERTZ_AT_65, GOMPERTZ_PER_YEAR = 0.012, 0.095
"""Yearly risk of dying outside hospital at 65 and its exponential growth with age, rounded from US life tables."""


@dataclass(frozen=True)
class People:
    """One entry per person: days and minutes count from the start of the window."""

    birth_day: np.ndarray
    is_male: np.ndarray
    sex: np.ndarray
    given_name: np.ndarray
    family_name: np.ndarray
    postal_code: np.ndarray
    home_site: np.ndarray
    specialty: np.ndarray
    health: Health
    frailty: np.ndarray
    contacts_per_year: np.ndarray
    death_at: np.ndarray
    usual: np.ndarray
    """Their own usual heart rate and blood pressure, as two standard normal values: shape (people, 2)."""

    @property
    def count(self) -> int:
        return self.birth_day.size


def people(count: int, rng: np.random.Generator) -> People:
    """Draws a block of people. Ages are drawn stratified, so that every block has nearly the same age mix."""
    age = _ages(count, rng)
    frailty = rng.standard_normal(count)
    is_male = rng.random(count) < np.where(age >= 65, 0.43, 0.47)
    known = health(age, is_male, frailty, rng)
    home_site = pick(np.cumsum(HOME_SITE_SHARES, axis=1)[age_group(age)], rng.random(count))
    return People(
        birth_day=np.floor(WINDOW_DAYS / 2 - age * 365.25).astype(np.int64),
        is_male=is_male,
        sex=_recorded_sex(is_male, rng),
        given_name=rng.integers(0, 30, count) + np.where(is_male, 30, 0),
        family_name=rng.integers(0, 80, count),
        postal_code=10_000 + 137 * home_site + rng.integers(0, 420, count) * 7,
        home_site=home_site,
        specialty=_specialty(home_site, age, known, rng),
        health=known,
        frailty=frailty,
        contacts_per_year=_contacts_per_year(age, frailty, rng),
        death_at=_natural_death(age, frailty, rng),
        usual=rng.standard_normal((count, 2)),
    )


def age_years(birth_day: np.ndarray, minute: np.ndarray) -> np.ndarray:
    """Age in years, fractions included, at a time."""
    return (minute / DAY - birth_day) / 365.2425


def age_group(age: np.ndarray) -> np.ndarray:
    """0 child, 1 adult, 2 senior: below 18, below 65, from 65."""
    return (age >= 18).astype(np.int64) + (age >= 65)


def _ages(count: int, rng: np.random.Generator) -> np.ndarray:
    spread = (rng.permutation(count) + rng.random(count)) / count
    shares = AGE_SHARES / AGE_SHARES.sum()
    return np.interp(spread, np.concatenate(([0.0], np.cumsum(shares))), AGE_EDGES)


def _recorded_sex(is_male: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0 female, 1 male, 2 other, 3 unknown, 4 left empty."""
    drawn = rng.random(is_male.size)
    rare = np.where(drawn < 0.002, 2, np.where(drawn < 0.004, 3, 4))
    return np.where(drawn < 0.005, rare, is_male.astype(np.int64))


def _specialty(home_site: np.ndarray, age: np.ndarray, known: Health, rng: np.random.Generator) -> np.ndarray:
    """The specialty each person is known to: the site's mix, tilted by the conditions the person has."""
    shares = SPECIALTY_SHARES[np.where(home_site == LAKESIDE, 0, home_site)]
    shares[:, CARDIOLOGY] *= np.where(known.has_any(*HEART_DISEASES), KNOWN_FOR[CARDIOLOGY], 1.0)
    shares[:, RESPIRATORY] *= np.where(known.has_any(*LUNG_DISEASES), KNOWN_FOR[RESPIRATORY], 1.0)
    shares[:, ONCOLOGY] *= np.where(known.has_any(*CANCERS), KNOWN_FOR[ONCOLOGY], 0.0)
    cumulative = np.cumsum(shares, axis=1)
    adult = pick(cumulative, rng.random(age.size) * cumulative[:, -1])
    child = PAEDIATRICS + (rng.random(age.size) < 0.25)
    return np.where(age < 18, child, adult)


def _contacts_per_year(age: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    own = _spread_over_ages(rng.standard_gamma(FREQUENCY_SHAPE, age.size) / FREQUENCY_SHAPE, age, rng)
    rate = CONTACTS_PER_YEAR[age_group(age)] * own * np.exp(FRAILTY_ON_FREQUENCY * frailty - FRAILTY_ON_FREQUENCY**2 / 2)
    return np.clip(rate, 0.02, 8.0)


def _spread_over_ages(drawn: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawn values dealt out so that every age gets high and low ones alike (a golden-ratio lattice over the ages).

    Without it a few frequent comers would move the seniors' share of a small hospital's encounters by a per cent.
    """
    place = np.argsort(age, kind="stable")
    rank = np.argsort(np.argsort((np.arange(age.size) * 0.6180339887498949 + rng.random()) % 1.0, kind="stable"), kind="stable")
    dealt = np.empty_like(drawn)
    dealt[place] = np.sort(drawn)[rank]
    return dealt


def _natural_death(age: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """When each person would die of causes unrelated to a stay, among those alive at the start of the burn-in."""
    age_then = np.maximum(age + BURN_IN_START / DAY / 365.25 - 1, 0)
    hazard = GOMPERTZ_AT_65 * np.exp(GOMPERTZ_PER_YEAR * (age_then - 65) + 0.4 * frailty)
    years = np.log1p(rng.standard_exponential(age.size) * GOMPERTZ_PER_YEAR / hazard) / GOMPERTZ_PER_YEAR
    return np.where(years < 4, BURN_IN_START + np.floor(years * 365.25 * DAY), NEVER).astype(np.int64)
