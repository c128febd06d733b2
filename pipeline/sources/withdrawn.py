"""How a sender takes back what it sent before: by a row that supersedes the earlier one and is then refused with its reason.

Counting such a message as not used would leave the earlier value standing.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHDRAWN = "WITHDRAWN"
"""The value of a vital sign that was deleted or entered in error."""

CANCELLED = "CANCELLED"
"""The class of an encounter that was cancelled or entered in error."""

NOT_STATED = "not stated"


def cancelled(encounter: Mapping[str, str]) -> dict[str, str]:
    """The row that takes the place of every earlier version of an encounter.

    It must be readable for that, so what the message does not say is filled; none of it is ever shown as an encounter.
    """
    filled = {name: text for name, text in encounter.items() if text}
    needed = {"site_name": NOT_STATED, "arrived_at": encounter.get("updated_at", "")}
    return needed | filled | {"encounter_class": CANCELLED, "discharged_at": "", "disposition": ""}
