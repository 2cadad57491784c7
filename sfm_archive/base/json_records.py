"""Frozen dataclasses as JSON objects and back: one key for each field, and nothing else is taken.

A field with a default is left out where it has it. `plain.key` names a key that cannot be the name of a field.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from math import isfinite
from types import NoneType
from typing import Any, NamedTuple, NoReturn, TypeVar, get_args, get_origin, get_type_hints

_Record = TypeVar("_Record")
_WORDS = {str: "text", int: "whole number", bool: "true or false"}


class _Entry(NamedTuple):
    """One field: its key, its default (MISSING where it has none), and how it is written and read."""

    key: str
    name: str
    default: Any
    write: Callable[[Any], Any] | None
    read: Callable[[Any], Any]


def json_value(text: str | bytes) -> Any:
    """What a JSON text says. Raises ValueError for no JSON, for numbers that are none, infinite ones such as `1e400`
    among them, and for lists in lists beyond any depth."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _no_number(digits)


def _no_number(digits: str) -> NoReturn:
    raise ValueError(f"{digits:.40} is no number")


def as_json(record: Any) -> dict[str, Any]:
    """A record as a JSON object. Fields: texts, whole numbers, booleans, enums, records, and tuples of those."""
    found = {}
    kind: Any = type(record)
    for name, attribute, default, write, _ in _entries(kind):
        value = getattr(record, attribute)
        if default is MISSING or value != default:
            found[name] = value if write is None or value is None else write(value)
    return found


def from_json(kind: type[_Record], plain: object) -> _Record:
    """The record of a JSON object. Raises ValueError naming the key that is missing, of another type, or unknown."""
    try:
        found: _Record = _read_record(kind, plain)
    except ValueError as error:
        where = str(error)
        raise ValueError(where[1:] if where.startswith(".") else f"it{where}") from None
    return found


def _read_record(kind: Any, plain: object) -> Any:
    """Errors begin with the path of what is wrong, such as `.files[2].name`."""
    if not isinstance(plain, dict):
        raise ValueError(" is not an object")
    found, met = {}, 0
    for name, attribute, default, _, read in _entries(kind):
        if name in plain:
            met += 1
            try:
                found[attribute] = read(plain[name])
            except ValueError as error:
                raise ValueError(f".{name}{error}") from None
        elif default is MISSING:
            raise ValueError(f".{name} is missing")
    if met < len(plain):
        known = {entry.key for entry in _entries(kind)}
        raise ValueError(f".{min(plain.keys() - known)} is unknown")
    return kind(**found)


@cache
def _entries(kind: Any) -> tuple[_Entry, ...]:
    hints = get_type_hints(kind)
    return tuple(
        _Entry(field.metadata.get("key", field.name), field.name, field.default, *_ways(hints[field.name]))
        for field in fields(kind)
    )


def _ways(hint: Any) -> tuple[Callable[[Any], Any] | None, Callable[[Any], Any]]:
    """How values of a type are written (None: as they are) and read."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if get_origin(hint) is tuple:
        write, read = _ways(kinds[0])
        return list if write is None else lambda parts: [write(part) for part in parts], _reader_of_list(read)
    if kinds:  # that kind, or left out
        return _ways(kinds[0])
    if is_dataclass(hint):
        return as_json, lambda plain: _read_record(hint, plain)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda member: member.value, hint
    return None, _reader_of(hint)


def _reader_of(kind: Any) -> Callable[[Any], Any]:
    def read(plain: Any) -> Any:
        if kind is not Any and type(plain) is not kind:
            raise ValueError(f" is no {_WORDS[kind]}")
        return plain

    return read


def _reader_of_list(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_list(plain: Any) -> Any:
        if not isinstance(plain, list):
            raise ValueError(" is not a list")
        found = []
        for number, part in enumerate(plain):
            try:
                found.append(read(part))
            except ValueError as error:
                raise ValueError(f"[{number}]{error}") from None
        return tuple(found)

    return read_list
