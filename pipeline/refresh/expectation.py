"""Says what a refresh would make of a file, without taking it in: which mapping, and what of a sample is accepted.

The sample goes through the very steps of a refresh (byte scan, mapping, typed reading) in an engine of its own; only
what two files together show (an unknown patient, a repeated record) is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from pipeline.catalog.contract import Contract, feeds, load_contracts
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import Provenance, take, unknown_columns
from pipeline.lakehouse.delimited import UnreadableLine
from pipeline.lakehouse.duck import Duck, WrittenFile
from pipeline.lakehouse.foreign_file import Arrival, FeedRows, TakenForeignFile, take_rows
from pipeline.lakehouse.record_file import take_records
from pipeline.lakehouse.store import plausible_ranges
from pipeline.lakehouse.typed_text import typed_select
from pipeline.settings import Settings
from pipeline.sources.canonical import LandedFile, examine
from pipeline.sources.landing import fingerprint
from pipeline.sources.mappings import load_mappings
from pipeline.sources.recognise import ForeignFile, recognise

SAMPLE_LINES = 1_000


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
