"""Tables as CSV for a spreadsheet: UTF-8 with a mark, and no cell that a spreadsheet would run as a formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet runs a cell that begins with one of these, some of them in full width as well (OWASP, CSV injection)."""


def as_csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """The lines under their column names. Text is made harmless, numbers stay as they are."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return written.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """The text, with a quotation mark before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
