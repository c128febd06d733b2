"""The row ledger: for every file and layer, received = accepted + quarantined + duplicate + superseded.

Every figure is counted where the rows lie, none by subtraction, so a row that vanished would show.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.catalog.contract import Contract, feeds
from pipeline.errors import CheckFailed
from pipeline.lakehouse.duck import Duck
from pipeline.refresh.file_records import LOADED_NOW

ROWS, ENCOUNTERS, STAYS = "count(*)", "sum(encounter_count)", "sum(stay_count)"

COUNTED_ONCE = {
    "silver.encounters": {
        "gold.encounter_risks": ROWS,
        "gold.ingestion_volume": ENCOUNTERS,
        "gold.demographics": ENCOUNTERS,
        "gold.vital_averages": ENCOUNTERS,
        "gold.age_heart_rate_cells": ENCOUNTERS,
    },
    "silver.stays": {
        "gold.index_stays": ROWS,
        "gold.stay_facts": ROWS,
        "gold.stay_scores": ROWS,
        "gold.risk_features": ROWS,
        "gold.risk_scores": ROWS,
        "gold.readmission_rates": STAYS,
    },
}
"""The gold tables that count every row of a silver table exactly once, and how to count them there."""


COUNTS = ("received_count", "accepted_count", "quarantined_count", "duplicate_count", "superseded_count")


@dataclass(frozen=True)
class LedgerLine:
    """What became of the rows of one file at one layer."""

    layer: str
    table_name: str
    file_name: str
    received_count: int
    accepted_count: int
    quarantined_count: int
    duplicate_count: int
    superseded_count: int

    @property
    def is_balanced(self) -> bool:
        settled = self.accepted_count + self.quarantined_count + self.duplicate_count + self.superseded_count
        return self.received_count == settled


def count_rows(duck: Duck, contracts: Mapping[str, Contract]) -> tuple[LedgerLine, ...]:
    """The ledger of what now stands under the tables' names: bronze and silver per file, gold in one line a table."""
    lines = [line for feed in sorted(feeds(contracts)) for layer in (_bronze, _silver) for line in layer(duck, feed)]
    totals = {table: duck.rows(f"select count(*) from {table}")[0][0] for table in _counted_tables()}
    return (*lines, *_gold(duck, totals))


def count_change(
    duck: Duck, contracts: Mapping[str, Contract], known: Iterable[LedgerLine], row_counts: Mapping[str, int]
) -> tuple[LedgerLine, ...]:
    """The ledger after a change: the known lines, with what the touched rows were before taken away and what they are now
    added. Lines that did not change are the same objects.

    duck: the engine of the change, with the records of the batch's files as `changed.files`; row_counts: rows of each
    table after the change.
    """
    lines = {(line.layer, line.table_name, line.file_name): line for line in known if line.layer != "gold"}
    for feed in sorted(feeds(contracts)):
        for line in _bronze(duck, feed, files="changed.files", rows=f"arriving.{feed}"):
            lines[line.layer, line.table_name, line.file_name] = line
        for line in _silver_changes(duck, feed):
            key = (line.layer, line.table_name, line.file_name)
            lines[key] = _added(lines[key], line) if key in lines else line
    return (*lines.values(), *_gold(duck, row_counts))


def lines_of(tables: Collection[str], row_counts: Mapping[str, int]) -> tuple[LedgerLine, ...]:
    """The lines of those among these gold tables that have a row for each row of another table."""
    return tuple(
        LedgerLine("gold", table, "*", row_counts[source], row_counts[table], 0, 0, 0)
        for source, counted in COUNTED_ONCE.items()
        for table, count in counted.items()
        if count == ROWS and table in tables
    )


def require_balance(lines: tuple[LedgerLine, ...]) -> None:
    """Raises CheckFailed for the first line whose rows do not add up."""
    for line in (line for line in lines if not line.is_balanced):
        raise CheckFailed(
            f"The row ledger does not balance: {line.table_name}, {line.file_name}: {line.received_count:,} rows received,"
            f" {line.accepted_count:,} accepted, {line.quarantined_count:,} quarantined, {line.duplicate_count:,} duplicate,"
            f" {line.superseded_count:,} superseded. Nothing was published."
        )


