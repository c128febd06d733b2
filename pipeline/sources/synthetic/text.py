"""Turns whole columns of numbers into the text that a site would send, by looking it up instead of formatting it.

Columns in and out are one entry per line; text columns are Arrow string arrays. Missing is the empty text.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_DAYS, WINDOW_START

HIGHEST_NUMBER = 2000
ODD_TEXTS = ("", "-9", "998", "-1", "n/a!", "pending", "12O", "9999", "haemolysed")
EMPTY, MINUS_9, CODE_998, MINUS_1, NOT_AVAILABLE, PENDING, LETTER_O, CODE_9999, HAEMOLYSED = range(
    HIGHEST_NUMBER, HIGHEST_NUMBER + len(ODD_TEXTS)
)
"""Codes of what stands in a number's field without being its value; all above the numbers themselves."""

FIRST_DAY = -int(110 * 365.25)
"""Birth dates are looked up as well."""

MISSING_TIME = NEVER


def numbers(codes: np.ndarray) -> pa.Array:
    """Whole numbers from 0, or one of the odd texts."""
    return _whole_numbers().take(pa.array(codes))


def tenths(codes: np.ndarray) -> pa.Array:
    """Numbers with one decimal, given in tenths, or one of the odd texts."""
    return _tenth_numbers().take(pa.array(codes))


def words(table: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    """The words at these positions; -1 is the empty text."""
    return pa.array((*table, "")).take(pa.array(np.where(codes < 0, len(table), codes)))


def words_by_site(tables: tuple[tuple[str, ...], ...], site: np.ndarray, codes: np.ndarray) -> pa.Array:
    """The words at these positions of each site's own table; -1 is the empty text."""
    width = len(tables[0])
    flat = tuple(word for table in tables for word in table)
    return words(flat, np.where(codes < 0, -1, site * width + codes))


def ids(prefix: str, numbers_: np.ndarray, digits: int) -> pa.Array:
    """`MP-0000001` and the like; numbers with more digits simply get longer."""
    text = pc.utf8_lpad(pc.cast(pa.array(numbers_), pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, text, "")


def dates(day: np.ndarray, style: np.ndarray) -> pa.Array:
    """Days since the start of the window in the sender's style; FIRST_DAY is the empty text."""
    table = _dates()
    return table.take(pa.array(style * (len(table) // 4) + (day - FIRST_DAY)))


def times(minute: np.ndarray, style: np.ndarray) -> pa.Array:
    """Minutes since the start of the window in the sender's style; MISSING_TIME is the empty text."""
    missing = minute == MISSING_TIME
    day = np.where(missing, FIRST_DAY, minute // DAY)
    clock = np.where(missing, 4 * DAY, style * DAY + minute % DAY)
    return pc.binary_join_element_wise(dates(day, style), _clock_times().take(pa.array(clock)), "")


def lines(columns: list[pa.Array]) -> pa.Array:
    """One text per line, commas between the fields, line break at the end."""
    return pc.binary_join_element_wise(pc.binary_join_element_wise(*columns, ","), "\n", "")


@cache
def _whole_numbers() -> pa.Array:
    return pa.array([str(number) for number in range(HIGHEST_NUMBER)] + list(ODD_TEXTS))


@cache
def _tenth_numbers() -> pa.Array:
    return pa.array([f"{number // 10}.{number % 10}" for number in range(HIGHEST_NUMBER)] + list(ODD_TEXTS))


@cache
def _dates() -> pa.Array:
    """Four styles after one another: 2025-03-04, 03/04/2025 (month first), 20250304, 2025-03-04."""
    iso = np.datetime_as_string(WINDOW_START + np.arange(FIRST_DAY + 1, WINDOW_DAYS + 100)).tolist()
    month_first = [f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in iso]
    compact = [day.replace("-", "") for day in iso]
    return pa.array(["", *iso, "", *month_first, "", *compact, "", *iso])


@cache
def _clock_times() -> pa.Array:
    """What follows the date in each of the four styles, minute by minute."""
    clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(DAY)]
    compact = [time.replace(":", "") + "00" for time in clock]
    spaced, with_t = [f" {time}:00" for time in clock], [f"T{time}:00" for time in clock]
    return pa.array([*spaced, *(f" {time}" for time in clock), *compact, *with_t, ""])
