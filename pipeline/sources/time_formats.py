"""How a date or a time can be written in a foreign file: the codes of a format, and the pattern a text must match.

A format alone would let too much through (readers of times are generous), so each has its pattern.
"""

from __future__ import annotations

import re

ISO = "iso"
EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000}
"""Numbers since 1970 began in UTC, and how many of them are a second."""

CODES = {
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%m": "[0-9]{1,2}",
    "%d": "[0-9]{1,2}",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    "%H": "[0-9]{1,2}",
    "%I": "[0-9]{1,2}",
    "%p": "(AM|PM|am|pm)",
    "%M": "[0-9]{2}",
    "%S": "[0-9]{2}",
    "%f": "[0-9]{1,6}",
    "%j": "[0-9]{3}",
}


def is_time_format(text: str) -> bool:
    """Whether it has codes, and only known ones."""
    codes = re.findall("%.?", text)
    return bool(codes) and all(code in CODES for code in codes)


def pattern_of(text: str) -> str:
    """The regular expression of the texts written in this format."""
    return "".join(CODES.get(piece, re.escape(piece)) for piece in re.findall("%.|.", text))
