"""Reads a mapping from its .yml and refuses one that cannot work, naming the line. Knows the feeds, not the files.

Every scalar is read as text: `no: N` and `1: F` stay what they look like.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

import jsonschema
import yaml

from pipeline.catalog.contract import Contract
from pipeline.errors import ContractBroken
from pipeline.settings import known_time_zones
from pipeline.sources.mapping import FeedMapping, Placed, Target, Value
from pipeline.sources.plain_text import TextFormat
from pipeline.sources.time_formats import EPOCHS, ISO, is_time_format

SHIPPED = Path(__file__).with_name("feeds")
SCHEMA = SHIPPED / "mapping.schema.json"

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

FILLED_HERE = ("time_basis", "birth_date_basis")
"""Columns that say what was assumed. A mapping cannot set them: they follow from how it gets the value."""


class _Wrong(Exception):
    """Something a mapping says that cannot work: where (a path of keys) and why."""

    def __init__(self, where: tuple, why: str) -> None:
        super().__init__(why)
        self.where, self.why = where, why


def read_mapping(path: Path, feeds: Mapping[str, Contract], *, is_users_own: bool = False) -> FeedMapping:
    """The mapping in one file. Raises ContractBroken with the file, the line and what is wrong there."""
    try:
        text = path.read_text(encoding="utf-8")
        said = yaml.load(text, LOADER)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        raise _broken(path, mark.line + 1 if mark else 1, getattr(broken, "problem", None) or "is no YAML") from broken
    except (OSError, UnicodeDecodeError) as broken:
        raise _broken(path, 1, "cannot be read as UTF-8 text") from broken
    try:
        _require_schema(text)
        mapping = _mapping(path.stem, said, is_users_own)
        _require_sense(mapping, said, feeds)
    except _Wrong as wrong:
        raise _broken(path, _line_of(yaml.compose(text, LOADER), wrong.where), wrong.why) from wrong
    return mapping


def _broken(path: Path, line: int, why: str) -> ContractBroken:
    return ContractBroken(f"The mapping {path.name} cannot be used: line {line}: {why}. Correct it and refresh again.")


def _line_of(node: yaml.Node | None, where: tuple) -> int:
    """The line of the deepest part of the path that the file has."""
    line = 1
    for key in where:
        child = _child(node, key)
        if child is None:
            break
        line, node = child[0].start_mark.line + 1, child[1]
    return line


def _child(node: yaml.Node | None, key: object) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((name, value) for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    return None


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _require_schema(text: str) -> None:
    fault = _fault(text)
    if fault is not None:
        raise _Wrong(*fault)


@lru_cache(maxsize=256)
def _fault(text: str) -> tuple[tuple, str] | None:
    """Where a mapping does not fit the schema, and why. Remembered by its text: every refresh asks it of every mapping again."""
    found = jsonschema.exceptions.best_match(_validator().iter_errors(yaml.load(text, LOADER)))
    return None if found is None else (tuple(found.absolute_path), _plain(found))


def _plain(found: jsonschema.ValidationError) -> str:
    """Short, because the library's own words repeat the whole part of the file."""
    within = found.absolute_path[-1] if found.absolute_path else "the mapping"
    if found.validator == "oneOf":
        return f"{within} is none of the forms that are known here; see mapping.schema.json"
    return f"{within}: {found.message}" if len(found.message) < 160 else f"{within} does not fit mapping.schema.json"


def _mapping(name: str, said: dict, is_users_own: bool) -> FeedMapping:
    formats = said["format"]
    return FeedMapping(
        name=name,
        description=said["description"],
        files=tuple(said["files"]),
        formats=(formats,) if isinstance(formats, str) else tuple(formats),
        text=_text_format(said.get("text", {})),
        time_zone=said.get("time_zone"),
        missing=tuple(said.get("missing", ())),
        recognised_by=tuple(column.lower() for column in said.get("recognised_by", ())),
        from_name=said.get("from_name"),
        named={key.lower(): _value(value) for key, value in said.get("values", {}).items()},
        targets=tuple(_target(row) for row in said.get("rows", ())),
        is_users_own=is_users_own,
    )


def _text_format(said: dict) -> TextFormat:
    names = said.get("header")
    return TextFormat(
        delimiter={"tab": "\t"}.get(said.get("delimiter", ","), said.get("delimiter", ",")),
        quote=said.get("quote", '"'),
        encoding=said.get("encoding", "utf-8"),
        decimal_mark=said.get("decimal_mark", "."),
        skip_lines=int(said.get("skip_lines", 0)),
        names=tuple(name.lower() for name in names) if names else None,
        ends_open="may_end_without_line_break" in said,
    )


def _target(said: dict) -> Target:
    return Target(
        feed=said["feed"],
        columns={column: _value(value) for column, value in said["columns"].items()},
        needs=tuple(column.lower() for column in said.get("needs", ())),
        where={column.lower(): tuple(values) for column, values in said.get("where", {}).items()},
        first_of=_lower(said.get("first_of")),
        in_order_of=_lower(said.get("in_order_of")),
    )


