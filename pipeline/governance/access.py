"""The one door from tables to people. Every read is one SELECT over published tables, rewritten for the viewer's role
before it runs, and logged.

Each table in the SELECT is replaced by a query that shows, masks or hides its columns, so no later part of the SELECT
can reach what the role may not see. The engine behind it can reach the lake's files and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.errors import AccessDenied, BadRequest, NotPublished
from pipeline.governance.audit import AccessEvent, record_all
from pipeline.governance.policy import Viewer, load_policy
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.reader import open_published
from pipeline.settings import Settings, load_settings

ENGINE = "duckdb"
MASK = "•••"
"""What a masked text looks like. Anything else that is masked is left empty."""

PATIENT = "patient_id"
"""What a patient's number is called, in tables and as a parameter."""

_together: ContextVar[dict[Settings, list[AccessEvent]] | None] = ContextVar("_together", default=None)


@contextmanager
def logged_together() -> Iterator[None]:
    """The reads inside, or of the function that this decorates, are logged in one transaction when it ends, also when it fails.

    What was read must be shown to nobody before. One page asks up to ten questions, and each transaction waits for the disk.
    """
    if _together.get() is not None:
        yield
        return
    mark = _together.set({})
    try:
        yield
    finally:
        collected = _together.get()
        _together.reset(mark)
        for settings, events in collected.items():
            record_all(settings, events)


def read(
    viewer: Viewer, sql: str, parameters: Mapping | None = None, *, purpose: str, settings: Settings | None = None
) -> pd.DataFrame:
    """The rows of one SELECT as the viewer's role may see them; decimals come as floats.

    `sql` may use `$name` parameters. Raises AccessDenied (logged) when the role may not read a table, BadRequest when
    the text is anything but one SELECT over known tables, NotPublished before the first publication.
    """
    settings = settings or load_settings()
    try:
        governed, tables, masked = _governed(sql, viewer.role)
    except AccessDenied as refusal:
        log(settings, viewer, "read", purpose, "denied", query_hash=_hash(sql), reason=str(refusal))
        raise
    published = open_published(settings)
    _require_published(published.publication, tables)
    rows = published.query(governed, parameters or {})
    log(
        settings,
        viewer,
        "read",
        purpose,
        "allowed",
        tables=tuple(f"{table}@{published.publication.versions.get(table)}" for table in tables),
        masked_columns=masked,
        filters=tuple(sorted(parameters or {})),
        patients=_patients(rows, parameters or {}),
        publication=published.publication.number,
        row_count=rows.num_rows,
        query_hash=_hash(sql),
    )
    return _floats(rows).to_pandas()


def publication(viewer: Viewer, settings: Settings | None = None) -> Publication:
    """What is published now: its number, run, time and table versions. Holds no row, so it is not logged."""
    load_policy().title(viewer.role)
    return open_published(settings or load_settings()).publication


def record_action(viewer: Viewer, action: str, purpose: str, settings: Settings | None = None) -> None:
    """Logs what a viewer does beside reading (refresh, export). Raises AccessDenied, logged, when the role may not."""
    settings = settings or load_settings()
    try:
        load_policy().require(viewer, action)
    except AccessDenied as refusal:
        log(settings, viewer, action, purpose, "denied", reason=str(refusal))
        raise
    log(settings, viewer, action, purpose, "allowed")


def record_sign_in(name: str, settings: Settings | None = None) -> None:
    """Logs that a person signed in; the role follows with what the person does."""
    log(settings or load_settings(), Viewer(name, ""), "sign-in", "Sign-in", "allowed")


def record_sign_out(name: str, settings: Settings | None = None) -> None:
    """Logs that a person signed out, which ends the sign-in in every tab."""
    log(settings or load_settings(), Viewer(name, ""), "sign-out", "Sign-out", "allowed")


def record_look(viewer: Viewer, what: str, purpose: str, settings: Settings | None = None) -> None:
    """Logs that a viewer looks at something that is no table. Raises AccessDenied for a viewer without a role."""
    load_policy().title(viewer.role)
    log(settings or load_settings(), viewer, "read", purpose, "allowed", tables=(what,))


def shows(viewer: Viewer, table: str, column: str) -> bool:
    """Whether the viewer's role sees a column as it is: for what a page shows before it lies in a table."""
    contract = load_contracts()[table]
    return load_policy().may_read(viewer.role, table) and column not in load_policy().masked_columns(viewer.role, contract)


@lru_cache(maxsize=512)
def _governed(sql: str, role: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The SELECT with every table replaced by what the role may see of it; the tables; the columns not shown."""
    tree = _parsed(sql)
    tables, masked = [], []
    for table in list(tree.find_all(exp.Table)):
        if _is_own(table):
            continue
        contract = _readable(table, role)
        tables.append(contract.table)
        masked.extend(f"{contract.table}.{name}" for name in load_policy().masked_columns(role, contract))
        table.replace(_shown(contract, role).subquery(table.alias_or_name))
    return tree.sql(dialect=ENGINE), tuple(sorted(set(tables))), tuple(sorted(set(masked)))


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


def _require_published(publication: Publication, tables: tuple[str, ...]) -> None:
    missing = [table for table in tables if table not in publication.versions]
    if missing:
        raise NotPublished(f"{missing[0]} is not in the published data, which an older version made. Refresh the data.")


def _shown(contract: Contract, role: str) -> exp.Select:
    policy, columns = load_policy(), []
    for column in contract.columns:
        match policy.treatment(role, column), column.type:
            case "show", _:
                columns.append(exp.column(column.name, quoted=True))
            case "mask", "varchar":
                columns.append(exp.alias_(exp.Literal.string(MASK), column.name, quoted=True))
            case _:
                columns.append(exp.alias_(exp.cast(exp.Null(), column.type, dialect=ENGINE), column.name, quoted=True))
    return exp.select(*columns).from_(exp.table_(contract.name, db=contract.layer, quoted=True))


def _floats(rows: pa.Table) -> pa.Table:
    fields = [field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field for field in rows.schema]
    return rows.cast(pa.schema(fields))


def _hash(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()[:16]


def _patients(rows: pa.Table, parameters: Mapping) -> tuple[str, ...] | None:
    """The patients a read concerns: those it was asked for and those it shows; None when it neither names nor shows one."""
    asked_for = {str(parameters[PATIENT])} if PATIENT in parameters else None
    if PATIENT not in rows.column_names:
        return None if asked_for is None else tuple(asked_for)
    shown = {one for one in rows.column(PATIENT).unique().to_pylist() if one not in (None, MASK)}
    return tuple(shown | (asked_for or set()))


def log(settings: Settings, viewer: Viewer, action: str, purpose: str, outcome: str, **facts: object) -> None:
    """Puts one event on record, at once or with the others of its page."""
    event = AccessEvent(
        viewer=viewer.name,
        role=viewer.role,
        action=action,
        purpose=purpose,
        outcome=outcome,
        address=viewer.address,
        session=viewer.session,
        **facts,
    )
    together = _together.get()
    if together is None:
        record_all(settings, [event])
    else:
        together.setdefault(settings, []).append(event)
