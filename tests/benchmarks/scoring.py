"""One million stays scored with every contribution: by the compiled SELECT, and in Python by the specification and by scikit-learn.

The model is of the size that training gives: every feature of the table, seven bins each, points drawn at random.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.catalog.contract import Column, load_contracts
from pipeline.lakehouse.duck import Duck
from pipeline.model.compiled import scores_select
from pipeline.model.features import FEATURES, feature_columns
from pipeline.model.specification import CATEGORY, NUMBER, Specification, Term, rounded
from pipeline.settings import load_settings

STAYS = 1_000_000
CUTS, LEVELS = 5, ("Home", "Home health", "Skilled nursing", "Rehabilitation", "Hospice", "Other")
TRAINED_ON, TREES = 20_000, 250
ROUNDS = 3
CONTRACTS = load_contracts()


def scoring() -> dict:
    """Seconds of the fastest of three rounds each, taken in turn; the largest difference between two probabilities."""
    rng = np.random.default_rng(5)
    model = Specification(-2.0, tuple(_term(column, rng) for column in feature_columns(CONTRACTS)), "bench", {})
    stays = pd.DataFrame({term.feature: _values(term, rng) for term in model.terms})
    engine, select = _engine(stays), scores_select(model, 1, CONTRACTS)
    numbers = stays.select_dtypes("number")
    learner = _learner(numbers, rng)
    ways: dict[str, Callable[[], object]] = {
        "sql": lambda: engine.hold("staged.scored", select),
        "specification": lambda: (model.contributions(stays), model.probabilities(stays)),
        "scikit-learn, probability alone": lambda: learner.predict_proba(numbers),
    }
    seconds = {name: min(rounds) for name, rounds in _in_turn(ways).items()}
    found = engine.arrow("select readmission_probability as p from staged.scored order by cast(stay_id as integer)")["p"].to_numpy()
    return {"seconds": seconds, "difference": float(np.abs(found - model.probabilities(stays)).max()), "terms": len(model.terms)}


def _in_turn(ways: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return taken


def _term(column: Column, rng: np.random.Generator) -> Term:
    points = rounded(rng.normal(0, 0.3, CUTS + 2 if column.type != "varchar" else len(LEVELS) + 2))
    counts = {"row_counts": (1,) * len(points), "event_counts": (0,) * len(points)}
    if column.type == "varchar":
        return Term(column.name, CATEGORY, points, levels=LEVELS, **counts)
    return Term(column.name, NUMBER, points, cuts=tuple(np.linspace(40, 80, CUTS).tolist()), **counts)


def _values(term: Term, rng: np.random.Generator) -> np.ndarray:
    """Whole numbers around the cut-offs or levels, every tenth missing."""
    missing = rng.random(STAYS) < 0.1
    if term.kind == CATEGORY:
        return np.where(missing, None, np.array(LEVELS, dtype=object)[rng.integers(0, len(LEVELS), STAYS)])
    return np.where(missing, np.nan, np.round(rng.normal(60, 20, STAYS)))


def _engine(stays: pd.DataFrame) -> Duck:
    """An engine that holds the stays as the features' table."""
    duck = Duck.for_builds(load_settings())
    duck.hold_arrow("_stays", pa.Table.from_pandas(stays.assign(place=np.arange(STAYS)), preserve_index=False))
    given = {name: name for name in stays} | {
        "stay_id": "place", "patient_id": "place", "discharged_at": "timestamp '2026-01-01'", "stay_month": "date '2026-01-01'",
        "is_eligible": "true",
    }  # fmt: skip
    columns = CONTRACTS[FEATURES].columns
    typed = ", ".join(f"cast({given.get(column.name, 'null')} as {column.type}) as {column.name}" for column in columns)
    duck.hold(FEATURES, f"select {typed} from _stays")
    duck.drop("_stays")
    return duck


def _learner(numbers: pd.DataFrame, rng: np.random.Generator) -> HistGradientBoostingClassifier:
    """Boosted trees without interactions, as the champion is trained, before they are written as points."""
    learner = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=4, interaction_cst="no_interactions", early_stopping=False, random_state=1
    )
    return learner.fit(numbers.head(TRAINED_ON), rng.random(TRAINED_ON) < 0.12)
