"""Reads a FHIR R4 file: Patient, Encounter, Observation, Condition and Procedure become records, everything else is counted.

Every resource becomes at least one record, one unreadable item, or one count under its type. A resource that is marked
as changed in meaning by something this reader does not know is not used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.sources.fhir.coded import condition, procedure
from pipeline.sources.fhir.documents import Aside, Broken, Found, Piece, Pieces
from pipeline.sources.fhir.elements import NotUsed, parts, text
from pipeline.sources.fhir.observations import observation
from pipeline.sources.fhir.people_and_encounters import encounter, patient
from pipeline.sources.fhir.references import NAMED, Known, look_over
from pipeline.sources.records import Item, NotUnderstood, Record, Unreadable

LONGEST_TEXT = 1 << 16
"""What is kept of a resource as it was received."""

A_TYPE = re.compile("[A-Z][A-Za-z]{2,39}")

Mapper = Callable[[Found, Known], Iterator[Record | NotUnderstood]]

USED: dict[str, Mapper] = {
    "Patient": patient,
    "Encounter": encounter,
    "Observation": observation,
    "Condition": condition,
    "Procedure": procedure,
}


def read(path: Path) -> Iterator[Item]:
    """The items of one file. Raises FileRefused before the first when the file as a whole cannot be trusted.

    Rows are the numbers of the resources in the file, from 1: its lines in NDJSON. Several records of one resource share its.
    """
    pieces = Pieces(path)
    known = look_over(pieces)
    for row, piece in enumerate(pieces, start=1):
        for item in _items(piece, known):
            yield item if isinstance(item, NotUnderstood) else replace(item, row=row)


def _items(piece: Piece, known: Known) -> Iterator[Item]:
    if isinstance(piece, Broken):
        yield Unreadable(0, piece.reason, piece.text[:LONGEST_TEXT])
    elif isinstance(piece, Aside):
        yield NotUnderstood(piece.what, piece.reason)
    else:
        type_ = piece.resource["resourceType"]
        try:
            for item in _mapped(piece, known):
                yield replace(item, source_text=piece.text[:LONGEST_TEXT]) if isinstance(item, Record) else item
        except NotUsed as reason:
            yield NotUnderstood(type_ if A_TYPE.fullmatch(type_) else "a type that FHIR does not have", str(reason))
        for inner in parts(piece.resource, "contained"):
            if text(inner, "resourceType") in USED:
                yield NotUnderstood(
                    f"{text(inner, 'resourceType')} inside {type_}", "a resource inside another has no place of its own"
                )


def _mapped(piece: Found, known: Known) -> Iterator[Record | NotUnderstood]:
    mapper = USED.get(piece.resource["resourceType"])
    if mapper is None:
        is_named = piece.resource["resourceType"] in NAMED
        raise NotUsed("only its name is used" if is_named else "this type of resource is not used")
    if piece.resource.get("modifierExtension") or piece.resource.get("implicitRules"):
        raise NotUsed("it has an extension or rules that change what it means")
    return mapper(piece, known)