def _bronze(duck: Duck, feed: str, files: str = f"({LOADED_NOW})", rows: str | None = None) -> list[LedgerLine]:
    """Received is what the byte scan counted when the file was met; see `ops.files`."""
    found = duck.rows(f"""
        select f.file_name, f.line_count, coalesce(b.row_count, 0), coalesce(u.row_count, 0)
        from {files} as f
        left join (select _file, count(*) as row_count from {rows or f"bronze.{feed}"} group by _file) as b on f.file_name = b._file
        left join (select _file, count(*) as row_count from bronze.unreadable_lines where _feed = '{feed}' group by _file) as u
            on f.file_name = u._file
        where f.feed = '{feed}' order by f.file_name""")
    return [LedgerLine("bronze", f"bronze.{feed}", name, lines, rows, unreadable, 0, 0) for name, lines, rows, unreadable in found]


def _silver(duck: Duck, feed: str) -> list[LedgerLine]:
    found = duck.rows(f"""
        select b._file, b.row_count, coalesce(s.row_count, 0), coalesce(q.row_count, 0),
            coalesce(r.duplicate_count, 0), coalesce(r.superseded_count, 0)
        from (select _file, count(*) as row_count from bronze.{feed} group by _file) as b
        left join (select _file, count(*) as row_count from silver.{feed} group by _file) as s on b._file = s._file
        left join (
            select _file, count(*) as row_count from silver.quarantine where feed = '{feed}'
                and not exists (select 1 from bronze.unreadable_lines as u
                    where u._feed = quarantine.feed and u._file = quarantine._file and u._row = quarantine._row)
            group by _file
        ) as q on b._file = q._file
        left join (
            select _file, count(*) filter (where fate = 'duplicate') as duplicate_count,
                count(*) filter (where fate = 'superseded') as superseded_count
            from silver.repeated_rows where _feed = '{feed}' group by _file
        ) as r on b._file = r._file
        order by b._file""")
    return [LedgerLine("silver", f"silver.{feed}", *line) for line in found]


def _silver_changes(duck: Duck, feed: str) -> list[LedgerLine]:
    """By file: what the touched rows are now, less what they were before."""
    silver = f"silver.{feed}"
    found = duck.rows(f"""
        select _file, sum(received), sum(accepted), sum(quarantined), sum(duplicate), sum(superseded)
        from (
            select _file, 1 as received, 0 as accepted, 0 as quarantined, 0 as duplicate, 0 as superseded from arriving.{feed}
            union all select _file, 0, 1, 0, 0, 0 from after."{silver}"
            union all select _file, 0, -1, 0, 0, 0 from before."{silver}"
            union all select q._file, 0, 0, 1, 0, 0 from after."silver.quarantine" as q
                anti join bronze.unreadable_lines as u on u._feed = q.feed and u._file = q._file and u._row = q._row
                where q.feed = '{feed}'
            union all select _file, 0, 0, -1, 0, 0 from before."silver.quarantine" where feed = '{feed}'
            union all select _file, 0, 0, 0, cast(fate = 'duplicate' as integer), cast(fate = 'superseded' as integer)
                from after."silver.repeated_rows" where _feed = '{feed}'
            union all select _file, 0, 0, 0, -cast(fate = 'duplicate' as integer), -cast(fate = 'superseded' as integer)
                from before."silver.repeated_rows" where _feed = '{feed}'
        ) as settled
        where _file is not null group by _file
        having sum(received) <> 0 or sum(accepted) <> 0 or sum(quarantined) <> 0 or sum(duplicate) <> 0 or sum(superseded) <> 0""")
    return [LedgerLine("silver", silver, *map(_whole, line)) for line in found]


def _added(line: LedgerLine, change: LedgerLine) -> LedgerLine:
    counts = {name: getattr(line, name) + getattr(change, name) for name in COUNTS}
    return replace(line, **counts)


def _whole(value: object) -> object:
    """DuckDB sums whole numbers into a wider type than Arrow takes."""
    return value if isinstance(value, str) else int(value)


def _counted_tables() -> list[str]:
    return [*COUNTED_ONCE, *(table for tables in COUNTED_ONCE.values() for table, count in tables.items() if count == ROWS)]


def _gold(duck: Duck, row_counts: Mapping[str, int]) -> list[LedgerLine]:
    """Counted rows where a table has a row for each, counted sums where it adds them up. A table that has no count was not made."""
    lines = list(lines_of(row_counts, row_counts))
    for source, tables in COUNTED_ONCE.items():
        for table, count in ((table, count) for table, count in tables.items() if count != ROWS):
            counted = duck.rows(f"select coalesce({count}, 0) from {table}")[0][0]
            lines.append(LedgerLine("gold", table, "*", row_counts[source], int(counted), 0, 0, 0))
    return lines
