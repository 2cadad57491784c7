"""Records made of others, by the names of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from sfm_archive.base.records import record_from


class Row(NamedTuple):
    name: str
    source: str
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    name: str
    source: str
    size: int


def test_fields_of_one_name_are_taken_and_the_others_given():
    assert record_from(Shown, Row("a", "b", 1), source="c", size=2) == Shown(name="a", source="c", size=2)


def test_a_field_that_nothing_gives_is_an_error():
    with pytest.raises(AttributeError, match="size"):
        record_from(Shown, Row("a", "b", 1))
    with pytest.raises(TypeError, match="hidden"):
        record_from(Shown, Row("a", "b", 1), size=2, hidden=3)
