"""Builds every table of silver and gold anew, in the order their SQL asks for: select, check, write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from pipeline.catalog.contract import Contract, feeds
from pipeline.catalog.plan import tables_read
from pipeline.errors import NotPublished
from pipeline.lakehouse.delta import TableVersion
from pipeline.lakehouse.duck import forget
from pipeline.lakehouse.store import Store, load_reference
from pipeline.lakehouse.views import REMOVED_ROWS
from pipeline.refresh.checks import CheckResult, check_rows, check_staged, require
from pipeline.refresh.ledger import count_rows, require_balance
from pipeline.refresh.progress import RunLog
from pipeline.refresh.publish import Built


def built_anew(
    store: Store, log: RunLog, steps: Sequence[Contract], definitions: str, *, not_scored_because: str | None = None
) -> Built:
    """Every table from bronze, and a ledger that counts every row. Raises CheckFailed, with no publication touched.

    definitions: names the SQL, the code lists and the model. Where the run before failed while building from the same bronze and
    definitions, the tables it had made are kept.
    """
    made = log.builds_from(_lay_out(store, definitions, not_scored_because))
    kept = _still_standing(store, steps, made)
    _read_feeds(store, log, [step for step in steps if step.table not in kept])
    versions, checks = _build_tables(store, log, steps, kept)
    with log.task("ledger") as counted:
        lines = count_rows(store.duck, store.contracts)
        require_balance(lines)
        counted(len(lines))
    versions[REMOVED_ROWS] = store.delta(REMOVED_ROWS).hold_exactly((), (), run_id=log.run.run_id)
    newest = store.duck.rows("select max(arrived_at) from silver.encounters")[0][0]
    return Built(versions, lines, checks, newest)


def _still_standing(store: Store, steps: Sequence[Contract], made: Mapping[str, int]) -> dict[str, TableVersion]:
    """The tables, from the first one on and without a gap, whose newest version is the one that was made."""
    standing = {}
    for step in (step for step in steps if not step.is_intermediate):
        current = store.delta(step.table).current() if step.table in made else None
        if current is None or current.version != made[step.table]:
            break
        standing[step.table] = current
    return standing


def _read_feeds(store: Store, log: RunLog, to_build: Sequence[Contract]) -> None:
    needed = read_within(store.contracts, to_build)
    for feed in feeds(store.contracts).values():
        if f"typed.{feed.name}" not in needed:
            log.skip(f"typed.{feed.name}")
            continue
        with log.task(f"typed.{feed.name}") as counted:
            counted(store.read_feed(feed))


def _build_tables(
    store: Store, log: RunLog, steps: Sequence[Contract], kept: Mapping[str, TableVersion]
) -> tuple[dict[str, TableVersion], list[CheckResult]]:
    versions, checks = {}, []
    needed = read_within(store.contracts, (step for step in steps if step.table not in kept))
    for number, step in enumerate(steps, start=1):
        if step.is_intermediate:
            if step.table in needed:
                name_intermediate(store, step)
            continue
        if step.table in kept:
            versions[step.table], results = _kept_table(store, log, step)
        else:
            with log.task(step.table) as counted:
                versions[step.table], results = build_table(store, step, log.run.run_id)
                counted(versions[step.table].row_count, version=versions[step.table].version)
        checks.extend(results)
        release_typed(store, steps[number:])
    return versions, checks


def _kept_table(store: Store, log: RunLog, step: Contract) -> tuple[TableVersion, tuple[CheckResult, ...]]:
    """A table as the failed run left it; its checks are counted again, since that run recorded none."""
    version = store.lay_over_current(step.table)
    log.keep(step.table, version.row_count, version.version)
    return version, check_rows(store.duck, step, step.table)


def _lay_out(store: Store, definitions: str, not_scored_because: str | None) -> str:
    """Names bronze and the code lists, so that the SELECTs find what they read. Returns a fingerprint of all of it."""
    bronze = [contract.table for contract in store.contracts.values() if contract.layer == "bronze"]
    versions = {table: store.lay_over_current(table) for table in (*bronze, "ops.files")}
    if versions["bronze.encounters"] is None:
        raise NotPublished(
            f"No encounters file was taken in. Put one into {store.settings.landing}, or run: python -m pipeline generate"
        )
    load_reference(store.duck, store.contracts, store.settings.time_zone, not_scored_because)
    files = sorted(file.path.name for version in versions.values() if version is not None for file in version.files)
    return hashlib.sha256("\n".join([definitions, *files]).encode()).hexdigest()[:16]


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
    needed = read_within(store.contracts, to_build)
    for feed in feeds(store.contracts):
        if f"typed.{feed}" not in needed:
            store.duck.drop(f"typed.{feed}")


def read_within(contracts: Mapping[str, Contract], to_build: Iterable[Contract]) -> set[str]:
    """The `typed.<feed>` and intermediate tables that computing kept tables reads, be it through intermediate ones."""
    found: set[str] = set()
    for step in (step for step in to_build if not step.is_intermediate):
        found |= _read_by(contracts, step)
    return found


def _read_by(contracts: Mapping[str, Contract], step: Contract) -> set[str]:
    read = tables_read(step.sql)
    within = {name for name in read if name in contracts and contracts[name].is_intermediate}
    own = within | {name for name in read if name.startswith("typed.")}
    return own.union(*(_read_by(contracts, contracts[name]) for name in within))
