"""Looks at the bytes of a landed file before any reader does, and says what it is or why it is refused.

Delimited-text readers, DuckDB's included, lose or swap data silently when a file is cut off, lacks its header or has
its columns in another order. So size, encoding, line ends and the header are settled here, once per file.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.sources.line_shapes import LineShapes

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 1 << 16
"""A line of a canonical file has a dozen short fields; one of 64 KiB or more is a file without line breaks."""

SYNTHETIC_MANIFEST = "synthetic_hospital.json"
"""Written by the synthetic hospital; names the content of the files that are not about real people."""


@dataclass(frozen=True)
class LandedFile:
    """A file whose bytes can be read: which feed, what content, how many lines after the header.

    odd_lines are the lines that seem not to have the header's fields; empty for a file with quotes, where bytes cannot tell.
    """

    path: Path
    feed: str
    header: tuple[str, ...]
    content_hash: str
    byte_count: int
    line_count: int
    odd_lines: tuple[int, ...] = ()

    @property
    def application_id(self) -> str:
        """What the bronze table remembers it by: the same content is never taken twice."""
        return f"{self.feed}:{self.content_hash}"


@dataclass(frozen=True)
class Fingerprint:
    """What tells, without opening a file, that it is the one met before."""

    byte_count: int
    modified_ns: int


def landed_paths(landing: Path) -> list[Path]:
    """Every file in the landing folder but hidden ones, half-written ones (.tmp, .part) and the synthetic manifest."""
    if not landing.is_dir():
        return []
    skipped = {".tmp", ".part"}
    return sorted(
        path
        for path in landing.iterdir()
        if (path.is_file() or path.is_symlink())
        and not path.name.startswith(".")
        and path.suffix not in skipped
        and path.name != SYNTHETIC_MANIFEST
    )


def fingerprint(path: Path) -> Fingerprint:
    """Raises FileRefused when the file has gone."""
    try:
        seen = path.stat()
    except OSError as gone:
        raise FileRefused(f"{path.name} is gone or cannot be opened ({gone.strerror}). Put it back and refresh again.") from gone
    return Fingerprint(seen.st_size, seen.st_mtime_ns)


def examine(path: Path, feeds: Mapping[str, Contract]) -> LandedFile:
    """Reads every byte once. Raises FileRefused with the one reason why nothing of the file can be taken."""
    feed = _feed_of(path, feeds)
    try:
        with path.open("rb") as stream:
            return _examined(path, feed, stream, feeds[feed])
    except OSError as broken:
        raise FileRefused(f"{path.name} cannot be read ({broken.strerror}). Check the file's rights and refresh again.") from broken


def synthetic_hashes(landing: Path) -> frozenset[str]:
    """The content hashes of the files that the synthetic hospital wrote."""
    manifest = landing / SYNTHETIC_MANIFEST
    if not manifest.exists():
        return frozenset()
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return frozenset(file["sha256"] for file in files.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def _feed_of(path: Path, feeds: Mapping[str, Contract]) -> str:
    """`vital_sets_2025q1.csv` belongs to the feed `vital_sets`."""
    known = [feed for feed in feeds if path.stem == feed or path.stem.startswith((f"{feed}_", f"{feed}-"))]
    if path.suffix.lower() != ".csv" or not known:
        names = ", ".join(f"{feed}_….csv" for feed in sorted(feeds))
        raise FileRefused(f"{path.name} belongs to no feed that is known here. Name it after its feed: {names}.")
    return max(known, key=len)


def _examined(path: Path, feed: str, stream, contract: Contract) -> LandedFile:
    digest, decoder, shapes = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), LineShapes()
    byte_count = line_ends = quotes = 0
    first, last = b"", b""
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        _require_text(path, chunk, decoder, byte_count)
        shapes.add(chunk)
        first = first or chunk
        last, byte_count = chunk, byte_count + len(chunk)
        line_ends, quotes = line_ends + chunk.count(b"\n"), quotes + chunk.count(b'"')
    _require_whole(path, byte_count, last, quotes)
    header = _header(path, first, contract)
    if line_ends == 1:
        raise FileRefused(f"{path.name} has a header and no rows. Send it again with its rows, or leave it out.")
    odd_lines = () if quotes else tuple(shapes.odd_lines)
    return LandedFile(path, feed, header, digest.hexdigest(), byte_count, line_ends - 1, odd_lines)


def _require_text(path: Path, chunk: bytes, decoder: codecs.IncrementalDecoder, offset: int) -> None:
    if b"\0" in chunk:
        raise FileRefused(f"{path.name} is not text (it has zero bytes). Export it as CSV in UTF-8.")
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as wrong:
        raise FileRefused(
            f"{path.name} is not UTF-8 (around byte {offset + wrong.start:,}). Export it again in UTF-8; nothing of it was taken."
        ) from wrong
    windows = range(0, len(chunk) - LONGEST_LINE_BYTES, LONGEST_LINE_BYTES)
    if any(chunk.find(b"\n", start, start + LONGEST_LINE_BYTES) < 0 for start in windows):
        raise FileRefused(f"{path.name} has a line of more than {LONGEST_LINE_BYTES // 1024} KiB, so it is not a file of rows.")


def _require_whole(path: Path, byte_count: int, last: bytes, quotes: int) -> None:
    if byte_count == 0:
        raise FileRefused(f"{path.name} is empty. Send it again.")
    if not last.endswith(b"\n"):
        raise FileRefused(
            f"{path.name} seems to be cut off: its last line does not end with a line break."
            " Send it again; nothing of it was taken."
        )
    if quotes % 2:
        raise FileRefused(f"{path.name} seems to be cut off: a quoted field never ends. Send it again; nothing of it was taken.")


def _header(path: Path, first: bytes, contract: Contract) -> tuple[str, ...]:
    """The column names as they stand, in lower case. Their order is free; the required ones must be there."""
    line = first.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    header = tuple(name.strip().lower() for name in next(csv.reader([line]), []))
    required = [column.name for column in contract.raw_columns if column.reads_as.required]
    missing = [name for name in required if name not in header]
    if missing:
        raise FileRefused(
            f"{path.name} lacks the column {missing[0]} in its header (missing: {', '.join(missing)})."
            f" A {contract.name} file needs at least: {', '.join(required)}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice or "" in header:
        raise FileRefused(f"{path.name} names a column twice or not at all in its header ({', '.join(twice) or 'an empty name'}).")
    return header


@dataclass
class LandingIndex:
    """What was met before, so that a refresh with nothing new opens no file: name, size and time to content hash."""

    path: Path
    seen: dict[str, dict]

    @classmethod
    def load(cls, path: Path) -> LandingIndex:
        try:
            return cls(path, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return cls(path, {})

    def knows(self, path: Path) -> bool:
        """Whether this very file, unchanged, was settled by an earlier run."""
        return self.seen.get(path.name) == asdict(fingerprint(path))

    def remember(self, settled: Mapping[str, Fingerprint]) -> None:
        """Adds files and writes the index; losing it only costs reading the files again."""
        self.seen.update({name: asdict(mark) for name, mark in settled.items()})
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self.seen, indent=1), encoding="utf-8")
        temporary.replace(self.path)
