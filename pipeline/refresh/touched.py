"""Finds what a batch touches: the encounters and patients whose rows may change, and earlier rows that must be judged again.

An encounter is touched by a new row of its own and by a new record of its patient. A patient is touched by any of that and
by a value of the whole lake that moved (`reaches` of its contract). What depends on an encounter alone is computed again for
touched encounters; what depends on a patient's history, for touched patients. No other row can change.
"""

from __future__ import annotations

from pipeline.catalog.contract import Contract
from pipeline.lakehouse.store import plausible_ranges
from pipeline.lakehouse.typed_text import TYPED_PROVENANCE, typed_select
from pipeline.refresh.change import Change, before_name, published_name

OWNERS = (("patient_id", "touched.patients"), ("encounter_id", "touched.encounters"), ("stay_id", "touched.stays"))
"""By which column the rows of a table with the scope of a patient are found, the first that it has."""


def start_touching(change: Change) -> None:
    """Before the first look: no patient is reached from elsewhere, no further row is to be judged again."""
    change.engine.rows("create or replace table touched.reached (patient_id varchar)")
    change.engine.rows("create or replace table touched.further_rows (feed varchar, _file varchar, _row bigint)")


def find_touched(change: Change) -> None:
    """Holds touched.encounters, touched.patients and touched.stays, one row each, and touched.context: the other encounters
    of touched patients, whose rows are read but cannot change."""
    engine, encounters, quarantine = change.engine, published_name("silver.encounters"), published_name("silver.quarantine")
    engine.hold("touched.records", "select patient_id from arriving.patients where refused_because is null group by patient_id")
    engine.hold(
        "touched.encounters",
        f"""
        {" union ".join(_named("encounter_id", change))}
        union select e.encounter_id from {encounters} as e
            semi join touched.records as r on e.patient_id = r.patient_id
        union select q.encounter_id from {quarantine} as q
            semi join touched.records as r on q.patient_id = r.patient_id
            where q.feed = 'encounters' and q.encounter_id is not null""",
    )
    engine.hold(
        "touched.patients",
        f"""
        {" union ".join(_named("patient_id", change))}
        union select e.patient_id from {encounters} as e
            semi join touched.encounters as t on e.encounter_id = t.encounter_id
        union select q.patient_id from {quarantine} as q
            semi join touched.encounters as t on q.encounter_id = t.encounter_id
            where q.feed = 'encounters' and q.patient_id is not null
        union select patient_id from touched.reached""",
    )
    engine.hold(
        "touched.context",
        f"""
        select e.encounter_id from {encounters} as e
        semi join touched.patients as p on e.patient_id = p.patient_id
        anti join touched.encounters as t on e.encounter_id = t.encounter_id""",
    )
    engine.hold(
        "touched.stays",
        f"""
        select s.stay_id from {published_name("silver.stays")} as s
        semi join touched.patients as p on s.patient_id = p.patient_id""",
    )


def hold_before(change: Change) -> None:
    """Holds the published rows of every merged table that belong to what is touched, with the place of each.

    Most touched encounters are new; so the one column that can tell is looked at before all columns are read.
    """
    for contract in change.contracts.values():
        owner = _owner(contract)
        if contract.write == "merge" and owner is not None:
            _hold_owned(change, contract, *owner)


def _hold_owned(change: Change, contract: Contract, column: str, touched: str) -> None:
    published = f"from {published_name(contract.table)} as p"
    owned = f"{published} semi join {touched} as t on p.{column} = t.{column}"
    is_empty = contract.scope == "encounter" and not change.engine.rows(f"select 1 {owned} limit 1")
    change.engine.hold(before_name(contract.table), f"select p.* {f'{published} where false' if is_empty else owned}")


