"""Scores every stay anew where the model has changed, over tables that stay as they are.

A promotion costs the scoring alone: what reads the scores is built anew, every other table keeps its version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read
from pipeline.lakehouse.duck import plain_failures
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.store import Store, load_reference
from pipeline.lakehouse.views import REMOVED_ROWS
from pipeline.refresh.build import build_table, name_intermediate
from pipeline.refresh.change import opened_change
from pipeline.refresh.changed import known_checks, known_lines
from pipeline.refresh.ledger import lines_of, require_balance
from pipeline.refresh.progress import RunLog
from pipeline.refresh.publish import Built
from pipeline.refresh.scoring import Scoring


def as_published(store: Store, log: RunLog, publication: Publication) -> Built:
    """What is published, as if this run had made it."""
    with plain_failures("reading what is published"), opened_change(store, publication, log.run.run_id) as change:
        checks, lines = known_checks(change), known_lines(change)
    made = {contract.table for contract in store.contracts.values() if contract.sql} | {REMOVED_ROWS}
    versions = {table: pinned for table, pinned in publication.tables.items() if table in made}
    newest = publication.newest_arrival_at
    return Built(versions, list(lines), list(checks), newest.replace(tzinfo=None) if newest else None, {**checks, **lines})


def rescored(store: Store, log: RunLog, steps: Sequence[Contract], built: Built, scoring: Scoring) -> Built:
    """What was built, with these steps built anew over it. Raises CheckFailed, with no publication touched.

    Rows of their earlier files that are listed as removed stay on the list until maintenance: those files are no part of them.
    """
    _lay_out(store, steps, built, scoring)
    versions, checks = dict(built.versions), []
    for step in steps:
        if step.is_intermediate:
            name_intermediate(store, step)
            continue
        with log.task(step.table) as counted:
            versions[step.table], results = build_table(store, step, log.run.run_id)
            checks.extend(results)
            counted(versions[step.table].row_count, version=versions[step.table].version)
    anew = {step.table for step in steps}
    lines = lines_of(anew, {table: version.row_count for table, version in versions.items()})
    require_balance(lines)
    return replace(
        built,
        versions=versions,
        lines=[*(line for line in built.lines if line.table_name not in anew), *lines],
        checks=[*(check for check in built.checks if check.table not in anew), *checks],
    )


def _lay_out(store: Store, steps: Sequence[Contract], built: Built, scoring: Scoring) -> None:
    """Names what the steps read and do not make."""
    load_reference(store.duck, store.contracts, store.settings.time_zone, scoring.not_scored_because)
    removed = built.versions[REMOVED_ROWS]
    store.duck.lay_over(REMOVED_ROWS, store.contracts[REMOVED_ROWS], [file.path for file in removed.files])
    made = {step.table for step in steps}
    for table in sorted({name for step in steps for name in tables_read(step.sql)} - made):
        if not table.startswith("reference."):
            pinned = built.versions[table]
            files = [file.path for file in pinned.files]
            store.duck.lay_over(table, store.contracts[table], files, removed=REMOVED_ROWS if pinned.removed_count else None)
