"""A score opened: its result, how much of it was measured, and each part with the value it rests on.

Pure. Screen and file show the same record; a score that does not apply or cannot be computed has a status and no parts.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.serving.wording import UNKNOWN

COMPUTED = "computed"
NOT_MEASURED, NOT_APPLICABLE = "not measured", "not applicable"


@dataclass(frozen=True)
class ScorePart:
    """One part of a score: what it is, its value with unit, the points or the answer, and the row of the published table."""

    name: str
    value: str
    answer: str
    rule: str = ""


@dataclass(frozen=True)
class Score:
    """One score. result: the number and its class in words, a dash without one; status: as the table says it.

    measured: how many parts were present, empty where the score does not count them; headings: of the parts' names, answers
    and rules; note: what must be known to read it.
    """

    name: str
    result: str
    status: str
    measured: str
    parts: tuple[ScorePart, ...]
    headings: tuple[str, str, str]
    note: str

    @property
    def status_text(self) -> str:
        """The status as a sentence; empty when there is nothing to add to the result."""
        return "" if self.status == COMPUTED else self.status[:1].upper() + self.status[1:]

    @property
    def is_for_patient(self) -> bool:
        """Whether the score applies at all; its note is only worth reading where it does."""
        return not self.status.startswith(NOT_APPLICABLE)

    @property
    def summary(self) -> str:
        """Result, what was measured, status, in one line."""
        return " · ".join(part for part in (self.result if self.result != UNKNOWN else "", self.measured, self.status_text) if part)


def yes_or_no(answer: bool | int | None, missing: str = NOT_MEASURED) -> str:
    """Yes, No, or why there is no answer."""
    return missing if answer is None else "Yes" if answer else "No"


def points_text(points: int | None) -> str:
    """Points as written; a dash without any."""
    return UNKNOWN if points is None else str(points)