def find_rows_to_judge_again(change: Change) -> None:
    """Holds touched.rows (feed, _file, _row): earlier rows whose fate may change, to be read once more as they were received.

    The record that a new row may replace; refused rows of touched encounters, which may wait for them or for their patient;
    the older versions of both. Then holds what became of exactly these rows.
    """
    current = " union ".join(_replaceable(change))
    change.engine.hold(
        "touched.fateful",
        f"""
        {current}
        union select q.feed, q._file, q._row from {published_name("silver.quarantine")} as q
            semi join touched.encounters as e on q.encounter_id = e.encounter_id
        union select feed, _file, _row from touched.further_rows""",
    )
    change.engine.hold(
        "touched.rows",
        f"""
        select feed, _file, _row from touched.fateful
        union select r._feed as feed, r._file, r._row from {published_name("silver.repeated_rows")} as r
            semi join touched.fateful as f on r._feed = f.feed and r.kept_file = f._file and r.kept_row = f._row""",
    )
    for table, feed in (("silver.quarantine", "feed"), ("silver.repeated_rows", "_feed")):
        change.engine.hold(
            before_name(table),
            f"select p.* from {published_name(table)} as p"
            f" semi join touched.rows as r on p.{feed} = r.feed and p._file = r._file and p._row = r._row",
        )


def hold_typed(change: Change, feed: Contract) -> int:
    """Holds `typed.<feed>` for all that is touched: the batch's rows, rows to judge again, and the other accepted rows.

    Of an accepted row that no new one can replace the typed values are taken from silver; its text is not needed.
    """
    change.engine.define(
        feed.table,
        f"""
        select p.* from {published_name(feed.table)} as p
        semi join (select _file, _row from touched.rows where feed = '{feed.name}') as r
            on p._file = r._file and p._row = r._row""",
    )
    accepted = _accepted(feed, change.contracts[f"silver.{feed.name}"])
    again = typed_select(feed, plausible_ranges()) if _has_rows_to_judge(change, feed) else None
    parts = [f"select * from arriving.{feed.name}", *([f"select * from ({again})"] if again else []), accepted]
    return change.engine.hold(f"typed.{feed.name}", " union all by name ".join(parts))


def _named(column: str, change: Change) -> list[str]:
    having = [feed for feed in change.feeds.values() if any(raw.reads_as.name == column for raw in feed.raw_columns)]
    return [f"select {column} from arriving.{feed.name} where refused_because is null" for feed in having]


def _owner(contract: Contract) -> tuple[str, str] | None:
    """None for tables of input rows, which belong to rows and not to people."""
    if "_row" in contract.key:
        return None
    if contract.scope == "encounter":
        return "encounter_id", "touched.encounters"
    names = {column.name for column in contract.columns}
    return next(((column, touched) for column, touched in OWNERS if column in names), None)


def _replaceable(change: Change) -> list[str]:
    """Accepted rows with the key of a new one."""
    selects = []
    for feed in change.feeds.values():
        same_key = " and ".join(f"b.{name} = a.{name}" for name in feed.feed.key)
        selects.append(
            f"select '{feed.name}' as feed, b._file, b._row from {before_name(f'silver.{feed.name}')} as b"
            f" semi join (select * from arriving.{feed.name} where refused_because is null) as a on {same_key}"
            " where b._file is not null"
        )
    return selects


def _has_rows_to_judge(change: Change, feed: Contract) -> bool:
    return bool(change.engine.rows(f"select 1 from touched.rows where feed = '{feed.name}' limit 1"))


def _accepted(feed: Contract, kept: Contract) -> str:
    """Typed rows made of what silver keeps of them; a unit that was converted away is not needed again."""
    columns = {column.name for column in kept.columns}
    given = {"_feed": f"'{feed.name}'", "_file": "b._file", "_row": "b._row"}
    provenance = ", ".join(f"cast({given.get(c.name, 'null')} as {c.type}) as {c.name}" for c in TYPED_PROVENANCE)
    values = ", ".join(
        f"cast(b.{c.reads_as.kept_as or c.reads_as.name} as {c.reads_as.type}) as {c.reads_as.name}"
        for c in feed.raw_columns
        if (c.reads_as.kept_as or c.reads_as.name) in columns
    )
    key = ", ".join(f"cast(b.{name} as varchar)" for name in feed.feed.key)
    return (
        f"select {provenance}, concat_ws('|', {key}) as record_key, {values} from {before_name(f'silver.{feed.name}')} as b"
        f" anti join touched.rows as r on r.feed = '{feed.name}' and b._file = r._file and b._row = r._row"
        " where b._file is not null"
    )
