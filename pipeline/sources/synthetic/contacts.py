"""What the course of a block is written in: contacts that come, how they end, and the encounters that are left of both.

Records of equally long arrays and nothing else; what happens is in journeys.py and stays.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

ROUTINE, FROM_EMERGENCY, FROM_OTHER_SITE, UNPLANNED_RETURN, PLANNED_RETURN = range(5)
"""The kinds of contact: what it follows from."""


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
    specialty: np.ndarray
    illness: np.ndarray
    signs: np.ndarray


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
    illness: np.ndarray
    """Latent, on arrival."""

    last_illness: np.ndarray
    """Latent, at the end."""

    last_signs: np.ndarray
    """Vital signs at the end, shape (encounters, 6)."""
