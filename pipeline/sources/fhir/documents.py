"""The bytes of a FHIR file as resources, one at a time: bulk-export NDJSON, a Bundle or one resource; gzip or plain.

Owns the limits of size and depth and the traps of JSON. Knows nothing of what a resource means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import FileRefused
from pipeline.sources.unpacked import lines

MOST_BYTES_AT_ONCE = 128 << 20
"""A line, or a Bundle, is held in memory as a whole; a hospital's export comes as NDJSON, which is not."""

DEEPEST = 64
DEEPEST_BUNDLE = 8

ESCAPED_TROUBLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""How a zero character or half a character can stand in JSON; only a text with one of these is looked through for them."""

LINE_SUFFIXES = {".ndjson", ".jsonl"}


@dataclass(frozen=True)
class Found:
    """One resource. full_url: what its Bundle calls it, empty elsewhere. line: as it was received, empty in a Bundle."""

    resource: dict[str, Any]
    full_url: str
    line: str

    @property
    def text(self) -> str:
        """The resource as it was received; of a Bundle, written anew."""
        return self.line or _text(self.resource)


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
        first = next((line for line, _ in lines(path, longest=MOST_BYTES_AT_ONCE) if line.strip()), None)
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
        for line, is_ended in lines(self._path, longest=MOST_BYTES_AT_ONCE):
            if line.strip() and (not is_ended or not names or any(name in line for name in names)):
                yield from self._of_line(line, is_ended)

    def _of_line(self, line: bytes, is_ended: bool) -> Iterator[Piece]:
        text = line.decode("utf-8", errors="replace").strip()
        try:
            parsed = _parsed(line)
        except _NotJson as wrong:
            if not is_ended:
                raise FileRefused(f"{self._path.name} seems to be cut off: its last line is {wrong}. Send it again.") from wrong
            yield Broken(f"the line is {wrong}", text)
            return
        yield from _flat(parsed, text=text, is_suspect=_is_suspect(line))


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
    for line, is_ended in lines(path, longest=MOST_BYTES_AT_ONCE):
        content += line + (b"\n" if is_ended else b"")
        if len(content) > MOST_BYTES_AT_ONCE:
            raise FileRefused(f"{path.name} has more than {MOST_BYTES_AT_ONCE >> 20} MiB in one piece. Export it as NDJSON.")
    try:
        parsed = _parsed(bytes(content))
    except _NotJson as wrong:
        raise FileRefused(f"{path.name} is {wrong}, or cut off. Send it again as FHIR JSON; nothing of it was taken.") from wrong
    if not isinstance(parsed, dict) or not isinstance(parsed.get("resourceType"), str):
        raise FileRefused(f"{path.name} is JSON but names no FHIR resource. Send a Bundle or an NDJSON export.")
    yield from _flat(parsed, is_suspect=_is_suspect(content))


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


def _flat(parsed: object, full_url: str = "", text: str = "", depth: int = 0, *, is_suspect: bool) -> Iterator[Piece]:
    """A resource, or those of a Bundle and of the Bundles inside it."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("resourceType"), str):
        yield Broken("it names no resource type", text or _text(parsed))
    elif parsed["resourceType"] != "Bundle":
        trouble = _trouble(parsed, is_suspect=is_suspect)
        yield Broken(trouble, text or _text(parsed)) if trouble else Found(parsed, full_url, text)
    elif depth >= DEEPEST_BUNDLE:
        yield Aside("Bundle", "it is inside too many other Bundles")
    else:
        entries = parsed.get("entry")
        if type(parsed) is _NamesTwice or not isinstance(entries, list):
            yield Aside("Bundle", "it has no entries that can be read")
            return
        for entry in entries:
            yield from _entry(entry, depth, is_suspect=is_suspect)


def _entry(entry: object, depth: int, *, is_suspect: bool) -> Iterator[Piece]:
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
        called = full_url if isinstance(full_url, str) and _is_plain(full_url) else ""
        yield from _flat(entry["resource"], called, depth=depth + 1, is_suspect=is_suspect)


def _trouble(resource: dict, *, is_suspect: bool) -> str | None:
    """What makes a resource unreadable although it is JSON; walked without recursion, so that depth is only a number."""
    waiting: list[tuple[dict | list, int]] = [(resource, 1)]
    while waiting:
        holder, depth = waiting.pop()
        if depth > DEEPEST:
            return f"it is nested more than {DEEPEST} deep"
        if type(holder) is _NamesTwice:
            return "a name stands twice in one object"
        if is_suspect and not all(_is_plain(text) for text in (*holder, *_values(holder)) if isinstance(text, str)):
            return "it has characters that are not text"
        waiting += [(part, depth + 1) for part in _values(holder) if isinstance(part, dict | list)]
    return None


def _is_suspect(content: bytes) -> bool:
    return ESCAPED_TROUBLE.search(content) is not None


def _values(holder: dict | list) -> Iterable[object]:
    return holder.values() if isinstance(holder, dict) else holder


def _is_plain(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _text(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace").decode("utf-8").replace("\0", "?")
    except (RecursionError, ValueError):
        return ""
