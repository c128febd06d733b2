"""Which columns of `gold.risk_features` are features, and a fingerprint of everything that makes them. Pure.

A model goes with the features it was trained on: where their SQL, their contracts or a code list behind them has changed
since, the same numbers may mean something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pipeline.catalog.contract import Column, Contract
from pipeline.catalog.plan import tables_read
from pipeline.settings import REFERENCE

FEATURES = "gold.risk_features"
TYPED_BY = "reference.plausible_ranges"
"""The code list that the generated reading of raw text takes its limits from."""


def feature_columns(contracts: Mapping[str, Contract]) -> tuple[Column, ...]:
    """The columns that a model may use, in the order of the table: those that say when they are known."""
    return tuple(column for column in contracts[FEATURES].columns if column.available is not None)


def features_fingerprint(contracts: Mapping[str, Contract]) -> str:
    """Changes when a SELECT, a contract or a code list that the features rest on does; the words that describe them may change."""
    digest = hashlib.sha256()
    for table in sorted(_rests_on(contracts, FEATURES)):
        digest.update(_meaning(contracts[table]).encode())
        if table.startswith("reference."):
            digest.update((REFERENCE / f"{contracts[table].name}.csv").read_bytes())
    return digest.hexdigest()[:16]


def _rests_on(contracts: Mapping[str, Contract], table: str) -> set[str]:
    """The table and every other one that it reads, directly or through others; a bronze table brings the limits of its typing."""
    found, waiting = set(), [table]
    while waiting:
        name = waiting.pop().replace("typed.", "bronze.")
        if name not in found:
            found.add(name)
            waiting.extend(tables_read(contracts[name].sql or ""))
            waiting.extend([TYPED_BY] if name.startswith("bronze.") else [])
    return found


def _meaning(contract: Contract) -> str:
    columns = [(column.name, column.type, column.unit, column.reads_as, column.available) for column in contract.columns]
    return repr((contract.table, contract.key, contract.sql, columns, contract.rules, contract.feed))
