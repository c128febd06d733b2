"""The functions by which a Databricks Unity Catalog keeps the policy: what a person sees of a column, and which rows. Pure text.

What a treatment makes of a value comes from `treatments`, which rows a role sees from `row_scope`: the same that the door runs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlglot import exp

from pipeline.catalog.contract import Column, Contract
from pipeline.catalog.portable import spark_type
from pipeline.governance.policy import ROWS, TREATMENTS, Policy
from pipeline.governance.row_scope import OPENED, SITES, WARDS, scope
from pipeline.governance.treatments import DIALECT, INNER_KEY, OUTER_KEY, VALUE, in_words

GROUP_PREFIX = "medipulse_"
"""A role of the policy is the account group of this prefix and its name."""

PLACES, KEY = "governance.viewer_places", "governance.pseudonym_key"
"""Tables that the functions read with the right of their owner: where a person belongs, and the key of pseudonyms."""

OWN = {SITES: "site_name", WARDS: "ward_name"}
ROW, PLACED = "row_", "placed"
"""What a filter calls a column of the row that it judges, and the table that places it: no name can mean the other one."""


@dataclass(frozen=True)
class Function:
    """One function of the schema governance. Its name is a fingerprint of what it does: another policy makes another function."""

    kind: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    body: str

    @property
    def name(self) -> str:
        does = f"{self.parameters}{self.returns}{self.body}"
        return f"governance.{self.kind}_{hashlib.sha256(does.encode()).hexdigest()[:8]}"

    def statement(self, catalog: str) -> str:
        """What makes it."""
        named = ", ".join(f"{name} {type_}" for name, type_ in self.parameters)
        return f"CREATE OR REPLACE FUNCTION {catalog}.{self.name}({named})\nRETURNS {self.returns}\nRETURN {self.body}"


def group(role: str) -> str:
    """The account group whose people have a role."""
    return f"{GROUP_PREFIX}{role}"


def readers(policy: Policy, table: str) -> tuple[str, ...]:
    """The roles that may read a table, the most open first: by how little is withheld of a column, then of the rows."""
    return tuple(sorted((role for role in policy.roles if policy.may_read(role, table)), key=lambda role: _closed(policy, role)))


def mask(column: Column, table: str, policy: Policy, catalog: str) -> Function:
    """What a person sees of a column: as the most open role sees it that the person has; NULL without one."""
    type_ = spark_type(column.type).upper()
    seen = {role: _with_key(in_words(column.type, policy.treatment(role, column)), catalog) for role in readers(policy, table)}
    kind = f"mask_{re.sub(r'[^a-z0-9]+', '_', type_.lower()).strip('_')}"
    return Function(kind, ((VALUE, type_),), type_, _by_role(seen, "NULL"))


def row_filter(contract: Contract, policy: Policy, catalog: str) -> tuple[Function, tuple[str, ...]]:
    """Whether a person sees a row, in the same role as its columns, and the columns that it depends on; no role, no row."""
    scopes = {role: scope(contract, policy.rows(role)) for role in readers(policy, contract.table)}
    needed = {found.name for rows in scopes.values() if rows is not None for found in _of_the_row(rows)}
    columns = tuple(column for column in contract.columns if column.name in needed)
    parameters = tuple((f"{ROW}{column.name}", spark_type(column.type).upper()) for column in columns)
    said = {role: "TRUE" if rows is None else _in_catalog(rows, catalog) for role, rows in scopes.items()}
    return Function("rows", parameters, "BOOLEAN", _by_role(said, "FALSE")), tuple(column.name for column in columns)


def _closed(policy: Policy, role: str) -> tuple[int, int]:
    return sum(TREATMENTS.index(how) for how in policy.by_role[role].shows.values()), ROWS.index(policy.rows(role))


def _by_role(said: dict[str, str], otherwise: str) -> str:
    lines = [f"    WHEN is_account_group_member('{group(role)}') THEN {words}" for role, words in said.items()]
    return "\n".join(("CASE", *lines, f"    ELSE {otherwise}", "END"))


def _with_key(words: str, catalog: str) -> str:
    for part in (INNER_KEY, OUTER_KEY):
        words = words.replace(f":{part}", f"(SELECT max(own.{part}) FROM {catalog}.{KEY} AS own)")
    return words


def _of_the_row(rows: exp.Expression) -> list[exp.Column]:
    """The columns of the row itself; the others are of the table that places it."""
    kept = _without_opened(rows)
    return [found for found in kept.find_all(exp.Column) if found.find_ancestor(exp.Select) is None]


def _without_opened(rows: exp.Expression) -> exp.Expression:
    """The glass is broken in the program alone, whose log is the record of it."""

    def left_out(node: exp.Expression) -> exp.Expression:
        is_lifted = isinstance(node, exp.Or) and _parameter(node.expression) == OPENED
        return node.this if is_lifted else node

    return rows.copy().transform(left_out)


def _in_catalog(rows: exp.Expression, catalog: str) -> str:
    """A predicate of the row scope over a filter's parameters, the places being looked up."""
    kept = _without_opened(rows)
    for found in list(kept.find_all(exp.Column)):
        is_of_row = found.find_ancestor(exp.Select) is None
        found.replace(exp.column(f"{ROW}{found.name}" if is_of_row else found.name, table=None if is_of_row else PLACED))
    for found in list(kept.find_all(exp.Table)):
        found.replace(exp.alias_(exp.table_(found.name, db=found.db, catalog=catalog), PLACED, table=True))
    return kept.transform(lambda node: _looked_up(node, catalog)).sql(dialect=DIALECT)


def _looked_up(node: exp.Expression, catalog: str) -> exp.Expression:
    parameter = _parameter(node)
    if parameter is None:
        return node
    own = exp.select("1").from_(exp.alias_(exp.table_(*reversed(PLACES.split(".")), catalog=catalog), "own", table=True))
    is_mine = exp.column("user_name", table="own").eq(exp.CurrentUser())
    return exp.Exists(this=own.where(is_mine, exp.column(OWN[parameter], table="own").eq(node.this)))


def _parameter(node: exp.Expression) -> str | None:
    """The parameter of `column = any $parameter`; None for anything else."""
    is_any = isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any)
    return node.expression.this.name if is_any else None
