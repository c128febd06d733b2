"""Reads newline-delimited JSON as a table: one object a line, nested members under names with dots, every value as text.

Numbers keep the digits they were written with. A line that is no object, is nested too deeply or has too many members
is unreadable and told, with its number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.sources.plain_text import CANONICAL_TEXT, first_lines

DEEPEST = 32
MOST_MEMBERS = 2_000
"""Of one line. A patient's whole record on one line is a format of its own and no row of a table."""


@dataclass(frozen=True)
class BadLine:
    """Why a line is no row."""

    reason: str


def member_names(path: Path) -> tuple[str, ...]:
    """The members of the first line, in lower case; none where it is no object. A look, no proof."""
    lines = first_lines(path, CANONICAL_TEXT, 1)
    members = members_of(lines[0]) if lines else BadLine("empty")
    return () if isinstance(members, BadLine) else tuple(members)


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a plain text file with their numbers, from 1, without line ends."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            yield number, line.rstrip("\r\n")


def members_of(line: str) -> Mapping[str, str | None] | BadLine:
    """The members of one line by name (in lower case, nested ones with dots), None where the value is null."""
    if _depth(line) > DEEPEST:
        return BadLine(f"it is nested more than {DEEPEST} deep")
    try:
        said = json.loads(line, parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return BadLine("it is no JSON, or names a member twice")
    if not isinstance(said, dict):
        return BadLine("it is no object")
    members: dict[str, str | None] = {}
    for name, value in _leaves(said, ""):
        if name in members or len(members) == MOST_MEMBERS:
            return BadLine("it names a member twice, but for case" if name in members else "it has too many members")
        members[name] = value
    return members


def _leaves(value: object, name: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key.lower()}" if name else key.lower())
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{name}.{place}")
    else:
        yield name, _as_text(value)


def _as_text(value: object) -> str | None:
    """Without the zero byte and lone surrogates, which are JSON but no text."""
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _depth(line: str) -> int:
    """At most how deep brackets open; those inside texts count too, which only errs on the safe side."""
    depth = deepest = 0
    if line.count("[") + line.count("{") <= DEEPEST:
        return 0
    for sign in line:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _no_number(name: str) -> str:
    raise ValueError(f"{name} is no number")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is named twice")
    return found
