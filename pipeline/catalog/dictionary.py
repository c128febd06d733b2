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
    "governance": "Governance: the access log, copied into the lake; never published",
    "reference": "Reference: code lists and clinical cut-offs, with unit and source (data/reference)",
}


HOW_TO_BRING_DATA = """\
# Data

`landing/` is where files are dropped, `feeds/` holds your own mappings, `lake/` the Delta tables, `runs/` the event file of
each run, `governance/` the access log. They are made by the program or by you and not kept in git; `MEDIPULSE_HOME` moves
them all elsewhere. `reference/` holds code lists and clinical cut-offs and is part of the program.

## Bring your own data

Drop files into `landing/` and refresh. There are two ways: files with the columns below (canonical files), and files as your
systems write them, which a *mapping* turns into these columns. `python -m pipeline feed check FILE` says what a refresh would
make of a file, line by line, without taking it in.

A file that cannot be trusted (cut off, damaged, another format, a column missing) is refused as a whole and the others are
taken; a row that cannot be true is quarantined with its reasons; a newer `updated_at` supersedes; the same content under
another name is reported and not loaded twice. Added columns are kept in bronze (`_extra`) and told in `ops.not_understood`.

### Canonical files

UTF-8 CSV (comma, header line, one record a line, times in UTC), also compressed (`.csv.gz`). A file belongs to the feed its
name begins with, for instance `encounters_2025-06.csv`. The order of columns is free; columns marked * must be there. Dates:
`2025-03-04`, `03/04/2025` (month first) or `20250304`; times: `2025-03-04 13:05:00`, `03/04/2025 13:05` or `20250304130500`.

Only patients and encounters are needed. Without the others nothing is guessed: what rests on them says so.
Laboratory codes and units, names of oncology wards and code groups are rows of `reference/`; add your own there.
"""

HOW_TO_MAP_FILES = """\
### Files of other systems

A mapping is a `.yml` that says how the lines of a file become rows of the feeds above: delimited text of any delimiter, decimal
mark and encoding, Parquet, or newline-delimited JSON. `python -m pipeline feed list` names those that are shipped (UCI
Diabetes 130-US, CDC NHAMCS, MIMIC-IV and its demo, MIMIC-IV-ED, Synthea CSV, a flat table of encounters; FHIR R4 and HL7 v2
have readers of their own). Yours go into `feeds/` and win over a shipped one of the same name.

1. `python -m pipeline feed draft FILE` writes a first mapping from the file's header and values.
2. Finish it; `pipeline/sources/feeds/mapping.schema.json` lets an editor complete and check it.
3. `python -m pipeline feed check FILE` until what is refused is what should be; then drop the file into `landing/`.

```yaml
description: Visits of a clinic, one wide line each.
files: ["visits_*.csv"]                  # the name must fit, and the header must have the columns
format: delimited
text: {delimiter: ";", encoding: cp1252, decimal_mark: ","}
time_zone: Europe/Berlin                 # local times become UTC
missing: ["n/a"]                         # no value, in every column
values:
  came: {column: [day, hour], format: "%d.%m.%Y %H:%M"}
rows:                                    # one line gives a patient, an encounter and, with a pulse, a vital set
  - feed: patients
    columns:
      patient_id: person
      birth_date: {age: age, at: came}   # a number or a band such as 70-79, of which the lower bound counts
      sex: {column: gender, values: {1: F, 2: M}}
      updated_at: came
  - feed: encounters
    columns:
      encounter_id: {text: "V-{visit}"}
      patient_id: person
      site_name: {constant: North}
      encounter_class: {column: kind, values: {ward: INPATIENT, day: OUTPATIENT}}
      arrived_at: came
      updated_at: {received: true}       # when the file was taken in
  - feed: vital_sets
    needs: [pulse]
    columns:
      encounter_id: {text: "V-{visit}"}
      measured_at: came
      heart_rate: {column: pulse, missing: ["0"]}
      systolic_bp: {column: pressure, unit: kPa}
      updated_at: came
```

Nothing assumed looks sent: a time that a mapping places between two days, or takes from a column that means another time,
makes `encounters.time_basis` *assumed*; a birth date from an age or a band of ages says so in `patients.birth_date_basis`. A
text that does not convert, and a local time that does not exist or exists twice when clocks change, is quarantined with its
column named. Every row keeps the texts it was made of in `_source_text`. A row must be one line.
"""


def dictionary(contracts: Mapping[str, Contract]) -> str:
    """data/README.md as text: how to bring your own data, then every kept table with its columns."""
    return "\n".join([*_how_to_bring_data(contracts), *_tables(contracts)]) + "\n"


def _how_to_bring_data(contracts: Mapping[str, Contract]) -> Iterator[str]:
    yield from HOW_TO_BRING_DATA.splitlines()
    for feed in feeds(contracts).values():
        columns = ", ".join(f"`{column.name}`{'*' if column.reads_as.required else ''}" for column in feed.raw_columns)
        yield from (f"- **{feed.name}**: {columns}", "")
    yield from HOW_TO_MAP_FILES.splitlines()


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
    known = f" Known {column.available}." if column.available else ""
    return f"| {column.name} | {column.type} | {column.unit or ''} | {column.sensitivity} | {column.description}.{empty}{known} |"


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(load_contracts()), encoding="utf-8")
