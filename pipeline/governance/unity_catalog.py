"""Writes the policy as the SQL that puts it in force in a Databricks Unity Catalog: the same policy, for people who ask there.

Only the text: nothing here reaches a workspace. Tables that no role may read are not in it; silence means no there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.catalog.portable import spark_type
from pipeline.errors import BadRequest
from pipeline.governance.policy import Policy
from pipeline.governance.treatments import INNER_KEY, OUTER_KEY
from pipeline.governance.unity_functions import KEY, PLACES, group, mask, readers, row_filter
from pipeline.governance.unity_words import head

CATALOG = "medipulse"
OWN_TABLES = {
    PLACES: ("user_name STRING, site_name STRING, ward_name STRING", "Where a person belongs: one row per site and ward"),
    KEY: (f"{INNER_KEY} BINARY, {OUTER_KEY} BINARY", "The key of pseudonyms: one row. Nobody but its owner reads it"),
}


def script(policy: Policy, catalog: str = CATALOG) -> str:
    """Everything in the order in which it runs, behind a comment that says how. Raises BadRequest for no name of a catalog."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", catalog):
        raise BadRequest(f"A catalog cannot be called {catalog} here. Take small letters, digits and underscores.")
    return "\n".join((head(policy, catalog), *(f"{statement};" for statement in statements(policy, catalog)), ""))


def statements(policy: Policy, catalog: str) -> Iterator[str]:
    """One at a time, without its semicolon. Rows and columns are guarded before anybody is let in."""
    tables = [contract for name, contract in load_contracts().items() if not contract.is_intermediate and readers(policy, name)]
    yield f"CREATE CATALOG IF NOT EXISTS {catalog}"
    for schema in ("governance", *dict.fromkeys(contract.layer for contract in tables)):
        yield f"CREATE SCHEMA IF NOT EXISTS {catalog}.{schema}"
    for name, (columns, says) in OWN_TABLES.items():
        yield f"CREATE TABLE IF NOT EXISTS {catalog}.{name} ({columns}) COMMENT {_text(says)}"
    for contract in tables:
        yield _created(contract, catalog)
    yield from _functions(tables, policy, catalog)
    for contract in tables:
        yield from _guarded(contract, policy, catalog)
        yield from _described(contract, catalog)
    yield from _grants(tables, policy, catalog)


def _created(contract: Contract, catalog: str) -> str:
    columns = ", ".join(f"`{column.name}` {spark_type(column.type).upper()}" for column in contract.columns)
    return f"CREATE TABLE IF NOT EXISTS {catalog}.{contract.table} ({columns})"


def _functions(tables: list[Contract], policy: Policy, catalog: str) -> Iterator[str]:
    made = {}
    for contract in tables:
        functions = [row_filter(contract, policy, catalog)[0]]
        functions += [mask(column, contract.table, policy, catalog) for column in contract.columns]
        made |= {function.name: function.statement(catalog) for function in functions}
    yield from made.values()


def _guarded(contract: Contract, policy: Policy, catalog: str) -> Iterator[str]:
    table = f"{catalog}.{contract.table}"
    rows, asked = row_filter(contract, policy, catalog)
    yield f"ALTER TABLE {table} SET ROW FILTER {catalog}.{rows.name} ON ({', '.join(f'`{name}`' for name in asked)})"
    for column in contract.columns:
        seen = mask(column, contract.table, policy, catalog)
        yield f"ALTER TABLE {table} ALTER COLUMN `{column.name}` SET MASK {catalog}.{seen.name}"


def _described(contract: Contract, catalog: str) -> Iterator[str]:
    table = f"{catalog}.{contract.table}"
    yield f"COMMENT ON TABLE {table} IS {_text(f'{contract.description} ({contract.grain})')}"
    for column in contract.columns:
        said = f"{column.description} [{column.unit}]" if column.unit else column.description
        yield f"ALTER TABLE {table} ALTER COLUMN `{column.name}` COMMENT {_text(said)}"
        yield f"ALTER TABLE {table} ALTER COLUMN `{column.name}` SET TAGS ('sensitivity' = '{column.sensitivity}')"


def _grants(tables: list[Contract], policy: Policy, catalog: str) -> Iterator[str]:
    """What each role may, and for what it may not, that it may no more: an earlier policy may have let it."""
    schemas = list(dict.fromkeys(contract.layer for contract in tables))
    for role in policy.roles:
        seen = {contract.layer for contract in tables if policy.may_read(role, contract.table)}
        yield _grant("USE CATALOG", f"CATALOG {catalog}", role, bool(seen))
        for schema in schemas:
            yield _grant("USE SCHEMA", f"SCHEMA {catalog}.{schema}", role, schema in seen)
        for contract in tables:
            yield _grant("SELECT", f"TABLE {catalog}.{contract.table}", role, policy.may_read(role, contract.table))


def _grant(privilege: str, securable: str, role: str, is_given: bool) -> str:
    words = ("GRANT", "TO") if is_given else ("REVOKE", "FROM")
    return f"{words[0]} {privilege} ON {securable} {words[1]} `{group(role)}`"


def _text(words: str) -> str:
    """A literal: Databricks escapes with a backslash, and puts two texts side by side together."""
    said = " ".join(words.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{said}'"
