"""What a role may see of a table, as one SELECT that takes the table's place: which rows, and each column as treated. Pure."""

from __future__ import annotations

from sqlglot import exp

from pipeline.catalog.contract import Column, Contract
from pipeline.governance.policy import Policy
from pipeline.governance.row_scope import OPENED, SITES, WARDS, scope
from pipeline.governance.treatments import INNER_KEY, OUTER_KEY, VALUE, treated

RESERVED = frozenset((SITES, WARDS, OPENED, INNER_KEY, OUTER_KEY))
"""Parameters that the door alone may give and name."""


def shown(contract: Contract, role: str, policy: Policy) -> exp.Select:
    """The table as the role may see it: every column under its name and type, none beside them."""
    columns = [shown_as(column, policy.treatment(role, column)) for column in contract.columns]
    select = exp.select(*columns).from_(exp.table_(contract.name, db=contract.layer, quoted=True))
    rows = scope(contract, policy.rows(role))
    return select if rows is None else select.where(rows)


def needed(select: exp.Expression) -> tuple[str, ...]:
    """The reserved parameters that a SELECT needs."""
    return tuple(sorted(RESERVED & {found.name for found in select.find_all(exp.Placeholder)}))


def shown_as(column: Column, treatment: str) -> exp.Expression:
    """One column of a table, treated so, under its own name."""
    own = exp.column(column.name, quoted=True)
    if treatment == "show":
        return own
    said = treated(column, treatment).transform(lambda node: own.copy() if _is_value(node) else node)
    return exp.alias_(said, column.name, quoted=True)


def _is_value(node: exp.Expression) -> bool:
    return isinstance(node, exp.Column) and node.name == VALUE and not node.table
