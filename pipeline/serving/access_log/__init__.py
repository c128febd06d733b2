"""Everything the pages about the access log show: the records that were looked for, what each viewer does in a day, one's own.

Reads only through the door to the log, and each look is itself on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.governance import access
from pipeline.governance.audit_door import FoundRecords, LogQuestion, day_counts, own_record, prove, search
from pipeline.governance.policy import Viewer
from pipeline.serving.access_log.volume import Volume, volumes
from pipeline.serving.provenance import Source, source

PURPOSE, OWN_PURPOSE, PROOF_PURPOSE = "Access log", "My record", "Access log: proof"
MOST_LISTED, MOST_IN_A_FILE = 200, 100_000

PERIODS = {"24 hours": timedelta(hours=24), "7 days": timedelta(days=7), "30 days": timedelta(days=30), "All": None}
USUAL_DAYS = timedelta(days=30)
"""How far back a viewer's usual day is taken from."""

LOG_BEGAN = datetime.min.replace(year=2000)


@dataclass(frozen=True)
class Sought:
    """What an auditor chose; empty means all."""

    period: str = "7 days"
    viewer: str = ""
    role: str = ""
    kind: str = ""
    patient_id: str = ""


@dataclass(frozen=True)
class AccessLog:
    """The answer: what was found, what each viewer did on the newest day, and which publication is current."""

    found: FoundRecords
    volumes: tuple[Volume, ...]
    source: Source


@access.logged_together()
def access_log(viewer: Viewer, sought: Sought, now: datetime) -> AccessLog:
    """Search the log and weigh the day of every viewer."""
    question = _question(sought, now)
    return AccessLog(
        found=search(viewer, question, MOST_LISTED, purpose=PURPOSE),
        volumes=volumes(day_counts(viewer, now - USUAL_DAYS, purpose=PURPOSE), now.date()),
        source=source(viewer, access.publication(viewer), now),
    )


def records_for_file(viewer: Viewer, sought: Sought, now: datetime) -> FoundRecords:
    """The same search with as many records as a file takes."""
    return search(viewer, _question(sought, now), MOST_IN_A_FILE, purpose=f"{PURPOSE} as csv")


def my_record(viewer: Viewer, period: str, now: datetime) -> FoundRecords:
    """What the log says of the viewer."""
    return own_record(viewer, _since(period, now), MOST_LISTED, purpose=OWN_PURPOSE)


def proof(viewer: Viewer) -> tuple[bool, str]:
    """Whether the log proves itself now, and the sentence."""
    return prove(viewer, purpose=PROOF_PURPOSE)


def _question(sought: Sought, now: datetime) -> LogQuestion:
    said = {"viewer": sought.viewer, "role": sought.role, "kind": sought.kind, "patient_id": sought.patient_id}
    return LogQuestion(since=_since(sought.period, now), **{name: value.strip() for name, value in said.items()})


def _since(period: str, now: datetime) -> datetime:
    span = PERIODS[period]
    return LOG_BEGAN.replace(tzinfo=now.tzinfo) if span is None else now - span
