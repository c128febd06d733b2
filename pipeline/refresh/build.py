"""Builds every table of silver and gold anew, in the order their SQL asks for: select, check, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.catalog.contract import Contract, feeds
from pipeline.catalog.plan import tables_read
from pipeline.errors import NotPublished
from pipeline.lakehouse.delta import TableVersion
from pipeline.lakehouse.duck import forget
from pipeline.lakehouse.store import Store, load_reference
from pipeline.lakehouse.views import REMOVED_ROWS
from pipeline.refresh.checks import CheckResult, check_staged, require
from pipeline.refresh.ledger import count_rows, require_balance
from pipeline.refresh.progress import RunLog
from pipeline.refresh.publish import Built


def built_anew(store: Store, log: RunLog, steps: Sequence[Contract]) -> Built:
    """Every table from bronze, and a ledger that counts every row. Raises CheckFailed, with no publication touched."""
    _lay_out(store)
    for feed in feeds(store.contracts).values():
        with log.task(f"typed.{feed.name}") as counted:
            counted(store.read_feed(feed))
    versions, checks = _build_tables(store, log, steps)
    with log.task("ledger") as counted:
        lines = count_rows(store.duck, store.contracts)
        require_balance(lines)
        counted(len(lines))
    versions[REMOVED_ROWS] = store.delta(REMOVED_ROWS).hold_exactly((), (), run_id=log.run.run_id)
    newest = store.duck.rows("select max(arrived_at) from silver.encounters")[0][0]
    return Built(versions, lines, checks, newest)


def _build_tables(store: Store, log: RunLog, steps: Sequence[Contract]) -> tuple[dict[str, TableVersion], list[CheckResult]]:
    versions, checks = {}, []
    for number, step in enumerate(steps, start=1):
        if step.is_intermediate:
            name_intermediate(store, step)
            continue
        with log.task(step.table) as counted:
            versions[step.table], results = build_table(store, step, log.run.run_id)
            checks.extend(results)
            counted(versions[step.table].row_count)
        release_typed(store, steps[number:])
    return versions, checks


def _lay_out(store: Store) -> None:
    """Names bronze and the code lists, so that the SELECTs find what they read."""
    bronze = [contract.table for contract in store.contracts.values() if contract.layer == "bronze"]
    versions = {table: store.lay_over_current(table) for table in (*bronze, "ops.files")}
    if versions["bronze.encounters"] is None:
        raise NotPublished(
            f"No encounters file was taken in. Put one into {store.settings.landing}, or run: python -m pipeline generate"
        )
    load_reference(store.duck, store.contracts, store.settings.time_zone)


def name_intermediate(store: Store, contract: Contract) -> None:
    """Gives an intermediate table its name: it is computed inside the tables that read it.

    That costs no more than holding it for them, and far less memory.
    """
    store.duck.define(contract.table, contract.sql)


def build_table(store: Store, contract: Contract, run_id: str) -> tuple[TableVersion, tuple[CheckResult, ...]]:
    """Computes one table and makes it the next version, if its checks hold. Returns the version and the results.

    Raises CheckFailed with nothing committed.
    """
    written = store.stage(contract, contract.sql)
    results = check_staged(store.duck, contract, written)
    try:
        require(results)
    except BaseException:
        forget(written)
        raise
    return store.commit(contract, written, run_id=run_id), results


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
