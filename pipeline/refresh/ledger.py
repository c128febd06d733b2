"""The row ledger: for every file and layer, received = accepted + quarantined + duplicate + superseded.

Every figure is counted where the rows lie, none by subtraction, so a row that vanished would show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.catalog.contract import Contract, feeds
from pipeline.errors import CheckFailed
from pipeline.lakehouse.duck import Duck

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
        "gold.readmission_rates": STAYS,
    },
}
"""The gold tables that count every row of a silver table exactly once, and how to count them there."""


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
    return (*lines, *_gold(duck))


def require_balance(lines: tuple[LedgerLine, ...]) -> None:
    """Raises CheckFailed for the first line whose rows do not add up."""
    for line in (line for line in lines if not line.is_balanced):
        raise CheckFailed(
            f"The row ledger does not balance: {line.table_name}, {line.file_name}: {line.received_count:,} rows received,"
            f" {line.accepted_count:,} accepted, {line.quarantined_count:,} quarantined, {line.duplicate_count:,} duplicate,"
            f" {line.superseded_count:,} superseded. Nothing was published."
        )


def _bronze(duck: Duck, feed: str) -> list[LedgerLine]:
    """Received is what the byte scan counted when the file was met; see `ops.files`."""
    found = duck.rows(f"""
        select f.file_name, f.line_count, coalesce(b.row_count, 0), coalesce(u.row_count, 0)
        from ops.files as f
        left join (select _file, count(*) as row_count from bronze.{feed} group by _file) as b on f.file_name = b._file
        left join (select _file, count(*) as row_count from bronze.unreadable_lines where _feed = '{feed}' group by _file) as u
            on f.file_name = u._file
        where f.feed = '{feed}' and f.status = 'loaded' order by f.file_name""")
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


def _gold(duck: Duck) -> list[LedgerLine]:
    lines = []
    for source, tables in COUNTED_ONCE.items():
        received = duck.rows(f"select count(*) from {source}")[0][0]
        for table, count in tables.items():
            accepted = duck.rows(f"select coalesce({count}, 0) from {table}")[0][0]
            lines.append(LedgerLine("gold", table, "*", received, int(accepted), 0, 0, 0))
    return lines
