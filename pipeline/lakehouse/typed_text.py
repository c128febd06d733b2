"""Writes the SELECT that turns a feed's raw text into typed values, from its contract alone.

No hand-written SQL casts raw text: engines disagree on what '1e3', ' 12' or '2024' mean. Here every cast stands behind
a pattern that only texts pass on which DuckDB, Spark and Sail agree. The text goes through `x || '|'` and `[|]$`
because `$` alone also matches before a trailing line break in some engines.

One input row gives one output row: its provenance, the record's key, the typed values, the row as received, and `refused_because`:
why the row cannot be taken, every reason in words, NULL when it can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.catalog.contract import PROVENANCE, Column, Contract, ReadsAs

SOURCE_TEXT = "_source_text"
"""The row as received, where a mapping made it of a foreign one; it goes on as row_text."""

TYPED_PROVENANCE = tuple(column for column in PROVENANCE if column.name != SOURCE_TEXT)
"""What a typed row keeps of where it came from."""

MISSING_WORDS = ("", "NULL", "N/A", "NA", "?")
"""Texts that mean "no value" in any column, compared in upper case."""

DATE_PATTERNS = (
    ("[12][0-9]{3}-[01][0-9]-[0-3][0-9]", "{x}"),
    ("[01][0-9]/[0-3][0-9]/[12][0-9]{3}", "concat(substr({x}, 7, 4), '-', substr({x}, 1, 2), '-', substr({x}, 4, 2))"),
    ("[12][0-9]{3}[01][0-9][0-3][0-9]", "concat(substr({x}, 1, 4), '-', substr({x}, 5, 2), '-', substr({x}, 7, 2))"),
)
"""The date formats of the canonical feeds, and how each becomes YYYY-MM-DD. With slashes the month comes first."""

TIME_PATTERNS = (
    (
        "[12][0-9]{3}-[01][0-9]-[0-3][0-9][ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
        "{x}",
    ),
    (
        "[01][0-9]/[0-3][0-9]/[12][0-9]{3} ([01][0-9]|2[0-3]):[0-5][0-9]",
        "concat(substr({x}, 7, 4), '-', substr({x}, 1, 2), '-', substr({x}, 4, 2), ' ', substr({x}, 12, 5), ':00')",
    ),
    (
        "[12][0-9]{3}[01][0-9][0-3][0-9]([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]",
        "concat(substr({x}, 1, 4), '-', substr({x}, 5, 2), '-', substr({x}, 7, 2), ' ',"
        " substr({x}, 9, 2), ':', substr({x}, 11, 2), ':', substr({x}, 13, 2))",
    ),
)
"""The date-and-time formats of the canonical feeds; none carries a zone, because the feeds are in UTC."""

FAHRENHEIT_TO_CELSIUS = "cast(({x} - 32) * cast(0.55555556 as decimal(9, 8)) as {type})"
"""A multiplication, because engines disagree on how many digits a decimal division keeps; exact to 0.01 °C."""


@dataclass(frozen=True)
class PlausibleRange:
    """The values of one measured column that a living patient can have, both ends included."""

    lowest: str
    highest: str
    unit: str


@dataclass(frozen=True)
class Reason:
    """One thing that can be wrong with a row: the condition in SQL, and the words for people."""

    holds: str
    words: str


def typed_select(contract: Contract, ranges: Mapping[str, PlausibleRange]) -> str:
    """The SELECT of `typed.<feed>` over `bronze.<feed>`: provenance, typed columns, row_text, refused_because."""
    raw, provenance = contract.raw_columns, ", ".join(column.name for column in TYPED_PROVENANCE)
    texts = ", ".join(f"{_text(column)} as text_{column.name}" for column in raw)
    joined = "concat_ws(',', " + ", ".join(f"coalesce({column.name}, '')" for column in raw) + ")"
    row_text = f"coalesce({SOURCE_TEXT}, {joined})"
    reads = ", ".join(f"{_read(column)} as {column.reads_as.name}" for column in raw)
    kept = ", ".join(f"text_{column.name}" for column in raw)
    values = ", ".join(f"{_in_canonical_unit(column, contract)} as {column.reads_as.name}" for column in raw)
    names = ", ".join(column.reads_as.name for column in raw)
    key = ", ".join(f"cast({name} as string)" for name in contract.feed.key)
    return (
        f"with received as (select {provenance}, {row_text} as row_text, {texts} from {contract.table}),\n"
        f"readable as (select {provenance}, row_text, {kept}, {reads} from received),\n"
        f"normalised as (select {provenance}, row_text, {kept}, {values} from readable)\n"
        f"select {provenance}, concat_ws('|', {key}) as record_key, {names}, row_text,\n"
        f"{_refused_because(_reasons(contract, ranges))} as refused_because\nfrom normalised"
    )


def typed_nothing(contract: Contract) -> str:
    """The same columns without a row: a feed that nothing came for is not worth planning its whole reading."""
    columns = [(column.name, column.type) for column in TYPED_PROVENANCE] + [("record_key", "varchar")]
    columns += [(column.reads_as.name, column.reads_as.type) for column in contract.raw_columns]
    columns += [("row_text", "varchar"), ("refused_because", "varchar")]
    return f"select {', '.join(f'cast(null as {type_}) as {name}' for name, type_ in columns)} where false"


def _text(column: Column) -> str:
    """A CASE, because DuckDB turns a list of this length behind IN into a join for each column."""
    missing = " ".join(f"when '{word}' then null" for word in (*MISSING_WORDS, *column.reads_as.missing))
    return f"case upper(trim({column.name})) {missing} else trim({column.name}) end"


def _read(column: Column) -> str:
    target, text = column.reads_as, f"text_{column.name}"
    if target.values:
        known = " ".join(f"when '{code}' then {_literal(value)}" for code, value in target.values.items())
        return f"case upper({text}) {known} end"
    if target.type.startswith("decimal"):
        number = f"cast(try_cast({text} as decimal(18, 4)) as {target.type})"
        return f"case when {_matches(text, _decimal_pattern(target.type))} then {number} end"
    if target.type in ("date", "timestamp"):
        patterns = DATE_PATTERNS if target.type == "date" else TIME_PATTERNS
        engine_type = {"date": "date", "timestamp": "timestamp_ntz"}[target.type]
        cases = " ".join(
            f"when {_matches(text, pattern)} then try_cast({iso.format(x=text)} as {engine_type})" for pattern, iso in patterns
        )
        return f"case {cases} end"
    return text


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_like({text} || '|', '^{pattern}[|]$')"


def _decimal_pattern(type_: str) -> str:
    precision, scale = map(int, re.findall("[0-9]+", type_))
    return f"-?[0-9]{{1,{precision - scale}}}([.][0-9]{{1,4}})?"


def _in_canonical_unit(column: Column, contract: Contract) -> str:
    target = column.reads_as
    if target.unit_column is None:
        return target.name
    unit = next(other.reads_as.name for other in contract.raw_columns if other.name == target.unit_column)
    foreign = f"{unit} = 'F'"
    if target.unstated_unit is not None:
        foreign += f" or ({unit} is null and {target.name} > {target.unstated_unit.above})"
    return f"case when {foreign} then {FAHRENHEIT_TO_CELSIUS.format(x=target.name, type=target.type)} else {target.name} end"


def _refused_because(reasons: list[Reason]) -> str:
    """All reasons that hold, in words. Words are put together only for the few rows where any of them holds."""
    any_holds = " or ".join(f"({reason.holds})" for reason in reasons)
    words = ", ".join(f"case when {reason.holds} then '{reason.words}' end" for reason in reasons)
    return f"case when {any_holds} then concat_ws('; ', {words}) end"


def _reasons(contract: Contract, ranges: Mapping[str, PlausibleRange]) -> list[Reason]:
    columns = contract.raw_columns
    missing = [Reason(f"text_{c.name} is null", f"{c.name} is missing") for c in columns if c.reads_as.required]
    unreadable = [_unreadable(c) for c in columns if c.reads_as.type != "varchar" or c.reads_as.values]
    implausible = [_implausible(c.reads_as.name, ranges[c.reads_as.name]) for c in columns if c.reads_as.plausible]
    broken = [Reason(f"not ({rule.that})", rule.says) for rule in contract.rules]
    return missing + unreadable + implausible + broken


def _unreadable(column: Column) -> Reason:
    holds = f"text_{column.name} is not null and {column.reads_as.name} is null"
    return Reason(holds, f"{column.name} cannot be read as {_kind(column.reads_as)}")


def _implausible(name: str, plausible: PlausibleRange) -> Reason:
    holds = f"{name} < {plausible.lowest} or {name} > {plausible.highest}"
    return Reason(holds, f"{name} is outside {plausible.lowest} to {plausible.highest} {plausible.unit}")


def _kind(target: ReadsAs) -> str:
    if target.values:
        return "a known code"
    return {"date": "a date", "timestamp": "a date and time"}.get(target.type, "a number")
