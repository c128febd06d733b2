"""Computes every table again for what a batch touches, by the same SELECTs that a full build runs over everything.

Before the change the sums of the touched rows are taken, so that afterwards each sum is: as published, less before, plus
after. What is touched can turn out larger than it seemed; then it is computed once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read
from pipeline.errors import RefreshFailed
from pipeline.refresh.change import Change, after_name, before_name, hold_arriving, hold_unreadable, published_name
from pipeline.refresh.progress import RunLog
from pipeline.refresh.touched import find_rows_to_judge_again, find_touched, hold_before, hold_typed, start_touching

MOST_ROUNDS = 5
"""What is touched grows at most once for the days the data reach to and once for rows whose acceptance fell."""


def recompute(change: Change, log: RunLog, steps: Sequence[Contract]) -> None:
    """Leaves in the engine, under each table's name, its rows after the change: of merged tables those of what is touched,
    of all others all rows. Raises RefreshFailed when what is touched does not settle."""
    for feed in change.feeds.values():
        hold_arriving(change, feed)
    hold_unreadable(change)
    start_touching(change)
    _foresee(change, steps)
    for _ in range(MOST_ROUNDS):
        _compute(change, log, steps)
        if not _grows(change, steps):
            return
    raise RefreshFailed("The patients whose rows may change could not be settled. Run: python -m pipeline refresh --full")


def _compute(change: Change, log: RunLog, steps: Sequence[Contract]) -> None:
    find_touched(change)
    hold_before(change)
    find_rows_to_judge_again(change)
    _hold_sums_before(change, steps)
    for feed in change.feeds.values():
        with log.task(f"typed.{feed.name}") as counted:
            counted(hold_typed(change, feed))
    late = steps_of_patients(steps)
    for step in (step for step in steps if step not in late):
        _hold_after(change, log, step)
    _add_context(change, late)
    for step in late:
        _hold_after(change, log, step)


def steps_of_patients(steps: Sequence[Contract]) -> list[Contract]:
    """The steps that need all of a patient's encounters, in order; what comes before them needs only touched ones."""
    late: list[Contract] = []
    names: set[str] = set()
    narrow = {step.table for step in steps if step.scope == "encounter"}
    for step in steps:
        reads = set(tables_read(step.sql))
        widens = step.write == "merge" and step.scope == "patient" and "_row" not in step.key and reads & narrow
        if widens or reads & names:
            late.append(step)
            names.add(step.table)
    return late


def _hold_after(change: Change, log: RunLog, step: Contract) -> None:
    if step.is_intermediate:
        change.engine.define(step.table, step.sql)
        return
    with log.task(step.table) as counted:
        counted(HOLD_AFTER[step.write](change, step))


def _add_context(change: Change, late: Sequence[Contract]) -> None:
    """Puts the published rows of the touched patients' other encounters beside the computed ones, where history is read.

    What one step alone reads stays a view, so that only the columns that step needs are read; the rest is read once.
    """
    readers = Counter(name for step in late for name in tables_read(step.sql))
    for contract in (change.contracts[name] for name in sorted(readers) if not name.startswith("reference.")):
        if contract.scope == "encounter":
            beside = (
                f"select * from {after_name(contract.table)} union all by name {_columns(contract, published_name(contract.table))}"
                " semi join touched.context as c using (encounter_id)"
            )
            change.engine.free(contract.table)
            (change.engine.hold if readers[contract.table] > 1 else change.engine.define)(contract.table, beside)


def _hold_sums_before(change: Change, steps: Sequence[Contract]) -> None:
    """What the touched rows added up to when they were published."""
    adding = [step for step in steps if step.write == "add"]
    for table in sorted({name for step in adding for name in tables_read(step.sql) if not name.startswith("reference.")}):
        change.engine.free(table)
        change.engine.define(table, _columns(change.contracts[table], before_name(table)))
    for step in adding:
        change.engine.hold(before_name(step.table), _typed_as(step, step.sql))


def _hold_merged(change: Change, step: Contract) -> int:
    row_count = change.engine.hold(after_name(step.table), _typed_as(step, step.sql))
    change.engine.free(step.table)
    change.engine.define(step.table, f"select * from {after_name(step.table)}")
    return row_count


def _hold_derived(change: Change, step: Contract) -> int:
    return change.engine.hold(step.table, _typed_as(step, step.sql))


def _hold_added(change: Change, step: Contract) -> int:
    """As published, less the touched rows before, plus the touched rows after; what nothing counts any more is gone."""
    kinds = ", ".join(column.name for column in step.columns if column.name not in step.sums)
    sums = ", ".join(f"sum({name}) as {name}" for name in step.sums)
    less = ", ".join(f"-{name} as {name}" for name in step.sums)
    more = ", ".join(step.sums)
    added = (
        f"select {kinds}, {sums} from ("
        f"select {kinds}, {more} from {published_name(step.table)}"
        f" union all select {kinds}, {less} from {before_name(step.table)}"
        f" union all select {kinds}, {more} from ({step.sql})) as parts group by {kinds}"
    )
    change.engine.hold("changed.added", _typed_as(step, added))
    return change.engine.hold(step.table, f"select * from changed.added where {step.counted_by} > 0")


HOLD_AFTER: Mapping[str, Callable[[Change, Contract], int]] = {
    "merge": _hold_merged,
    "add": _hold_added,
    "replace": _hold_derived,
}


def _foresee(change: Change, steps: Sequence[Contract]) -> None:
    """Touches at once whom the batch seems to reach through values of the whole lake, so that one round mostly is enough."""
    for value in _whole_values(steps):
        for table in tables_read(value.sql):
            change.engine.hold(table, _columns(change.contracts[table], published_name(table)))
        change.engine.hold(f"was.{value.name}", value.sql)
        change.engine.hold(f"now.{value.name}", value.foresees)
        _reach(change, value)


def _grows(change: Change, steps: Sequence[Contract]) -> bool:
    """Whether more is touched than was computed: patients reached, or accepted rows now refused, whose text is needed."""
    for value in _whole_values(steps):
        change.engine.hold(f"now.{value.name}", value.sql)
        _reach(change, value)
    unreached = change.engine.rows(
        "select 1 from touched.reached as r anti join touched.patients as p on r.patient_id = p.patient_id limit 1"
    )
    textless = change.engine.rows("select feed, _file, _row from silver.quarantine where row_text is null")
    if textless:
        change.engine.rows(
            "insert into touched.further_rows select feed, _file, _row from silver.quarantine where row_text is null"
        )
    return bool(unreached or textless)


def _reach(change: Change, value: Contract) -> None:
    change.engine.rows(f"insert into touched.reached {value.reaches}")


def _whole_values(steps: Sequence[Contract]) -> list[Contract]:
    """Values of the whole lake that rows of single patients depend on."""
    return [step for step in steps if step.reaches is not None]


def _columns(contract: Contract, source: str) -> str:
    return f"select {', '.join(column.name for column in contract.columns)} from {source}"


def _typed_as(contract: Contract, select: str) -> str:
    """The SELECT with the types of the contract, so that rows before and after can be compared."""
    columns = ", ".join(f"cast({column.name} as {column.type}) as {column.name}" for column in contract.columns)
    return f"select {columns} from ({select})"
