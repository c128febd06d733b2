"""The fields of a message, read by python-hl7, the only place that imports it.

It takes a message of any version as it stands, where hl7apy wants each field in its schema of the version that is named.
What does not exist reads as an empty text. `""`, by which HL7 says that a value is to be deleted, reads as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import hl7

from pipeline.sources.hl7.messages import Message

DELETED = '""'


class NotParsed(Exception):
    """Why a message cannot be read."""


@dataclass(frozen=True)
class Segment:
    """One segment and its number in the file; places count from 1, as in the standard."""

    name: str
    row: int
    parsed: hl7.Segment
    message: hl7.Message

    def repetitions(self, field: int) -> int:
        """How often a field is there; 0 when it is empty."""
        return len(self.parsed[field]) if field < len(self.parsed) and str(self.parsed[field]) else 0

    def text(self, field: int, component: int = 1, *, repetition: int = 1, sub: int = 1) -> str:
        """What stands there, unescaped and trimmed."""
        found: object = self.parsed[field] if field < len(self.parsed) else ""
        for place in (repetition, component, sub):
            found = _part(found, place)
        while not isinstance(found, str):
            found = _part(found, 1)
        return _unescaped(self.message, found).strip()

    def __str__(self) -> str:
        return str(self.parsed)


@dataclass(frozen=True)
class Parsed:
    """A message by its segments, the header first."""

    segments: tuple[Segment, ...]
    text: str

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def named(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        return next(self.named(name), None)


def parsed(message: Message) -> Parsed:
    """Raises NotParsed for a message whose header does not say how it is written."""
    separators = message.text[3:8]
    if len(set(separators[:2])) < 2 or separators[0].isalnum() or separators[0].isspace():
        raise NotParsed("the message header does not say how the message is written")
    try:
        found = hl7.parse(message.text)
    except (hl7.HL7Exception, ValueError, IndexError, AssertionError) as wrong:
        raise NotParsed("the message is not HL7 v2") from wrong
    rows = [row for row, _ in message.segments]
    if len(found) != len(rows):
        raise NotParsed("the message is not HL7 v2")
    segments = tuple(Segment(str(one[0]), row, one, found) for row, one in zip(rows, found, strict=True))
    return Parsed(segments, message.text)


def _part(found: object, place: int) -> object:
    """A part of a part; where the message goes less deep than was asked, the whole is its own first part."""
    if isinstance(found, str):
        return found if place == 1 else ""
    return found[place - 1] if place <= len(found) else ""


def _unescaped(message: hl7.Message, text: str) -> str:
    """With the escapes of separators and line breaks resolved. A text with any other escape is left as it was sent:

    the library expands repeat counts without a bound and writes values it cannot read into the log.
    """
    escape = str(message.esc)
    if escape not in text:
        return text
    mark = re.escape(escape)
    if re.fullmatch(rf"(?:[^{mark}]|{mark}(?:[FSTRE]|\.br){mark})*", text) is None:
        return text
    return message.unescape(text)
