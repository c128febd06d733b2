"""Reads delimited text: every value as text, each row with the number of its line, every line accounted for.

The bytes were settled by `sources.byte_scan`; here lines that do not have the header's fields, or nothing at all, come
back one by one instead of vanishing. One empty field too many at the end of a line says nothing and is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.errors import FileRefused
from pipeline.lakehouse.duck import Duck, engine_error_words, plain_failures
from pipeline.lakehouse.views import quoted
from pipeline.sources.plain_text import CANONICAL_TEXT, TextFormat

LAST_RANK = 1 << 62

UNREADABLE_SHARE = 0.05
"""Beyond this share of lines with a wrong number of fields the file itself is wrong, not its lines."""

RECEIVED = "in."
"""Before the name of each column of a file, so that a column called _row or _file is not taken for ours."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class UnreadableLine:
    """A line that does not have the fields of its header."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Lines:
    """Plain text as it lies on disk: named for people, its columns, and what the byte scan said.

    line_count is without a header line; odd_lines and blank_lines are numbers of lines of this file, from 1.
    """

    path: Path
    name: str
    header: tuple[str, ...]
    line_count: int
    odd_lines: tuple[int, ...] = ()
    blank_lines: tuple[int, ...] = ()
    text: TextFormat = CANONICAL_TEXT

    @property
    def header_lines(self) -> int:
        return 0 if self.text.names is not None else 1


def read_lines(
    duck: Duck, lines: Lines, make: Callable[[Duck, str], Made], *, count: Callable[[Made], int], forget: Callable[[Made], None]
) -> tuple[Made, tuple[UnreadableLine, ...]]:
    """Lets `make` take the rows, given as a SELECT of `_row` (the line's number) and the columns (`received`).

    Raises FileRefused, after `forget`, when rows and unreadable lines are not all the lines. The rank of a row is its
    place in the file only while the engine keeps the order of rows (`Duck.keeping_order`).
    """
    with plain_failures(f"reading {lines.name}"):
        made, unreadable = _every_line(duck, lines, make, forget)
    try:
        require_mostly_readable(lines.name, unreadable, lines.line_count)
        _require_every_line(lines, count(made), unreadable)
    except FileRefused:
        forget(made)
        raise
    return made, tuple(_in_original(lines, line) for line in unreadable)


def require_mostly_readable(name: str, unreadable: Sequence[UnreadableLine], line_count: int) -> None:
    """Raises FileRefused for a file of which more than a few lines cannot be read."""
    if len(unreadable) > max(1, UNREADABLE_SHARE * line_count):
        raise FileRefused(
            f"{name}: {len(unreadable):,} of {line_count:,} lines do not have the fields of the header."
            " The file seems to use another delimiter or to be damaged; nothing of it was taken."
        )


def _every_line(
    duck: Duck, lines: Lines, make: Callable[[Duck, str], Made], forget: Callable[[Made], None]
) -> tuple[Made, tuple[UnreadableLine, ...]]:
    """Reads once where the odd lines are those the bytes showed, and once more where the reader found others."""
    if not lines.path.exists():
        raise FileRefused(f"{lines.name} is gone since it was looked at. Put it back and refresh again.")
    expected = tuple(sorted({*lines.odd_lines, *lines.blank_lines}))
    try:
        made, unreadable = _read_once(duck, lines, make, expected)
        found = tuple(line.row for line in unreadable)
        if found == expected:
            return made, unreadable
        forget(made)
        return _read_once(duck, lines, make, found)
    except duck.unreadable_input as failed:
        raise FileRefused(f"{lines.name} cannot be read as delimited text: {engine_error_words(failed)}.") from failed


def _read_once(
    duck: Duck, lines: Lines, make: Callable[[Duck, str], Made], odd_lines: Sequence[int]
) -> tuple[Made, tuple[UnreadableLine, ...]]:
    reader = duck.cursor()
    try:
        shifts = _line_shifts(odd_lines, lines.header_lines)
        reader.hold_rows("line_shifts", ("from_rank bigint", "to_rank bigint", "shift bigint"), shifts)
        made = make(reader, _numbered_rows(lines, has_shifts=bool(odd_lines)))
        return made, _unreadable_lines(reader, lines)
    finally:
        reader.close()


def _numbered_rows(lines: Lines, *, has_shifts: bool) -> str:
    """The rank, plus one for the header, plus one for every unreadable line before it, is the number of the line."""
    fields = ", ".join(f"{quoted(RECEIVED + name)}: 'varchar'" for name in lines.header)
    quote = quoted(lines.text.quote)
    source = (
        f"read_csv({quoted(lines.path)}, columns = {{{fields}}}, header = {'true' if lines.header_lines else 'false'},"
        f" auto_detect = false, delim = {quoted(lines.text.delimiter)}, quote = {quote}, escape = {quote}, null_padding = false,"
        " store_rejects = true, rejects_limit = 0, rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')"
    )
    columns = ", ".join(received(name) for name in lines.header)
    before = lines.header_lines + lines.text.skip_lines
    number = f"numbered.line_rank + {before}{' + line_shifts.shift' if has_shifts else ''} as _row"
    shifts = "join line_shifts on numbered.line_rank >= line_shifts.from_rank and numbered.line_rank < line_shifts.to_rank"
    ranked = f"(select {columns}, row_number() over () as line_rank from {source}) as numbered"
    return f"select {columns}, {number} from {ranked} {shifts if has_shifts else ''}"


def _line_shifts(odd_lines: Sequence[int], header_lines: int) -> list[tuple[int, int, int]]:
    """From which rank, up to which, how many odd lines lie before a row."""
    starts = {0: 0} | {line - header_lines - before: before + 1 for before, line in enumerate(odd_lines)}
    ranks = [*sorted(starts), LAST_RANK]
    return [(rank, following, starts[rank]) for rank, following in itertools.pairwise(ranks)]


def _unreadable_lines(reader: Duck, lines: Lines) -> tuple[UnreadableLine, ...]:
    found = reader.rows(
        "select line, string_agg(distinct lower(replace(error_type::varchar, '_', ' ')), ', '), any_value(csv_line)"
        " from rejected_lines group by line order by line"
    )
    by_row = {row: UnreadableLine(row, "the line is empty", "") for row in lines.blank_lines}
    return tuple(
        line for _, line in sorted((by_row | {row: UnreadableLine(row, _reason(why), text) for row, why, text in found}).items())
    )


def _reason(why: str) -> str:
    return f"the line does not have the fields of the header ({why})"


def _in_original(lines: Lines, line: UnreadableLine) -> UnreadableLine:
    return UnreadableLine(line.row + lines.text.skip_lines, line.reason, line.text)


def _require_every_line(lines: Lines, row_count: int, unreadable: Sequence[UnreadableLine]) -> None:
    if row_count + len(unreadable) != lines.line_count:
        raise FileRefused(
            f"{lines.name} has {lines.line_count:,} lines after its header but gives {row_count:,} rows and"
            f" {len(unreadable):,} unreadable lines. A row must be one line: check for line breaks inside quoted fields."
        )


def received(name: str) -> str:
    """A column of the file as an identifier of SQL, under a name that nothing else has."""
    return identifier(RECEIVED + name)


def identifier(value: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + value.replace('"', '""') + '"'
