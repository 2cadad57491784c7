"""Values as plain JSON by the fields and marked properties of their types."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import NamedTuple

from sfm_archive.base.plain import LEFT_OUT_IF_NONE, NOT_IN_JSON, flat, in_json, key, keys_of, to_plain


class Outcome(StrEnum):
    KEPT = "kept"


class Part(NamedTuple):
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    items: tuple[Part, ...]
    outcome: Outcome
    source: str = field(metadata=key("from"))
    secret: str = field(default="x", metadata=NOT_IN_JSON)
    start: int | None = field(default=None, metadata=LEFT_OUT_IF_NONE)
    first: Part = field(metadata=flat("size"))
    many: int = 0

    @property
    @in_json("many")
    def number(self) -> int:
        """How many."""
        return len(self.items)

    @property
    def unmarked(self) -> int:
        """Is in no output."""
        return 1


def whole(**more: object) -> Whole:
    part = Part("a", 1)
    return Whole(items=(part,), outcome=Outcome.KEPT, source="unit", first=part, **more)  # type: ignore[arg-type]


def test_fields_and_marked_properties_make_the_object():
    assert to_plain(whole()) == {
        "outcome": "kept",
        "from": "unit",
        "size": 1,
        "many": 1,
        "items": [{"name": "a", "size": 1}],
    }


def test_a_property_takes_the_place_of_the_field_with_its_key_and_lists_of_records_come_last():
    assert [one.name for one in keys_of(Whole)] == ["outcome", "from", "start", "size", "many", "items"]


def test_an_optional_key_is_there_where_it_has_a_value():
    assert to_plain(whole(start=0))["start"] == 0


def test_other_values():
    when = datetime(2026, 5, 1, 13, 16, 34, 5)
    plain = to_plain({Outcome.KEPT: [when, PurePosixPath("a/b"), b"\xff", None, 1.5, True]})
    assert plain == {"kept": ["2026-05-01T13:16:34", "a/b", "ff", None, 1.5, True]}
    assert type(next(iter(plain))) is str
    assert json.loads(json.dumps(plain)) == plain
