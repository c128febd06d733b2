"""Finds what a landed file is: a canonical file, or one that a mapping knows by its name and its columns.

Several mappings may share a pattern of names (every hospital has a patients.csv); the header decides. A file that
nobody knows is refused with what is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import FileRefused
from pipeline.sources.byte_scan import content_hash
from pipeline.sources.canonical import LandedFile, examine, feed_named, has_canonical_header, header_names, require_distinct
from pipeline.sources.mapping import FeedMapping
from pipeline.sources.mappings import Mappings
from pipeline.sources.ndjson import member_names
from pipeline.sources.parquet_look import column_names, is_parquet
from pipeline.sources.plain_text import MOST_BYTES, fields_of, first_lines

Look = tuple[str, tuple[str, ...]]
"""A format and the columns of a file read in it."""


@dataclass(frozen=True)
class ForeignFile:
    """A file that a mapping knows: what content, of which format, with which columns (in lower case, in their order)."""

    path: Path
    mapping: FeedMapping
    format: str
    header: tuple[str, ...]
    content_hash: str
    byte_count: int

    @property
    def mapping_name(self) -> str:
        return self.mapping.name

    @property
    def identity(self) -> str:
        """What it is remembered by: the same content is never taken twice under one mapping."""
        return f"{self.mapping.name}:{self.content_hash}"


def recognise(path: Path, feeds: Mapping[str, Contract], mappings: Mappings, scratch: Path) -> LandedFile | ForeignFile:
    """What the file is. Raises FileRefused with the one reason why nothing of it can be taken."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileRefused(f"{path.name} is larger than {MOST_BYTES >> 30} GiB. Send it in parts.")
        return _recognised(path, feeds, mappings, scratch)
    except OSError as broken:
        raise FileRefused(f"{path.name} cannot be read ({broken.strerror}). Check the file's rights and refresh again.") from broken


def columns_from_name(mapping: FeedMapping, path: Path) -> dict[str, str]:
    """What the mapping reads out of the file's name, by column."""
    found = re.search(mapping.from_name, path.name) if mapping.from_name else None
    return {name.lower(): text for name, text in (found.groupdict() if found else {}).items() if text is not None}


def _recognised(path: Path, feeds: Mapping[str, Contract], mappings: Mappings, scratch: Path) -> LandedFile | ForeignFile:
    feed = feed_named(path, feeds)
    matching = [mapping for mapping in mappings.known if _is_named_for(path, mapping)]
    if feed is not None and (not matching or has_canonical_header(path, feeds[feed])):
        return examine(path, feed, feeds[feed], scratch)
    looks, failures = _looks(path, matching)
    fitting = [(mapping, look) for mapping, look in looks if not _missing(mapping, path, look[1])]
    if fitting:
        mapping, (format_name, header) = max(fitting, key=_fitness)
        require_distinct(path, header)
        return ForeignFile(path, mapping, format_name, header, content_hash(path), path.stat().st_size)
    if feed is not None:
        return examine(path, feed, feeds[feed], scratch)
    named_for = [(mapping, look) for mapping, look in looks if _is_named_closely(mapping)]
    if failures and not named_for:
        raise failures[0]
    raise FileRefused(_unknown(path, feeds, mappings, named_for))


def _looks(path: Path, matching: list[FeedMapping]) -> tuple[list[tuple[FeedMapping, Look]], list[FileRefused]]:
    """What the file is to each mapping that its name fits, and why some of them cannot even look at it, closest first."""
    looks, failures = [], []
    for mapping in sorted(matching, key=_is_named_closely, reverse=True):
        try:
            look = _look(path, mapping)
        except FileRefused as failure:
            failures.append(failure)
            continue
        if look is not None:
            looks.append((mapping, look))
    return looks, failures


def _is_named_for(path: Path, mapping: FeedMapping) -> bool:
    return any(fnmatch(path.name.lower(), pattern.lower()) for pattern in mapping.files)


def _is_named_closely(mapping: FeedMapping) -> bool:
    """Whether its patterns say more than an ending."""
    return not all(pattern.startswith("*") for pattern in mapping.files)


def _fitness(found: tuple[FeedMapping, Look]) -> tuple:
    """The user's own before shipped ones, tables before formats with a reader of their own, then who reads most of it."""
    mapping, (_, header) = found
    return mapping.is_users_own, mapping.is_tabular, len(set(mapping.source_columns) & set(header)), mapping.name


def _look(path: Path, mapping: FeedMapping) -> Look | None:
    """The file's format and columns as this mapping would read them; None where it is of another format."""
    if not mapping.is_tabular:
        return mapping.formats[0], ()
    found = _format_of(path)
    if found not in mapping.formats:
        return None
    if found == "parquet":
        return found, tuple(name.lower() for name in column_names(path))
    if found == "ndjson":
        return found, member_names(path)
    lines = first_lines(path, mapping.text, 1)
    names = mapping.text.names
    if names is not None:
        fields = fields_of(lines[0], mapping.text) if lines else ()
        return found, names if len(fields) == len(names) else ()
    return found, header_names(lines[0], mapping.text) if lines else ()


def _format_of(path: Path) -> str:
    if is_parquet(path):
        return "parquet"
    is_ndjson = path.name.lower().removesuffix(".gz").endswith((".ndjson", ".jsonl"))
    return "ndjson" if is_ndjson else "delimited"


def _missing(mapping: FeedMapping, path: Path, header: tuple[str, ...]) -> list[str]:
    if not mapping.is_tabular:
        return []
    needed = mapping.recognised_by or mapping.source_columns
    return [name for name in needed if name not in header and name not in columns_from_name(mapping, path)]


def _unknown(path: Path, feeds: Mapping[str, Contract], mappings: Mappings, looks: list[tuple[FeedMapping, Look]]) -> str:
    draft = f"Make a mapping for such files with: python -m pipeline feed draft {json.dumps(path.name, ensure_ascii=False)}"
    if looks:
        mapping, (_, header) = min(looks, key=lambda look: len(_missing(look[0], path, look[1][1])))
        absent = _missing(mapping, path, header)
        return (
            f"{path.name} is named like the files of the mapping {mapping.name} but lacks the column {absent[0]}"
            f" (missing: {', '.join(absent[:8])}). Send it with its header and columns. {draft}"
        )
    broken = "".join(f" {one.sentence}" for one in mappings.broken)
    return (
        f"{path.name} belongs to no feed that is known here: neither its name nor its header is that of a canonical file"
        f" ({', '.join(sorted(feeds))}) or of one of {len(mappings.known)} mappings (python -m pipeline feed list). {draft}{broken}"
    )
