"""Writes the SQL that a mapping means: from the received columns of a foreign file to rows of the canonical feeds.

Two steps. `lines_select` adds to every line the columns of the file's name, the named values and, for each canonical
row that the mapping knows, whether the line gives it. `target_select` makes the rows of one of those out of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.catalog.contract import FURTHER_ROW, Contract
from pipeline.lakehouse import mapping_words as words
from pipeline.lakehouse.canonical_file import Provenance
from pipeline.lakehouse.delimited import identifier, received
from pipeline.lakehouse.row_files import REST
from pipeline.lakehouse.views import quoted
from pipeline.sources.mapping import FILE_LABEL, ROW_NUMBER, FeedMapping, Target, Value

AGE = words.Age(*(identifier(f"age.{part}") for part in ("text", "plain", "lowest")))
"""The columns that hold the age of a line where a birth date is reckoned from it."""


@dataclass(frozen=True)
class MappedLines:
    """A foreign file's received columns, and everything outside it that its values may depend on."""

    mapping: FeedMapping
    header: tuple[str, ...]
    from_name: Mapping[str, str]
    provenance: Provenance
    hospital_zone: str

    @property
    def zone(self) -> str:
        return self.mapping.time_zone or self.hospital_zone

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns of the file that no value reads."""
        return tuple(name for name in self.header if name not in self.mapping.source_columns and name != REST)

    @property
    def absent(self) -> tuple[str, ...]:
        """The columns that the mapping reads and the file does not have; they are empty."""
        return tuple(name for name in self.mapping.source_columns if name not in self.header and name not in self.from_name)


def gives(place: int) -> str:
    """The column of the lines that says whether a line gives the row of this place in the mapping."""
    return identifier(f"gives.{place}")


def lines_select(file: MappedLines, source: str) -> str:
    """Every line of `source` (a table with `_row` and the received columns) with all that the rows are made of."""
    from_name = "".join(f", {quoted(text)} as {received(name)}" for name, text in file.from_name.items())
    select = f"select *{from_name} from {source}"
    for name, value in file.mapping.named.items():
        select = f"select *, {_value_sql(file, value, None)} as {_named(name)} from ({select})"
    flags = ", ".join(f"{_gives_sql(file, target)} as {gives(place)}" for place, target in enumerate(file.mapping.targets))
    return f"select *, {flags} from ({select})"


def target_select(file: MappedLines, place: int, contract: Contract, source: str) -> str:
    """The rows of one target out of the lines, with every column of its bronze table."""
    target = file.mapping.targets[place]
    columns = ", ".join(
        f"{_column_sql(file, target, column.name, column.reads_as.type, bool(column.reads_as.values))} as {column.name}"
        for column in contract.raw_columns
    )
    earlier = [number for number, other in enumerate(file.mapping.targets[:place]) if other.feed == target.feed]
    number = f"_row + {len(earlier) * FURTHER_ROW}" if earlier else "_row"
    return (
        f"select {columns}, {file.provenance.as_sql()}, {number} as _row, {_extra_sql(file, place)} as _extra,"
        f" {_source_text_sql(file, target)} as _source_text from {_with_age(file, target, source)} where {gives(place)}"
    )


def counts_select(file: MappedLines, source: str) -> str:
    """How many lines give each target, and last how many give none."""
    flags = [gives(place) for place in range(len(file.mapping.targets))]
    counts = ", ".join(f"count(*) filter (where {flag})" for flag in flags)
    return f"select {counts}, count(*) filter (where not ({' or '.join(flags)})) from {source}"


def _with_age(file: MappedLines, target: Target, source: str) -> str:
    """The lines with the age read once: written out wherever it is used, it made the engine plan longer than compute."""
    value = target.columns.get("birth_date")
    if value is None or value.age is None:
        return source
    read = words.age_of(AGE.text)
    text = _cleaned(file, value.age, value.missing, whole=True)
    return (
        f"(select *, {read.plain} as {AGE.plain}, {read.lowest} as {AGE.lowest}"
        f" from (select *, {text} as {AGE.text} from {source}))"
    )


def _named(name: str) -> str:
    return identifier(f"named.{name}")


def _raw(file: MappedLines, name: str) -> str:
    if name in file.mapping.named:
        return _named(name)
    return received(name) if name in file.header or name in file.from_name else "cast(null as varchar)"


def _cleaned(file: MappedLines, name: str, missing: tuple[str, ...] = (), *, whole: bool = False) -> str:
    if name in file.mapping.named:
        return _named(name)
    return words.cleaned(_raw(file, name), (*file.mapping.missing, *missing), whole=whole)


def _gives_sql(file: MappedLines, target: Target) -> str:
    conditions = [f"{_cleaned(file, name)} is not null" for name in target.needs]
    conditions += [
        f"coalesce(trim({_raw(file, name)}) in ({', '.join(map(quoted, values))}), false)" for name, values in target.where.items()
    ]
    condition = " and ".join(conditions) or "true"
    if target.first_of is None:
        return f"({condition})"
    key = _cleaned(file, target.first_of)
    order = _order_sql(file, target.in_order_of)
    first = f"row_number() over (partition by {condition}, {key} order by {order}) = 1"
    return f"({condition} and ({key} is null or {first}))"


def _order_sql(file: MappedLines, name: str | None) -> str:
    """Numbers by their size, other texts by the alphabet (times are written so that this is their order)."""
    if name is None:
        return "_row"
    text = _cleaned(file, name)
    return f"try_cast({text} as double) nulls last, {text} nulls last, _row"


def _column_sql(file: MappedLines, target: Target, column: str, type_: str, is_coded: bool) -> str:
    if column == "time_basis":
        times = [target.columns[name] for name in ("arrived_at", "discharged_at") if name in target.columns]
        return quoted("assumed") if any(file.mapping.is_assumed(value) for value in times) else "cast(null as varchar)"
    if column == "birth_date_basis":
        return _birth_date_basis_sql(file, target.columns["birth_date"])
    if column not in target.columns:
        return "cast(null as varchar)"
    return _value_sql(file, target.columns[column], type_, is_coded=is_coded)


def _birth_date_basis_sql(file: MappedLines, value: Value) -> str:
    if value.age is not None:
        return words.birth_date_basis(AGE, value.top_coded)
    return quoted("assumed") if file.mapping.is_assumed(value) else "cast(null as varchar)"


def _value_sql(file: MappedLines, value: Value, type_: str | None, *, is_coded: bool = False) -> str:
    """One value as canonical text. type_: of the canonical column, None for a named value, which says its format itself."""
    if value.constant is not None:
        return quoted(value.constant) if value.constant else "cast(null as varchar)"
    if value.text is not None:
        return _text_sql(file, value.text)
    if value.received:
        return quoted(file.provenance.received_at.strftime("%Y-%m-%d %H:%M:%S"))
    if value.rank_within is not None:
        return f"cast(row_number() over (partition by {_cleaned(file, value.rank_within)} order by _row) as varchar)"
    if value.placed is not None:
        days = (_text_sql(file, text) for text in (value.placed.from_day, value.placed.to_day))
        return words.placed_time(*days, _order_sql(file, value.placed.in_order_of))
    if value.after is not None:
        return words.days_later(_utc_sql(file, value.after), _cleaned(file, value.days, whole=True))
    if value.age is not None:
        return words.birth_date(AGE, _utc_sql(file, value.at), unit=value.unit or "years", zone=file.hospital_zone)
    return _converted_sql(file, value, type_, is_coded=is_coded)


def _converted_sql(file: MappedLines, value: Value, type_: str | None, *, is_coded: bool) -> str:
    is_number = value.unit is not None or (type_ or "").startswith("decimal")
    whole = is_number or bool(value.values or value.missing)
    text = " || ' ' || ".join(_cleaned(file, name, value.missing, whole=whole) for name in value.columns)
    text = f"({text})" if len(value.columns) > 1 else text
    if value.values:
        return words.recoded(text, value.values, else_as_it_is=not is_coded and type_ in (None, "varchar"))
    if _is_time_already(file, value):
        return text
    if value.formats or type_ in ("timestamp", "date"):
        zone = value.time_zone or file.zone
        return words.day(text, value.formats) if type_ == "date" else words.utc_time(text, value.formats, zone)
    return words.number(text, file.mapping.text.decimal_mark, value.unit) if is_number else text


def _is_time_already(file: MappedLines, value: Value) -> bool:
    """Whether it is the name of a value that is a time in UTC by now."""
    behind = file.mapping.named.get(value.columns[0]) if len(value.columns) == 1 else None
    return behind is not None and (behind.placed is not None or behind.after is not None or bool(behind.formats))


def _utc_sql(file: MappedLines, name: str) -> str:
    """A time in UTC by the name of a column or a named value; of a day alone its begin."""
    value = Value(columns=(name,))
    if _is_time_already(file, value):
        return _named(name)
    text = _cleaned(file, name)
    return words.utc_time(text, ("iso", "%Y-%m-%d"), file.zone)


def _text_sql(file: MappedLines, text: str) -> str:
    """A text with names in braces; without a value for one of them there is none."""
    pieces = []
    for number, piece in enumerate(text.split("{")):
        name, closed, after = piece.partition("}") if number else ("", "}", piece)
        if number and closed:
            pieces.append(_name_sql(file, name))
        if after:
            pieces.append(quoted(after))
    return f"({' || '.join(pieces)})"


def _name_sql(file: MappedLines, name: str) -> str:
    if name == FILE_LABEL:
        return quoted(file.provenance.file_label)
    return "cast(_row as varchar)" if name == ROW_NUMBER else _cleaned(file, name)


def _extra_sql(file: MappedLines, place: int) -> str:
    """What no value reads stays with the first row that the line gives."""
    kept = [f"{quoted(name + '=')} || {received(name)}" for name in file.unused]
    kept += [received(REST)] if REST in file.header else []
    if not kept:
        return "cast(null as varchar)"
    texts = f"nullif(concat_ws('; ', {', '.join(kept)}), '')"
    earlier = " or ".join(gives(number) for number in range(place))
    return f"case when not ({earlier}) then {texts} end" if earlier else texts


def _source_text_sql(file: MappedLines, target: Target) -> str:
    named = [name for name in file.mapping.columns_behind(target) if name in file.header]
    kept = ", ".join(f"{quoted(name + '=')} || {received(name)}" for name in named)
    return f"concat_ws('; ', {kept})" if kept else quoted("")
