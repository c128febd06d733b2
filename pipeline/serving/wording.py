"""How numbers, dates and names are written for a reader: 100,000 · 30.9 % · 37.0 °C · 23 Nov 2026 · 24 h clock.

Pure; screen, paper and files use the same functions, so one number never has two spellings.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

NO_BREAK = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "–"

NOT_A_DEVICE = "Decision support and operations information, not a medical device"
"""What this product is, wherever it says so: on every page, at the way in, on paper and in files."""

AGE_GROUP_YEARS = {"Pediatric": "0–17", "Adult": "18–64", "Senior": "65+"}


def count_text(count: int | None) -> str:
    """100,000; a dash when there is nothing to count."""
    return UNKNOWN if count is None else f"{count:,}"


def decimal_text(value: float | None, decimals: int) -> str:
    """A measured value with fixed decimals; a dash when missing."""
    return UNKNOWN if value is None else f"{value:,.{decimals}f}"


def share_text(share: float | None, decimals: int = 1) -> str:
    """A share of 0-1 as 30.9 %."""
    return UNKNOWN if share is None else f"{100 * share:.{decimals}f}{NO_BREAK}%"


def signed_text(change: float, decimals: int, unit: str = "") -> str:
    """A change with its sign: +2.1 %, −0.4 points."""
    rounded = round(change, decimals)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else "±"
    return f"{sign}{abs(rounded):,.{decimals}f}" + (f"{NO_BREAK}{unit}" if unit else "")


def date_text(day: date | None) -> str:
    """23 Nov 2026."""
    return UNKNOWN if day is None else f"{day.day} {day:%b %Y}"


def month_text(month: date) -> str:
    """Nov 2026."""
    return f"{month:%b %Y}"


def months_text(first: date, last: date) -> str:
    """Sep 2026 – Nov 2026, or one month alone."""
    return month_text(first) if first == last else f"{month_text(first)} – {month_text(last)}"


def time_text(moment: datetime | None) -> str:
    """23 Nov 2026, 08:42 UTC."""
    return UNKNOWN if moment is None else f"{date_text(moment.date())}, {moment:%H:%M} UTC"


def newest_text(moment: datetime | None) -> str:
    """A time as written; the day alone where it is told to the day."""
    is_day = moment is not None and moment.time() == time.min
    return date_text(moment.date()) if is_day else time_text(moment)


def age_text(age: timedelta) -> str:
    """How long ago: just now, 2 min, 3 h 12 min, 4 days."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min ago"
    return f"{minutes // (24 * 60)} days ago"


def span_text(span: timedelta) -> str:
    """How long: 40 s, 12 min, 3 h 12 min, 4 days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


DOT_AFTER = {"ICD-10": 3, "ICD-9": 3, "ICD-9-PROC": 2}
"""Characters before the dot of a code; the external causes of ICD-9 have one more, other systems have no dot."""


def code_text(code_system: str | None, code: str | None) -> str:
    """I50.9, 428.0, E885.9: a diagnosis or procedure code with its dot; empty without a code."""
    if not code:
        return ""
    before = 4 if code_system == "ICD-9" and code.startswith("E") else DOT_AFTER.get(code_system or "", len(code))
    return code if len(code) <= before else f"{code[:before]}.{code[before:]}"


def plural(count: int, one: str, many: str) -> str:
    """1 file, 2 files."""
    return f"{count_text(count)} {one if count == 1 else many}"
