"""Reads a table's contract: what it means, its columns, how raw text becomes them, and what must hold.

Knows nothing of engines. The file `tables/<layer>/<name>.yml` is the contract of the table `<layer>.<name>`;
the SELECT beside it, where there is one, must give exactly these columns in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import ContractBroken
from pipeline.settings import TABLES

YAML_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe reader in C where it was built: eighty contracts take a second in Python."""

SENSITIVITIES = ("identifier", "quasi", "clinical", "operational")
AVAILABLE = ("at admission", "during the stay", "at discharge")
"""When a feature of a model is known. Nothing that is known later may be one."""

WRITES = ("append", "merge", "add", "replace", "never")
"""How a refresh with new files writes a table: append the new rows; merge the rows of the patients that a batch touches;
add the touched patients' sums after to those before; replace what is derived from sums; never, for what is not kept.
A full rebuild replaces all but what is appended."""


@dataclass(frozen=True)
class UnstatedUnit:
    """Where no unit is given, a value above `above` is taken to be in `unit`."""

    above: int
    unit: str


@dataclass(frozen=True)
class ReadsAs:
    """How the raw text of one bronze column becomes a typed value of another name.

    kept_as: the column of the feed's silver table that holds this value, where its name differs.
    """

    name: str
    type: str
    kept_as: str | None = None
    required: bool = False
    missing: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    plausible: bool = False
    unit_column: str | None = None
    unstated_unit: UnstatedUnit | None = None


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit, how sensitive it is, and whether it may be empty.

    available: of a feature of a model, when it is known; None for any other column.
    """

    name: str
    type: str
    description: str
    sensitivity: str
    unit: str | None = None
    nullable: bool = False
    reads_as: ReadsAs | None = None
    available: str | None = None


@dataclass(frozen=True)
class Check:
    """A sentence of SQL that every row must satisfy. `stop` refuses the table, `warn` only counts."""

    that: str
    severity: str


@dataclass(frozen=True)
class Rule:
    """A sentence of SQL over the typed columns of one input row; a row that breaks it is quarantined."""

    that: str
    says: str


@dataclass(frozen=True)
class Feed:
    """What identifies a record of a feed; of its versions the one with the newest `updated_at` counts."""

    key: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """Everything promised about one table. `sql` is its SELECT, None where Python writes the rows.

    sorted_by: how its rows lie in its files, so that a question about one patient reads a small part of them.
    has_joins_as_written: whether the joins of the SELECT run in their written order, the right side of each held in memory,
    where an engine's guess of sizes would hold the larger side.
    scope: of a table that is merged, what its rows may depend on: rows of the same encounter and its patient's record, or
    any row of the same patient.
    counted_by: of a table whose sums are added, the count that makes a row exist.
    reaches: of a value of the whole lake, the SELECT of the patients whose rows it changes when it goes from
    `was.<name>` to `now.<name>`; `published."<table>"` are the tables as they are published.
    foresees: the SELECT of what that value will probably be, from `was.<name>` and the rows in `arriving.<feed>`.
    """

    table: str
    description: str
    grain: str
    key: tuple[str, ...]
    write: str
    owner: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    rules: tuple[Rule, ...]
    feed: Feed | None
    sql: str | None
    sorted_by: tuple[str, ...] = ()
    has_joins_as_written: bool = False
    scope: str = "patient"
    counted_by: str | None = None
    reaches: str | None = None
    foresees: str | None = None

    @property
    def layer(self) -> str:
        return self.table.partition(".")[0]

    @property
    def name(self) -> str:
        return self.table.partition(".")[2]

    @property
    def is_intermediate(self) -> bool:
        """A leading underscore: computed within a run, never kept."""
        return self.name.startswith("_")

    @property
    def sums(self) -> tuple[str, ...]:
        """Of a table whose sums are added: the columns that are added; the others say of what they are the sums."""
        numbers = (c.name for c in self.columns if c.type == "bigint" or c.type.startswith("decimal"))
        return tuple(name for name in numbers if name not in self.key)

    @property
    def raw_columns(self) -> tuple[Column, ...]:
        """The columns a sender fills: the header of a canonical file."""
        return tuple(column for column in self.columns if column.reads_as is not None)


FURTHER_ROW = 10_000_000_000
"""A line that gives several rows of one feed: the second carries the line's number plus this, the third plus twice this.

