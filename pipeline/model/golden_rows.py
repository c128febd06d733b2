"""Whether an engine gives a deployed model's own answers: its golden rows, scored by the very SELECT that scores stays."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipeline.catalog.contract import Column, Contract
from pipeline.errors import MediPulseError
from pipeline.lakehouse.duck import Duck
from pipeline.model.compiled import scores_select
from pipeline.model.deployed import TRAIN_AGAIN, Deployed
from pipeline.model.features import FEATURES, feature_columns

TOLERANCE = 1e-6
"""Between the probability that the trained model gave and the one that the engine gives."""

HELD = "staged.golden_rows"


def refused_by_engine(duck: Duck, deployed: Deployed, contracts: Mapping[str, Contract]) -> str | None:
    """Why the engine may not score with the model; None where it gives every golden row its probability."""
    golden = deployed.specification.golden_rows
    if not golden:
        return f"it brings no golden rows that would show that it is scored rightly. {TRAIN_AGAIN}"
    try:
        found = _scored(duck, deployed, contracts)
    except (MediPulseError, Duck.engine_error):
        return f"its golden rows cannot be scored here. {TRAIN_AGAIN}"
    missed = sum(not abs(found[place] - row.probability) <= TOLERANCE for place, row in enumerate(golden))
    return f"{missed} of its {len(golden)} golden rows come out differently here. {TRAIN_AGAIN}" if missed else None


def _scored(duck: Duck, deployed: Deployed, contracts: Mapping[str, Contract]) -> dict[int, float]:
    """The engine's probability of each golden row, by its place."""
    _hold(duck, deployed, contracts)
    select = scores_select(deployed.specification, deployed.version, contracts, source=HELD)
    found = dict(duck.rows(f"select cast(stay_id as integer), readmission_probability from ({select})"))
    duck.drop(HELD)
    return found


def _hold(duck: Duck, deployed: Deployed, contracts: Mapping[str, Contract]) -> None:
    """The rows as stays, by their place, each value typed as the feature is."""
    features = [column.name for column in feature_columns(contracts)]
    rows = [
        {name: _as_sent(row.values.get(name)) for name in features} | {"stay_id": str(place)}
        for place, row in enumerate(deployed.specification.golden_rows)
    ]
    names = [column.name for column in contracts[FEATURES].columns]
    duck.hold_arrow("_golden_text", pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names])))
    typed = ", ".join(f"cast({_number(column)} as {column.type}) as {column.name}" for column in contracts[FEATURES].columns)
    duck.hold(HELD, f"select {typed} from _golden_text")
    duck.drop("_golden_text")


def _as_sent(value: float | str | None) -> str | None:
    return None if value is None else str(value)


def _number(column: Column) -> str:
    """Whole numbers may come as 70.0."""
    return f"cast({column.name} as double)" if column.type == "integer" else column.name
