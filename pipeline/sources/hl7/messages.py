"""The bytes of an HL7 v2 file as the segments of one message after the other, whatever frames and separates them.

Segments end with CR, LF or both; MLLP bytes and the FHS/BHS envelopes of batches are taken off, and the counts of their
trailers must be right. The text of a message is in the character set that its MSH-18 names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FileRefused
from pipeline.sources.unpacked import lines

LONGEST_SEGMENT_BYTES = 64 << 20
MOST_SEGMENTS = 100_000
"""In one message; a message of more is a file whose message headers were lost."""

ENDS = re.compile(b"[\r\n]+")
MLLP_START, MLLP_END = b"\x0b", b"\x1c"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ENVELOPES = (b"FHS", b"FTS", b"BHS", b"BTS")

CHARACTER_SETS = {"": "utf-8", "ASCII": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UNICODE": "utf-8"} | {
    f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)
}
"""HL7 table 0211. Where none is named the message must be UTF-8, which ASCII is too."""


@dataclass(frozen=True)
class Message:
    """One message as it stands: its segments with their numbers in the file, from 1."""

    row: int
    segments: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        return "\r".join(segment for _, segment in self.segments)


@dataclass(frozen=True)
class Broken:
    """Segments that are no message, or one whose text cannot be read."""

    row: int
    reason: str
    text: str


def require_whole(path: Path) -> None:
    """Raises FileRefused when the file is no HL7 v2 file, when an envelope is not closed, or when a trailer counts otherwise."""
    opened, counted, first, framed = [], {b"FHS": 0, b"BHS": 0}, b"", 0
    for _, segment, marks in _segments(path):
        name = segment[:3]
        first, framed = first or name, framed + marks
        if name == b"MSH":
            counted[b"BHS"] += 1
        elif name in (b"FHS", b"BHS"):
            opened.append(name)
            counted[name] = 0
        elif name in (b"FTS", b"BTS"):
            _close(path, segment, opened, counted)
    if first not in (b"MSH", b"FHS", b"BHS"):
        raise FileRefused(f"{path.name} is not an HL7 v2 file: it begins with no message header. Send the messages as they came.")
    if opened or framed:
        raise FileRefused(f"{path.name} seems to be cut off: a batch or a message in it does not end. Send it again.")


def messages(path: Path) -> Iterator[Message | Broken]:
    """Each message in the order of the file."""
    held: list[tuple[int, bytes]] = []
    for row, segment, _ in _segments(path):
        if segment[:3] in (*ENVELOPES, b"MSH") and held:
            yield _decoded(held)
            held = []
        if segment and segment[:3] not in ENVELOPES:
            held.append((row, segment))
        if len(held) > MOST_SEGMENTS:
            raise FileRefused(f"{path.name} has a message of more than {MOST_SEGMENTS:,} segments. Check where it came from.")
    if held:
        yield _decoded(held)


def _segments(path: Path) -> Iterator[tuple[int, bytes, int]]:
    """Number, bytes, and the MLLP starts less the MLLP ends that stood at it."""
    row = marks = 0
    for line, _ in lines(path, longest=LONGEST_SEGMENT_BYTES, ends=ENDS):
        marks += line.count(MLLP_START) - line.count(MLLP_END)
        segment = line.replace(MLLP_START, b"").replace(MLLP_END, b"").strip()
        segment = segment.removeprefix(BYTE_ORDER_MARK) if row == 0 else segment
        if segment:
            row += 1
            yield row, segment, marks
            marks = 0
    if marks:
        yield row, b"", marks


def _close(path: Path, segment: bytes, opened: list[bytes], counted: dict[bytes, int]) -> None:
    """A trailer closes what was opened last, and counts the messages of the batch or the batches of the file."""
    header = segment[:1] + b"HS"
    if not opened or opened.pop() != header:
        raise FileRefused(f"{path.name} has a trailer of a batch without its header. Send it again.")
    said = segment.split(segment[3:4])[1].strip() if len(segment) > 4 else b""
    if said.isdigit() and int(said) != counted[header]:
        raise FileRefused(f"{path.name} seems to be cut off: its trailer counts {int(said):,}, and it has {counted[header]:,}.")
    if header == b"BHS":
        counted[b"FHS"] += 1


def _decoded(held: list[tuple[int, bytes]]) -> Message | Broken:
    row, header = held[0]
    if header[:3] != b"MSH":
        return Broken(row, "segments before any message header", _shown(held))
    fields = header.split(header[3:4] or b"|")
    named = fields[17].split(b"~")[0].decode("ascii", errors="replace").strip().upper() if len(fields) > 17 else ""
    if named not in CHARACTER_SETS:
        return Broken(row, "the message names a character set that is not read here", _shown(held))
    try:
        return Message(row, tuple((number, segment.decode(CHARACTER_SETS[named])) for number, segment in held))
    except UnicodeDecodeError:
        return Broken(row, "the message is not in the character set it names, or not in UTF-8", _shown(held))


def _shown(held: list[tuple[int, bytes]]) -> str:
    return "\r".join(segment.decode("utf-8", errors="replace") for _, segment in held)
