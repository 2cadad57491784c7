"""Frozen records as JSON objects and back, strictly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from sfm_archive.base.json_records import as_json, from_json
from sfm_archive.base.plain import key
from sfm_archive.model.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    source: str = field(metadata=key("from"))
    number: int
    holds: bool = True
    inner: Inner | None = None
    all_of_it: tuple[Inner, ...] = ()
    anything: Any = None


RECORDS = [
    (Outer(source="a", number=1), {"from": "a", "number": 1}),
    (
        Outer(source="", number=0, holds=False, inner=Inner(text="x"), all_of_it=(Inner(text="y", more="z"),)),
        {"from": "", "number": 0, "holds": False, "inner": {"text": "x"}, "all_of_it": [{"text": "y", "more": "z"}]},
    ),
    (Outer(source="a", number=1, anything=[1, {"b": None}]), {"from": "a", "number": 1, "anything": [1, {"b": None}]}),
]


@pytest.mark.parametrize(("record", "plain"), RECORDS)
def test_a_record_is_its_object_both_ways(record: Outer, plain: dict[str, Any]) -> None:
    assert as_json(record) == plain and list(as_json(record)) == list(plain)
    assert from_json(Outer, plain) == record


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        ([], "it is not an object"),
        ({"number": 1}, "from is missing"),
        ({"from": "a", "number": "1"}, "number is no whole number"),
        ({"from": "a", "number": True}, "number is no whole number"),
        ({"from": "a", "number": 1.0}, "number is no whole number"),
        ({"from": None, "number": 1}, "from is no text"),
        ({"from": "a", "number": 1, "holds": 1}, "holds is no true or false"),
        ({"from": "a", "number": 1, "source": "a"}, "source is unknown"),
        ({"from": "a", "number": 1, "inner": None}, "inner is not an object"),
        ({"from": "a", "number": 1, "inner": {"text": 5}}, "inner.text is no text"),
        ({"from": "a", "number": 1, "inner": {"text": "", "b": 5}}, "inner.b is unknown"),
        ({"from": "a", "number": 1, "all_of_it": {}}, "all_of_it is not a list"),
        ({"from": "a", "number": 1, "all_of_it": [{"text": ""}, {}]}, r"all_of_it\[1\].text is missing"),
    ],
)
def test_anything_else_is_refused_by_the_key(plain: object, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        from_json(Outer, plain)


def test_an_enum_is_kept_by_its_value():
    plain = as_json(Finding(code="gap", message="a gap", severity=Severity.NOTE, start=3))
    assert plain == {"code": "gap", "severity": "note", "message": "a gap", "start": 3}
    assert from_json(Finding, plain).severity is Severity.NOTE
    with pytest.raises(ValueError, match="loud"):
        from_json(Finding, {**plain, "severity": "loud"})
