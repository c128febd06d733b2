"""The chain of records: each one is sealed with a key over its number, the seal before it and its words. Pure.

Says of any list of records whether it is whole, and otherwise which record is wrong first and how. Knows no file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BEGINNING = "0" * 64
"""What stands before the first record."""


@dataclass(frozen=True)
class Link:
    """One record as it is kept: its number, the seal of the record before, its words as JSON, its own seal."""

    sequence: int
    previous: str
    body: str
    seal: str


@dataclass(frozen=True)
class Anchor:
    """What was noted outside the log: the seal that the record of this number had."""

    sequence: int
    seal: str


@dataclass(frozen=True)
class Checked:
    """How a check ended: how many records follow each other without a fault, the seal of the last, what is wrong, if anything."""

    record_count: int
    head: str
    fault: str | None = None


def canonical(body: Mapping) -> str:
    """The one way to write a record: sorted names, no spaces. For text, whole numbers, lists and null this is RFC 8785."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sealed(secret: bytes, previous: Link | None, body: Mapping) -> Link:
    """The record that follows another; its number stands in its words as well, so that a moved record is known as one."""
    sequence = previous.sequence + 1 if previous else 1
    before = previous.seal if previous else BEGINNING
    words = canonical({**body, "sequence": sequence})
    return Link(sequence, before, words, _seal(secret, sequence, before, words))


def check(secret: bytes, key_id: str, links: Iterable[Link], anchors: Iterable[Anchor] = ()) -> Checked:
    """Walks the records in the order of their numbers, and compares them with what was noted outside."""
    noted: dict[int, set[str]] = {}
    for anchor in anchors:
        noted.setdefault(anchor.sequence, set()).add(anchor.seal)
    count, head = 0, BEGINNING
    for link in links:
        fault = _fault(secret, key_id, link, count + 1, head) or _differs(link, noted.get(link.sequence, set()))
        if fault is not None:
            return Checked(count, head, fault)
        count, head = link.sequence, link.seal
    return Checked(count, head, _cut_off(count, max(noted, default=0)))


def _fault(secret: bytes, key_id: str, link: Link, expected: int, head: str) -> str | None:
    if not _holds(secret, link, link.sequence):
        return _broken_seal(secret, key_id, link)
    if link.sequence > expected:
        missing = f"Record {expected}" if link.sequence == expected + 1 else f"Records {expected} to {link.sequence - 1}"
        return f"{missing} {'is' if link.sequence == expected + 1 else 'are'} missing: deleted from the log."
    if link.sequence < expected:
        return f"Record {link.sequence} stands in the log twice."
    if link.previous != head:
        return f"Record {link.sequence} does not follow the record before it: what stood before it was replaced."
    return None


def _broken_seal(secret: bytes, key_id: str, link: Link) -> str:
    """What became of a record whose seal does not fit its place and its words."""
    words = _words(link.body)
    own = words.get("sequence")
    if isinstance(own, int) and own != link.sequence and _holds(secret, link, own):
        return f"At place {link.sequence} stands record {own}: records were reordered, or deleted and numbered anew."
    if words and words.get("key") != key_id:
        return f"Record {link.sequence} was sealed with another key than the one that is here ({key_id})."
    return f"Record {link.sequence} was edited: its seal does not fit its words."


def _differs(link: Link, noted: set[str]) -> str | None:
    if noted and noted != {link.seal}:
        return f"Record {link.sequence} is not the one that was anchored: the log was written anew with the key, or begun anew."
    return None


def _cut_off(count: int, anchored: int) -> str | None:
    if count >= anchored:
        return None
    return f"The log ends at record {count}, but record {anchored} was anchored: its end was cut off."


def _holds(secret: bytes, link: Link, sequence: int) -> bool:
    return hmac.compare_digest(_seal(secret, sequence, link.previous, link.body), link.seal) if link.seal.isascii() else False


def _seal(secret: bytes, sequence: int, previous: str, body: str) -> str:
    message = f"{sequence}\n{previous}\n{body}".encode("utf-8", "surrogateescape")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def _words(body: str) -> Mapping:
    try:
        words = json.loads(body)
    except ValueError:  # edited beyond reading
        return {}
    return words if isinstance(words, dict) else {}
