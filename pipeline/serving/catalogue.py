"""The data catalogue: what each table and column means, for whom, how many rows it has and whether its rules hold.

Made from the contracts, as data/README.md is; rows and times are those of the publication, results those of its checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.governance import access, metadata
from pipeline.governance.metadata import Contract
from pipeline.governance.policy import Viewer
from pipeline.serving.quality import CheckResult, check_results
from pipeline.serving.wording import UNKNOWN, age_text, count_text, plural

PURPOSE = "Data catalogue"
LAYERS = ("gold", "silver", "bronze", "ops", "reference", "governance")
TREATMENT_WORDS = {
    "show": "Shown", "mask": "••• Masked", "hide": "Hidden", "patient pseudonym": "Pseudonym", "encounter pseudonym": "Pseudonym",
    "year": "Year", "year of birth": "Year", "age": "Up to 90", "postal area": "3 digits",
}  # fmt: skip

CHECKS = """
select table_name, check_sentence, severity, result, violation_count, row_count from ops.check_results
"""


@dataclass(frozen=True)
class Entry:
    """One table: its contract, how the viewer's role sees its columns, and its state in the publication (None: not published)."""

    contract: Contract
    treatments: dict[str, str]
    row_count: int | None
    version: int | None
    changed_at: datetime | None
    checks: tuple[CheckResult, ...]

    def speaks_of(self, words: str) -> bool:
        """Whether every word stands in the table's name, its description, or a column's."""
        columns = " ".join(f"{column.name} {column.description}" for column in self.contract.columns)
        said = f"{self.contract.table} {self.contract.description} {self.contract.grain} {columns}".lower()
        return all(word in said for word in words.lower().split())


@dataclass(frozen=True)
class Catalogue:
    """The tables that the viewer's role may read, gold first; entries are those that the search found."""

    entries: tuple[Entry, ...]
    table_count: int
    publication_number: int

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(entry.contract.table for entry in self.entries)

    def entry(self, table: str) -> Entry:
        return next(entry for entry in self.entries if entry.contract.table == table)


@access.logged_together()
def catalogue(viewer: Viewer, words: str = "") -> Catalogue:
    """Read and assemble; `words` narrows it to tables that speak of all of them."""
    published = access.publication(viewer)
    checks = check_results(access.read(viewer, CHECKS, purpose=PURPOSE))
    changed = metadata.last_changes(viewer, published.versions)
    entries = [
        Entry(
            contract=contract,
            treatments=metadata.treatments(viewer, contract),
            row_count=published.tables[table].row_count if table in published.tables else None,
            version=published.versions.get(table),
            changed_at=changed.get(table),
            checks=tuple(check for check in checks if check.table_name == table),
        )
        for table, contract in metadata.tables(viewer).items()
    ]
    entries.sort(key=lambda entry: (LAYERS.index(entry.contract.layer), entry.contract.table))
    return Catalogue(tuple(entry for entry in entries if entry.speaks_of(words)), len(entries), published.number)


def catalogue_caption(found: Catalogue) -> str:
    """How many tables, of how many that the role may read."""
    return f"{plural(len(found.entries), 'table', 'tables')} of {count_text(found.table_count)} that your role may read"


def tables_table(entries: Sequence[Entry], now: datetime) -> pd.DataFrame:
    """Table, Description, One row per, Rows, Changed, Owner, Columns, Checks: one line per table."""
    rows = [
        (
            entry.contract.table,
            entry.contract.description,
            entry.contract.grain.removeprefix("one row per "),
            entry.row_count,
            age_text(now - entry.changed_at) if entry.changed_at else UNKNOWN,
            entry.contract.owner,
            len(entry.contract.columns),
            checks_text(entry),
        )
        for entry in entries
    ]
    names = ["Table", "Description", "One row per", "Rows", "Changed", "Owner", "Columns", "Checks"]
    return pd.DataFrame(rows, columns=names).astype({"Rows": "Int64"})


def columns_table(entry: Entry) -> pd.DataFrame:
    """Column, Type, Unit, Meaning, Sensitivity, You see it, May be empty: one line per column."""
    rows = [
        (
            column.name,
            column.type,
            column.unit or "",
            column.description,
            column.sensitivity,
            TREATMENT_WORDS[entry.treatments[column.name]],
            "Yes" if column.nullable else "No",
        )
        for column in entry.contract.columns
    ]
    return pd.DataFrame(rows, columns=["Column", "Type", "Unit", "Meaning", "Sensitivity", "You see it", "May be empty"])


def promises_table(entry: Entry) -> pd.DataFrame:
    """Rule, If broken, Last result, Rows against it, Rows tested: the checks of the last publication."""
    consequence = {"stop": "nothing is published", "warn": "rows are reported"}
    rows = [
        (one.sentence, consequence.get(one.severity, one.severity), one.result, one.violation_count, one.row_count)
        for one in entry.checks
    ]
    return pd.DataFrame(rows, columns=["Rule", "If broken", "Last result", "Rows against it", "Rows tested"])


def checks_text(entry: Entry) -> str:
    """How the checks of a table went: 5 of 5 passed."""
    if not entry.checks:
        return UNKNOWN
    tested = [one for one in entry.checks if one.result != "not applicable"]
    return f"{sum(one.result == 'passed' for one in tested)} of {len(tested)} passed"


def entry_caption(entry: Entry) -> str:
    """The facts of a table in one line."""
    key = f"key: {', '.join(entry.contract.key)}" if entry.contract.key else "no key"
    rows = f"{count_text(entry.row_count)} rows, version {entry.version}" if entry.row_count is not None else "not published"
    return f"{entry.contract.description} {entry.contract.grain.capitalize()} · {key} · {rows} · owner: {entry.contract.owner}"
