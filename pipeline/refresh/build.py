"""Builds silver and gold in the order their SQL asks for: select, check, write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read
from pipeline.lakehouse.store import Store
from pipeline.refresh.checks import CheckResult, check_staged, require


class Workshop:
    """What is on the bench while the tables of one run are built, step by step in build order.

    An intermediate table that one later table reads is only named, so that both become one query; one that several
    read is computed once and held until the last of them is built.
    """

    def __init__(self, store: Store, steps: Sequence[Contract], run_id: str) -> None:
        self._store, self._run_id = store, run_id
        self._to_build = list(steps)
        self._named = {step.table: step for step in steps if step.is_intermediate and self._reader_count(step.table) == 1}

    def build(self, step: Contract) -> tuple[int | None, tuple[CheckResult, ...]]:
        """Builds the next step. Returns its rows (None where it was only named) and the results of its checks."""
        self._to_build.remove(step)
        if step.table in self._named:
            self._store.duck.define(step.table, step.sql)
            return None, ()
        make = self._held if step.is_intermediate else partial(build_table, self._store, run_id=self._run_id)
        built = make(step)
        self._let_go(step)
        return built

    def _held(self, step: Contract) -> tuple[int, tuple[CheckResult, ...]]:
        return self._store.duck.hold(step.table, step.sql), ()

    def _let_go(self, built: Contract) -> None:
        """Frees what the engine holds once nothing that is still to be built reads it."""
        still_read = {table for step in self._to_build for table in self._reads(step)}
        for table in self._reads(built) - still_read:
            if table not in self._named and (table.startswith("typed.") or "._" in table):
                self._store.duck.drop(table)

    def _reads(self, step: Contract) -> set[str]:
        """What a step reads, through the tables that are only named."""
        direct = set(tables_read(step.sql))
        return direct.union(*(self._reads(self._named[table]) for table in direct & set(self._named)))

    def _reader_count(self, table: str) -> int:
        return sum(table in tables_read(step.sql) for step in self._to_build)


def build_table(store: Store, contract: Contract, *, run_id: str) -> tuple[int, tuple[CheckResult, ...]]:
    """Computes one table and makes it the next version, if its checks hold. Returns its rows and the results.

    Raises CheckFailed with nothing committed.
    """
    written = store.stage(contract, contract.sql)
    results = check_staged(store.duck, contract, written)
    try:
        require(results)
    except BaseException:
        store.forget(written)
        raise
    return store.commit(contract, written, run_id=run_id).row_count, results
