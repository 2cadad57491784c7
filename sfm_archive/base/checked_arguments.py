"""Arguments of public calls against their annotations: a slip is a sentence that names it, before anything is done.

A value of another type is a fault of the program that calls: TypeError. One of the right type that no archive can hold
or ask for (a number beyond 64 bits, a path with a NUL) is a UsageError, for it may have come from a user.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from sfm_archive.base.texts import quoted, shortened
from sfm_archive.errors import UsageError

Call = TypeVar("Call", bound=Callable[..., Any])
Class = TypeVar("Class", bound=type)

_MOST = 1 << 63
_CALLED = frozenset({"Callable", "OnWait", "Progress"})
_HELD: Mapping[str, tuple[type, ...]] = {
    "tuple": (tuple, list), "list": (list,), "frozenset": (frozenset, set), "Sequence": (Sequence,),
    "Iterable": (Iterable,),
}  # fmt: skip
_PLAIN: Mapping[str, tuple[type, ...]] = {
    "str": (str,), "GeoUnit": (str,), "bool": (bool,), "int": (int,), "float": (int, float), "datetime": (datetime,),
    "timedelta": (timedelta,), "date": (date,),
}  # fmt: skip
_PATHS: Mapping[str, tuple[type, ...]] = {"Place": (str, os.PathLike), "PathLike": (os.PathLike,), "Path": (Path,)}
_LONGEST_PATH = 32_767  # on Windows; elsewhere the system says so itself
_LOOKED_INTO = frozenset({*_HELD, *_PATHS})
"""Of these the value decides too, and not its type alone."""

_TYPES_TAKEN: set[tuple[str, type]] = set()
"""Annotations with types of which every value is right."""

_WORDS = {
    "int": "a whole number", "str": "a text", "float": "a number", "bool": "True or False", "None": "None",
    "datetime": "a datetime", "timedelta": "a timedelta", "date": "a date", "Place": "a path", "PathLike": "a path",
    "Path": "a pathlib.Path", "GeoUnit": "a unit",
}  # fmt: skip


def checked_arguments(function: Call) -> Call:
    """The function, each argument looked at first."""
    signature = inspect.signature(function)
    where = function.__qualname__.removesuffix(".__init__")
    plain = _plain_parameters(signature)

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        if plain is not None and plain.takes(len(arguments), named):
            # As `bind` gives them, at a tenth of its price.
            given = [*zip(plain.by_place, arguments, strict=False), *named.items()]
            for name, value in given:
                annotation = plain.annotations[name]
                if annotation is not None and (annotation, type(value)) not in _TYPES_TAKEN:
                    check(f"{where}: {name}", annotation, value)
            return function(*arguments, **named)
        try:
            bound = signature.bind(*arguments, **named).arguments
        except TypeError as error:
            raise TypeError(f"{where}: {error}") from None
        for name, value in bound.items():
            parameter = signature.parameters[name]
            if isinstance(parameter.annotation, str) and parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                values = value if parameter.kind is inspect.Parameter.VAR_POSITIONAL else (value,)
                for one in values:
                    check(f"{where}: {name}", parameter.annotation, one)
        return function(*arguments, **named)

    return cast(Call, call)


class _Plain(NamedTuple):
    """Parameters of a function: those that can be given by their place, how many of them must be, and the annotation of
    each that has a name."""

    by_place: tuple[str, ...]
    required: int
    annotations: Mapping[str, str | None]

    def takes(self, number: int, named: Mapping[str, object]) -> bool:
        """Whether so many by their place and these by their names are what the function takes, beyond doubt."""
        return (
            self.required <= number <= len(self.by_place)
            and named.keys() <= self.annotations.keys()
            and named.keys().isdisjoint(self.by_place[:number])
        )


def _plain_parameters(signature: inspect.Signature) -> _Plain | None:
    """None where any number can be given by their place, or one must be given by its name."""
    own = list(signature.parameters.values())
    if any(
        one.kind is one.VAR_POSITIONAL or (one.kind is one.KEYWORD_ONLY and one.default is one.empty) for one in own
    ):
        return None
    by_place = [one for one in own if one.kind is one.POSITIONAL_OR_KEYWORD]
    annotations = {
        one.name: one.annotation if isinstance(one.annotation, str) else None
        for one in own
        if one.kind is not one.VAR_KEYWORD
    }
    return _Plain(tuple(one.name for one in by_place), sum(one.default is one.empty for one in by_place), annotations)


def checked_calls(owner: Class) -> Class:
    """The class, with each public method's arguments looked at."""
    for name, member in list(vars(owner).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, classmethod):
            setattr(owner, name, classmethod(checked_arguments(member.__func__)))
        elif inspect.isfunction(member):
            setattr(owner, name, checked_arguments(member))
    return owner


