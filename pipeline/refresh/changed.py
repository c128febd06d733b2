"""Brings the published tables up to date with a batch: computes what it touches, writes what differs, settles the accounts.

The counterpart of `build.built_anew`; both give the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.delta import TableVersion
from pipeline.lakehouse.duck import plain_failures
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.store import Store
from pipeline.lakehouse.views import REMOVED_ROWS
from pipeline.refresh.change import Change, opened_change, published_name
from pipeline.refresh.checks import CheckResult
from pipeline.refresh.difference import write_difference, write_removed_rows
from pipeline.refresh.file_records import LOADED_NOW
from pipeline.refresh.ledger import LedgerLine, count_change, require_balance
from pipeline.refresh.progress import RunLog
from pipeline.refresh.publish import Built, readable_publication
from pipeline.refresh.recompute import recompute

CHANGED_SHARE = 0.25
"""Of rows in bronze. A batch that is larger beside what is published costs less when everything is built anew."""

NEWEST_ARRIVAL = """
select max(e.arrived_at) from newest.encounters as e
cross join (select max(arrival_date) as last_date from gold.ingestion_volume) as d
where e.arrived_at >= d.last_date - interval 2 day
"""
"""Looks only at the last days, wherever the hospital's calendar begins them."""


def changeable(store: Store, definitions: str) -> Publication | None:
    """The publication that a batch can change; None where everything has to be built anew: nothing published, other
    definitions, published files that are gone, or a batch that is large beside what is there."""
    publication = readable_publication(store)
    if publication is None or publication.definitions != definitions or not _is_whole(store, publication):
        return None
    bronze = [contract.table for contract in store.contracts.values() if contract.layer == "bronze"]
    published = sum(publication.tables[table].row_count for table in bronze)
    arrived = [_arrived_count(store, publication, table) for table in bronze]
    if None in arrived or sum(arrived) > CHANGED_SHARE * published:
        return None
    return publication


def changed(
    store: Store, log: RunLog, steps: Sequence[Contract], publication: Publication, *, not_scored_because: str | None = None
) -> Built:
    """What the batch makes of the publication's tables that these steps make. Raises CheckFailed, with no publication touched."""
    opened = opened_change(store, publication, log.run.run_id, not_scored_because)
    with plain_failures("changing what the batch touches"), opened as change:
        recompute(change, log, steps)
        checks_before, lines_before = known_checks(change), known_lines(change)
        versions, checks = _written(change, log, steps, list(checks_before))
        with log.task("ledger") as counted:
            row_counts = {table: version.row_count for table, version in versions.items()}
            _hold_new_files(change, lines_before)
            lines = count_change(change.engine, change.contracts, lines_before, row_counts)
            require_balance(lines)
            counted(len(lines))
        versions[REMOVED_ROWS] = write_removed_rows(change)
        return Built(versions, lines, checks, _newest_arrival(change, versions), {**checks_before, **lines_before})


def _is_whole(store: Store, publication: Publication) -> bool:
    """Whether every kept table is published and every file of it is there."""
    kept = {contract.table for contract in store.contracts.values() if contract.write in ("merge", "add", "replace")}
    files = (file.path for pinned in publication.tables.values() for file in pinned.files)
    return kept <= publication.tables.keys() and all(path.exists() for path in files)


def _arrived_count(store: Store, publication: Publication, table: str) -> int | None:
    """Rows of the batch, None where published files are gone from the table."""
    pinned = publication.tables[table]
    if not store.has_news(table, pinned.version):
        return 0
    current = {file.path: file.row_count for file in store.delta(table).current().files}
    known = {file.path for file in pinned.files}
    return sum(count for path, count in current.items() if path not in known) if known <= set(current) else None


def _written(
    change: Change, log: RunLog, steps: Sequence[Contract], known: Sequence[CheckResult]
) -> tuple[dict[str, TableVersion], list[CheckResult]]:
    versions, checks = {}, []
    for step in (step for step in steps if not step.is_intermediate):
        with log.task(step.table) as counted:
            of_table = tuple(result for result in known if result.table == step.table)
            written = write_difference(change, step, of_table)
            versions[step.table] = written.version
            checks.extend(written.checks)
            counted(written.row_count)
    return versions, checks


def known_checks(change: Change) -> Mapping[CheckResult, str]:
    """The published check results, each with the run that last changed it."""
    found = change.engine.rows(
        "select table_name, check_sentence, severity, violation_count, row_count, run_id"
        f" from {published_name('ops.check_results')}"
    )
    return {CheckResult(*facts): run_id for *facts, run_id in found}


def known_lines(change: Change) -> Mapping[LedgerLine, str]:
    """The published ledger, each line with the run that last changed it."""
    columns = ", ".join(LedgerLine.__dataclass_fields__)
    found = change.engine.rows(f"select {columns}, run_id from {published_name('ops.row_ledger')}")
    return {LedgerLine(*facts): run_id for *facts, run_id in found}


def _hold_new_files(change: Change, known_lines: Mapping[LedgerLine, str]) -> None:
    """The records of files that have no line in the ledger yet, as `changed.files`."""
    current = change.store.delta("ops.files").current()
    change.engine.lay_over("ops.files", change.contracts["ops.files"], [file.path for file in current.files])
    change.engine.hold_rows(
        "known_files", ("table_name varchar", "file_name varchar"), [(line.table_name, line.file_name) for line in known_lines]
    )
    change.engine.hold(
        "changed.files",
        f"select f.* from ({LOADED_NOW}) as f"
        " anti join known_files as k on k.table_name = 'bronze.' || f.feed and k.file_name = f.file_name",
    )


def _newest_arrival(change: Change, versions: Mapping[str, TableVersion]) -> datetime | None:
    change.engine.rows("create schema newest")
    encounters, contract = versions["silver.encounters"], change.contracts["silver.encounters"]
    change.engine.lay_over("newest.encounters", contract, [file.path for file in encounters.files], removed=REMOVED_ROWS)
    return change.engine.rows(NEWEST_ARRIVAL)[0][0]
