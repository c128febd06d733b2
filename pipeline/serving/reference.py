"""The rows of data/reference that a page draws or names: bands, limits, points. Serving reads no other file."""

from __future__ import annotations

import csv
from functools import cache

from pipeline.settings import REFERENCE


@cache
def reference_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of data/reference/<name>.csv, every value text; shared by all who ask, so not to be changed."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