def check_fields(record: Any) -> None:
    """The same of a dataclass' fields, for its `__post_init__`."""
    for one in fields(record):
        check(f"{type(record).__name__}: {one.name}", str(one.type), getattr(record, one.name))


def check(what: str, annotation: str, value: object) -> None:
    """Raise TypeError where a value is not of the type that an annotation says, UsageError where no archive has it."""
    accepted = _alternatives(annotation)
    if any(_is(what, one, value) for one in accepted):
        # Of many numbers together, those that no archive has are no events; that is for who looks them up.
        if isinstance(value, int) and not -_MOST <= value < _MOST and "int" in map(_name, accepted):
            raise UsageError(f"{what} is {quoted(str(value), 24)}; no archive has a number of more than 63 bits")
        if not isinstance(value, int) and not any(_name(one) in _LOOKED_INTO for one in accepted):
            _TYPES_TAKEN.add((annotation, type(value)))
        return
    wanted = " or ".join(dict.fromkeys(_in_words(one) for one in accepted))
    raise TypeError(f"{what} is {shortened(repr(value))}, of type {type(value).__name__}; give {wanted}")


@cache
def _alternatives(annotation: str) -> tuple[ast.expr, ...]:
    """The types that a union is of."""
    left = [ast.parse(annotation, mode="eval").body]
    found: list[ast.expr] = []
    while left:
        one = left.pop(0)
        if isinstance(one, ast.BinOp):
            left[:0] = [one.left, one.right]
        else:
            found.append(one)
    return tuple(found)


def _name(annotation: ast.expr) -> str:
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if isinstance(outer, ast.Constant):
        return "None"
    return outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "Any")


def _is(what: str, annotation: ast.expr, value: object) -> bool:
    name = _name(annotation)
    if name == "Any":
        return True
    if name == "None":
        return value is None
    if name in _PLAIN:
        return isinstance(value, _PLAIN[name]) and (name == "bool" or not isinstance(value, bool))
    if name in _PATHS:
        return isinstance(value, _PATHS[name]) and _is_path(what, os.fspath(cast(Any, value)))
    if name in _CALLED:
        return callable(value)
    if name in _HELD:
        return _is_held(what, annotation, _HELD[name], value)
    # By its name, since most of these classes are imported only by what uses them.
    return any(one.__name__ == name for one in type(value).__mro__)


def _is_path(what: str, path: object) -> bool:
    if not isinstance(path, str):
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise UsageError(f"{what} is {quoted(path)}; no file's name has half a character in it") from error
    if "\0" in path:
        raise UsageError(f"{what} is {quoted(path)}; no file's name has a NUL in it")
    if os.name == "nt" and len(path) > _LONGEST_PATH:
        raise UsageError(f"{what} is {quoted(path)}; no path on Windows has more than {_LONGEST_PATH:,} characters")
    return True


def _is_held(what: str, annotation: ast.expr, kinds: tuple[type, ...], value: object) -> bool:
    """Whether it holds values, and each is right. An iterator is not used up for that."""
    if not isinstance(value, kinds) or isinstance(value, str | bytes):
        return False
    if isinstance(annotation, ast.Subscript) and isinstance(value, Collection):
        parts, text = _held(annotation)
        if len(parts) > 1:  # a pair, such as (quantity, words)
            return len(value) == len(parts) and all(_is(what, *pair) for pair in zip(parts, value, strict=True))
        for one in value if text != "Any" else ():
            if not any(_is(what, kind, one) for kind in _alternatives(text)):
                return False
    return True


@cache
def _held(annotation: ast.Subscript) -> tuple[list[ast.expr], str]:
    """The parts of what it holds, where they are several, and what it holds as text."""
    inner = annotation.slice
    parts = [one for one in inner.elts if not isinstance(one, ast.Constant)] if isinstance(inner, ast.Tuple) else []
    return parts, ast.unparse(parts[0] if parts else inner)


def _in_words(annotation: ast.expr) -> str:
    name = _name(annotation)
    if name in _HELD and isinstance(annotation, ast.Subscript):
        return f"a {name.lower()} such as {ast.unparse(annotation)}"
    return _WORDS.get(name, name if name[:1].islower() else f"an object of {name}")
