"""Rows of the governed door as frozen records: one field per column, a missing cell is None, never a NaN.

Pure. A field's written type says how its cell is read, so a record's definition is the only list of its columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from typing import TypeVar

import pandas as pd

Kind = TypeVar("Kind")


def records(kind: type[Kind], rows: pd.DataFrame) -> tuple[Kind, ...]:
    """Each row as one record of a dataclass whose fields are named for the columns; other columns are left out."""
    # Column by column: as dictionaries row by row, the sixty columns of a stay would take longer than their question.
    columns = [_cells(rows[field.name], READERS[str(field.type).removesuffix(" | None")]) for field in fields(kind)]
    return tuple(kind(*cells) for cells in zip(*columns, strict=True))


def _cells(column: pd.Series, read: Callable[[object], object]) -> list[object]:
    return [None if pd.isna(cell) else read(cell) for cell in column.tolist()]


def _measure(value: object) -> float:
    """The door gives decimals of up to four places as floats: 12.600000000000001 is 12.6."""
    return round(float(value), 6)


def _moment(value: object) -> datetime:
    return pd.Timestamp(value).to_pydatetime().replace(tzinfo=None)


def _day(value: object) -> date:
    return pd.Timestamp(value).date()


READERS = {"str": str, "int": int, "float": _measure, "bool": bool, "datetime": _moment, "date": _day}
"""By the name of a type. Times come in UTC and stay without a zone, as everywhere in serving."""
