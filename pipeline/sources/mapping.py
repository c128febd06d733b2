"""A mapping: how the rows of a foreign file become rows of the canonical feeds. Data, read from a .yml by `mapping_file`.

A mapping says where each canonical value comes from and how it is written there. It never computes anything itself;
`lakehouse.mapping_sql` writes the SQL that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.sources.plain_text import CANONICAL_TEXT, TextFormat

TABULAR = ("delimited", "parquet", "ndjson")
"""Formats that are one table of named columns; the others are read by a function of their own (`readers`)."""

FILE_LABEL, ROW_NUMBER = "file", "row"
"""What a text may hold in braces beside the names of columns: the file's name as it landed, and the row's number."""


@dataclass(frozen=True)
class Placed:
    """An assumed time: rows spread evenly between two days, in the order of a column (of the file when none is named).

    The days may hold names of columns in braces, such as {year}-01-01.
    """

    from_day: str
    to_day: str
    in_order_of: str | None = None


@dataclass(frozen=True)
class Value:
    """Where one canonical value comes from. Exactly one of the first group is set; the second says how it is written.

    columns: source columns or named values, joined by a space. text: a text with names in braces. age: a column with an
    age or a band of ages, for a birth date reckoned back from the time in `at`. after: a time to add `days` to.
    rank_within: the row's place among those with the same value. received: the time the file was taken in.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    text: str | None = None
    placed: Placed | None = None
    age: str | None = None
    after: str | None = None
    rank_within: str | None = None
    received: bool = False

    at: str | None = None
    days: str | None = None
    unit: str | None = None
    top_coded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    time_zone: str | None = None
    assumed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The source columns and named values that it reads."""
        single = (self.age, self.at, self.after, self.days, self.rank_within, self.placed.in_order_of if self.placed else None)
        texts = (self.text, self.placed.from_day, self.placed.to_day) if self.placed else (self.text,)
        within = [name for text in texts if text for name in names_in(text) if name not in (FILE_LABEL, ROW_NUMBER)]
        return tuple(dict.fromkeys([*self.columns, *(name for name in single if name is not None), *within]))


@dataclass(frozen=True)
class Target:
    """One canonical row that a line gives: of which feed, from what, and when it does not.

    needs: columns that must not be empty. where: columns that must have one of the named values. first_of: only the
    first line with each value of this column gives a row, in the order of `in_order_of` (of the file when none is named).
    """

    feed: str
    columns: Mapping[str, Value]
    needs: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_of: str | None = None
    in_order_of: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The source columns and named values that it reads."""
        own = [name for value in self.columns.values() for name in value.names]
        single = [name for name in (self.first_of, self.in_order_of) if name is not None]
        return tuple(dict.fromkeys([*own, *self.needs, *self.where, *single]))


@dataclass(frozen=True)
class FeedMapping:
    """Everything said about one kind of foreign file.

    from_name: a pattern with named groups that the file's name gives further columns by. recognised_by: the columns a
    file must have to be one of these; the others that are read may be absent. named: values with a name, in their order.
    """

    name: str
    description: str
    files: tuple[str, ...]
    formats: tuple[str, ...]
    text: TextFormat = CANONICAL_TEXT
    time_zone: str | None = None
    missing: tuple[str, ...] = ()
    recognised_by: tuple[str, ...] = ()
    from_name: str | None = None
    named: Mapping[str, Value] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    is_users_own: bool = False

    @property
    def is_tabular(self) -> bool:
        return any(name in TABULAR for name in self.formats)

    @property
    def feeds(self) -> tuple[str, ...]:
        """The canonical feeds it fills, in their order; the first one answers for lines that cannot be read."""
        return tuple(dict.fromkeys(target.feed for target in self.targets))

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The columns it reads: of the file, and of the file's name."""
        read = [name for target in self.targets for name in target.names]
        read += [name for value in self.named.values() for name in value.names]
        return tuple(dict.fromkeys(name for name in read if name not in self.named))

    def columns_behind(self, target: Target) -> tuple[str, ...]:
        """The source columns that a target's rows are made of, those behind its named values too."""
        return tuple(dict.fromkeys(self._sources(target.names)))

    def _sources(self, names: tuple[str, ...]) -> Iterator[str]:
        for name in names:
            if name in self.named:
                yield from self._sources(self.named[name].names)
            else:
                yield name

    def is_assumed(self, value: Value) -> bool:
        """Whether a time was placed by the mapping, or taken from a column that is said to mean another time."""
        behind = (self.named[name] for name in (*value.columns, value.after) if name in self.named)
        return value.assumed or value.placed is not None or any(self.is_assumed(other) for other in behind)


def names_in(text: str) -> list[str]:
    """The names in braces: `{file}-{row}` has two."""
    return [piece.partition("}")[0] for piece in text.split("{")[1:]]
