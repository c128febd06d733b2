"""The payload as a file for another program: every panel's numbers with their provenance, as JSON.

Made from the same payload as the screen and the PDF, so the numbers cannot differ. Identifiers are as masked as on the screen.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime

import pandas as pd

from pipeline.serving.provenance import Source
from pipeline.serving.wording import NOT_A_DEVICE


def as_json(payload: object) -> bytes:
    """A page's whole payload as UTF-8 JSON; frames become lists of records, dates and times ISO 8601 in UTC."""
    content = {"notice": f"{NOT_A_DEVICE}.", **_plain(payload)}
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, pd.DataFrame):
        return [{name: _plain(cell) for name, cell in row.items()} for row in value.to_dict("records")]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)} | _derived(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _derived(value: object) -> dict[str, object]:
    """What the screen shows beside the stored fields: shares, captions and counts computed from them."""
    shown = ("accepted_share", "caption", "not_drawn_count")
    known = {field.name for field in dataclasses.fields(value)}
    return {
        name: getattr(value, name) for name in shown if name not in known and isinstance(getattr(type(value), name, None), property)
    }


def file_name(subject: str, source: Source, suffix: str) -> str:
    """medipulse-command-center-publication-12-2026-11-23.pdf: never with a name or number of a patient."""
    what = subject.lower().replace(" ", "-")
    return f"medipulse-{what}-publication-{source.publication_number}-{source.generated_at:%Y-%m-%d}.{suffix}"
