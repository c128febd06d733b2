"""Says what a refresh would make of a file, without taking it in: which mapping, and what of a sample is accepted.

The sample goes through the very steps of a refresh (byte scan, mapping, typed reading) in an engine of its own; only
what two files together show (an unknown patient, a repeated record) is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.catalog.contract import FURTHER_ROW, Contract, feeds, load_contracts
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import Provenance, take, unknown_columns
from pipeline.lakehouse.delimited import UnreadableLine
from pipeline.lakehouse.duck import Duck, WrittenFile
from pipeline.lakehouse.foreign_file import Arrival, take_rows
from pipeline.lakehouse.record_file import take_records
from pipeline.lakehouse.store import plausible_ranges
from pipeline.lakehouse.typed_text import typed_select
from pipeline.settings import Settings
from pipeline.sources.canonical import LandedFile
from pipeline.sources.landing import fingerprint
from pipeline.sources.mappings import Mappings, load_mappings
from pipeline.sources.recognise import ForeignFile, recognise
from pipeline.sources.sample import sampled

SAMPLE_LINES = 1_000
MOST_REFUSED_ROWS = 200
"""That are named one by one."""


@dataclass(frozen=True)
class RefusedRow:
    """One row of the sample that would be quarantined. text is the row as received: the one field with a patient's data."""

    feed: str
    line: int
    reasons: str
    text: str


@dataclass(frozen=True)
class ExpectedFeed:
    """What the sample gives for one canonical feed."""

    feed: str
    row_count: int
    accepted_count: int
    refused_count: int


@dataclass(frozen=True)
class Expectation:
    """What a refresh would make of a file. refusal: the sentence, where nothing of it would be taken.

    is_whole: the sample is all of the file.
    """

    file_name: str
    mapping: str | None = None
    refusal: str | None = None
    is_whole: bool = True
    feeds: tuple[ExpectedFeed, ...] = ()
    refused_rows: tuple[RefusedRow, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sample:
    """What the steps of a refresh made of the sample."""

    parts: Mapping[str, tuple[WrittenFile, ...]]
    unreadable: tuple[UnreadableLine, ...]
    first_feed: str
    warnings: tuple[str, ...]


def expect(settings: Settings, path: Path) -> Expectation:
    """What a refresh would make of this file, from its first thousand lines. Takes nothing in and raises nothing for a bad file."""
    known = feeds(load_contracts())
    mappings = load_mappings(settings.feeds, known)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.scratch, prefix="expect-") as room:
        try:
            fingerprint(path)
            landed = recognise(path, known, mappings, Path(room))
            return _of_sample(settings, landed, known, mappings, Path(room))
        except FileRefused as refusal:
            return Expectation(path.name, refusal=str(refusal))


def _of_sample(
    settings: Settings, landed: LandedFile | ForeignFile, known: Mapping[str, Contract], mappings: Mappings, room: Path
) -> Expectation:
    sample, is_whole = sampled(landed, SAMPLE_LINES, room)
    duck = Duck.for_builds(settings)
    try:
        with duck.keeping_order():
            made = _made(duck, sample, known, room, settings.time_zone)
        expected, refused = _judged(duck, made, known)
    except FileRefused as refusal:
        return Expectation(landed.path.name, landed.mapping_name, str(refusal), is_whole)
    finally:
        duck.close()
    broken = tuple(one.sentence for one in mappings.broken)
    warnings = (*made.warnings, *_assumptions(landed), *broken)
    return Expectation(landed.path.name, landed.mapping_name, None, is_whole, expected, refused, warnings)


def _made(duck: Duck, sample: LandedFile | ForeignFile, known: Mapping[str, Contract], room: Path, zone: str) -> _Sample:
    if isinstance(sample, LandedFile):
        return _canonical(duck, sample, known, room)
    return _foreign(duck, sample, known, room, zone)


def _canonical(duck: Duck, sample: LandedFile, known: Mapping[str, Contract], room: Path) -> _Sample:
    contract, now = known[sample.feed], datetime.now(UTC)
    provenance = Provenance(sample.feed, sample.path.name, "expected", now)
    taken = take(duck, sample, contract=contract, provenance=provenance, folder=room / sample.feed, scratch=room)
    unknown = unknown_columns(sample, contract)
    warnings = tuple(f"The column {name} is not known to {sample.feed}; it is kept in bronze and not used." for name in unknown)
    return _Sample({sample.feed: taken.written}, taken.unreadable, sample.feed, warnings)


def _foreign(duck: Duck, sample: ForeignFile, known: Mapping[str, Contract], room: Path, zone: str) -> _Sample:
    arrival = Arrival(
        feeds=known,
        folder_of=lambda feed: room / feed,
        file_label=sample.path.name,
        batch="expected",
        received_at=datetime.now(UTC),
        zone=zone,
        scratch=room,
    )
    taken = (take_rows if sample.mapping.is_tabular else take_records)(duck, sample, arrival)
    warnings = tuple(f"{one.what} ({one.count:,}): {one.reason}." for one in taken.not_understood)
    parts = {feed: rows.written for feed, rows in taken.by_feed.items()}
    return _Sample(parts, taken.unreadable, taken.first_feed, warnings)


def _judged(duck: Duck, made: _Sample, known: Mapping[str, Contract]) -> tuple[tuple[ExpectedFeed, ...], tuple[RefusedRow, ...]]:
    """The sample's rows after the typed reading, feed by feed."""
    expected, refused = [], []
    for feed, written in made.parts.items():
        duck.lay_over(known[feed].table, known[feed], [part.path for part in written])
        table = f"typed.{feed}"
        count = duck.hold(table, typed_select(known[feed], plausible_ranges()))
        bad = duck.rows(f"select count(*) from {table} where refused_because is not null")[0][0]
        unreadable = len(made.unreadable) if feed == made.first_feed else 0
        expected.append(ExpectedFeed(feed, count + unreadable, count - bad, bad + unreadable))
        refused += [RefusedRow(feed, *row) for row in duck.rows(_refused_rows(table))]
    refused += [RefusedRow(made.first_feed, line.row, line.reason, line.text) for line in made.unreadable]
    return tuple(expected), tuple(sorted(refused, key=lambda row: row.line)[:MOST_REFUSED_ROWS])


def _refused_rows(table: str) -> str:
    return (
        f"select _row % {FURTHER_ROW}, refused_because, row_text from {table} where refused_because is not null"
        f" order by _row limit {MOST_REFUSED_ROWS}"
    )


def _assumptions(landed: LandedFile | ForeignFile) -> Iterator[str]:
    """What the mapping makes up, said before it is taken in."""
    for target in landed.mapping.targets if isinstance(landed, ForeignFile) else ():
        for column, value in target.columns.items():
            if landed.mapping.is_assumed(value):
                yield f"{target.feed}.{column} is assumed, not sent; every encounter says so."
            elif value.age is not None:
                yield f"{target.feed}.{column} is reckoned from the column {value.age}; every patient says so."
