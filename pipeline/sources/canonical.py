"""The project's own files: one feed each, named after it, UTF-8 CSV with a header, plain or compressed (.gz).

A file is looked at once, byte by byte, before any reader sees it; its columns are known by name, never by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.sources.byte_scan import content_hash
from pipeline.sources.plain_text import CANONICAL_TEXT, TextFormat, fields_of, first_lines, plain_text

CANONICAL = "canonical"
"""What stands in place of a mapping's name for a file that needs none."""


@dataclass(frozen=True)
class LandedFile:
    """A canonical file whose bytes can be read: which feed, what content, how many lines after the header.

    odd_lines and blank_lines: see `byte_scan.Scan`.
    is_plain: can be read where it lies, without unpacking it.
    """

    path: Path
    feed: str
    header: tuple[str, ...]
    content_hash: str
    byte_count: int
    line_count: int
    odd_lines: tuple[int, ...] = ()
    blank_lines: tuple[int, ...] = ()
    is_plain: bool = True

    @property
    def mapping_name(self) -> str:
        return CANONICAL

    @property
    def identity(self) -> str:
        """What it is remembered by: the same content is never taken twice."""
        return f"{self.feed}:{self.content_hash}"

    @contextmanager
    def as_plain_text(self, scratch: Path) -> Iterator[Path]:
        """Where its lines can be read; an unpacked copy goes again afterwards."""
        if self.is_plain:
            yield self.path
            return
        with plain_text(self.path, CANONICAL_TEXT, scratch) as (copy, _):
            yield copy


def feed_named(path: Path, feeds: Mapping[str, Contract]) -> str | None:
    """`vital_sets_2025q1.csv` is named after the feed `vital_sets`; None for a file named otherwise."""
    name = path.name.lower().removesuffix(".gz")
    stem = name.removesuffix(".csv")
    if stem == name:
        return None
    known = [feed for feed in feeds if stem == feed or stem.startswith((f"{feed}_", f"{feed}-"))]
    return max(known, key=len, default=None)


def has_canonical_header(path: Path, contract: Contract) -> bool:
    """Whether the first line names every column that the feed needs."""
    try:
        lines = first_lines(path, CANONICAL_TEXT, 1)
    except FileRefused:
        return False
    return bool(lines) and not _missing(header_names(lines[0]), contract)


def examine(path: Path, feed: str, contract: Contract, scratch: Path) -> LandedFile:
    """Reads every byte once. Raises FileRefused with the one reason why nothing of the file can be taken."""
    with plain_text(path, CANONICAL_TEXT, scratch) as (plain, found):
        header = _canonical_header(path, found.first_line, contract)
        if found.line_count == 1:
            raise FileRefused(f"{path.name} has a header and no rows. Send it again with its rows, or leave it out.")
        is_plain = plain == path
        digest = found.content_hash if is_plain else content_hash(path)
        return LandedFile(path, feed, header, digest, path.stat().st_size, found.line_count - 1, found.odd_lines, is_plain=is_plain)


def header_names(line: str, text: TextFormat = CANONICAL_TEXT) -> tuple[str, ...]:
    """The column names as they stand in a header line, in lower case."""
    return tuple(name.strip().lower() for name in fields_of(line, text))


def require_distinct(path: Path, header: tuple[str, ...]) -> None:
    """Raises FileRefused where a column cannot be told from another by its name."""
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice or "" in header:
        raise FileRefused(f"{path.name} names a column twice or not at all in its header ({', '.join(twice) or 'an empty name'}).")


def _canonical_header(path: Path, line: str, contract: Contract) -> tuple[str, ...]:
    """Their order is free; the required ones must be there."""
    header = header_names(line)
    missing = _missing(header, contract)
    if missing:
        raise FileRefused(
            f"{path.name} lacks the column {missing[0]} in its header (missing: {', '.join(missing)})."
            f" A {contract.name} file needs at least: {', '.join(_required(contract))}."
        )
    require_distinct(path, header)
    return header


def _required(contract: Contract) -> list[str]:
    return [column.name for column in contract.raw_columns if column.reads_as.required]


def _missing(header: tuple[str, ...], contract: Contract) -> list[str]:
    return [name for name in _required(contract) if name not in header]
