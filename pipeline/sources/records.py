"""What a reader of a foreign format gives, one item at a time: records, what cannot be read, what is not used.

A reader is a function `read(path) -> Iterator[Item]`. It streams, and raises FileRefused when the file as a whole
cannot be trusted. It knows nothing of tables; how items become bronze rows is the refresh's part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """One canonical row made from a foreign file.

    row: line, resource or message number in the file, from 1. values: canonical raw column to text.
    """

    feed: str
    row: int
    values: Mapping[str, str]
    source_text: str | None = None


@dataclass(frozen=True)
class Unreadable:
    """A line, resource or message that cannot be read at all."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class NotUnderstood:
    """Well-formed but not used: counted by what it is and why."""

    what: str
    reason: str
    count: int = 1


Item = Record | Unreadable | NotUnderstood

Reader = Callable[[Path], Iterator[Item]]
