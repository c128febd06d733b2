"""Builds silver and gold in the order their SQL asks for: select, check, write."""

from __future__ import annotations

from pipeline.catalog.contract import Contract
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
