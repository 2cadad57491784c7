"""Values as plain JSON: one key for each field of a type, and for each of its properties that belongs to the output.

    @property
    @in_json("bytes_written")
    def size(self) -> int: ...

A property with the key of a field takes that field's place. Lists of records come last. What `--json` prints, the
published JSON Schema and the reference page all follow from the types by this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from inspect import getmembers
from operator import attrgetter
from pathlib import PurePath
from typing import Any, NamedTuple, TypeVar

_Getter = TypeVar("_Getter", bound=Callable[[Any], Any])
_LIST_OF_RECORDS = re.compile(r"tuple\[[A-Z]")

NOT_IN_JSON: Mapping[str, bool] = {"in_json": False}
"""Metadata of a field that is not part of the output."""

LEFT_OUT_IF_NONE: Mapping[str, bool] = {"optional": True}
"""Metadata of a field whose key is left out where it has no value."""


class Key(NamedTuple):
    """One key of a type's JSON.

    `attribute`: where its value is, such as `file.size` in a record of the field `file`. `annotation`: the type, as
    written. `optional`: the key is left out where there is no value.
    """

    name: str
    attribute: str
    annotation: str = ""
    optional: bool = False


def key(name: str) -> Mapping[str, str]:
    """Metadata of a field with another key than its name."""
    return {"key": name}


def flat(*names: str) -> Mapping[str, tuple[str, ...]]:
    """Metadata of a field whose own record does not show: these keys of it stand beside the other fields'."""
    return {"flat": names}


def in_json(name: str) -> Callable[[_Getter], _Getter]:
    """Mark a property as part of the output, under this key."""

    def marked(getter: _Getter) -> _Getter:
        getter.json_key = name  # type: ignore[attr-defined]
        return getter

    return marked


@cache
def keys_of(kind: Any) -> tuple[Key, ...]:
    """The keys of a dataclass or a named tuple: of its fields, then of its properties, then of all lists of records."""
    if not is_dataclass(kind):
        return tuple(Key(name, name) for name in kind._fields)
    found: dict[str, Key] = {}
    for field in fields(kind):
        if "flat" in field.metadata:
            found |= {name: Key(name, f"{field.name}.{name}") for name in field.metadata["flat"]}
        elif "in_json" not in field.metadata:
            name = field.metadata.get("key", field.name)
            found[name] = Key(name, field.name, str(field.type), "optional" in field.metadata)
    for attribute, member in getmembers(kind, lambda member: isinstance(member, property)):
        name = getattr(member.fget, "json_key", None)
        if name is not None:
            found[name] = Key(name, attribute, member.fget.__annotations__["return"])
    return tuple(sorted(found.values(), key=lambda one: bool(_LIST_OF_RECORDS.match(one.annotation))))


def to_plain(value: Any) -> Any:
    """A value as JSON has it: records and mappings as objects, tuples as lists, enums by their value, times as
    `YYYY-MM-DDTHH:MM:SS`, paths as text, bytes as hexadecimal digits."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float)):
        return value
    if is_dataclass(value) or hasattr(value, "_fields"):
        own = ((one, to_plain(attrgetter(one.attribute)(value))) for one in keys_of(value.__class__))
        return {one.name: member for one, member in own if not (one.optional and member is None)}
    if isinstance(value, Mapping):
        return {to_plain(name): to_plain(member) for name, member in value.items()}
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, PurePath) else [to_plain(member) for member in value]
