"""The bytes of a foreign file, unpacked where it is gzip, in pieces and within bounds.

A damaged archive, a cut-off one, one that unpacks to far more than it should and bytes that are no text refuse the file.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import FileRefused

CHUNK_BYTES = 1 << 20
MOST_BYTES = 32 << 30
LARGEST_RATIO = 250
"""Unpacked to packed. Records of patients repeat themselves and shrink 15 to 60 times; more than this is made to fill a disk."""

SMALL_BYTES = 16 << 20
"""Below this size no ratio is suspicious."""

LINE_FEED = re.compile(b"\n")


def lines(path: Path, *, longest: int, ends: re.Pattern[bytes] = LINE_FEED) -> Iterator[tuple[bytes, bool]]:
    """Each line without its end, and whether it had one. Raises FileRefused for a line of more than `longest` bytes."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    for chunk in _chunks(path):
        *ended, rest = ends.split(chunk)
        for piece in ended:
            _require_short(path, waiting_bytes + len(piece), longest)
            yield b"".join((*waiting, piece)), True
            waiting, waiting_bytes = [], 0
        waiting.append(rest)
        waiting_bytes += len(rest)
        _require_short(path, waiting_bytes, longest)
    if last := b"".join(waiting):
        yield last, False


def _require_short(path: Path, line_bytes: int, longest: int) -> None:
    if line_bytes > longest:
        raise FileRefused(f"{path.name} has more than {longest >> 20} MiB in one piece. Split the export into smaller ones.")


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        packed_bytes = path.stat().st_size
        with _opened(path) as stream:
            total = 0
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                _require_bounds(path, chunk, total, packed_bytes)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as damaged:
        raise FileRefused(f"{path.name} is damaged or cut off: it cannot be unpacked to its end. Send it again.") from damaged
    except OSError as broken:
        raise FileRefused(f"{path.name} cannot be read ({broken.strerror}). Check the file's rights and refresh again.") from broken


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_packed else path.open("rb")


def _require_bounds(path: Path, chunk: bytes, total: int, packed_bytes: int) -> None:
    if b"\0" in chunk:
        raise FileRefused(f"{path.name} is not text (it has zero bytes). Export it again in UTF-8.")
    if total > MOST_BYTES or (total > SMALL_BYTES and total > LARGEST_RATIO * packed_bytes):
        raise FileRefused(f"{path.name} unpacks to far more than it should. Split the export, or check where it came from.")
