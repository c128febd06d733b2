"""What each encounter is mainly about: one line of codes/reasons_for_care.csv, fitting specialty, sex, age and conditions.

An emergency visit that leads to a ward is about what the ward stay is about; a transfer, and some returns, are about
the same as the stay before. All else is drawn anew, with the weights of the list.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.sources.synthetic.calendar import DAY, WINDOW_DAYS
from pipeline.sources.synthetic.code_tables import reasons_for_care
from pipeline.sources.synthetic.contacts import (
    CANCER_TREATMENT,
    DELIVERY,
    FROM_EMERGENCY,
    FROM_OTHER_SITE,
    ILLNESS,
    PLANNED_CARE,
    PSYCHIATRIC,
    REHABILITATION_CARE,
    Journeys,
)
from pipeline.sources.synthetic.hospital import EMERGENCY, INPATIENT, MATERNITY, OUTPATIENT, SPECIALTIES
from pipeline.sources.synthetic.population import People

PREGNANCY_DAYS = 275
PREGNANT_ELSEWHERE_SHARE, PREGNANT_AGES = 0.09, (18, 43)
"""Of women of these ages, those who have a child in or shortly after the window at another hospital (assumption)."""

_PERSON_STEP = 2**23
"""More than the minutes of the window: lets one number order times within persons."""


def principal_reasons(
    taken_in: Journeys, age: np.ndarray, people: People, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each encounter its position in reasons_for_care(), whether it leads to a ward, and whether the patient is pregnant."""
    order = np.lexsort((taken_in.arrived, taken_in.person))
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    ordered, ordered_age = taken_in.rows(order), age[order]
    leads = _leads_to_ward(ordered)
    pregnant = _is_pregnant(ordered, ordered_age, people, rng)
    drawn = _drawn(_groups(ordered, ordered_age, pregnant), ordered, ordered_age, people, rng=rng)
    reason = drawn[_told_by(ordered, leads)]
    return reason[back], leads[back], pregnant[back]


def _leads_to_ward(ordered: Journeys) -> np.ndarray:
    """Emergency visits whose next encounter is the ward they were admitted or transferred to."""
    carries_on = (ordered.kind == FROM_EMERGENCY) | (ordered.kind == FROM_OTHER_SITE)
    next_carries_on = np.append(carries_on[1:] & (ordered.person[1:] == ordered.person[:-1]), False)
    return (ordered.encounter_class == EMERGENCY) & next_carries_on


def _told_by(ordered: Journeys, leads: np.ndarray) -> np.ndarray:
    """For each encounter the one whose draw it shares: its own, its ward stay's, or the one of the stay before."""
    told_by = np.arange(ordered.person.size)
    settled = np.flatnonzero(~leads)
    person = ordered.person[settled]
    has_earlier = np.append(False, person[1:] == person[:-1])
    # What an episode begun before the window was about is not known here: its first encounter in the window draws anew.
    begins = ~(ordered.continues[settled] & has_earlier)
    told_by[settled] = settled[np.maximum.accumulate(np.where(begins, np.arange(settled.size), 0))]
    told_by[leads] = told_by[np.flatnonzero(leads) + 1]
    return told_by


def _is_pregnant(ordered: Journeys, age: np.ndarray, people: People, rng: np.random.Generator) -> np.ndarray:
    """Encounters in the months before a birth, here or elsewhere; not the birth itself."""
    here = np.where(ordered.reason == DELIVERY, ordered.person * _PERSON_STEP + ordered.arrived, np.iinfo(np.int64).max)
    following = np.minimum.accumulate(here[::-1])[::-1]
    days_to_birth = np.where(following // _PERSON_STEP == ordered.person, following % _PERSON_STEP - ordered.arrived, -1) / DAY
    born_elsewhere = rng.random(people.count) < PREGNANT_ELSEWHERE_SHARE
    born_elsewhere[ordered.person[ordered.reason == DELIVERY]] = False
    born_on = rng.integers(0, WINDOW_DAYS + PREGNANCY_DAYS, people.count)[ordered.person]
    first, below = PREGNANT_AGES
    can_be = ~people.is_male[ordered.person] & (age >= first) & (age < below) & born_elsewhere[ordered.person]
    elsewhere = np.where(can_be, born_on - ordered.arrived / DAY, -1)
    expects = [(days > 0) & (days <= PREGNANCY_DAYS) for days in (days_to_birth, elsewhere)]
    return (expects[0] | expects[1]) & (ordered.reason != DELIVERY)


def _groups(ordered: Journeys, age: np.ndarray, pregnant: np.ndarray) -> np.ndarray:
    """The group of reasons each encounter draws from, as a position in _group_rows()."""
    at = {name: number for number, name in enumerate(_group_rows())}
    illness = np.array([at[f"illness {name}"] for name in SPECIALTIES])
    planned = np.array([at[f"planned {name}"] for name in SPECIALTIES])
    specialty = np.where(pregnant & (ordered.encounter_class == INPATIENT), MATERNITY, ordered.specialty)
    by_reason = {
        ILLNESS: illness[specialty],
        PLANNED_CARE: planned[ordered.specialty],
        CANCER_TREATMENT: at["cancer treatment"],
        DELIVERY: at["delivery"],
        PSYCHIATRIC: at["psychiatric"],
        REHABILITATION_CARE: at["rehabilitation"],
    }
    ward = np.select([ordered.reason == reason for reason in by_reason], list(by_reason.values()))
    emergency = np.where(pregnant, at["pregnant emergency"], at["emergency"])
    emergency = np.where(ordered.reason == PSYCHIATRIC, at["psychiatric"], emergency)
    clinic = np.where(pregnant, at["pregnant clinic"], at["clinic"])
    return np.select([ordered.encounter_class == EMERGENCY, ordered.encounter_class == OUTPATIENT], [emergency, clinic], ward)


def _drawn(group: np.ndarray, ordered: Journeys, age: np.ndarray, people: People, *, rng: np.random.Generator) -> np.ndarray:
    """A reason out of each encounter's group, among those that fit the patient."""
    chosen = np.empty(group.size, np.int64)
    uniform, reasons = rng.random(group.size), reasons_for_care()
    for number, listed in enumerate(_group_rows().values()):
        rows = np.flatnonzero(group == number)
        person, years = ordered.person[rows], age[rows, None]
        has = people.health.has[person][:, np.maximum(reasons.condition[listed], 0)] & (reasons.condition[listed] >= 0)
        weight = np.where(has, reasons.weight_with[listed], reasons.weight[listed])
        fits = (years >= reasons.from_years[listed]) & (years < reasons.below_years[listed])
        fits &= (reasons.sex[listed] < 0) | (reasons.sex[listed] == people.is_male[person][:, None])
        cumulative = np.cumsum(weight * fits, axis=1)
        place = (uniform[rows, None] * cumulative[:, -1:] >= cumulative).sum(axis=1)
        chosen[rows] = listed[np.minimum(place, listed.size - 1)]
    return chosen


@cache
def _group_rows() -> dict[str, np.ndarray]:
    """The positions of each group's reasons."""
    groups = np.array(reasons_for_care().group)
    return {str(name): np.flatnonzero(groups == name) for name in dict.fromkeys(groups.tolist())}
