"""The kinds of contact and the records of a block's course: contacts that come, their endings, the encounters made of both.

Records are equally long arrays, one entry per row. Who comes when is in journeys.py, what happens then in stays.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from pipeline.sources.synthetic.hospital import ELECTIVE, EMERGENCY, EMERGENT, INPATIENT, OUTPATIENT, URGENT, pick

ROUTINE, FROM_EMERGENCY, FROM_OTHER_SITE, UNPLANNED_RETURN, PLANNED_RETURN = range(5)
"""What a contact follows from."""

ROUTINE_SHARES = np.array([[0.64, 0.05, 0.04, 0.27], [0.53, 0.06, 0.09, 0.32], [0.43, 0.11, 0.12, 0.34]])
"""Children, adults, seniors: emergency visit, direct urgent admission, planned admission, clinic (assumption)."""

DIRECT_URGENT, CLINIC = 1, 3
ROUTINE_CLASS = np.array([EMERGENCY, INPATIENT, INPATIENT, OUTPATIENT])
ROUTINE_TYPE = np.array([EMERGENT, URGENT, ELECTIVE, ELECTIVE])

RETURNS_THROUGH_EMERGENCY = 0.75

ILLNESS, PLANNED_CARE, CANCER_TREATMENT, DELIVERY, PSYCHIATRIC, REHABILITATION_CARE = range(6)
"""Why a patient is cared for; what decides it is in reasons.py."""


@dataclass(frozen=True)
class Columns:
    """Arrays with one entry per row each, in the same order."""

    def rows(self, chosen: np.ndarray) -> Self:
        """The chosen rows, in the order asked for."""
        return type(self)(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, one part after the other; there is at least one."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))


@dataclass(frozen=True)
class Contacts(Columns):
    """The contacts of one round: at most one per person, whose position in the block is `who`."""

    who: np.ndarray
    kind: np.ndarray
    arrived: np.ndarray
    age: np.ndarray
    encounter_class: np.ndarray
    admission_type: np.ndarray


@dataclass(frozen=True)
class Endings(Columns):
    """How the contacts of one round end, in the same order; `admitted` are emergency visits that go on to a ward."""

    ended: np.ndarray
    disposition: np.ndarray
    admitted: np.ndarray
    illness: np.ndarray
    signs: np.ndarray
    blood: np.ndarray


@dataclass(frozen=True)
class Journeys(Columns):
    """One entry per encounter, in no particular order; times in minutes, `ended` is NEVER while in hospital."""

    person: np.ndarray
    site: np.ndarray
    specialty: np.ndarray
    encounter_class: np.ndarray
    admission_type: np.ndarray
    arrived: np.ndarray
    ended: np.ndarray
    disposition: np.ndarray
    kind: np.ndarray
    reason: np.ndarray
    continues: np.ndarray
    """Whether it is about the same disease as the person's stay before."""

    on_scale_2: np.ndarray
    """Whether a clinician has set the target saturation of hypercapnic failure."""

    illness: np.ndarray
    """Latent, on arrival."""

    last_illness: np.ndarray
    """Latent, at the end."""

    last_signs: np.ndarray
    """Vital signs at the end, shape (encounters, 6)."""

    last_blood: np.ndarray
    """Haemoglobin in g/dL and sodium in mmol/L at the end, shape (encounters, 2)."""


def sort_of_contact(
    kind: np.ndarray, group: np.ndarray, *, quiet: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Encounter class and admission type; in `quiet` times a clinic visit takes the place of a routine urgent admission."""
    sort = pick(np.cumsum(ROUTINE_SHARES, axis=1)[group], rng.random(kind.size))
    sort = np.where((sort == DIRECT_URGENT) & quiet, CLINIC, sort)
    through_emergency = rng.random(kind.size) < RETURNS_THROUGH_EMERGENCY
    returning_class = np.where(through_emergency, EMERGENCY, INPATIENT)
    returning_type = np.where(through_emergency, EMERGENT, URGENT)
    encounter_class = np.choose(kind, [ROUTINE_CLASS[sort], INPATIENT, INPATIENT, returning_class, INPATIENT])
    admission_type = np.choose(kind, [ROUTINE_TYPE[sort], EMERGENT, URGENT, returning_type, ELECTIVE])
    return encounter_class, admission_type
