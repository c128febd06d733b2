"""What an additive model is, to the last digit: its terms, their bins and points. Pure; knows no library that trains one.

A stay's log-odds are the intercept plus one number of points for each feature, found by the bin its value falls into. The
same text of it is scored by Python here and, compiled, by every engine; points are decimals, so that sums agree everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ModelRefused

if TYPE_CHECKING:  # a refresh reads models, and pandas would cost it a second
    import pandas as pd

FORMAT = 1
"""Of the JSON text. A program that reads another one refuses to score."""

POINT_DECIMALS = 9
"""Digits that points keep after the point: enough for probabilities that agree with the unrounded model to a millionth."""

NUMBER, CATEGORY = "number", "category"


@dataclass(frozen=True)
class Term:
    """One feature's part of the log-odds.

    kind: `number`, where bin 1 holds values below cuts[0], bin 2 those from cuts[0] to below cuts[1], and so on; or
    `category`, where bin k holds levels[k-1] and the last bin every other level. Bin 0 always holds missing values.
    points: log-odds per bin, bin 0 first. row_counts and event_counts: training stays and readmissions per bin, the same way.
    """

    feature: str
    kind: str
    points: tuple[float, ...]
    row_counts: tuple[int, ...]
    event_counts: tuple[int, ...]
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()

    def bins(self, values: pd.Series) -> np.ndarray:
        """The bin of each value, as integers from 0 (missing)."""
        missing = values.isna().to_numpy()
        if self.kind == NUMBER:
            found = np.searchsorted(np.asarray(self.cuts), values.to_numpy(float, na_value=np.nan), side="right") + 1
        else:
            number = {level: place for place, level in enumerate(self.levels, start=1)}
            found = values.map(number).fillna(len(self.levels) + 1).to_numpy(int)
        return np.where(missing, 0, found).astype(int)


@dataclass(frozen=True)
class GoldenRow:
    """Values of every feature and the probability that the trained model gave for them: what an engine must reproduce."""

    values: Mapping[str, float | str | None]
    probability: float


@dataclass(frozen=True)
class Specification:
    """A whole additive model.

    features_fingerprint: of the SQL, contracts and code lists that made the features; others are other features.
    made_with: the libraries it was trained with and their versions.
    """

    intercept: float
    terms: tuple[Term, ...]
    features_fingerprint: str
    made_with: Mapping[str, str]
    golden_rows: tuple[GoldenRow, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(term.feature for term in self.terms)

    @property
    def fingerprint(self) -> str:
        """Of the whole text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Points of each row (down) and term (across), in log-odds."""
        return np.column_stack([np.asarray(term.points)[term.bins(features[term.feature])] for term in self.terms])

    def probabilities(self, features: pd.DataFrame) -> np.ndarray:
        """Each row's probability of an unplanned return within 30 days, 0-1."""
        return 1 / (1 + np.exp(-(self.intercept + self.contributions(features).sum(axis=1))))

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)


def from_json(text: str) -> Specification:
    """The model in a text of this format. Raises ModelRefused for another format or a text that is not whole."""
    try:
        said = json.loads(text)
        if said.pop("format") != FORMAT:
            raise ModelRefused("The model was written in another format. Train it again: python -m pipeline train")
        terms = tuple(Term(**{**term, **_tuples(term)}) for term in said.pop("terms"))
        golden = tuple(GoldenRow(**row) for row in said.pop("golden_rows"))
        return Specification(terms=terms, golden_rows=golden, **said)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ModelRefused("The model's text is damaged. Promote a model again: python -m pipeline models") from broken


def rounded(points: np.ndarray) -> tuple[float, ...]:
    """Points as they are kept."""
    return tuple(float(point) for point in np.round(points, POINT_DECIMALS))


def _tuples(term: Mapping) -> dict[str, tuple]:
    return {name: tuple(term[name]) for name in ("points", "row_counts", "event_counts", "cuts", "levels")}
