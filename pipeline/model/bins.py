"""Cuts features into bins that enough stays and readmissions stand behind, before anything is learnt. Pure.

A bin of few stays takes any points that chance gives it, and shows it only over time: a level of 30 stays once got -3.4 log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.model.specification import NUMBER, Term

LEAST_ROWS, LEAST_EVENTS = 200, 10
"""Of training stays and readmissions behind a bin. Values are merged until they have both; levels go to `every other level`."""

MOST_BINS = 16
"""Of a number. More make the compiled SQL slow and the shape no better."""

MOST_LEVELS = 250
"""Of a category: with missing and every other level just what the trees can tell apart."""


def blank_terms(features: pd.DataFrame, kinds: Mapping[str, str], came_back: np.ndarray) -> tuple[Term, ...]:
    """A term for each feature with its bins and how many stays and readmissions are in each, without points yet."""
    return tuple(_counted(_blank(features[name], kind, came_back), features[name], came_back) for name, kind in kinds.items())


def binned(terms: tuple[Term, ...], features: pd.DataFrame) -> np.ndarray:
    """The bin of each row (down) in each term (across)."""
    return np.column_stack([term.bins(features[term.feature]) for term in terms])


def bin_count(term: Term) -> int:
    """With the bin of missing values, and that of every other level."""
    return len(term.cuts) + 2 if term.kind == NUMBER else len(term.levels) + 2


def has_support(term: Term) -> np.ndarray:
    """Whether enough stands behind each bin."""
    return (np.asarray(term.row_counts) >= LEAST_ROWS) & (np.asarray(term.event_counts) >= LEAST_EVENTS)


def _blank(values: pd.Series, kind: str, came_back: np.ndarray) -> Term:
    if kind == NUMBER:
        return Term(str(values.name), kind, (), (), (), cuts=_cuts(values.to_numpy(float), came_back))
    return Term(str(values.name), kind, (), (), (), levels=_levels(values, came_back))


def _counted(term: Term, values: pd.Series, came_back: np.ndarray) -> Term:
    bins, count = term.bins(values), bin_count(term)
    rows = np.bincount(bins, minlength=count)
    events = np.bincount(bins[came_back], minlength=count)
    return Term(
        feature=term.feature,
        kind=term.kind,
        points=(0.0,) * count,
        row_counts=tuple(map(int, rows)),
        event_counts=tuple(map(int, events)),
        cuts=term.cuts,
        levels=term.levels,
    )


def _cuts(values: np.ndarray, came_back: np.ndarray) -> tuple[float, ...]:
    """Where bins begin: as even as the values allow, each with its support. A cut is a value that occurs."""
    known = ~np.isnan(values)
    distinct, place = np.unique(values[known], return_inverse=True)
    rows = np.bincount(place, minlength=len(distinct))
    events = np.bincount(place[came_back[known]], minlength=len(distinct))
    rows_left, events_left = int(rows.sum()), int(events.sum())
    cuts: list[float] = []
    held_rows = held_events = 0
    for number in range(len(distinct) - 1):
        held_rows, held_events = held_rows + rows[number], held_events + events[number]
        even = (held_rows >= rows_left / (MOST_BINS - len(cuts))) or len(distinct) <= MOST_BINS
        if even and _is_supported(held_rows, held_events) and _is_supported(rows_left - held_rows, events_left - held_events):
            cuts.append(float(distinct[number + 1]))
            rows_left, events_left = rows_left - held_rows, events_left - held_events
            held_rows = held_events = 0
            if len(cuts) == MOST_BINS - 1:
                break
    return tuple(cuts)


def _levels(values: pd.Series, came_back: np.ndarray) -> tuple[str, ...]:
    seen = pd.DataFrame({"level": values.to_numpy(object), "came_back": came_back}).dropna(subset="level")
    counts = seen.groupby("level")["came_back"].agg(["size", "sum"])
    kept = counts[(counts["size"] >= LEAST_ROWS) & (counts["sum"] >= LEAST_EVENTS)]
    return tuple(sorted(kept["size"].nlargest(MOST_LEVELS).index))


def _is_supported(rows: int, events: int) -> bool:
    return rows >= LEAST_ROWS and events >= LEAST_EVENTS
