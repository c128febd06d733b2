"""The data dictionary, written from the contracts: python -m pipeline.catalog.dictionary writes data/README.md.

A test holds the file to the contracts, so that it cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.catalog.contract import Column, Contract, feeds, load_contracts
from pipeline.settings import REPOSITORY

DICTIONARY = REPOSITORY / "data" / "README.md"

LAYERS = {
    "bronze": "Bronze: every row as it was received, as text, with its file and line",
    "silver": "Silver: typed, in canonical units, without repeats; what was refused, with reasons",
    "gold": "Gold: one table for one question of one page",
    "ops": "Ops: runs, tasks, files, checks, the row ledger, publications",
    "reference": "Reference: code lists and clinical cut-offs, with unit and source (data/reference)",
}


def dictionary(contracts: Mapping[str, Contract]) -> str:
    """data/README.md as text: how to bring your own data, then every kept table with its columns."""
    return "\n".join([*_how_to_bring_data(contracts), *_tables(contracts)]) + "\n"


def _how_to_bring_data(contracts: Mapping[str, Contract]) -> Iterator[str]:
    yield from (
        "# Data",
        "",
        "`landing/` is where files are dropped, `lake/` holds the Delta tables, `runs/` the event file of each run, `governance/`",
        "the access log. They are made by the program and not kept in git; `MEDIPULSE_HOME` moves them all elsewhere.",
        "`reference/` holds code lists and clinical cut-offs and is part of the program.",
        "",
        "## Bring your own data",
        "",
        "Drop UTF-8 CSV files (comma, header line, one record a line, times in UTC) into `landing/` and refresh. A file belongs to",
        "the feed its name begins with, for instance `encounters_2025-06.csv`. The order of columns is free; columns marked * must",
        "be there. A file that cannot be trusted is refused as a whole, a row that cannot be true is quarantined with its reasons,",
        "a newer `updated_at` supersedes. Dates: `2025-03-04`, `03/04/2025` (month first) or `20250304`; times:",
        "`2025-03-04 13:05:00`, `03/04/2025 13:05` or `20250304130500`.",
        "",
        "Only patients and encounters are needed. Without the others nothing is guessed: what rests on them says so.",
        "Laboratory codes and units, names of oncology wards and code groups are rows of `reference/`; add your own there.",
        "",
    )
    for feed in feeds(contracts).values():
        columns = ", ".join(f"`{column.name}`{'*' if column.reads_as.required else ''}" for column in feed.raw_columns)
        yield from (f"- **{feed.name}**: {columns}", "")


def _tables(contracts: Mapping[str, Contract]) -> Iterator[str]:
    yield from ("# Data dictionary", "", "Written from the contracts by `python -m pipeline.catalog.dictionary`.", "")
    for layer, heading in LAYERS.items():
        yield from (f"## {heading}", "")
        for contract in contracts.values():
            if contract.layer == layer and not contract.is_intermediate:
                yield from _table(contract)


def _table(contract: Contract) -> Iterator[str]:
    yield from (f"### {contract.table}", "", f"{contract.description} {contract.grain.capitalize()}. Owner: {contract.owner}.", "")
    yield from ("| column | type | unit | sensitivity | meaning |", "|---|---|---|---|---|")
    yield from (_column(column) for column in contract.columns)
    yield ""
    for check in contract.checks:
        yield f"- {check.severity}: `{check.that}`"
    if contract.checks:
        yield ""


def _column(column: Column) -> str:
    empty = " May be empty." if column.nullable else ""
    return f"| {column.name} | {column.type} | {column.unit or ''} | {column.sensitivity} | {column.description}.{empty} |"


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(load_contracts()), encoding="utf-8")
