"""Writes what a change makes of each table, if its checks hold, and tells what became of it.

Of a merged table only rows that differ are written; sums and what is derived from them are short and written whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.delta import TableVersion, has_newer_version
from pipeline.lakehouse.duck import plain_failures
from pipeline.lakehouse.merge import hold_base, write_change
from pipeline.lakehouse.views import REMOVED_ROWS
from pipeline.refresh.change import Change, after_name, before_name, published_name
from pipeline.refresh.checks import CheckResult, check_change, check_rows, require

DIFFERING, INSERTED, REMOVED = "changed.differing", "changed.inserted", "changed.removed"

Results = tuple[CheckResult, ...]


@dataclass(frozen=True)
class Written:
    """A table after a change, its check results, and how many rows were written for it."""

    version: TableVersion
    checks: Results
    row_count: int


def write_difference(change: Change, step: Contract, known: Results) -> Written:
    """What a table is after the change; as it was where no row differs.

    known: the results published for the table. Raises CheckFailed with nothing written.
    """
    with plain_failures(f"writing {step.table}"):
        if step.write == "merge":
            return _merged(change, step, known)
        return _whole(change, step, known)


def write_removed_rows(change: Change) -> TableVersion:
    """The list of removed rows as it is now, written when it differs."""
    contract, base = change.contracts[REMOVED_ROWS], change.publication.tables[REMOVED_ROWS]
    return _written_whole(change, contract) if _has_changed(change, contract) else _unchanged(change, contract, base)


def _merged(change: Change, step: Contract, known: Results) -> Written:
    base, engine = change.publication.tables[step.table], change.engine
    if not engine.hold(DIFFERING, _differing(step)):
        return Written(_unchanged(change, step, base), known, 0)
    inserted = engine.hold(
        INSERTED,
        f"select a.* from {after_name(step.table)} as a semi join {DIFFERING} as d on d.is_after and {_same_key(step, 'a', 'd')}",
    )
    removed = engine.hold(
        REMOVED, f"select _lake_file as file_name, _lake_row as row_number from {DIFFERING} where _lake_file is not null"
    )
    results = check_change(
        engine,
        step,
        inserted=INSERTED,
        removed=f"(select b.* from {before_name(step.table)} as b semi join {REMOVED} as r"
        " on b._lake_file = r.file_name and b._lake_row = r.row_number)",
        after=after_name(step.table),
        row_count=base.row_count + inserted - removed,
        known=known,
    )
    require(results)
    version = write_change(change.store, engine, step, base, inserted=INSERTED, removed=REMOVED, run_id=change.run_id)
    return Written(version, results, inserted)


def _whole(change: Change, step: Contract, known: Results) -> Written:
    base = change.publication.tables[step.table]
    if not _has_changed(change, step):
        return Written(_unchanged(change, step, base), known, 0)
    results = check_rows(change.engine, step, step.table)
    require(results)
    version = _written_whole(change, step)
    return Written(version, results, version.row_count)


def _has_changed(change: Change, step: Contract) -> bool:
    columns = ", ".join(column.name for column in step.columns)
    after, before = f"select {columns} from {step.table}", f"select {columns} from {published_name(step.table)}"
    differing = f"({after} except all {before}) union all ({before} except all {after})"
    return bool(change.engine.rows(f"select 1 from ({differing}) as differing limit 1"))


def _written_whole(change: Change, step: Contract) -> TableVersion:
    written = change.engine.write_parquet(f"select * from {step.table}", step, change.store.folder(step.table))
    return change.store.delta(step.table).hold_exactly((), written, run_id=change.run_id)


def _unchanged(change: Change, step: Contract, base: TableVersion) -> TableVersion:
    if not has_newer_version(change.store.folder(step.table), base.version):
        return base
    return hold_base(change.store, step, base, run_id=change.run_id)


def _differing(step: Contract) -> str:
    """The key of every row that is new, gone or other than before: is_after where there is one now, its place where there was."""
    values = [column.name for column in step.columns if column.name not in step.key]
    differing = "".join(f" or a.{name} is distinct from b.{name}" for name in values)
    first = step.key[0]
    return (
        f"select {', '.join(f'a.{name}' for name in step.key)}, a.{first} is not null as is_after, b._lake_file, b._lake_row"
        f" from {after_name(step.table)} as a full join {before_name(step.table)} as b on {_same_key(step, 'a', 'b')}"
        f" where a.{first} is null or b.{first} is null{differing}"
    )


def _same_key(step: Contract, one: str, other: str) -> str:
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in step.key)
