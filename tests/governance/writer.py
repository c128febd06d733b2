"""A process that writes the access log and says each record's number once it is acknowledged: HOME NAME COUNT."""

from __future__ import annotations

import sys

from pipeline.governance.audit import AccessEvent, record
from pipeline.settings import load_settings


def event(viewer: str = "ana", **facts: object) -> AccessEvent:
    """A read of one patient."""
    usual = {"role": "analyst", "action": "read", "purpose": "test", "outcome": "allowed", "tables": ("gold.stays@1",)}
    return AccessEvent(**{"viewer": viewer, "patients": ("P-ada",), "row_count": 1, **usual, **facts})


if __name__ == "__main__":
    home, name, count = sys.argv[1:]
    settings = load_settings({"MEDIPULSE_HOME": home})
    for number in range(int(count)):
        record(settings, event(name))
        print(number + 1, flush=True)
