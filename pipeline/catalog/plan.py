"""Reads from each SELECT which tables it needs, and gives the order in which to build them.

The only place that knows the build order, and it is told by nobody: a table is built after what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

from pipeline.catalog.contract import Contract
from pipeline.errors import ContractBroken

DIALECT = "databricks"
"""The dialect that every SELECT is written in and parsed as."""

SCHEMAS = "bronze|silver|gold|ops|typed|reference"
SKIPPED = re.compile(r"--[^\n]*|'[^']*'")
TABLE = re.compile(rf"\b(?:from|join)\s+((?:{SCHEMAS})\.\w+)")


@cache
def tables_read(sql: str) -> tuple[str, ...]:
    """The schema-qualified tables a SELECT reads, sorted. A name without a schema is one of its own CTEs.

    Read off the text, which costs a hundredth of parsing it; a test holds this to the parse tree of every SELECT.
    """
    return tuple(sorted(set(TABLE.findall(SKIPPED.sub("", sql)))))


def inputs(contract: Contract) -> tuple[str, ...]:
    """The tables to build before this one; `typed.encounters` stands for `bronze.encounters`."""
    if contract.sql is None:
        return ()
    names = (name.replace("typed.", "bronze.") for name in tables_read(contract.sql))
    return tuple(name for name in names if not name.startswith("reference."))


def build_order(contracts: Mapping[str, Contract]) -> tuple[Contract, ...]:
    """The contracts that have a SELECT, each after everything it reads, and gold after silver, which reads none of it.

    Raises ContractBroken for a table that nobody makes and for a circle.
    """
    needs = {contract.table: inputs(contract) for contract in contracts.values()}
    unknown = {(table, name) for table, names in needs.items() for name in names if name not in contracts}
    for table, name in sorted(unknown):
        raise ContractBroken(f"{table} reads {name}, which no contract describes. Add tables/{name.replace('.', '/')}.yml.")
    try:
        ordered = TopologicalSorter({table: sorted(names) for table, names in sorted(needs.items())}).static_order()
        built = [contracts[table] for table in ordered if contracts[table].sql is not None]
        return tuple(sorted(built, key=lambda contract: contract.layer == "gold"))
    except CycleError as circle:
        raise ContractBroken(f"These tables read each other in a circle: {' → '.join(circle.args[1])}.") from circle
