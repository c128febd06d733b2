"""Additive models for tests: drawn at random over the real features, or small and known by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pipeline.catalog.contract import Column, load_contracts
from pipeline.model.deployed import Deployed
from pipeline.model.features import feature_columns, features_fingerprint
from pipeline.model.specification import CATEGORY, NUMBER, GoldenRow, Specification, Term, rounded

CONTRACTS = load_contracts()
FEATURES = feature_columns(CONTRACTS)
HOSTILE_LEVELS = (
    "Home", "Crohn's ward", 'so-called "ward"', "back\\slash", "\\'", "''", "--", "/* */", "${HOME}", "$$", "line\nend", "tab\t",
    "Überwachung", "病棟", "é", "e\u0301", "😀", "a;b", "a--b'c", "%s", "{0}", "`x`", " ", "null", "NULL", "from gold.x",
    "order by x)",
)  # fmt: skip
"""Levels that a sender may send and that an engine may read as something else."""

UNSEEN_LEVEL = "a ward that was opened yesterday"


def drawn_model(seed: int = 3) -> Specification:
    """A model over every feature: up to 14 bins each, hostile levels, points as training rounds them."""
    rng = np.random.default_rng(seed)
    terms = tuple(_number_term(column, rng) if column.type != "varchar" else _category_term(column, rng) for column in FEATURES)
    return Specification(-2.1, terms, features_fingerprint(CONTRACTS), {"scikit-learn": "1.0"})


def drawn_stays(model: Specification, count: int, seed: int = 4) -> pd.DataFrame:
    """Features of stays, as typed as in the table: on, just below and above every cut-off, every level, unseen ones, missing."""
    rng = np.random.default_rng(seed)
    types = {column.name: column.type for column in FEATURES}
    return pd.DataFrame({term.feature: _values(term, types[term.feature], count, rng) for term in model.terms})


def small_model(points: float = 0.5) -> Specification:
    """Age in three bins and where the patient went, with golden rows."""
    age = Term("age_years", NUMBER, (0.0, -0.25, 0.125, points), (1, 10, 20, 30), (0, 1, 2, 6), cuts=(65.0, 80.0))
    place = Term("disposition", CATEGORY, (0.1, 0.0, 0.75, -0.5), (2, 40, 8, 11), (0, 4, 3, 2), levels=("Home", "Skilled nursing"))
    model = Specification(-2.0, (age, place), features_fingerprint(CONTRACTS), {"scikit-learn": "1.0"})
    golden = [
        {"age_years": 64.0, "disposition": "Home"},
        {"age_years": 80.0, "disposition": None},
        {"age_years": None, "disposition": "?"},
    ]
    return with_golden_rows(model, golden)


def with_golden_rows(model: Specification, rows: Sequence[Mapping]) -> Specification:
    """The model with its own answers for these rows."""
    frame = pd.DataFrame([{name: row.get(name) for name in model.features} for row in rows], dtype="object")
    found = model.probabilities(frame)
    return replace(model, golden_rows=tuple(GoldenRow(dict(row), float(p)) for row, p in zip(rows, found, strict=True)))


def deployable_model(version: int = 1) -> Deployed:
    """A drawn model with the answers that show an engine scores it rightly."""
    model = drawn_model()
    rows = drawn_stays(model, 20).astype("object")
    return promoted(with_golden_rows(model, rows.where(rows.notna(), None).to_dict("records")), version)


def promoted(model: Specification, version: int = 1) -> Deployed:
    return Deployed("readmission", version, f"run-{version}", datetime(2026, 11, 1, 12, tzinfo=UTC), "Dr Test", model)


def _number_term(column: Column, rng: np.random.Generator) -> Term:
    step = 10.0 ** -_decimals(column.type)
    cuts = np.unique(np.round(rng.normal(60, 30, rng.integers(0, 12)) / step) * step)
    cuts = np.unique(np.concatenate([cuts, cuts[:2] + step / 2]))  # a cut-off may lie between two values
    return _term(column.name, NUMBER, len(cuts), rng, cuts=tuple(float(cut) for cut in cuts))


def _category_term(column: Column, rng: np.random.Generator) -> Term:
    return _term(column.name, CATEGORY, len(HOSTILE_LEVELS), rng, levels=HOSTILE_LEVELS)


def _term(feature: str, kind: str, inner: int, rng: np.random.Generator, **given) -> Term:
    rows = rng.integers(10, 500, inner + 2)
    events = (rows * rng.uniform(0, 0.3, inner + 2)).astype(int)
    counts = {"row_counts": tuple(map(int, rows)), "event_counts": tuple(map(int, events))}
    return Term(feature, kind, rounded(rng.normal(0, 0.4, inner + 2)), **counts, **given)


def _values(term: Term, type_: str, count: int, rng: np.random.Generator) -> pd.Series:
    if term.kind == CATEGORY:
        known = np.array([*term.levels, UNSEEN_LEVEL, None], dtype=object)
        return pd.Series(known[rng.integers(0, len(known), count)], dtype="object")
    step = 10.0 ** -_decimals(type_)
    at = np.array(term.cuts or [60.0])
    values = at[rng.integers(0, len(at), count)] + rng.choice([-step, -step / 2, 0, step / 2, step, 25.0, -25.0], count)
    values = np.round(np.round(values / step) * step, _decimals(type_))
    return pd.Series(np.where(rng.random(count) < 0.1, np.nan, values))


def _decimals(type_: str) -> int:
    return int(type_.rstrip(")").partition(",")[2]) if type_.startswith("decimal") else 0
