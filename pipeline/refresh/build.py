"""Builds silver and gold in the order their SQL asks for: select, check, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.catalog.contract import Contract, feeds
from pipeline.catalog.plan import tables_read
from pipeline.lakehouse.duck import forget
from pipeline.lakehouse.store import Store
from pipeline.refresh.checks import CheckResult, check_staged, require


def name_intermediate(store: Store, contract: Contract) -> None:
    """Gives an intermediate table its name: it is computed inside the tables that read it.

    That costs no more than holding it for them, and far less memory.
    """
    store.duck.define(contract.table, contract.sql)


def build_table(store: Store, contract: Contract, run_id: str) -> tuple[int, tuple[CheckResult, ...]]:
    """Computes one table and makes it the next version, if its checks hold. Returns its rows and the results.

    Raises CheckFailed with nothing committed.
    """
    written = store.stage(contract, contract.sql)
    results = check_staged(store.duck, contract, written)
    try:
        require(results)
    except BaseException:
        forget(written)
        raise
    return store.commit(contract, written, run_id=run_id).row_count, results


def release_typed(store: Store, to_build: Sequence[Contract]) -> None:
    """Frees the typed reading of each feed that no table still to build reads, be it through intermediate tables."""
    needed = {name for step in to_build if not step.is_intermediate for name in _typed_readings(store.contracts, step)}
    for feed in feeds(store.contracts):
        if f"typed.{feed}" not in needed:
            store.duck.drop(f"typed.{feed}")


def _typed_readings(contracts: Mapping[str, Contract], step: Contract) -> set[str]:
    """The `typed.<feed>` tables that computing a table reads."""
    read = tables_read(step.sql)
    within = [contracts[name] for name in read if name in contracts and contracts[name].is_intermediate]
    own = {name for name in read if name.startswith("typed.")}
    return own.union(*(_typed_readings(contracts, intermediate) for intermediate in within))
