"""The file of the access log: its tables in SQLite, how it is opened, read and added to. The only importer of sqlite3.

Knows records as links of a chain and nothing of what they mean.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path

from pipeline.errors import AuditBroken
from pipeline.governance.chain import Link

BUSY_SECONDS = 10
"""How long a writer waits for another one; a write takes a few milliseconds."""

SEARCHED = ("recorded_at", "kind", "viewer", "role", "action", "purpose", "outcome", "row_count", "patient_count")
"""Fields of a record that can be asked for by name. They are read out of the sealed words, so they cannot differ from them."""

_READ_OUT = ",\n    ".join(f"{name} generated always as (json_extract(body, '$.{name}')) virtual" for name in SEARCHED)

SCHEMA = (
    f"""create table if not exists access_log (
    sequence integer primary key,
    previous text not null,
    body text not null,
    seal text not null,
    {_READ_OUT}
)""",
    "create index if not exists access_log_by_viewer on access_log (viewer, recorded_at)",
    "create index if not exists access_log_by_time on access_log (recorded_at, viewer, role, kind, outcome, patient_count)",
    """create table if not exists access_log_patients (
    patient text not null,
    sequence integer not null,
    primary key (patient, sequence)
) without rowid""",
    *(
        f"""create trigger if not exists {table}_{name} before {deed} on {table}
begin select raise(abort, 'the access log is append only'); end"""
        for table in ("access_log", "access_log_patients")
        for name, deed in (("keeps_its_lines", "update"), ("loses_no_line", "delete"))
    ),
)
"""The records, the patients they concern, and guards against an honest mistake. What is meant badly the seals find."""

FORMER_COLUMNS = (
    "recorded_at", "viewer", "role", "action", "purpose", "outcome", "tables", "masked_columns", "publication", "row_count",
    "query_hash", "reason",
)  # fmt: skip
"""What a line had before records were sealed."""

LINK = "select sequence, previous, body, seal from access_log"


def connected(path: Path) -> sqlite3.Connection:
    """A connection as every use of the log has it. FULL: a commit is on the disk when it returns."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")  # an edited byte must be found, not fail
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Takes the only right to write first, so that nobody adds to the same head."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def reading(log: Path) -> Iterator[sqlite3.Connection]:
    """The log as it lies there, for reading alone: nothing is mended first. Raises AuditBroken when its file is damaged."""
    try:
        with closing(connected(log)) as connection:
            yield connection
    except sqlite3.DatabaseError as damaged:
        raise AuditBroken(
            f"The file {log.name} of the access log is damaged: it cannot be read to its end ({damaged})."
        ) from damaged


def make_tables(connection: sqlite3.Connection) -> None:
    """Makes what of the tables, indexes and guards is not there."""
    for statement in SCHEMA:
        connection.execute(statement)


def links(connection: sqlite3.Connection, after: int = 0) -> Iterator[Link]:
    """The records as they are kept, in the order of their numbers."""
    yield from map(_link, connection.execute(f"{LINK} where sequence > ? order by sequence", (after,)))


def head_of(connection: sqlite3.Connection) -> Link | None:
    """The newest record."""
    row = connection.execute(f"{LINK} order by sequence desc limit 1").fetchone()
    return _link(row) if row else None


def add(connection: sqlite3.Connection, link: Link, patients: Sequence[str]) -> None:
    """Adds one record, and lists the patients that it concerns."""
    connection.execute(
        "insert into access_log (sequence, previous, body, seal) values (?, ?, ?, ?)",
        (link.sequence, link.previous, link.body, link.seal),
    )
    rows = [(patient, link.sequence) for patient in patients]
    connection.executemany("insert into access_log_patients (patient, sequence) values (?, ?)", rows)


def rows(connection: sqlite3.Connection, sql: str, parameters: Mapping) -> list[tuple]:
    """The rows of a question, by the names in SEARCHED. Raises AuditBroken when the file does not give them."""
    try:
        return connection.execute(sql, parameters).fetchall()
    except sqlite3.DatabaseError as damaged:
        raise AuditBroken(f"The access log cannot be searched ({damaged}). Run: python -m pipeline audit verify") from damaged


def words(link: Link) -> dict:
    """The words of a record. Raises AuditBroken when they are none."""
    return as_words(link.body, f"Record {link.sequence}")


def as_words(body: str, which: str = "A record") -> dict:
    """A record's JSON as its fields. Raises AuditBroken when it is none."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AuditBroken(f"{which} of the access log was edited. Run: python -m pipeline audit verify")
    return found


def fault_beside_the_records(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the rest of the log: the list of patients, the indexes, the guards; None when all fit the records."""
    listed = connection.execute("select sequence, patient from access_log_patients order by sequence, patient")
    told = ((link.sequence, patient) for link in links(connection) for patient in words(link)["patients"])
    wrong = next((min(filter(None, pair)) for pair in zip_longest(listed, told) if pair[0] != pair[1]), None)
    if wrong is not None:
        return f"The list of patients was edited: it does not fit record {wrong[0]}."
    (state,) = connection.execute("pragma integrity_check(1)").fetchone()
    if state != "ok":
        return f"The file of the log is damaged: {state}."
    with closing(sqlite3.connect(":memory:")) as fresh:
        make_tables(fresh)
        return (
            None
            if _definitions(fresh) == _definitions(connection)
            else "The tables or guards of the log are not as they were made."
        )


def take_former_lines(connection: sqlite3.Connection) -> list[Mapping]:
    """The lines of a log from before records were sealed, oldest first; its table makes way for the new one."""
    names = {row[1] for row in connection.execute("pragma table_info(access_log)")}
    if "query_hash" not in names:
        return []
    rows = connection.execute(f"select {', '.join(FORMER_COLUMNS)} from access_log order by sequence").fetchall()
    connection.execute("drop table access_log")
    return [dict(zip(FORMER_COLUMNS, row, strict=True)) for row in rows]


def _definitions(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("select sql from sqlite_master where name not like 'sqlite%'")}


def _link(row: tuple) -> Link:
    sequence, *texts = row
    return Link(sequence, *map(str, texts))
