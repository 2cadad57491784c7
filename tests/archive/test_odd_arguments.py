"""What a program gives by mistake is a sentence of ours or a TypeError that names it, whichever public call it is."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive.base import checked_arguments
from sfm_archive.selftest.work import job

ODD: list[Any] = [
    None, 0, -1, 2**63 - 1, 2**63, -(2**70), 1.5, float("nan"), True, "", "x", "\ud800", "a\0b", "1" * 100, b"x", [],
    [None], (2**64,), {}, object(), date(2026, 1, 1), datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC),
    Path("a\0b"), Path("nowhere"), sfm.Selection(),
]  # fmt: skip
GIVEN: dict[str, Any] = {
    "event_id": 1, "path": "new.sfm", "text": "1", "event": 1, "encoder": "blastware@2", "serial": "BE11529",
    "time_zone": "UTC", "false_trigger": True, "notes": "n", "target": "out", "exporter": "csv", "number": 1,
    "received": [],
}  # fmt: skip
"""What is right, for the arguments that have to be given beside the odd one."""

METHODS = [
    name
    for name in dir(sfm.Archive)
    if not name.startswith("_")
    and not isinstance(inspect.getattr_static(sfm.Archive, name), property)
    and name not in {"close", "batch"}
]


def parameters(call: Callable[..., Any]) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(call).parameters.values() if one.name != "self"]


def annotations() -> Iterator[str]:
    """Of every argument of every public call."""
    functions = [value for name in sfm.__all__ if inspect.isfunction(value := getattr(sfm, name))]
    for call in (*functions, *(getattr(sfm.Archive, name) for name in METHODS)):
        yield from (str(one.annotation) for one in parameters(call))


def names_in(annotation: str) -> Iterator[str]:
    """What `checked_arguments` makes of an annotation."""
    for one in checked_arguments._alternatives(annotation):
        yield checked_arguments._name(one)
        if isinstance(one, ast.Subscript):
            inner = one.slice.elts if isinstance(one.slice, ast.Tuple) else [one.slice]
            for part in inner:
                yield from names_in(ast.unparse(part)) if not isinstance(part, ast.Constant) else ()


def test_every_annotation_of_a_public_call_is_one_that_is_understood() -> None:
    """Else a right value would be refused: of an alias or an abstract type no value has the name."""
    known = {
        "Any", "None", *checked_arguments._PLAIN, *checked_arguments._PATHS, *checked_arguments._CALLED,
        *checked_arguments._HELD,
    }  # fmt: skip
    named = {name for annotation in annotations() for name in names_in(annotation)}
    assert named - known == {name for name in named - known if isinstance(getattr(sfm, name, None), type)}


@pytest.fixture(scope="module")
def quarry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "quarry.sfm"
    with sfm.create(path) as archive:
        job(1, intervals=5).save(archive)
    return path


@pytest.mark.parametrize("name", METHODS)
def test_an_odd_argument_is_a_sentence(name: str, quarry: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with sfm.open(quarry, read_only=True) as archive:
        call = getattr(archive, name)
        known = {**GIVEN, "file": archive.files(1)[0]}
        for parameter in parameters(call):
            filters = parameter.kind is parameter.VAR_KEYWORD
            for word in inspect.signature(sfm.select).parameters if filters else [parameter.name]:
                for odd in ODD:
                    needed = [one for one in parameters(call) if one.default is one.empty and one is not parameter]
                    right = {one.name: known[one.name] for one in needed if one.name in known and one.name != "sources"}
                    if parameter.kind is parameter.VAR_POSITIONAL:
                        ends_in_a_sentence(word, call, odd, **right)
                    else:
                        ends_in_a_sentence(word, call, **{**right, word: odd})


def ends_in_a_sentence(word: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    try:
        found = call(*arguments, **named)
        if inspect.isgenerator(found):
            list(islice(found, 3))
        elif isinstance(found, sfm.Archive):
            found.close()
    except sfm.SfmError as error:
        assert str(error)
    except TypeError as error:
        assert f": {word} is " in str(error) and "; give " in str(error), repr(error)


def test_what_is_wrong_is_said_and_what_to_give(quarry: Path) -> None:
    with sfm.open(quarry, read_only=True) as archive:
        with pytest.raises(sfm.UsageError, match="event_id is '9223372036854775808'; no archive has a number"):
            archive.frames(2**63)
        with pytest.raises(TypeError, match=r"Archive\.files: event_id is '1', of type str; give a whole number"):
            archive.files("1")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"since is .*of type date; give a text or a datetime or None"):
            list(archive.events(since=date(2026, 1, 1)))
        with pytest.raises(TypeError, match="Selection: since is '2026', of type str; give a datetime or None"):
            sfm.Selection(since="2026")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"Archive\.frames: missing a required argument: 'event_id'"):
            archive.frames()  # type: ignore[call-arg]
        with pytest.raises(TypeError, match=r"names is 'N00\.AB0', of type str; give a sequence such as"):
            archive.save(job(2).event, names="N00.AB0")
    with pytest.raises(sfm.UsageError, match="NUL"):
        sfm.open("a\0b")
    with pytest.raises(TypeError, match=r"salvage: damaged is .*; give a pathlib\.Path"):
        sfm.salvage("quarry.sfm", Path("new.sfm"))  # type: ignore[arg-type]
