"""Reads every byte of a plain UTF-8 text file before any reader does, and says whether it is a whole file of lines.

Delimited-text readers, DuckDB's included, drop a very long last line and swallow what follows an open quote without a
word. So text, line ends and quotes are settled here. Knows nothing of columns and feeds.
"""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import FileRefused
from pipeline.sources.line_shapes import LineShapes

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 1 << 16
"""A line of a feed has a few dozen short fields; one of 64 KiB or more is a file without line breaks."""


@dataclass(frozen=True)
class Scan:
    """What the bytes said. first_line is the first 64 KiB at most; line_count counts line ends, the header's included.

    odd_lines are the lines that seem not to have the fields of the first; empty for a file with quotes, where bytes
    cannot tell. blank_lines have nothing in them; readers skip those without a word. has_mixed_ends: lines end in more
    than one way, or as in old Macintosh files, and the file is not judged further before they are made one kind.
    """

    content_hash: str
    byte_count: int
    line_count: int
    first_line: str
    odd_lines: tuple[int, ...]
    blank_lines: tuple[int, ...]
    has_mixed_ends: bool


def scan(path: Path, *, name: str, delimiter: str = ",", quote: str = '"') -> Scan:
    """Reads every byte once. Raises FileRefused, speaking of the file as `name`, with the one reason why it is no whole text.

    A file whose lines end in more than one way is not judged yet.
    """
    with path.open("rb") as stream:
        return _scanned(stream, name, delimiter, quote)


def content_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes as they landed."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _scanned(stream: BinaryIO, name: str, delimiter: str, quote: str) -> Scan:
    digest, decoder, shapes = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), LineShapes(delimiter)
    byte_count = line_ends = quotes = returns = paired = 0
    first, last = b"", b""
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        _require_text(name, chunk, decoder, byte_count)
        shapes.add(chunk)
        first = first or chunk[:LONGEST_LINE_BYTES]
        returns += chunk.count(b"\r")
        paired += chunk.count(b"\r\n") + (last.endswith(b"\r") and chunk.startswith(b"\n"))
        last, byte_count = chunk, byte_count + len(chunk)
        line_ends, quotes = line_ends + chunk.count(b"\n"), quotes + (chunk.count(quote.encode()) if quote else 0)
    has_mixed_ends = returns > paired or 0 < paired < line_ends
    if not has_mixed_ends:
        _require_whole(name, byte_count, last, quotes)
    first_line = first.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").rstrip("\r")
    odd_lines = () if quotes else tuple(shapes.odd_lines)
    return Scan(digest.hexdigest(), byte_count, line_ends, first_line, odd_lines, tuple(shapes.blank_lines), has_mixed_ends)


def _require_text(name: str, chunk: bytes, decoder: codecs.IncrementalDecoder, offset: int) -> None:
    if b"\0" in chunk:
        raise FileRefused(f"{name} is not text (it has zero bytes). Export it as CSV in UTF-8.")
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as wrong:
        raise FileRefused(
            f"{name} is not UTF-8 (around byte {offset + wrong.start:,}). Export it again in UTF-8; nothing of it was taken."
        ) from wrong
    windows = range(0, len(chunk) - LONGEST_LINE_BYTES, LONGEST_LINE_BYTES)
    if any(not _has_line_end(chunk, start) for start in windows):
        raise FileRefused(f"{name} has a line of more than {LONGEST_LINE_BYTES // 1024} KiB, so it is not a file of rows.")


def _has_line_end(chunk: bytes, start: int) -> bool:
    end = start + LONGEST_LINE_BYTES
    return chunk.find(b"\n", start, end) >= 0 or chunk.find(b"\r", start, end) >= 0


def _require_whole(name: str, byte_count: int, last: bytes, quotes: int) -> None:
    if byte_count == 0:
        raise FileRefused(f"{name} is empty. Send it again.")
    if not last.endswith(b"\n"):
        raise FileRefused(
            f"{name} seems to be cut off: its last line does not end with a line break. Send it again; nothing of it was taken."
        )
    if quotes % 2:
        raise FileRefused(f"{name} seems to be cut off: a quoted field never ends. Send it again; nothing of it was taken.")
