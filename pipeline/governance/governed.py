"""Rewrites one SELECT for a role before it runs: every table in it gives way to what the role may see of it.

No later part of the SELECT can reach what is not shown. Knows neither rows nor people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.errors import AccessDenied, BadRequest
from pipeline.governance.policy import load_policy
from pipeline.governance.shown import RESERVED, needed, shown

ENGINE = "duckdb"


@dataclass(frozen=True)
class Governed:
    """A SELECT as it may run: its tables, their columns that are not shown as they are, and the reserved parameters it needs."""

    sql: str
    tables: tuple[str, ...]
    masked: tuple[str, ...]
    needs: tuple[str, ...]


@lru_cache(maxsize=512)
def governed(sql: str, role: str) -> Governed:
    """The SELECT for a role. Raises AccessDenied for a table that the role may not read, BadRequest for what is no such SELECT."""
    tree = _parsed(sql)
    tables, masked = set(), set()
    for table in list(tree.find_all(exp.Table)):
        if _is_own(table):
            continue
        contract = _readable(table, role)
        tables.add(contract.table)
        masked.update(f"{contract.table}.{name}" for name in load_policy().masked_columns(role, contract))
        table.replace(shown(contract, role, load_policy()).subquery(table.alias_or_name))
    return Governed(tree.sql(dialect=ENGINE), tuple(sorted(tables)), tuple(sorted(masked)), needed(tree))


def _parsed(sql: str) -> exp.Expression:
    try:
        trees = sqlglot.parse(sql, dialect=ENGINE)
    except sqlglot.errors.SqlglotError as wrong:
        raise BadRequest("This is not a SELECT that can be read.") from wrong
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        raise BadRequest("Only one SELECT at a time can be asked.")
    unknown = [call.name for call in trees[0].find_all(exp.Anonymous)]
    if unknown:
        raise BadRequest(f"The function {unknown[0]} cannot be used here.")
    named = {found.name for found in trees[0].find_all(exp.Placeholder, exp.Parameter)}
    taken = sorted(name for name in named if name.lower() in RESERVED)  # $OWN_WARDS and $own_wards are one to the engine
    if taken:
        raise BadRequest(f"The parameter {taken[0]} is the program's own. Give it another name.")
    return trees[0]


def _is_own(table: exp.Table) -> bool:
    """Whether a name means a common table expression of the SELECT itself, where it stands.

    A name that is one elsewhere in the text means whatever the engine makes of it, which can be a file.
    """
    if table.db or table.catalog or not isinstance(table.this, exp.Identifier):
        return False
    inside: exp.Expression = table
    while (around := inside.parent) is not None:
        ctes = [cte.alias_or_name for cte in getattr(around, "ctes", ())]
        if inside in (around.args.get("with_"), around.args.get("with")):
            ctes = ctes[: ctes.index(_cte_around(table, inside).alias_or_name)]
        if table.name in ctes:
            return True
        inside = around
    return False


def _cte_around(table: exp.Table, clause: exp.Expression) -> exp.CTE:
    """The expression of a WITH clause that holds a name: it sees those before it, not itself."""
    found = table.find_ancestor(exp.CTE)
    while found.parent is not clause:
        found = found.find_ancestor(exp.CTE)
    return found


def _readable(table: exp.Table, role: str) -> Contract:
    """Raises AccessDenied for a table the role may not read, and in the same words for one that does not exist."""
    name = f"{table.db}.{table.name}"
    contract = load_contracts().get(name) if isinstance(table.this, exp.Identifier) and not table.catalog else None
    if contract is None or contract.is_intermediate or not load_policy().may_read(role, name):
        raise AccessDenied(f"The role {load_policy().title(role)} may not read this table. Ask a data steward.")
    return contract
