"""Frozen dataclasses as JSON objects and back: one key for each field, and nothing else is taken.

A field with a default is left out where it has it. `field(metadata=key("from"))` names a key that cannot be a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_Record = TypeVar("_Record")
_WORDS = {str: "text", int: "whole number", bool: "true or false"}


def key(name: str) -> Mapping[str, str]:
    """Metadata of a field with another key than its name."""
    return {"key": name}


def as_json(record: Any) -> dict[str, Any]:
    """A record as a JSON object. Fields: texts, whole numbers, booleans, records, and tuples of those."""
    found = {}
    kind: Any = type(record)
    for name, field, _ in _described(kind):
        value = getattr(record, field.name)
        if field.default is MISSING or value != field.default:
            found[name] = _plain(value)
    return found


def from_json(kind: type[_Record], plain: object) -> _Record:
    """The record of a JSON object. Raises ValueError naming the key that is missing, of another type, or unknown."""
    found: _Record = _record(kind, plain, "")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return as_json(value) if is_dataclass(value) else value


@cache
def _described(kind: Any) -> tuple[tuple[str, Any, Any], ...]:
    """Key, field and type of each field."""
    hints = get_type_hints(kind)
    return tuple((field.metadata.get("key", field.name), field, hints[field.name]) for field in fields(kind))


def _record(kind: Any, plain: object, where: str) -> Any:
    if not isinstance(plain, dict):
        raise ValueError(f"{where or 'it'} is no object")
    prefix = f"{where}." if where else ""
    found: dict[str, Any] = {}
    described = _described(kind)
    for name, field, hint in described:
        if name in plain:
            found[field.name] = _value(hint, plain[name], f"{prefix}{name}")
        elif field.default is MISSING:
            raise ValueError(f"{prefix}{name} is missing")
    unknown = sorted(plain.keys() - {name for name, _, _ in described})
    if unknown:
        raise ValueError(f"{prefix}{unknown[0]} is unknown")
    return kind(**found)


def _value(hint: Any, plain: object, where: str) -> Any:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if get_origin(hint) is tuple:
        if not isinstance(plain, list):
            raise ValueError(f"{where} is no list")
        return tuple(_value(kinds[0], part, f"{where}[{number}]") for number, part in enumerate(plain))
    if kinds:  # one kind, or left out
        return _value(kinds[0], plain, where)
    if is_dataclass(hint):
        return _record(hint, plain, where)
    if hint is not Any and type(plain) is not hint:
        raise ValueError(f"{where} is no {_WORDS[hint]}")
    return plain
