"""What is known of the champion, as one file beside it: which version, who promoted it and why, its card and its evaluation. Pure.

Written by the promotion, read by the pages, which so need no registry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import Evaluation, evaluation_from_json
from pipeline.model.records import read_record

COHORT_SECTION = "Patients it was trained on"
FEATURES_SECTION = "What it knows of a stay"
PERFORMANCE_SECTION = "Performance, with 95 % intervals (bootstrap over patients)"
SUBGROUPS_SECTION = "Subgroups"
"""The parts of the card that hold counts of stays, or what tells one."""


@dataclass(frozen=True)
class CardSection:
    """One part of the model card: sentences, and a table where columns are given."""

    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Promotion:
    """Which version scores the stays, since when, and who decided so."""

    version: int
    run_id: str
    promoted_at: datetime
    promoted_by: str
    promoted_because: str


@dataclass(frozen=True)
class Evidence:
    """The champion's promotion, card and evaluation."""

    promotion: Promotion
    card: tuple[CardSection, ...]
    evaluation: Evaluation

    @property
    def words(self) -> Mapping[str, object]:
        """As it is written down."""
        return {
            "promotion": asdict(self.promotion) | {"promoted_at": self.promotion.promoted_at.isoformat()},
            "card": [asdict(section) for section in self.card],
            "evaluation": json.loads(self.evaluation.to_json()),
        }

    def to_json(self) -> str:
        return json.dumps(self.words, indent=1)


def evidence_from_json(text: str) -> Evidence:
    """The evidence in a text. Raises ModelRefused when it is not whole."""
    try:
        said = json.loads(text)
        return Evidence(
            promotion=read_record(Promotion, said["promotion"]),
            card=tuple(read_record(CardSection, section) for section in said["card"]),
            evaluation=evaluation_from_json(json.dumps(said["evaluation"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ModelRefused("The champion's evidence is damaged. Promote a version again: python -m pipeline models") from broken
