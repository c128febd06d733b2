"""The code lists and clinical ranges of data/reference, as they are written: every value text."""

from __future__ import annotations

import csv

from pipeline.settings import REFERENCE


def reference_rows(name: str) -> list[dict[str, str]]:
    """The rows of data/reference/<name>.csv."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
