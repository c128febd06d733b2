"""Makes plain text of a landed file: unpacked, decoded, with one kind of line end, in a file of its own to read from.

A compressed file may be a bomb or cut off, and its checksum is looked at by no SQL reader; so it is unpacked here, in a
stream, with limits. Knows nothing of columns.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pipeline.errors import FileRefused
from pipeline.sources.byte_scan import CHUNK_BYTES, Scan, scan

MOST_BYTES = 64 << 30
"""Of text in one file. A hundred million vital sets need about 10 GiB."""

MOST_EXPANSION = 250
FREE_EXPANSION_BYTES = 64 << 20
"""How many times its size a compressed file may unpack to, once it is past 64 MiB. Text of rows shrinks 5 to 30 times,
a column of the same value about 150 times; what shrinks a thousand times was made to fill a disk."""


MOST_LOOKED_AT = 8 << 20
"""Characters read to look at the first lines; whoever has longer ones has no lines."""


@dataclass(frozen=True)
class TextFormat:
    """How a delimited-text file is written. header: the names where the file has none; None where its first line has them."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    decimal_mark: str = "."
    skip_lines: int = 0
    names: tuple[str, ...] | None = None
    ends_open: bool = False


CANONICAL_TEXT = TextFormat()


def is_compressed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


@contextmanager
def plain_text(path: Path, text: TextFormat, scratch: Path) -> Iterator[tuple[Path, Scan]]:
    """The file as plain UTF-8 lines and what its bytes said: itself where it is plain already, else a copy that goes again.

    Raises FileRefused where it cannot be unpacked, decoded or trusted.
    """
    if not (is_compressed(path) or _is_to_be_rewritten(text)):
        found = _scan(path, text, path.name)
        if not found.has_mixed_ends:
            yield path, found
            return
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"plain-{uuid4().hex}.txt"
    try:
        _write_plain(path, text, copy)
        yield copy, _scan(copy, text, path.name)
    finally:
        copy.unlink(missing_ok=True)


def first_lines(path: Path, text: TextFormat, count: int) -> list[str]:
    """The first lines of a file, without a line end, after the skipped ones; fewer where it has fewer. For a look, no proof.

    Raises FileRefused where it cannot be unpacked or decoded.
    """
    seen = ""
    for piece in _lines_in_pieces(path, text):
        seen += piece
        if seen.count("\n") >= count or len(seen) > MOST_LOOKED_AT:
            break
    return seen.removesuffix("\n").split("\n")[:count] if seen else []


def fields_of(line: str, text: TextFormat) -> tuple[str, ...]:
    """The fields of one line; none where it cannot be one."""
    quoting = {"quotechar": text.quote} if text.quote else {"quoting": csv.QUOTE_NONE}
    try:
        return tuple(next(csv.reader([line], delimiter=text.delimiter, **quoting), []))
    except csv.Error:
        return ()


def unpacked(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is compressed, in pieces. Raises FileRefused for a bomb or a broken archive."""
    if not is_compressed(path):
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
        return
    most = max(FREE_EXPANSION_BYTES, MOST_EXPANSION * path.stat().st_size)
    total = 0
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                if total > min(most, MOST_BYTES):
                    raise FileRefused(
                        f"{path.name} unpacks to more than {MOST_EXPANSION} times its size, which files of rows do not."
                        " Send it unpacked if it is right; nothing of it was taken."
                    )
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise FileRefused(
            f"{path.name} cannot be unpacked: it is cut off, damaged (its checksum is wrong) or no gzip file."
            " Send it again; nothing of it was taken."
        ) from broken


def _is_to_be_rewritten(text: TextFormat) -> bool:
    return text.skip_lines > 0 or text.ends_open or codecs.lookup(text.encoding).name not in ("utf-8", "ascii")


def _scan(path: Path, text: TextFormat, name: str) -> Scan:
    return scan(path, name=name, delimiter=text.delimiter, quote=text.quote)


def _write_plain(path: Path, text: TextFormat, copy: Path) -> None:
    """A file that is known to be whole (its checksum, or its mapping says so) may lack its last line break."""
    last = "\n"
    with copy.open("w", encoding="utf-8", newline="") as target:
        for piece in _lines_in_pieces(path, text):
            target.write(piece)
            last = piece[-1] if piece else last
        if last != "\n" and (is_compressed(path) or text.ends_open):
            target.write("\n")


def _lines_in_pieces(path: Path, text: TextFormat) -> Iterator[str]:
    """The text in pieces of about a MiB, every line end a line feed, without the mark at its begin and the skipped lines."""
    to_skip, at_begin = text.skip_lines, True
    for piece in _decoded(path, text):
        piece = piece.removeprefix("\ufeff") if at_begin else piece
        at_begin = at_begin and not piece
        while to_skip and piece:
            _, found, piece = piece.partition("\n")
            to_skip -= bool(found)
        if piece:
            yield piece


def _decoded(path: Path, text: TextFormat) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(text.encoding)(), translate=True)
    done = 0
    try:
        for chunk in unpacked(path):
            yield decoder.decode(chunk)
            done += len(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeError as wrong:
        raise FileRefused(
            f"{path.name} is not {text.encoding} (after byte {done:,}). Export it again in {text.encoding}, or name its"
            " encoding in the mapping; nothing of it was taken."
        ) from wrong
