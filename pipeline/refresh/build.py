"""Builds silver and gold in the order their SQL asks for: select, check, write."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read
from pipeline.lakehouse.store import Store
from pipeline.refresh.checks import CheckResult, check_staged, require


def build_table(store: Store, contract: Contract, run_id: str) -> tuple[int, tuple[CheckResult, ...]]:
    """Computes one table and makes it the next version, if its checks hold. Returns its rows and the results.

    An intermediate table is held by the engine for this run and never kept. Raises CheckFailed with nothing committed.
    """
    if contract.is_intermediate:
        return store.duck.hold(contract.table, contract.sql), ()
    written = store.stage(contract, contract.sql)
    results = check_staged(store.duck, contract, written)
    try:
        require(results)
    except BaseException:
        store.forget(written)
        raise
    version = store.commit(contract, written, run_id=run_id)
    return version.row_count, results


def release_held(store: Store, built: Contract, to_build: Sequence[Contract]) -> None:
    """Lets go of what the engine holds for this run once nothing that is still to be built reads it."""
    still_read = {table for contract in to_build for table in tables_read(contract.sql)}
    for table in tables_read(built.sql):
        is_held = table.startswith("typed.") or "._" in table
        if is_held and table not in still_read:
            store.duck.drop(table)
