"""The bytes of a FHIR file as resources, one at a time: bulk-export NDJSON, a Bundle or one resource; gzip or plain.

Owns the limits of size and depth and the traps of JSON. Knows nothing of what a resource means.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import FileRefused

MOST_BYTES_AT_ONCE = 128 << 20
"""A line, or a Bundle, is held in memory as a whole; a hospital's export comes as NDJSON, which is not."""

MOST_BYTES = 32 << 30
LARGEST_RATIO = 250
"""Unpacked to packed. FHIR repeats itself and shrinks 15 to 60 times; more than this is made to fill a disk."""

SMALL_BYTES = 16 << 20
"""Below this size no ratio is suspicious."""

DEEPEST = 64
DEEPEST_BUNDLE = 8

LINE_SUFFIXES = {".ndjson", ".jsonl"}


@dataclass(frozen=True)
class Found:
    """One resource. full_url: what its Bundle calls it, empty elsewhere. text: as it was received."""

    resource: dict[str, Any]
    full_url: str
    text: str


@dataclass(frozen=True)
class Broken:
    """A line or an entry that is no resource."""

    reason: str
    text: str


@dataclass(frozen=True)
class Aside:
    """A part of a Bundle that carries no resource."""

    what: str
    reason: str


Piece = Found | Broken | Aside


class Number(float):
    """A number of the file; `text` is how it was written, because a decimal of FHIR is exact."""

    def __new__(cls, text: str) -> Number:
        number = super().__new__(cls, text)
        number.text = text
        return number


class _NamesTwice(dict):
    """An object in which a name stands twice: readers differ on which value counts, so none is taken."""


class _NotJson(Exception):
    pass


