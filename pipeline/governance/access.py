"""The one door from tables to people. Every read is one SELECT over published tables, rewritten for the viewer's role
before it runs, and logged.

Each table in the SELECT is replaced by what the role may see of it: the rows of its places, each column shown, generalised, masked
or hidden. No later part of the SELECT can reach behind that. The engine behind it can reach the lake's files and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa

from pipeline.catalog.contract import load_contracts
from pipeline.errors import AccessDenied, BadRequest, MediPulseError, NotPublished
from pipeline.governance.audit import AccessEvent, record_all
from pipeline.governance.break_glass import still_open
from pipeline.governance.governed import governed
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.pseudonym_key import paddings
from pipeline.governance.row_scope import OPENED, PATIENT, SITES, WARDS
from pipeline.governance.treatments import INNER_KEY
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.reader import open_published
from pipeline.settings import Settings, load_settings

OPENED_BY_BREAKING_THE_GLASS = "Patients outside the own places were open by breaking the glass"
"""The reason on record of every read while that lasts."""

COULD_NOT_ANSWER = "The engine could not answer"
"""On record too: that a question fails can tell something of the rows."""

PLACES = """
select site_name, ward_name from silver.encounters where ward_name is not null
group by site_name, ward_name order by count(*) desc, site_name, ward_name
"""

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


@dataclass(frozen=True)
class Answer:
    """What the door answered, before it is a frame. rows is the same object for the same question while nothing changed."""

    rows: pa.Table
    role: str
    masked: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """The rows; decimals come as floats, and a time of which the role sees the year as that year."""
        return _years(_floats(self.rows), self.role, self.masked)


def read(
    viewer: Viewer, sql: str, parameters: Mapping | None = None, *, purpose: str, settings: Settings | None = None
) -> pd.DataFrame:
    """The rows of one SELECT as the viewer's role may see them, as a frame; otherwise like `ask`."""
    return ask(viewer, sql, parameters, purpose=purpose, settings=settings).frame()


def ask(viewer: Viewer, sql: str, parameters: Mapping | None = None, *, purpose: str, settings: Settings | None = None) -> Answer:
    """The answer to one SELECT as the viewer's role may see it.

    `sql` may use `$name` parameters. Raises AccessDenied (logged) when the role may not read a table, BadRequest when
    the text is anything but one SELECT over known tables, NotPublished before the first publication.
    """
    settings = settings or load_settings()
    asked = parameters or {}
    try:
        select = governed(sql, viewer.role)
    except AccessDenied as refusal:
        log(settings, viewer, "read", purpose, "denied", query_hash=_hash(sql), reason=str(refusal))
        raise
    published = open_published(settings)
    _require_published(published.publication, select.tables)
    given = _given(viewer, select.needs, settings)
    try:
        rows = published.query(select.sql, {**asked, **given})
    except MediPulseError:
        log(settings, viewer, "read", purpose, "failed", tables=select.tables, query_hash=_hash(sql), reason=COULD_NOT_ANSWER)
        raise
    _require_different_names(rows.column_names)
    log(
        settings,
        viewer,
        "read",
        purpose,
        "allowed",
        tables=tuple(f"{table}@{published.publication.versions.get(table)}" for table in select.tables),
        masked_columns=select.masked,
        filters=tuple(sorted(asked)),
        patients=_patients(rows, asked, select.masked),
        publication=published.publication.number,
        row_count=rows.num_rows,
        query_hash=_hash(sql),
        reason=OPENED_BY_BREAKING_THE_GLASS if given.get(OPENED) else "",
    )
    return Answer(rows, viewer.role, select.masked)


def publication(viewer: Viewer, settings: Settings | None = None) -> Publication:
    """What is published now: its number, run, time and table versions. Holds no row, so it is not logged.

    The newest arrival is somebody's: a role that sees no times of patients is told its day.
    """
    sees_times = load_policy().sees_identifiers(viewer.role)
    published = open_published(settings or load_settings()).publication
    newest = published.newest_arrival_at
    if sees_times or newest is None:
        return published
    return replace(published, newest_arrival_at=newest.replace(hour=0, minute=0, second=0, microsecond=0))


def places(settings: Settings | None = None) -> tuple[tuple[str, str], ...]:
    """Every site and ward of the published data, busiest first; none before the first publication. Holds no patient."""
    try:
        published = open_published(settings or load_settings())
    except NotPublished:
        return ()
    return tuple((row["site_name"], row["ward_name"]) for row in published.query(PLACES).to_pylist())


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
    return treatment(viewer, table, column) == "show"


def treatment(viewer: Viewer, table: str, column: str) -> str:
    """What becomes of a column for the viewer's role, as the policy calls it; hide for a table that it may not read."""
    if not load_policy().may_read(viewer.role, table):
        return "hide"
    (said,) = (one for one in load_contracts()[table].columns if one.name == column)
    return load_policy().treatment(viewer.role, said)


def _require_published(publication: Publication, tables: tuple[str, ...]) -> None:
    missing = [table for table in tables if table not in publication.versions]
    if missing:
        raise NotPublished(f"{missing[0]} is not in the published data, which an older version made. Refresh the data.")


def _require_different_names(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadRequest(f"Two columns of the answer are called {twice[0]}. Give one of them another name.")


def _floats(rows: pa.Table) -> pa.Table:
    fields = [field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field for field in rows.schema]
    return rows.cast(pa.schema(fields))


def _years(rows: pa.Table, role: str, masked: tuple[str, ...]) -> pd.DataFrame:
    """A time of which the role sees the year is that year as text, so that nobody takes it for the first of January."""
    policy, frame = load_policy(), rows.to_pandas()
    told = {column.rpartition(".")[2] for column in masked}
    times = [field.name for field in rows.schema if field.name in told and pa.types.is_temporal(field.type)]
    cut = [name for name in times if policy.tells_year(role, name)]
    return frame.assign(**{name: pd.to_datetime(frame[name]).dt.strftime("%Y").astype(object) for name in cut}) if cut else frame


def _hash(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()[:16]


def _given(viewer: Viewer, needs: tuple[str, ...], settings: Settings) -> dict[str, object]:
    """The values of the reserved parameters that a SELECT needs: where the viewer belongs, whom the viewer opened, the key."""
    given: dict[str, object] = {SITES: list(viewer.sites), WARDS: list(viewer.wards)}
    if OPENED in needs:
        given[OPENED] = list(still_open(viewer, settings))
    if INNER_KEY in needs:
        given |= paddings(settings.pseudonym_key_file)
    return {name: given[name] for name in needs}


def _patients(rows: pa.Table, parameters: Mapping, masked: tuple[str, ...]) -> tuple[str, ...] | None:
    """The patients a read concerns: those it was asked for and those it shows; None when it neither names nor shows one.

    Where a number is masked or a pseudonym, what is shown names nobody.
    """
    asked_for = {str(parameters[PATIENT])} if PATIENT in parameters else None
    if PATIENT not in rows.column_names:
        return None if asked_for is None else tuple(asked_for)
    is_masked = any(column.endswith(f".{PATIENT}") for column in masked)
    shown = set() if is_masked else {one for one in rows.column(PATIENT).unique().to_pylist() if one is not None}
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
