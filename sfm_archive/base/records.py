"""Records made of others."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def record_from(kind: type[_Record], source: object, /, **others: Any) -> _Record:
    """A record with the values that `source` has under the names of its fields, and `others` for the rest.

    Raises AttributeError for a field that neither of them has.
    """
    shared: list[str] = [field.name for field in fields(kind) if field.name not in others]  # type: ignore[arg-type]
    return kind(**{name: getattr(source, name) for name in shared}, **others)
