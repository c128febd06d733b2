"""Whether a viewer reads unusually much on a day: against their own usual day, and against the usual day of their role. Pure.

A reason to ask, not a verdict: a new ward or an audit reads more as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from pipeline.governance.audit_door import DayCount

UNUSUAL_TIMES = 3
FEWEST_READS = 100
"""A day is unusual with more than three times the usual reads, and at least a hundred: one visit to a page is up to ten reads."""

FEWEST_DAYS = 3
"""Fewer earlier days tell no habit."""


@dataclass(frozen=True)
class Volume:
    """One viewer in one role today (UTC): reads, refusals, and the usual reads of a day, own and of the role's other viewers.

    own_days and role_days: of how many earlier days the medians are; a median is None without enough of them.
    """

    viewer: str
    role: str
    read_count: int
    refusal_count: int
    own_usual: float | None
    own_days: int
    role_usual: float | None
    role_days: int

    @property
    def is_unusual(self) -> bool:
        """More than three times of all that is known to be usual."""
        known = [usual for usual in (self.own_usual, self.role_usual) if usual is not None]
        return bool(known) and self.read_count >= FEWEST_READS and self.read_count > UNUSUAL_TIMES * max(known)


def volumes(days: Sequence[DayCount], today: date) -> tuple[Volume, ...]:
    """Every viewer and role of today, unusual ones first, then by reads."""
    earlier = [one for one in days if one.day < today.isoformat() and one.read_count]
    found = [_volume(one, earlier) for one in days if one.day == today.isoformat()]
    return tuple(sorted(found, key=lambda one: (not one.is_unusual, -one.read_count, one.viewer)))


def _volume(one: DayCount, earlier: Sequence[DayCount]) -> Volume:
    own = [other.read_count for other in earlier if (other.viewer, other.role) == (one.viewer, one.role)]
    role = [other.read_count for other in earlier if other.role == one.role and other.viewer != one.viewer]
    return Volume(
        one.viewer, one.role, one.read_count, one.refusal_count, _usual(own), len(own), _usual(role), len(role)
    )  # fmt: skip


def _usual(counts: Sequence[int]) -> float | None:
    return median(counts) if len(counts) >= FEWEST_DAYS else None
