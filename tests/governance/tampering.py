"""What somebody does to the access log who has its file in hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from pipeline.settings import Settings


def without_guards(connection: sqlite3.Connection) -> None:
    """Takes off what stops or notices an edit by SQL."""
    kinds = connection.execute("select name, type from sqlite_master where type = 'trigger' or sql like '%index%'").fetchall()
    for name, kind in kinds:
        connection.execute(f"drop {kind} {name}")


def tampered(settings: Settings, *statements: str) -> None:
    """Somebody with the file in hand: the guards are taken off first and put on again after."""
    with closing(sqlite3.connect(settings.access_log, isolation_level=None)) as connection:
        guards = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
