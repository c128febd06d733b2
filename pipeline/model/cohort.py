"""The stays a model is trained and judged on, as one value: what was known at discharge, what became of it, whose they are.

Pure. Where they come from, and how, is known to `hospital_cohort` and `uci_cohort`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.catalog.contract import Column
from pipeline.errors import ModelRefused
from pipeline.model.evaluation import HOSPITAL, LACE, VITAL_INSTABILITY, CohortFacts, PublishedResult
from pipeline.model.specification import CATEGORY, NUMBER

SCORES = (VITAL_INSTABILITY, LACE, HOSPITAL)
"""What a cohort may bring to compare with: columns of `scores`."""

LEAST_STAYS, LEAST_EVENTS = 1_000, 100
"""Fewer teach a model of this many points nothing but chance."""


@dataclass(frozen=True)
class Feature:
    """One thing known of a stay. kind: number or category; available: when it is known."""

    name: str
    kind: str
    description: str
    unit: str | None
    available: str


@dataclass(frozen=True)
class Cohort:
    """One row per stay in every part.

    outcome: what counts as coming back, where it is not the product's own label. features: numbers as float, categories as
    text, missing as missing. patient: a number per row, equal for the stays of one patient. ended_at: what puts stays in the
    order of their ends: times, or numbers that rise with time. discharge_date: None where days are not known.
    groups: sex, age_band, site, race, where known. scores: points by name of SCORES, missing where not computable;
    score_titles: how each was computed. flow: what was left out, with counts. published: what others reported on the same data.
    """

    name: str
    description: str
    source: str
    outcome: str | None
    is_synthetic: bool
    publication: int | None
    known: tuple[Feature, ...]
    features: pd.DataFrame
    is_readmitted: np.ndarray
    patient: np.ndarray
    ended_at: np.ndarray
    discharge_date: np.ndarray | None
    groups: pd.DataFrame
    scores: pd.DataFrame
    score_titles: Mapping[str, str]
    flow: tuple[tuple[str, int], ...]
    features_fingerprint: str
    published: tuple[PublishedResult, ...] = ()

    def __post_init__(self) -> None:
        events = int(self.is_readmitted.sum())
        if len(self.is_readmitted) < LEAST_STAYS or events < LEAST_EVENTS:
            raise ModelRefused(
                f"{len(self.is_readmitted):,} index stays with {events:,} readmissions are too few to train on: {LEAST_STAYS:,}"
                f" and {LEAST_EVENTS:,} are needed. Take in more data: python -m pipeline refresh"
            )

    @property
    def kinds(self) -> dict[str, str]:
        """Number or category, by feature."""
        return {feature.name: feature.kind for feature in self.known}

    @cached_property
    def content_fingerprint(self) -> str:
        """Of every feature value, outcome and order: the same stays give the same one."""
        digest = hashlib.sha256(pd.util.hash_pandas_object(self.features, index=False).to_numpy().tobytes())
        for part in (self.is_readmitted, self.patient, self.ended_at):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()[:16]

    @property
    def facts(self) -> CohortFacts:
        """What an evaluation keeps of it."""
        first, last = self._period()
        return CohortFacts(
            name=self.name,
            description=self.description,
            source=self.source,
            is_synthetic=self.is_synthetic,
            publication=self.publication,
            stays=len(self.is_readmitted),
            patients=len(np.unique(self.patient)),
            events=int(self.is_readmitted.sum()),
            first_at=first,
            last_at=last,
            flow=self.flow,
            features_fingerprint=self.features_fingerprint,
            content_fingerprint=self.content_fingerprint,
        )

    def _period(self) -> tuple[datetime | None, datetime | None]:
        if self.ended_at.dtype.kind != "M":
            return None, None
        ends = (pd.Timestamp(self.ended_at.min()), pd.Timestamp(self.ended_at.max()))
        return tuple(end.to_pydatetime(warn=False).replace(tzinfo=UTC) for end in ends)


def known_features(columns: Sequence[Column]) -> tuple[Feature, ...]:
    """The columns of a contract that say when they are known."""
    return tuple(
        Feature(c.name, CATEGORY if c.type == "varchar" else NUMBER, c.description, c.unit, c.available)
        for c in columns
        if c.available is not None
    )


def feature_frame(rows: pd.DataFrame, known: Sequence[Feature]) -> pd.DataFrame:
    """The features alone: numbers as float with NaN where missing, categories as text with None."""
    columns = {}
    for feature in known:
        values = rows[feature.name]
        is_number = feature.kind == NUMBER
        columns[feature.name] = values.astype("float64") if is_number else values.astype("object").where(values.notna(), None)
    return pd.DataFrame(columns).reset_index(drop=True)


def numbered(keys: pd.Series) -> np.ndarray:
    """A number for each key, equal for equal keys, in the order of the keys: it does not hang on the order of the rows."""
    return pd.factorize(keys, sort=True)[0]
