"""The door to the access log: those who may audit ask about everybody, everyone else about themselves; each look is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from pipeline.errors import AccessDenied, AuditBroken
from pipeline.governance import audit_file
from pipeline.governance.access import OPENED_BY_BREAKING_THE_GLASS, log
from pipeline.governance.audit import OpenLog, open_log, read_log
from pipeline.governance.break_glass import ACTION
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.verify import verify
from pipeline.settings import Settings, load_settings

AUDIT_READ = "audit read"


@dataclass(frozen=True, kw_only=True)
class LogQuestion:
    """What is looked for; empty means all. patient_id: who looked at this patient, or searched the log for them.

    kind: one of KINDS; break-glass means the reads that it opened as well.
    """

    since: datetime
    viewer: str = ""
    role: str = ""
    outcome: str = ""
    kind: str = ""
    patient_id: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of what was narrowed down, without the values."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name))


@dataclass(frozen=True)
class FoundRecords:
    """The newest records that answer, how many there are of how many in the period, and how many there name too many patients.

    unnamed_count: records of more patients than a record names, in which the patient looked for may be as well.
    """

    records: list[dict]
    found_count: int
    period_count: int
    unnamed_count: int


@dataclass(frozen=True)
class DayCount:
    """What one viewer did in one role on one day (UTC)."""

    day: str
    viewer: str
    role: str
    record_count: int
    read_count: int
    refusal_count: int


def audit_records(viewer: Viewer, settings: Settings | None = None, *, purpose: str) -> list[dict]:
    """Every record, oldest first. Raises AccessDenied, on record, for a role that may not audit."""
    settings = settings or load_settings()
    _require_audit(settings, viewer, purpose)
    open_log(settings)  # takes over a log of an earlier version
    records = read_log(settings.access_log)
    log(settings, viewer, AUDIT_READ, purpose, "allowed", row_count=len(records))
    return records


def search(viewer: Viewer, question: LogQuestion, limit: int, *, purpose: str, settings: Settings | None = None) -> FoundRecords:
    """The records that answer a question, newest first. Raises AccessDenied, on record, for a role that may not audit."""
    settings = settings or load_settings()
    _require_audit(settings, viewer, purpose)
    found = _found(open_log(settings), question, limit)
    concerned = (question.patient_id,) if question.patient_id else None
    facts = {"row_count": len(found.records), "filters": question.asked, "patients": concerned}
    log(settings, viewer, AUDIT_READ, purpose, "allowed", **facts)
    return found


def own_record(viewer: Viewer, since: datetime, limit: int, *, purpose: str, settings: Settings | None = None) -> FoundRecords:
    """What the log says of the viewer, and of nobody else, not even how much. Every role may ask that."""
    settings = settings or load_settings()
    load_policy().title(viewer.role)
    found = _found(open_log(settings), LogQuestion(since=since, viewer=viewer.name), limit)
    log(settings, viewer, AUDIT_READ, purpose, "allowed", row_count=len(found.records))
    return replace(found, period_count=found.found_count)


def day_counts(viewer: Viewer, since: datetime, *, purpose: str, settings: Settings | None = None) -> list[DayCount]:
    """One count per day, viewer and role. Raises AccessDenied, on record, for a role that may not audit."""
    settings = settings or load_settings()
    _require_audit(settings, viewer, purpose)
    rows = audit_file.rows(open_log(settings).connection, DAY_COUNTS, {"since": _text(since)})
    log(settings, viewer, AUDIT_READ, purpose, "allowed", row_count=len(rows))
    return [DayCount(*row) for row in rows]


def prove(viewer: Viewer, *, purpose: str, settings: Settings | None = None) -> tuple[bool, str]:
    """Whether the whole log proves itself, and the sentence about it. Raises AccessDenied for a role that may not audit."""
    settings = settings or load_settings()
    _require_audit(settings, viewer, purpose)
    try:
        said = (True, verify(settings).sentence)
    except AuditBroken as broken:
        said = (False, str(broken))
    log(settings, viewer, AUDIT_READ, purpose, "allowed", reason=said[1])
    return said


DAY_COUNTS = """
select substr(recorded_at, 1, 10), viewer, role, count(*), sum(kind = 'read'), sum(kind = 'refusal')
from access_log where recorded_at >= :since group by 1, 2, 3 order by 1, 2, 3
"""
SAYS = {
    "viewer": "viewer = :viewer",
    "role": "role = :role",
    "outcome": "outcome = :outcome",
    "kind": f"""(kind = :kind
        or :kind = '{ACTION}' and json_extract(body, '$.reason') = '{OPENED_BY_BREAKING_THE_GLASS}')""",
    "patient": "sequence in (select sequence from access_log_patients where patient = :patient)",
}
NAMES_NOBODY = "patient_count > 0 and sequence not in (select sequence from access_log_patients)"


def _found(opened: OpenLog, question: LogQuestion, limit: int) -> FoundRecords:
    """Who is looked for as a patient is looked for under the pseudonym: the log knows no number."""
    patient = "".join(opened.key.pseudonyms((question.patient_id,))) if question.patient_id else ""
    given = {
        "viewer": question.viewer,
        "role": question.role,
        "outcome": question.outcome,
        "kind": question.kind,
        "patient": patient,
    }
    chosen = {name: value for name, value in given.items() if value}
    parameters = {"since": _text(question.since), **chosen}
    period = "from access_log where recorded_at >= :since"
    said = " and ".join([period, *(SAYS[name] for name in chosen)])
    newest = audit_file.rows(opened.connection, f"select body {said} order by sequence desc limit {int(limit)}", parameters)
    return FoundRecords(
        records=[audit_file.as_words(body) for (body,) in newest],
        found_count=_count(opened, said, parameters),
        period_count=_count(opened, period, parameters),
        unnamed_count=_count(opened, f"{period} and {NAMES_NOBODY}", parameters) if patient else 0,
    )


def _count(opened: OpenLog, said: str, parameters: Mapping) -> int:
    ((count,),) = audit_file.rows(opened.connection, f"select count(*) {said}", parameters)
    return count


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _require_audit(settings: Settings, viewer: Viewer, purpose: str) -> None:
    try:
        load_policy().require(viewer, "audit")
    except AccessDenied as refusal:
        log(settings, viewer, AUDIT_READ, purpose, "denied", reason=str(refusal))
        raise