class Pieces:
    """The resources of a file, as often as they are asked for. Raises FileRefused when nothing of it can be trusted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole: list[Piece] | None = None
        first = next((line for line in _lines(path) if line.strip()), None)
        if first is None:
            raise FileRefused(f"{path.name} is empty. Send it again.")
        if not _is_one_a_line(path, first):
            self._whole = list(_document(path))

    @property
    def is_whole(self) -> bool:
        """Held in memory as a whole: a Bundle or one resource over several lines."""
        return self._whole is not None

    def __iter__(self) -> Iterator[Piece]:
        return iter(self._whole) if self._whole is not None else self._line_by_line(())

    def mentioning(self, *types: str) -> Iterator[Piece]:
        """At least every resource of these types; lines that do not name one are not parsed."""
        return iter(self._whole) if self._whole is not None else self._line_by_line(types)

    def _line_by_line(self, types: tuple[str, ...]) -> Iterator[Piece]:
        names = [f'"{type_}"'.encode() for type_ in types]
        for line in _lines(self._path):
            is_cut = not line.endswith(b"\n")
            if line.strip() and (is_cut or not names or any(name in line for name in names)):
                yield from self._of_line(line, is_cut)

    def _of_line(self, line: bytes, is_cut: bool) -> Iterator[Piece]:
        text = line.decode("utf-8", errors="replace").strip()
        try:
            parsed = _parsed(line)
        except _NotJson as wrong:
            if is_cut:
                raise FileRefused(f"{self._path.name} seems to be cut off: its last line is {wrong}. Send it again.") from wrong
            yield Broken(f"the line is {wrong}", text)
            return
        yield from _flat(parsed, "", text, 0)


def _lines(path: Path) -> Iterator[bytes]:
    """Lines of the unpacked file, within bounds. A Bundle in one line is one line."""
    try:
        packed_bytes = path.stat().st_size
        with _opened(path) as stream:
            total = 0
            while line := stream.readline(MOST_BYTES_AT_ONCE + 1):
                total += len(line)
                _require_bounds(path, line, total, packed_bytes)
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as damaged:
        raise FileRefused(f"{path.name} is damaged or cut off: it cannot be unpacked to its end. Send it again.") from damaged
    except OSError as broken:
        raise FileRefused(f"{path.name} cannot be read ({broken.strerror}). Check the file's rights and refresh again.") from broken


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_packed else path.open("rb")


def _require_bounds(path: Path, line: bytes, total: int, packed_bytes: int) -> None:
    if b"\0" in line:
        raise FileRefused(f"{path.name} is not text (it has zero bytes). Export it as FHIR JSON in UTF-8.")
    if len(line) > MOST_BYTES_AT_ONCE:
        raise FileRefused(f"{path.name} has more than {MOST_BYTES_AT_ONCE >> 20} MiB in one piece. Export it as NDJSON.")
    if total > MOST_BYTES or (total > SMALL_BYTES and total > LARGEST_RATIO * packed_bytes):
        raise FileRefused(f"{path.name} unpacks to far more than it should. Split the export, or check where it came from.")


def _is_one_a_line(path: Path, first: bytes) -> bool:
    """Whether each line is a resource of its own: the name says so, or the first line is one."""
    if LINE_SUFFIXES & {suffix.lower() for suffix in path.suffixes}:
        return True
    try:
        return isinstance(_parsed(first), dict)
    except _NotJson:
        return False


def _document(path: Path) -> Iterator[Piece]:
    content = bytearray()
    for line in _lines(path):
        content += line
        if len(content) > MOST_BYTES_AT_ONCE:
            raise FileRefused(f"{path.name} has more than {MOST_BYTES_AT_ONCE >> 20} MiB in one piece. Export it as NDJSON.")
    try:
        parsed = _parsed(bytes(content))
    except _NotJson as wrong:
        raise FileRefused(f"{path.name} is {wrong}, or cut off. Send it again as FHIR JSON; nothing of it was taken.") from wrong
    if not isinstance(parsed, dict) or not isinstance(parsed.get("resourceType"), str):
        raise FileRefused(f"{path.name} is JSON but names no FHIR resource. Send a Bundle or an NDJSON export.")
    yield from _flat(parsed, "", "", 0)


def _parsed(content: bytes) -> object:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_no_constant)
    except UnicodeDecodeError as wrong:
        raise _NotJson("not UTF-8") from wrong
    except RecursionError as wrong:
        raise _NotJson("nested too deeply") from wrong
    except ValueError as wrong:
        raise _NotJson("not JSON") from wrong


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _NamesTwice(found)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _flat(parsed: object, full_url: str, text: str, depth: int) -> Iterator[Piece]:
    """A resource, or those of a Bundle and of the Bundles inside it."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("resourceType"), str):
        yield Broken("it names no resource type", text or _text(parsed))
    elif parsed["resourceType"] != "Bundle":
        trouble = _trouble(parsed)
        text = text or _text(parsed)
        yield Broken(trouble, text) if trouble else Found(parsed, full_url, text)
    elif depth >= DEEPEST_BUNDLE:
        yield Aside("Bundle", "it is inside too many other Bundles")
    else:
        entries = parsed.get("entry")
        if type(parsed) is _NamesTwice or not isinstance(entries, list):
            yield Aside("Bundle", "it has no entries that can be read")
            return
        for entry in entries:
            yield from _entry(entry, depth)


def _entry(entry: object, depth: int) -> Iterator[Piece]:
    if not isinstance(entry, dict) or type(entry) is _NamesTwice:
        yield Broken("the entry of the Bundle cannot be read", _text(entry))
        return
    request = entry.get("request")
    method = request.get("method") if isinstance(request, dict) else None
    if method in ("DELETE", "PATCH"):
        yield Aside("Bundle.entry", "it deletes or patches a resource, which is not carried out")
    elif entry.get("resource") is None:
        yield Aside("Bundle.entry", "it has no resource")
    else:
        full_url = entry.get("fullUrl")
        yield from _flat(entry["resource"], full_url if isinstance(full_url, str) else "", "", depth + 1)


def _trouble(resource: dict) -> str | None:
    """What makes a resource unreadable although it is JSON; walked without recursion, so that depth is only a number."""
    waiting: list[tuple[object, int]] = [(resource, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            return f"it is nested more than {DEEPEST} deep"
        if type(value) is _NamesTwice:
            return "a name stands twice in one object"
        if isinstance(value, str) and not _is_plain(value):
            return "it has characters that are not text"
        parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting.extend((part, depth + 1) for part in parts)
    return None


def _is_plain(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _text(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace").decode("utf-8").replace("\0", "?")
    except (RecursionError, ValueError):
        return ""
