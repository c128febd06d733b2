"""Breaking the glass: one patient outside the viewer's own places opens for a time, for a reason, on record.

The record is the right: what the access log does not hold was not opened. It lifts the places alone, never a mask.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pipeline.errors import AccessDenied, BadRequest
from pipeline.governance import audit_file
from pipeline.governance.audit import AccessEvent, open_log, record
from pipeline.governance.policy import Viewer, load_policy
from pipeline.settings import Settings, load_settings

ACTION = "break-glass"
FEWEST_WORDS = 2
"""A reason of one word tells an auditor nothing."""

OPENINGS = """
select body from access_log
where viewer = :viewer and recorded_at > :since and kind = 'break-glass' and role = :role
"""


def break_glass(viewer: Viewer, patient_id: str, why: str, settings: Settings | None = None) -> datetime:
    """Opens a patient for the viewer and returns until when (UTC).

    Raises AccessDenied, on record, for a role that may not, and BadRequest without a reason in words.
    """
    settings, policy = settings or load_settings(), load_policy()
    reason = " ".join(why.split())
    try:
        policy.require(viewer, "break_glass")
    except AccessDenied as refusal:
        record(settings, _event(viewer, patient_id, "denied", str(refusal)))
        raise
    if len(re.findall(r"\w+", reason)) < FEWEST_WORDS:
        raise BadRequest("Breaking the glass needs a reason in words, which the access log keeps. Nothing was opened.")
    record(settings, _event(viewer, patient_id, "allowed", reason))
    return datetime.now(UTC) + policy.opened_for


def still_open(viewer: Viewer, settings: Settings) -> tuple[str, ...]:
    """Of the patients that the viewer's session names, those that the log holds an opening of that is not over."""
    policy = load_policy()
    if not viewer.opened or not policy.may(viewer.role, "break_glass"):
        return ()
    log = open_log(settings)
    since = (datetime.now(UTC) - policy.opened_for).isoformat(timespec="milliseconds")
    asked = {"viewer": viewer.name, "role": viewer.role, "since": since}
    opened = {one for (body,) in audit_file.rows(log.connection, OPENINGS, asked) for one in audit_file.as_words(body)["patients"]}
    return tuple(one for one in viewer.opened if log.key.pseudonyms((one,))[0] in opened)


def _event(viewer: Viewer, patient_id: str, outcome: str, reason: str) -> AccessEvent:
    return AccessEvent(
        viewer=viewer.name,
        role=viewer.role,
        action=ACTION,
        purpose="Break the glass",
        outcome=outcome,
        patients=(patient_id,),
        address=viewer.address,
        session=viewer.session,
        reason=reason,
    )
