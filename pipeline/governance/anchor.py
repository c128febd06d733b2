"""The anchor: the number and the seal of the newest record, noted outside the log so that a cut-off end is found.

One line each, only ever added. It proves what it can no longer be made to forget: let the path (MEDIPULSE_AUDIT_ANCHOR_FILE)
lead to another machine, or copy or print the lines.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import AuditBroken
from pipeline.governance.chain import Anchor

EVERY_RECORDS = 50
EVERY_SECONDS = 60
"""A line is added by the first write after either has passed: what a thief of the key can cut off unseen is less than this."""

_noted: dict[Path, tuple[int, float]] = {}


def anchor_when_due(path: Path, sequence: int, seal: str) -> None:
    """Notes the head of the log once in a while, and at the first write of every process."""
    last, at = _noted.get(path, (-EVERY_RECORDS, -EVERY_SECONDS))
    if sequence - last >= EVERY_RECORDS or time.monotonic() - at >= EVERY_SECONDS:
        anchor(path, sequence, seal)


def anchor(path: Path, sequence: int, seal: str) -> None:
    """Notes a record as one line, in one write, so that lines of two processes never mix."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"sequence": sequence, "seal": seal, "anchored_at": at}) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
    _noted[path] = (sequence, time.monotonic())


def anchors(path: Path) -> list[Anchor]:
    """Every line, oldest first; none without the file. Raises AuditBroken for a line that is none."""
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            said = json.loads(line)
            found.append(Anchor(int(said["sequence"]), str(said["seal"])))
        except (ValueError, KeyError, TypeError) as damaged:
            raise AuditBroken(f"Line {number} of the anchor {path.name} was edited or damaged.") from damaged
    return found
