"""Reads a file of HL7 v2 messages: ADT and ORU^R01 become records, everything else is counted.

Every message gives at least one record, one unreadable item, or one count. Rows are the numbers of segments in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import DEFAULT_TIME_ZONE
from pipeline.sources.hl7.coded import diagnoses, procedures
from pipeline.sources.hl7.latest import Latest
from pipeline.sources.hl7.messages import Broken, Message, messages, require_whole
from pipeline.sources.hl7.people_and_visits import PERSON_EVENTS, VISIT_EVENTS, Earlier, encounter, patient
from pipeline.sources.hl7.results import results
from pipeline.sources.hl7.segments import NotParsed, Parsed, parsed
from pipeline.sources.hl7.times import Clock
from pipeline.sources.records import Item, NotUnderstood, Record, Unreadable

LONGEST_TEXT = 1 << 16
"""What is kept of a message as it was received."""

A_KIND = re.compile("[A-Z][A-Z0-9]{2}")
USED_SEGMENTS = {"MSH", "EVN", "PID", "PV1", "DG1", "PR1", "OBR", "OBX"}
RESULT_EVENTS = {"R01", "R30", "R31", "R32"}
NOT_REAL = {"T": "a message for training", "D": "a message for testing"}


def read(path: Path, time_zone: str = DEFAULT_TIME_ZONE) -> Iterator[Item]:
    """The items of one file. Raises FileRefused before the first when the file as a whole cannot be trusted.

    time_zone: where the hospital is; times that carry no offset are on its clock.
    """
    require_whole(path)
    earlier, latest = (Earlier(), Earlier()), Latest()
    for message in messages(path):
        for item in _items(message, earlier, time_zone):
            yield from latest.take(item) if isinstance(item, Record) else (item,)
    yield from latest.rest()


def _items(message: Message | Broken, earlier: tuple[Earlier, Earlier], time_zone: str) -> Iterator[Item]:
    if isinstance(message, Broken):
        yield Unreadable(message.row, message.reason, message.text[:LONGEST_TEXT])
        return
    try:
        found = parsed(message)
    except NotParsed as wrong:
        yield Unreadable(message.row, str(wrong), message.text[:LONGEST_TEXT])
        return
    yield from _of_message(found, earlier, time_zone)


def _of_message(message: Parsed, earlier: tuple[Earlier, Earlier], time_zone: str) -> Iterator[Item]:
    header, kind = message.header, _kind(message)
    people, visits = earlier
    if header.text(11).upper() in NOT_REAL:
        yield NotUnderstood(kind, NOT_REAL[header.text(11).upper()])
        return
    clock, event = Clock.of(message, time_zone), kind.partition("^")[2]
    updated_at = clock.utc(header.text(7))
    if kind.startswith("ADT^") and event in VISIT_EVENTS | PERSON_EVENTS:
        yield from patient(message, updated_at, people)
        if event in VISIT_EVENTS:
            yield from encounter(message, event, clock, updated_at, visits)
            yield from _coded(message, clock, updated_at)
    elif not (kind.startswith("ORU^") and event in RESULT_EVENTS):
        yield NotUnderstood(kind, "this type of message is not used")
        return
    yield from results(message, clock, updated_at)
    unused = Counter(segment.name for segment in message.segments if segment.name not in USED_SEGMENTS)
    for name, count in sorted(unused.items()):
        yield NotUnderstood(name if A_KIND.fullmatch(name) else "a segment HL7 does not have", "this segment is not used", count)


def _coded(message: Parsed, clock: Clock, updated_at: str) -> Iterator[Item]:
    yield from diagnoses(message, updated_at)
    yield from procedures(message, clock, updated_at)


def _kind(message: Parsed) -> str:
    """`ADT^A01`; words that are no type of message are not repeated, because they may be anything."""
    parts = [message.header.text(9), message.header.text(9, 2)]
    said = [part for part in parts if part]
    return "^".join(said) if parts[0] and all(A_KIND.fullmatch(part) for part in said) else "a message without a type"
