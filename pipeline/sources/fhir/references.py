"""Who a reference means: the one look over a file before its resources are read, and how references are followed.

Resources refer by `Type/id`, by an absolute address, by the `urn:uuid:` of a Bundle entry, to a resource inside
themselves, or by an identifier alone. The canonical number of a patient or an encounter is the id of its resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.sources.fhir.documents import Found, Piece, Pieces
from pipeline.sources.fhir.elements import NotUsed, at, codes, first_time, parts, text

NAMED = ("Organization", "Location")
LOOKED_UP = ("Patient", "Encounter", "Condition", *NAMED)
LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})", re.ASCII)
HISTORY = re.compile(r"/_history/[^/]*$")
QUERY = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(.+)")

USES = {"billing": 0, "DD": 1, "": 2, "CC": 3, "AD": 4}
"""Which diagnosis of an encounter comes first by what it was used for: what was billed, then the discharge diagnosis."""


@dataclass
class Known:
    """What the resources of a file say about each other.

    is_whole: the file is a Bundle. ids: type and address or identifier to id; names of sites and wards likewise. ranks:
    encounter to condition to rank. encounters: condition to the encounter that lists it. changed: when an encounter last was.
    """

    is_whole: bool
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    ranks: dict[str, dict[str, int]] = field(default_factory=dict)
    encounters: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    next_rank: dict[tuple[str, str], int] = field(default_factory=dict)

    def rank(self, feed: str, encounter: str, condition: str = "") -> int:
        """The rank its encounter gives a condition; where it gives none, the next free one in the order of the file."""
        given = self.ranks.get(encounter, {}) if condition else {}
        if condition in given:
            return given[condition]
        following = self.next_rank.get((feed, encounter), len(given) + 1)
        self.next_rank[feed, encounter] = following + 1
        return following


def look_over(pieces: Pieces) -> Known:
    """The one look before reading. Raises FileRefused when the file cannot be trusted to its end.

    In NDJSON the ids of patients and encounters are not kept: its references name them, and there are millions.
    """
    known, looks = Known(pieces.is_whole), (_note, _note_diagnoses)
    if pieces.is_whole:
        for look in looks:
            for piece in pieces:
                look(known, piece)
        return known
    for piece in pieces.mentioning(*NAMED, "Encounter"):
        for look in looks:
            look(known, piece)
    return known


def own_id(resource: dict, full_url: str = "") -> str:
    """What a resource is called: its id, else what its Bundle calls it, else its first identifier."""
    tail = full_url.removeprefix("urn:uuid:") if full_url.startswith("urn:uuid:") else full_url.rpartition("/")[2]
    found = text(resource, "id") or tail or text(resource, "identifier", 0, "value")
    if not found:
        raise NotUsed("it has no id")
    return found


def referred(known: Known, resource: dict, reference: object, type_: str) -> str:
    """The id of the resource of this type that a reference means; empty when there is no reference.

    Raises NotUsed when there is one that cannot be followed.
    """
    said = HISTORY.sub("", text(reference, "reference"))
    if said.startswith("#"):
        return _by_identifier(known, _contained(resource, said), type_)
    if not said:
        identifier = at(reference, "identifier")
        return _by_identifier(known, {"identifier": [identifier]}, type_) if isinstance(identifier, dict) else ""
    if (type_, said) in known.ids:
        return known.ids[type_, said]
    asked, literal = QUERY.fullmatch(said), LITERAL.fullmatch(said)
    if asked and (asked[1], asked[2]) in known.ids and asked[1] == type_:
        return known.ids[type_, asked[2]]
    if literal and literal[1] == type_:
        return literal[2]
    raise NotUsed(f"it is about something other than one {type_}" if literal else f"its {type_} is not in the file")


def name_of(known: Known, resource: dict, reference: object, type_: str) -> str:
    """What a site or a ward is called: in words where there are any, otherwise its id."""
    said = HISTORY.sub("", text(reference, "reference"))
    if said.startswith("#"):
        return text(reference, "display") or text(_contained(resource, said), "name")
    asked, literal = QUERY.fullmatch(said), LITERAL.fullmatch(said)
    names = (said, f"{type_}/{literal[2]}" if literal else "", asked[2] if asked else "")
    found = next((known.names[type_, name] for name in names if (type_, name) in known.names), "")
    return text(reference, "display") or found or (literal[2] if literal else "")


def _note(known: Known, piece: Piece) -> None:
    """What others may refer to: addresses and identifiers, names of sites and wards, when an encounter was changed."""
    if not isinstance(piece, Found) or piece.resource["resourceType"] not in LOOKED_UP:
        return
    resource, type_ = piece.resource, piece.resource["resourceType"]
    try:
        found = own_id(resource, piece.full_url)
    except NotUsed:
        return
    addresses = [f"{type_}/{found}", *([piece.full_url] if piece.full_url else [])]
    identifiers = [_identifier(one) for one in parts(resource, "identifier") if text(one, "value")]
    if type_ in NAMED:
        name = text(resource, "name")
        known.names.update({(type_, address): name for address in (*addresses, *identifiers) if name})
    elif known.is_whole:
        known.ids.update({(type_, address): found for address in (*addresses, *identifiers)})
    if type_ == "Encounter" and known.is_whole:
        last = (text(resource, "meta", "lastUpdated"), text(resource, "period", "end"), text(resource, "period", "start"))
        known.changed[found] = first_time(*last)


def _note_diagnoses(known: Known, piece: Piece) -> None:
    """The conditions an encounter lists, in their order; in a Bundle after all addresses are known."""
    if not isinstance(piece, Found) or piece.resource["resourceType"] != "Encounter":
        return
    listed = []
    for place, one in enumerate(parts(piece.resource, "diagnosis")):
        try:
            condition = referred(known, piece.resource, at(one, "condition"), "Condition")
        except NotUsed:
            continue
        use = min((USES.get(code, 3) for code in codes(at(one, "use"))), default=USES[""])
        rank = at(one, "rank")
        listed.append((use, rank if isinstance(rank, float) else float("inf"), place, condition))
    conditions = dict.fromkeys(condition for *_, condition in sorted(listed) if condition)
    try:
        encounter = own_id(piece.resource, piece.full_url)
    except NotUsed:
        return
    if conditions:
        known.ranks[encounter] = {condition: rank for rank, condition in enumerate(conditions, start=1)}
        known.encounters.update(dict.fromkeys(conditions, encounter))


def _contained(resource: dict, said: str) -> dict:
    return next((one for one in parts(resource, "contained") if text(one, "id") == said[1:]), {})


def _by_identifier(known: Known, named: dict, type_: str) -> str:
    """A resource inside another, or no resource at all: only its identifiers can tell whom it means."""
    for one in parts(named, "identifier"):
        if (type_, _identifier(one)) in known.ids:
            return known.ids[type_, _identifier(one)]
    raise NotUsed(f"its {type_} is named by an identifier that is not in the file")


def _identifier(one: dict) -> str:
    return f"{text(one, 'system')}|{text(one, 'value')}"
