"""Published tables of points and limits, from data/reference, in words: which row of a table a value fell into.

Pure but for reading the committed files once. The points themselves come from the lake; this says what they rest on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.serving.reference import reference_rows
from pipeline.serving.wording import decimal_text

OPEN_ABOVE = 99
"""Tables close their last row with 99.9, 999 or more, beyond any measurement: it reads "and over"."""

WHOLE_PERCENT = 100


@dataclass(frozen=True)
class Row:
    """One row of a table: both ends included."""

    at_least: float
    at_most: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in it."""
        return self.at_least <= value <= self.at_most

    def text(self, decimals: int = 0) -> str:
        """21–24, 8 and under, 25 and over."""
        low, high = decimal_text(self.at_least, decimals), decimal_text(self.at_most, decimals)
        if self.at_least == 0:
            return f"{high} and under"
        if self.at_most >= OPEN_ABOVE and self.at_most != WHOLE_PERCENT:
            return f"{low} and over"
        return low if low == high else f"{low}–{high}"


@cache
def table_rows(table: str, parameter: str, points: int | None = None) -> tuple[Row, ...]:
    """The rows of a parameter in a table of data/reference, in its order; only those that give `points` when that is said."""
    rows = [row for row in reference_rows(table) if row["parameter"] == parameter]
    return tuple(
        Row(float(row["at_least"]), float(row["at_most"])) for row in rows if points is None or int(row["points"]) == points
    )


def row_text(table: str, parameter: str, value: float | None, decimals: int = 0) -> str:
    """The row a value falls into, in words; empty when there is no value or no such row."""
    rows = [] if value is None else [row for row in table_rows(table, parameter) if row.holds(value)]
    return rows[0].text(decimals) if rows else ""
