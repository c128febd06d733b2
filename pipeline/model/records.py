"""Frozen dataclasses out of parsed JSON, by their type hints. Knows nothing of what they mean."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def read_record(record: type[Record], said: Mapping[str, Any]) -> Record:
    """The dataclass in a parsed JSON object. Raises TypeError or KeyError where a field is missing, unknown or of another kind."""
    hints = get_type_hints(record)
    if set(said) != {field.name for field in fields(record)}:
        raise KeyError(f"{record.__name__} has other fields")
    return record(**{name: _value(hints[name], value) for name, value in said.items()})


def _value(hint: Any, said: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(inner, said)
    if origin is tuple:
        kinds = [inner[0]] * len(said) if inner[-1] is Ellipsis else inner
        return tuple(_value(kind, value) for kind, value in zip(kinds, said, strict=True))
    if origin is not None:
        return {name: _value(inner[1], value) for name, value in said.items()}
    if is_dataclass(hint):
        return read_record(hint, said)
    if hint is datetime:
        return datetime.fromisoformat(said)
    if not isinstance(said, int if hint is int else (int, float) if hint is float else hint):
        raise TypeError(f"{said!r} is not {hint.__name__}")
    return said


def _one_of(kinds: tuple[Any, ...], said: Any) -> Any:
    if said is None:
        if type(None) not in kinds:
            raise TypeError("a value is missing")
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    return _value(kinds[0], said) if len(kinds) == 1 else said
