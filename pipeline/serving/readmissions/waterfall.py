"""The attrition waterfall: from all stays, exclusion by exclusion, to the index stays and what became of them.

Pure. Every stay is in exactly one exclusion or one outcome, so exclusions and outcomes together are all stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.serving.rates import FEWEST
from pipeline.serving.readmissions.population import NOT_FOLLOWED, TOO_YOUNG
from pipeline.serving.wording import count_text

ALL_STAYS, INDEX_STAYS = "All stays", "Index stays"
INDEX_STAY = "Index stay"
"""What gold.readmission_rates calls a stay that counts."""

EXCLUSIONS = (
    "Still in hospital",
    "Died in hospital",
    "Transferred to another hospital",
    "Left against medical advice",
    "Psychiatric stay",
    "Rehabilitation stay",
    "Medical treatment of cancer",
    NOT_FOLLOWED,
)
"""In the order in which gold.index_stays applies them, after the one for age; a test compares the two."""

READMITTED, PLANNED, NOT_RETURNED = "Readmitted, not planned", "Planned first return", "No return within 30 days"
OUTCOMES = (READMITTED, PLANNED, NOT_RETURNED)

TOTAL, EXCLUDED, INDEX, OUTCOME = "total", "excluded", "index", "outcome"


@dataclass(frozen=True)
class Step:
    """One step. share: of all stays, 0-1; for an outcome of the index stays, None where these are fewer than 11.

    starts_at, ends_at: the stays left before and after an exclusion, or between which an outcome lies, for drawing.
    suppressed: what is written for a stay_count that is hidden as a small cell; it is then None, and drawn without a length.
    """

    name: str
    kind: str
    stay_count: int | None
    share: float | None
    starts_at: int
    ends_at: int
    suppressed: str = ""

    @property
    def counted_text(self) -> str:
        """The count as written."""
        return self.suppressed or count_text(self.stay_count)


def steps_of(population: str) -> tuple[str, ...]:
    """The names of the groups every stay falls into, outcomes first: what a list of stays can be chosen by."""
    return (*OUTCOMES, TOO_YOUNG[population], *EXCLUSIONS)


def waterfall(rows: pd.DataFrame, population: str) -> tuple[Step, ...]:
    """The steps from rows of the population: counted_as, stay_count, index_count, readmission_count, planned_return_count."""
    by_reason = rows.groupby("counted_as")["stay_count"].sum()
    total, index = int(rows["stay_count"].sum()), int(by_reason.get(INDEX_STAY, 0))
    excluded = _excluded(by_reason, (TOO_YOUNG[population], *EXCLUSIONS), total)
    readmitted, planned = int(rows["readmission_count"].sum()), int(rows["planned_return_count"].sum())
    outcomes = zip(OUTCOMES, (readmitted, planned, index - readmitted - planned), strict=True)
    return (
        Step(ALL_STAYS, TOTAL, total, _share(total, total), 0, total),
        *excluded,
        Step(INDEX_STAYS, INDEX, index, _share(index, total), 0, index),
        *_outcomes(tuple(outcomes), index),
    )


def _excluded(by_reason: pd.Series, names: tuple[str, ...], total: int) -> list[Step]:
    left, steps = total, []
    for name in names:
        count = int(by_reason.get(name, 0))
        steps.append(Step(name, EXCLUDED, count, _share(count, total), left, left - count))
        left -= count
    return steps


def _outcomes(counts: tuple[tuple[str, int], ...], index: int) -> list[Step]:
    done, steps = 0, []
    for name, count in counts:
        share = _share(count, index) if index >= FEWEST else None
        steps.append(Step(name, OUTCOME, count, share, done, done + count))
        done += count
    return steps


def _share(count: int, out_of: int) -> float | None:
    return count / out_of if out_of else None
