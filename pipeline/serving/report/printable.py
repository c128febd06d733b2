"""What the paper's font can show. A report that must stay readable aloud may hold no other letter: one would stop it as a whole."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).with_name("fonts")
REPLACEMENT = "□"
"""Stands for a letter that the font lacks, and for a sign that is not meant to be seen."""


def printable(value: object) -> object:
    """Every text in a value of lists and dicts, letters that cannot be printed replaced one by one."""
    if isinstance(value, str):
        return "".join(letter if letter in _letters() else REPLACEMENT for letter in value)
    if isinstance(value, dict):
        return {name: printable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [printable(item) for item in value]
    return value


@cache
def _letters() -> frozenset[str]:
    """What both weights have, and the end of a line."""
    weights = [{chr(code) for code in TTFont(path, lazy=True).getBestCmap()} for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset({"\n", *set.intersection(*weights)})
