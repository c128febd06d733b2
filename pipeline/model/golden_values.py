"""Golden rows: made-up feature values that together meet every bin, with the probabilities that an engine must reproduce. Pure.

They are drawn from the bins of the model and from no patient's row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.model.specification import CATEGORY, NUMBER, GoldenRow, Specification, Term

LEAST_GOLDEN = 100

UNKNOWN_LEVEL = "a level that the training has not seen"


def golden_rows(model: Specification, *, seed: int) -> tuple[GoldenRow, ...]:
    """At least 100 rows, and enough for every bin of every term to occur. Numbers are cuts, which occurred.

    A number between two cuts may be none that the column of the table can hold.
    """
    chance = np.random.default_rng(seed)
    count = max(LEAST_GOLDEN, max(len(_values(term)) for term in model.terms))
    columns = {term.feature: _column(term, count, chance) for term in model.terms}
    rows = pd.DataFrame(columns)
    probabilities = model.probabilities(rows)
    values = [{name: columns[name].iloc[place] for name in columns} for place in range(count)]
    told = [{name: None if pd.isna(value) else value for name, value in row.items()} for row in values]
    return tuple(GoldenRow(row, float(probability)) for row, probability in zip(told, probabilities, strict=True))


def with_golden_rows(model: Specification, *, seed: int) -> Specification:
    """The model and what it gives for them."""
    return replace(model, golden_rows=golden_rows(model, seed=seed))


def _column(term: Term, count: int, chance: np.random.Generator) -> pd.Series:
    """Every value once, the rest by chance, in an order of chance."""
    values = _values(term)
    drawn = [*range(len(values)), *chance.integers(len(values), size=count - len(values))]
    picked = [values[place] for place in chance.permutation(drawn)]
    return pd.Series(picked, dtype="object" if term.kind == CATEGORY else "float64")


def _values(term: Term) -> list[float | str | None]:
    """Missing, and something of every bin."""
    if term.kind == NUMBER:
        if not term.cuts:
            return [None, 0.0]
        return [None, term.cuts[0] - 1, *term.cuts]
    return [None, *term.levels, UNKNOWN_LEVEL]
