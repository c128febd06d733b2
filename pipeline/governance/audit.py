"""The access log: who read or tried what, when, from which tables, of which patients, and how it ended. Never a value from a row.

A chain of sealed records in SQLite, in write-ahead mode, because several processes write it (the server, exports from the
command line): each transaction takes the head, adds to it and is on the disk before it is acknowledged. A chain in Delta would
fork, because two appends do not conflict there.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import AuditBroken
from pipeline.governance import audit_file
from pipeline.governance.anchor import anchor_when_due
from pipeline.governance.audit_key import AuditKey, load_key
from pipeline.governance.chain import Link, sealed
from pipeline.governance.policy import load_policy
from pipeline.settings import Settings

MOST_PATIENTS = 50
"""A record names at most so many patients; of more it says how many."""

SYSTEM = "MediPulse"
"""Whose deeds are those that no person asked for."""

KINDS = ("read", "export", "sign-in", "sign-out", "refusal", "action", "policy change", "break-glass", "audit read")


@dataclass(frozen=True, kw_only=True)
class AccessEvent:
    """What is told of one event. outcome: allowed, denied or failed. action: read, export, refresh, sign-in, break-glass, …

    filters: the names of what was chosen, not the values; patients: numbers of the patients concerned, which become pseudonyms
    before anything is written. None: the event concerns no patient that can be told.
    """

    viewer: str
    role: str
    action: str
    purpose: str
    outcome: str
    tables: tuple[str, ...] = ()
    masked_columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    query_hash: str = ""
    row_count: int | None = None
    publication: int | None = None
    patients: tuple[str, ...] | None = None
    address: str = ""
    session: str = ""
    reason: str = ""

    @property
    def kind(self) -> str:
        """What an auditor sorts by; whatever else a person does is an action."""
        if self.outcome == "denied":
            return "refusal"
        return self.action if self.action in KINDS else "action"


@dataclass(frozen=True)
class OpenLog:
    """The log of one home as this process has it open. mark: which files it was opened from."""

    connection: Any
    key: AuditKey
    mark: tuple[int, ...]


_open: dict[Path, OpenLog] = {}
_writing = threading.RLock()


def record(settings: Settings, event: AccessEvent) -> None:
    """Adds one record and returns when it is on the disk."""
    record_all(settings, [event])


def record_all(settings: Settings, events: Sequence[AccessEvent]) -> None:
    """Adds records in one transaction; all of them are on the disk when it returns, or none is in the log."""
    with _writing:
        log = open_log(settings)
        with audit_file.transaction(log.connection):
            head = audit_file.head_of(log.connection)
            for event in (*_policy_change(head), *events):
                head = _append(log, head, event)
        anchor_when_due(settings.audit_anchor_file, head.sequence, head.seal)


def read_log(log: Path, after: int = 0) -> list[dict]:
    """Every record past a number, oldest first, as its fields with `previous` and `seal`; none where there is no log."""
    if not log.exists():
        return []
    with audit_file.reading(log) as connection:
        found = audit_file.links(connection, after)
        return [audit_file.words(link) | {"previous": link.previous, "seal": link.seal} for link in found]


def open_log(settings: Settings) -> OpenLog:
    """The log, opened once per process: opening and closing one for each read would cost more than the write.

    Opened anew when the file or the key is another one, so that a log that was moved away is not written on unseen. A log of
    an earlier version is taken over.
    """
    path = settings.access_log
    known = _open.get(path)
    if known is None or known.mark != _mark(settings):
        known = _open[path] = _opened(settings)
    return known


def _opened(settings: Settings) -> OpenLog:
    settings.access_log.parent.mkdir(parents=True, exist_ok=True)
    settings.access_log.touch(mode=0o600)  # SQLite would let everybody of this machine read it
    connection = audit_file.connected(settings.access_log)
    with audit_file.transaction(connection):
        former = audit_file.take_former_lines(connection)
        audit_file.make_tables(connection)
        head = audit_file.head_of(connection)
        key = load_key(settings.audit_key_file, may_begin=head is None)
        if head is not None and audit_file.words(head).get("key") != key.id:
            raise AuditBroken(f"The access log was sealed with another key than {settings.audit_key_file.name}. Put that one back.")
        log = OpenLog(connection, key, _mark(settings))
        _take_over(log, former)
    return log


def _mark(settings: Settings) -> tuple[int, ...]:
    log, key = settings.access_log, settings.audit_key_file
    if not (log.exists() and key.exists()):
        return ()
    return (log.stat().st_ino, key.stat().st_ino, key.stat().st_mtime_ns)


def _append(log: OpenLog, head: Link | None, event: AccessEvent, **known: object) -> Link:
    body = _body(log.key, event) | known
    link = sealed(log.key.seal_secret, head, body)
    audit_file.add(log.connection, link, body["patients"])
    return link


def _body(key: AuditKey, event: AccessEvent) -> dict[str, object]:
    concerned = event.patients or ()
    return vars(event) | {
        "id": str(uuid.uuid4()),
        "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "kind": event.kind,
        "key": key.id,
        "policy": load_policy().fingerprint,
        "patients": key.pseudonyms(concerned) if len(concerned) <= MOST_PATIENTS else [],
        "patient_count": None if event.patients is None else len(concerned),
    }


def _policy_change(head: Link | None) -> tuple[AccessEvent, ...]:
    """Notes once that another policy is in force than at the record before."""
    before = audit_file.words(head).get("policy") if head else None
    if before in (load_policy().fingerprint, None):
        return ()
    change = f"policy.yml is {load_policy().fingerprint} and was {before}"
    return (AccessEvent(viewer=SYSTEM, role="", action="policy change", purpose="Policy file", outcome="allowed", reason=change),)


def _take_over(log: OpenLog, lines: Sequence[Mapping]) -> None:
    """Former lines become records that keep their time, after one that says so: they are proven only from now on."""
    if not lines:
        return
    reason = f"The next {len(lines)} records are lines of a log without seals: nothing proves what became of them before now."
    told = AccessEvent(viewer=SYSTEM, role="", action="take over", purpose="Former log", outcome="allowed", reason=reason)
    head = _append(log, None, told)
    for line in lines:
        lists = {name: tuple(filter(None, (line[name] or "").split(", "))) for name in ("tables", "masked_columns")}
        facts = {name: line[name] for name in audit_file.FORMER_COLUMNS if name != "recorded_at"}
        head = _append(log, head, AccessEvent(**facts | lists), recorded_at=line["recorded_at"], policy=None)
