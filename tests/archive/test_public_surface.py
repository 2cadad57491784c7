"""What a program may import: `sfm_archive` has every type that a public method takes or returns, and every error."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import sfm_archive
from sfm_archive import Archive, errors

FOR_SERVICES = {"store", "plugins"}
"""The open file and the registry: no program needs them."""

PUBLIC = {name: getattr(sfm_archive, name) for name in sfm_archive.__all__}
FUNCTIONS = [name for name, value in PUBLIC.items() if inspect.isfunction(value)]
METHODS = [name for name in dir(Archive) if not name.startswith("_") and name not in FOR_SERVICES]


def types_named(annotation: object) -> Iterator[type]:
    """Every class in an annotation, however it is nested."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        yield annotation
    elif isinstance(annotation, list | tuple):  # the arguments of a Callable
        for one in annotation:
            yield from types_named(one)
    for argument in typing.get_args(annotation):
        yield from types_named(argument)


def from_elsewhere(named: type) -> bool:
    """Of the project, and not to be had from `sfm_archive`."""
    ours = named.__module__.partition(".")[0] not in {*sys.stdlib_module_names, "builtins"}
    return ours and PUBLIC.get(named.__name__) is not named


def hints(function: object) -> dict[str, object]:
    """Raises NameError for a type that is neither public nor imported where the function stands."""
    return typing.get_type_hints(function, localns=dict(PUBLIC))


def unwrapped(name: str) -> object:
    member = inspect.getattr_static(Archive, name)
    member = member.fget if isinstance(member, property) else member
    member = member.__func__ if isinstance(member, classmethod) else member
    return inspect.unwrap(member)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_and_returns_public_types(name: str) -> None:
    named = [one for hint in hints(unwrapped(name)).values() for one in types_named(hint)]
    assert [one for one in named if from_elsewhere(one)] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_and_returns_public_types(name: str) -> None:
    named = [one for hint in hints(PUBLIC[name]).values() for one in types_named(hint)]
    assert [one for one in named if from_elsewhere(one)] == []


def test_every_error_is_public() -> None:
    def below(error: type[BaseException]) -> Iterator[type[BaseException]]:
        yield error
        for one in error.__subclasses__():
            yield from below(one)

    project = [one for one in below(errors.SfmError) if one.__module__.startswith("sfm_archive")]
    assert len(project) > 20
    assert [one for one in project if from_elsewhere(one)] == []


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - {"__version__"}))
def test_what_is_public_has_a_docstring_of_its_own(name: str) -> None:
    value = PUBLIC[name]
    said = inspect.getdoc(value) or ""
    generated = dataclasses.is_dataclass(value) and said.startswith(f"{name}(")
    assert said and not generated


def test_names_for_a_type_checker_are_those_that_are_there() -> None:
    """`__init__.pyi` tells editors, mypy and `__getattr__` the same."""
    tree = ast.parse(Path(sfm_archive.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    told = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assigned = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    assert told == set(sfm_archive.__all__) - {"create", "open"}
    assert assigned == {"create", "open"}


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Holdings'"):
        sfm_archive.Holdings  # noqa: B018