Feed, file and row name a row everywhere, so two rows of one line must differ; no file has this many lines.
"""

ROW_MEANING = (
    "Line, resource or message in that file, a header being line 1; where one gives several rows of a feed,"
    " 10,000,000,000 is added for each further one"
)

PROVENANCE = (
    Column("_feed", "varchar", "Kind of file", "operational"),
    Column("_file", "varchar", "Name of the file as it landed", "operational"),
    Column("_row", "bigint", ROW_MEANING, "operational"),
    Column("_batch", "varchar", "Run that took the file in", "operational"),
    Column("_received_at", "timestamp", "When that run started, UTC", "operational"),
    Column("_extra", "varchar", "Values of columns the feed does not know, as name=value", "identifier", nullable=True),
    Column("_source_text", "varchar", "What a mapping made the row of, as name=value", "identifier", nullable=True),
)
"""Where a bronze row came from and when; added to every feed's columns."""


@cache
def load_contracts(folder: Path = TABLES) -> Mapping[str, Contract]:
    """Every contract below `folder`, by table name (`silver.encounters`)."""
    return {contract.table: contract for path in sorted(folder.glob("*/*.yml")) for contract in [read_contract(path)]}


def read_contract(path: Path) -> Contract:
    """The contract in one file. Raises ContractBroken, naming the file and the part that is off."""
    try:
        return _contract(path, yaml.load(path.read_text(encoding="utf-8"), YAML_READER))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as broken:
        raise ContractBroken(
            f"The contract {path.parent.name}/{path.name} cannot be read: {broken!r}. Compare it with a neighbour."
        ) from broken


def feeds(contracts: Mapping[str, Contract]) -> Mapping[str, Contract]:
    """The bronze contracts that raw files land in, by feed name."""
    return {contract.name: contract for contract in contracts.values() if contract.feed is not None}


def _contract(path: Path, said: dict) -> Contract:
    layer, name = path.parent.name, path.stem
    sql = path.with_suffix(".sql")
    columns = tuple(_column(name, words) for name, words in said.get("columns", {}).items())
    if said["write"] not in WRITES:
        raise ValueError(f"write is {said['write']}, not one of {WRITES}")
    return Contract(
        table=f"{layer}.{name}",
        description=said["description"],
        grain=said["grain"],
        key=tuple(said["key"]),
        write=said["write"],
        owner=said["owner"],
        columns=columns + (PROVENANCE if "feed" in said else ()),
        checks=tuple(Check(**check) for check in said.get("checks", [])),
        rules=tuple(Rule(**rule) for rule in said.get("rules", [])),
        feed=Feed(tuple(said["feed"]["key"])) if "feed" in said else None,
        sql=sql.read_text(encoding="utf-8") if sql.exists() else None,
        sorted_by=tuple(said.get("sorted_by", ())),
        has_joins_as_written=said.get("joins") == "as written",
        scope=said.get("scope", "patient"),
        counted_by=said.get("counted_by"),
        reaches=said.get("reaches"),
        foresees=said.get("foresees"),
    )


def _column(name: str, said: dict) -> Column:
    if said["sensitivity"] not in SENSITIVITIES:
        raise ValueError(f"column {name}: sensitivity is {said['sensitivity']}, not one of {SENSITIVITIES}")
    if said.get("available", AVAILABLE[0]) not in AVAILABLE:
        raise ValueError(f"column {name}: available is {said['available']}, not one of {AVAILABLE}")
    reads_as = said.get("reads_as")
    return Column(**{**said, "name": name, "reads_as": _reads_as(reads_as) if reads_as else None})


def _reads_as(said: dict) -> ReadsAs:
    unstated = said.get("unstated_unit")
    return ReadsAs(
        **{
            **said,
            "missing": tuple(said.get("missing", ())),
            "unstated_unit": UnstatedUnit(**unstated) if unstated else None,
        }
    )