def _value(said: str | dict) -> Value:
    if isinstance(said, str):
        return Value(columns=(said.lower(),))
    placed = said.get("placed")
    return Value(
        columns=tuple(column.lower() for column in _texts(said.get("column"))),
        constant=said.get("constant"),
        text=_lower_names(said.get("text")),
        placed=Placed(_lower_names(placed["from"]), _lower_names(placed["to"]), _lower(placed.get("in_order_of")))
        if placed
        else None,
        age=_lower(said.get("age")),
        after=_lower(said.get("after")),
        rank_within=_lower(said.get("rank_within")),
        received="received" in said,
        at=_lower(said.get("at")),
        days=_lower(said.get("days")),
        unit=said.get("unit"),
        top_coded=tuple(said.get("top_coded", ())),
        missing=tuple(said.get("missing", ())),
        values=said.get("values", {}),
        formats=_texts(said.get("format")),
        time_zone=said.get("time_zone"),
        assumed="assumed" in said,
    )


def _texts(said: str | list | None) -> tuple[str, ...]:
    return () if said is None else (said,) if isinstance(said, str) else tuple(said)


def _lower(name: str | None) -> str | None:
    return None if name is None else name.lower()


def _lower_names(text: str | None) -> str | None:
    return None if text is None else re.sub("{[^}]*}", lambda found: found[0].lower(), text)


def _require_sense(mapping: FeedMapping, said: dict, feeds: Mapping[str, Contract]) -> None:
    """What the schema cannot say: the names fit together, and the zones, encodings and formats exist."""
    if mapping.is_tabular and not mapping.targets:
        raise _Wrong((), "it has no rows, so nothing would become of a file")
    _require_text_format(mapping.text)
    _require_pattern(mapping.from_name)
    _require_zone(mapping.time_zone, ("time_zone",))
    earlier: set[str] = set()
    for name, value in mapping.named.items():
        where = ("values", next(key for key in said["values"] if key.lower() == name))
        later = sorted((set(value.names) & set(mapping.named)) - earlier)
        if later:
            raise _Wrong(where, f"{later[0]} is a named value that comes later or is itself")
        _require_value(value, where)
        earlier.add(name)
    for number, target in enumerate(mapping.targets):
        _require_target(target, ("rows", number), feeds)


def _require_target(target: Target, where: tuple, feeds: Mapping[str, Contract]) -> None:
    if target.feed not in feeds:
        raise _Wrong((*where, "feed"), f"{target.feed} is no feed; there are {', '.join(sorted(feeds))}")
    known = {column.name: column for column in feeds[target.feed].raw_columns}
    for column, value in target.columns.items():
        if column not in known or column in FILLED_HERE:
            filled = "is filled by the program" if column in FILLED_HERE else f"is no column of {target.feed}"
            raise _Wrong((*where, "columns", column), f"{column} {filled}")
        if value.age is not None and column != "birth_date":
            raise _Wrong((*where, "columns", column), "an age can only give a birth_date")
        _require_value(value, (*where, "columns", column))
    absent = [name for name, column in known.items() if column.reads_as.required and name not in target.columns]
    if absent:
        raise _Wrong((*where, "columns"), f"{target.feed} need {', '.join(absent)}")


def _require_value(value: Value, where: tuple) -> None:
    _require_zone(value.time_zone, where)
    for text in (text for text in (value.text, *_days(value)) if text and text.count("{") != text.count("}")):
        raise _Wrong(where, f"a brace is left open in {text}")
    for said in value.formats:
        if said not in (ISO, *EPOCHS) and not is_time_format(said):
            raise _Wrong(where, f"{said} is no format of a time; write it like %d.%m.%Y %H:%M, iso, epoch_s or epoch_ms")


def _days(value: Value) -> Iterator[str]:
    if value.placed is not None:
        yield from (value.placed.from_day, value.placed.to_day)


def _require_zone(zone: str | None, where: tuple) -> None:
    if zone is not None and zone not in known_time_zones():
        raise _Wrong(where, f"{zone} is no time zone; write it like Europe/Berlin or UTC")


def _require_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as wrong:
        raise _Wrong(("from_name",), f"the pattern cannot be read ({wrong.msg})") from wrong


def _require_text_format(text: TextFormat) -> None:
    if len(text.delimiter) != 1 or not text.delimiter.isascii() or text.delimiter in '\r\n"':
        raise _Wrong(("text", "delimiter"), "the delimiter must be one plain character, or the word tab")
    if text.quote and (not text.quote.isascii() or text.quote == text.delimiter):
        raise _Wrong(("text", "quote"), "the quote must be one plain character other than the delimiter")
    try:
        is_text = codecs.lookup(text.encoding)._is_text_encoding
    except LookupError:
        is_text = False
    if not is_text:
        raise _Wrong(("text", "encoding"), f"{text.encoding} is no encoding that is known here")
