"""Where a column comes from and where it goes: through every SELECT and the reading of raw text, back to the column of a feed.

Told by the parse tree of each SELECT, never kept by hand. It follows values: which rows there are also depends on filters and
joins. All columns take about a second, so that what was found is kept in a file until a definition changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer import build_scope, qualify
from sqlglot.schema import Schema, ensure_schema

from pipeline.catalog.contract import PROVENANCE, Contract, feeds
from pipeline.catalog.plan import DIALECT, tables_read

TYPED_ONLY = ("record_key", "row_text", "refused_because")
"""What the reading of a feed adds to its columns, made of all of them."""

MOST_EXPRESSIONS = 6
"""A column that goes through many thoughts of one SELECT is told by the last of them."""


class Place(NamedTuple):
    """One column of one table; the column is empty where rows are counted and no column is read."""

    table: str
    column: str


@dataclass(frozen=True)
class Step:
    """How one column is made: of which columns of other tables, by which expressions, the last one first."""

    target: Place
    sources: tuple[Place, ...]
    expressions: tuple[str, ...]


Lineage = Mapping[Place, Step]


def known_lineage(contracts: Mapping[str, Contract], kept_in: Path) -> Lineage:
    """The lineage of every column, from the file when it is of these definitions, else worked out and kept there."""
    fingerprint = hashlib.sha256("".join(repr(contract) for contract in contracts.values()).encode()).hexdigest()
    try:
        said = json.loads(kept_in.read_text(encoding="utf-8"))
        if said["definitions"] == fingerprint:
            return _read(said["steps"])
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or of another version of the program
        pass
    found = whole_lineage(contracts)
    _keep(kept_in, {"definitions": fingerprint, "steps": [list(step.__dict__.values()) for step in found.values()]})
    return found


def whole_lineage(contracts: Mapping[str, Contract]) -> Lineage:
    """The lineage of every column of every table that has a SELECT, and of every typed column of every feed."""
    schema = _schema(contracts)
    steps = [step for contract in contracts.values() if contract.sql for step in _steps_of_select(contract, schema)]
    steps += [step for feed in feeds(contracts).values() for step in _steps_of_reading(feed)]
    return {step.target: step for step in steps}


def back(known: Lineage, place: Place) -> tuple[Step, ...]:
    """Every step on the way to a column, the nearest first; none for a column that no SELECT makes."""
    found, waiting = {}, [place]
    while waiting:
        one = waiting.pop(0)
        if one in known and one not in found:
            found[one] = known[one]
            waiting.extend(known[one].sources)
    return tuple(found.values())


def forward(known: Lineage, place: Place) -> tuple[Step, ...]:
    """Every step that a column takes part in, itself or through others, the nearest first."""
    readers: dict[Place, list[Step]] = {}
    for step in known.values():
        for source in step.sources:
            readers.setdefault(source, []).append(step)
    found, waiting = {}, [place]
    while waiting:
        for step in readers.get(waiting.pop(0), ()):
            if step.target not in found:
                found[step.target] = step
                waiting.append(step.target)
    return tuple(found.values())


def _steps_of_select(contract: Contract, schema: Schema) -> Iterable[Step]:
    """By the one parse tree of the SELECT: left to itself, the library copies it for every column and every thought of it."""
    tree = sqlglot.parse_one(contract.sql, dialect=DIALECT)
    tree = qualify.qualify(tree, dialect=DIALECT, schema=schema, validate_qualify_columns=False, identify=False)
    scope = build_scope(tree)
    for name in tree.named_selects:
        nodes = list(lineage(name, tree, schema, scope=scope, dialect=DIALECT, trim_selects=False, copy=False).walk())
        sources = {_place(node) for node in nodes if isinstance(node.expression, exp.Table)}
        counted = () if sources else tuple(Place(table, "") for table in tables_read(contract.sql)) if _counts(nodes) else ()
        yield Step(Place(contract.table, name), tuple(sorted(sources)) or counted, _expressions(nodes))


def _place(node: Node) -> Place:
    return Place(f"{node.expression.db}.{node.expression.name}", node.name.rpartition(".")[2])


def _counts(nodes: Iterable[Node]) -> bool:
    return any(node.expression.find(exp.Count) for node in nodes)


def _expressions(nodes: Iterable[Node]) -> tuple[str, ...]:
    """What is more than a column under another name, each once, as it stands in the SELECT."""
    told = [node.expression.unalias() for node in nodes if isinstance(node.expression, exp.Alias)]
    texts = [one.sql(dialect=DIALECT) for one in told if not isinstance(one, exp.Column)]
    return tuple(dict.fromkeys(texts))[:MOST_EXPRESSIONS]


def _steps_of_reading(feed: Contract) -> Iterable[Step]:
    """The typing of raw text is generated from the contract, and so is its lineage."""
    typed, raw = f"typed.{feed.name}", tuple(Place(feed.table, column.name) for column in feed.raw_columns)
    for column in feed.raw_columns:
        units = [column.reads_as.unit_column] if column.reads_as.unit_column else []
        sources = tuple(Place(feed.table, name) for name in (column.name, *units))
        words = f"read as {column.reads_as.type}" + (" in its canonical unit" if units else "")
        yield Step(Place(typed, column.reads_as.name), sources, (words,))
    for column in PROVENANCE:
        yield Step(Place(typed, column.name), (Place(feed.table, column.name),), ())
    for name in TYPED_ONLY:
        yield Step(Place(typed, name), raw, ())


def _schema(contracts: Mapping[str, Contract]) -> Schema:
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for contract in contracts.values():
        types = {column.name: column.type for column in contract.columns} or _columns_of_intermediate(contract)
        if types:
            columns.setdefault(contract.layer, {})[contract.name] = types
    for feed in feeds(contracts).values():
        read = {column.reads_as.name: column.reads_as.type for column in feed.raw_columns}
        kept = {column.name: column.type for column in PROVENANCE} | dict.fromkeys(TYPED_ONLY, "varchar")
        columns.setdefault("typed", {})[feed.name] = read | kept
    return ensure_schema(columns, dialect=DIALECT)


def _columns_of_intermediate(contract: Contract) -> dict[str, str]:
    """Its contract names none; their types do not matter here."""
    tree = sqlglot.parse_one(contract.sql, dialect=DIALECT) if contract.sql else None
    return dict.fromkeys(tree.named_selects, "varchar") if tree else {}


def _read(steps: Iterable[Iterable]) -> Lineage:
    found = (Step(Place(*target), tuple(Place(*one) for one in sources), tuple(told)) for target, sources, told in steps)
    return {step.target: step for step in found}


def _keep(path: Path, said: Mapping) -> None:
    """In one rename, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(said), encoding="utf-8")
    draft.replace(path)
