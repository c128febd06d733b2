"""Makes what a run built visible in one step, and keeps the records of the run beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.catalog.contract import Contract
from pipeline.errors import LakeDamaged
from pipeline.lakehouse.delta import TableVersion
from pipeline.lakehouse.publication import Publication, write_publication
from pipeline.lakehouse.store import Store
from pipeline.refresh.checks import CheckResult
from pipeline.refresh.file_records import LOADED_NOW
from pipeline.refresh.ledger import LedgerLine
from pipeline.refresh.met_files import MetFile
from pipeline.refresh.progress import RunProgress
from pipeline.settings import REFERENCE

STATE_RECORDS = ("ops.row_ledger", "ops.check_results")
"""The records that hold what is true of the published data; a run writes them anew."""

PUBLISHED_RECORDS = ("ops.files", "ops.not_understood", *STATE_RECORDS)
"""The records that are read together with the data they speak of; runs and tasks are read as they come."""


@dataclass(frozen=True)
class Built:
    """What a run made: the version of every silver and gold table and of the removed rows, the ledger and the check results.

    known_runs: the run that last changed a ledger line or a check result, where it was not this one.
    """

    versions: Mapping[str, TableVersion]
    lines: Sequence[LedgerLine]
    checks: Sequence[CheckResult]
    newest_arrival_at: datetime | None
    known_runs: Mapping[LedgerLine | CheckResult, str] = field(default_factory=dict)


def definitions_fingerprint(contracts: Mapping[str, Contract], time_zone: str) -> str:
    """Changes whenever any SQL, contract, code list or the time zone does, so that old tables are never taken for new ones."""
    digest = hashlib.sha256(time_zone.encode())
    for contract in contracts.values():
        digest.update(repr(contract).encode())
    for path in sorted(REFERENCE.glob("*.csv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def publish(store: Store, built: Built, *, run_id: str, definitions: str, scoring: str) -> Publication:
    """Records the ledger and the checks, pins the version of every table and makes that set the one that people see."""
    before = readable_publication(store)
    _record_state(store, run_id, built)
    newest = built.newest_arrival_at
    publication = Publication(
        number=_next_number(store, before),
        run_id=run_id,
        published_at=datetime.now(UTC),
        newest_arrival_at=newest.replace(tzinfo=UTC) if newest else None,
        is_synthetic=_holds_synthetic_files(store),
        definitions=definitions,
        scoring=scoring,
        tables={**{table: _current(store, table) for table in _growing_tables(store)}, **built.versions},
    )
    record_publication(store, publication)
    write_publication(store.settings.publication_file, publication, before=before)
    return publication


def show_files(store: Store) -> None:
    """Lets people see what became of the latest files although no data changed: refused ones must not wait for the next data."""
    before = store.publication()
    if before is not None:
        tables = {**before.tables, "ops.files": _current(store, "ops.files")}
        write_publication(store.settings.publication_file, replace(before, tables=tables), before=before)


def record_files(store: Store, run_id: str, files: Iterable[MetFile]) -> None:
    """Adds what became of each file to `ops.files`."""
    _write(store, "ops.files", [record for file in files for record in _file_records(run_id, file)], run_id)


def record_not_understood(store: Store, run_id: str, files: Iterable[MetFile]) -> None:
    """Adds what of the loaded files was not used to `ops.not_understood`."""
    told = [(file.label, one) for file in files for one in file.not_understood]
    rows = [
        {"run_id": run_id, "file_name": label, "what": one.what, "reason": one.reason, "record_count": one.count}
        for label, one in told
    ]
    _write(store, "ops.not_understood", rows, run_id)


def record_run(store: Store, run: RunProgress) -> None:
    """Adds the run and its tasks to the history."""
    facts = {"run_id": run.run_id, "requested_by": run.requested_by, "status": run.status, "message": run.message or None}
    times = {"started_at": _naive(run.started_at), "finished_at": _naive(run.finished_at)}
    _write(store, "ops.runs", [{**facts, **times}], run.run_id)
    tasks = [vars(task) | {"run_id": run.run_id, "task_name": task.name} for task in run.tasks]
    _write(store, "ops.tasks", tasks, run.run_id)


def record_publication(store: Store, publication: Publication) -> None:
    """Adds a publication and its table versions to the history."""
    facts = {
        "publication_number": publication.number,
        "run_id": publication.run_id,
        "published_at": _naive(publication.published_at),
    }
    pinned = publication.tables.values()
    rows = [facts | {"table_name": v.table, "table_version": v.version, "row_count": v.row_count} for v in pinned]
    _write(store, "ops.publications", rows, publication.run_id)


def _record_state(store: Store, run_id: str, built: Built) -> None:
    lines = [{"run_id": built.known_runs.get(line, run_id), **vars(line)} for line in built.lines]
    checks = [_check_record(built.known_runs.get(check, run_id), check) for check in built.checks]
    _write(store, "ops.row_ledger", lines, run_id)
    _write(store, "ops.check_results", checks, run_id)


def _growing_tables(store: Store) -> list[str]:
    bronze = [contract.table for contract in store.contracts.values() if contract.layer == "bronze"]
    return [*bronze, *PUBLISHED_RECORDS]


def _holds_synthetic_files(store: Store) -> bool:
    store.lay_over_current("ops.files")
    return bool(store.duck.rows(f"select 1 from ({LOADED_NOW}) where source = 'synthetic' limit 1"))


def readable_publication(store: Store) -> Publication | None:
    """The last publication, None also where its file is damaged: publishing again is what mends it."""
    try:
        return store.publication()
    except LakeDamaged:
        return None


def _next_number(store: Store, before: Publication | None) -> int:
    """One more than the last. The history outlives a damaged publication file and says the number then."""
    if before is not None:
        return before.number + 1
    store.lay_over_current("ops.publications")
    return store.duck.rows("select coalesce(max(publication_number), 0) + 1 from ops.publications")[0][0]


def _current(store: Store, table: str) -> TableVersion:
    """A table that no row has reached yet is published empty, so that whoever reads it finds it."""
    store.delta(table).ensure()
    return store.delta(table).current()


def _write(store: Store, table: str, rows: Sequence[dict], run_id: str) -> None:
    """Adds the rows, or puts them in the place of all earlier ones, as the contract of the table says."""
    if rows:
        store.write_rows(store.contracts[table], rows, run_id=run_id)


def _file_records(run_id: str, file: MetFile) -> list[dict]:
    """One record for each feed that the file fills, one without a feed where that is not known."""
    landed = file.landed
    facts = {
        "run_id": run_id,
        "file_name": file.label or file.path.name,
        "mapping": landed.mapping_name if landed else None,
        "content_hash": landed.content_hash if landed else None,
        "byte_count": file.mark.byte_count if file.mark else 0,
        "source": file.source,
        "status": file.status,
        "reason": file.reason,
        "recorded_at": datetime.now(UTC).replace(tzinfo=None),
    }
    return [facts | {"feed": feed, "line_count": count} for feed, count in (file.line_counts or {None: None}).items()]


def _check_record(run_id: str, result: CheckResult) -> dict:
    return {
        "run_id": run_id,
        "table_name": result.table,
        "check_sentence": result.sentence,
        "severity": result.severity,
        "violation_count": result.violation_count,
        "row_count": result.row_count,
        "violation_share": result.violation_share,
        "result": result.result,
    }


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
