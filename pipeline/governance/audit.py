"""The access log: who read or tried what, when, from which tables, and how it ended. Never a value from a row.

An append-only SQLite table in write-ahead mode, because several processes write it (the server, exports from the
command line) and a Delta commit for each read would leave a file for each read.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

BUSY_SECONDS = 10
"""How long a writer waits for another one; a write takes about a millisecond."""


@dataclass(frozen=True)
class AccessEvent:
    """One line of the log. outcome: allowed or denied."""

    viewer: str
    role: str
    action: str
    purpose: str
    outcome: str
    tables: str = ""
    masked_columns: str = ""
    publication: int | None = None
    row_count: int | None = None
    query_hash: str = ""
    reason: str = ""


_open: dict[Path, tuple[int, sqlite3.Connection]] = {}
_writing = threading.Lock()

COLUMNS = tuple(field.name for field in fields(AccessEvent))

SCHEMA = f"""
create table if not exists access_log (
    sequence integer primary key autoincrement,
    recorded_at text not null,
    {", ".join(COLUMNS)}
);
create trigger if not exists access_log_keeps_its_lines before update on access_log
begin select raise(abort, 'the access log is append only'); end;
create trigger if not exists access_log_loses_no_line before delete on access_log
begin select raise(abort, 'the access log is append only'); end;
"""


def record(log: Path, event: AccessEvent) -> None:
    """Adds one line and returns when it is written."""
    record_all(log, [event])


def record_all(log: Path, events: Sequence[AccessEvent]) -> None:
    """Adds lines in one step."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    places = ", ".join("?" * (len(COLUMNS) + 1))
    with _writing, _connection(log) as connection:
        connection.executemany(
            f"insert into access_log (recorded_at, {', '.join(COLUMNS)}) values ({places})",
            [(at, *astuple(event)) for event in events],
        )


def read_log(log: Path) -> list[dict]:
    """Every line, oldest first, as sequence, recorded_at and the fields of AccessEvent."""
    with closing(_opened(log)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(line) for line in connection.execute("select * from access_log order by sequence")]


def _connection(log: Path) -> sqlite3.Connection:
    """The open log of this process: opening and closing one for each read would cost three times the write.

    Opened anew when the file is another one, so that a log that was moved away is not written on unseen.
    """
    known = _open.get(log)
    if known is None or not log.exists() or log.stat().st_ino != known[0]:
        connection = _opened(log)
        known = _open[log] = (log.stat().st_ino, connection)
    return known[1]


def _opened(log: Path) -> sqlite3.Connection:
    log.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(log, timeout=BUSY_SECONDS, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.executescript(SCHEMA)
    return connection
