"""How outputs are to look, as a user's own file says it: TOML, one line a key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from sfm_archive.base.regular_files import read_file
from sfm_archive.base.texts import checked_length
from sfm_archive.errors import BadInput, StorageFailed, UsageError
from sfm_archive.model.preferences import KEYS, PAPERS, Preferences
from sfm_archive.model.readings import LONGEST_TEXT
from sfm_archive.model.units import GEO_UNITS

LARGEST_FILE: Final = 1 << 16
"""Bytes of a user's file; it has a dozen lines."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_LISTS: Final = frozenset(one.name for one in fields(Preferences) if str(one.type).startswith("tuple"))


def checked_preferences(said: Preferences, whose: str) -> Preferences:
    """The same. Raises UsageError for what no output can be; `whose`: for its message. Files with limit curves belong
    to points, which keep their text."""
    for key in ("name", "signature", "logo", "paper", "language", "units", "airblast"):
        checked_length(getattr(said, key), LONGEST_TEXT, f"{whose}: {key}")
    if said.paper and said.paper not in PAPERS:
        raise UsageError(f"{whose}: {said.paper!r} is no paper; give {' or '.join(PAPERS)}")
    if said.units and said.units not in GEO_UNITS:
        raise UsageError(f"{whose}: {said.units!r} is no unit of velocity; give {' or '.join(GEO_UNITS)}")
    if said.language and not _LANGUAGE.fullmatch(said.language):
        raise UsageError(f"{whose}: {said.language!r} is no language; write its code, such as en or de")
    if said.limits or said.airblast:
        _check_limits(said, whose)
    return said


def _check_limits(said: Preferences, whose: str) -> None:
    from sfm_archive.limits.airblast import airblast_limit
    from sfm_archive.limits.named_curves import curves_from, is_own_file
    from sfm_archive.limits.point_limits import asks_for_points

    try:
        if not asks_for_points(said.limits):
            if own := [word for word in said.limits if is_own_file(word)]:
                raise UsageError(f"{own[0]!r} is no name of limits; a file of your own belongs to a point (sfm point)")
            if said.limits:
                curves_from(said.limits)
        elif said.airblast:
            raise UsageError("points have limits of airblast of their own; leave airblast out beside point")
        if said.airblast:
            airblast_limit(said.airblast)
    except (UsageError, BadInput) as error:
        raise UsageError(f"{whose}: {error}") from error


def read_preferences(path: Path) -> Preferences:
    """What a user's file says; nothing where it is not there. Raises UsageError, which names the file, for a key that
    there is not and for what no output can be, StorageFailed."""
    return preferences_from(read_text(path), str(path), path.parent)


def read_text(path: Path) -> str:
    """The text of a user's file, '' where it is not there. Raises UsageError, StorageFailed."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{path} is no file of defaults: they have up to {LARGEST_FILE:,} bytes; take it away")
        return read_file(path).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8; write it anew, or take it away") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Look at its rights, or take it away") from error


def preferences_from(text: str, name: str, folder: Path = Path()) -> Preferences:
    """Of the text of a file of this name. `folder`: against which the path of a logo is read."""
    try:
        told: Mapping[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is no TOML: {error}; sfm config --help says what may stand in it") from error
    found: dict[str, Any] = {}
    for key, value in told.items():
        if key not in KEYS:
            raise UsageError(f"{name}: there is no key {key!r}; there are {', '.join(KEYS)}")
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in items) or (isinstance(value, list) and key not in _LISTS):
            form = '["…", "…"]' if key in _LISTS else '"…"'
            raise UsageError(f"{name}: {key} must be text, written {key} = {form}")
        found[key] = tuple(items) if key in _LISTS else value
    said = checked_preferences(Preferences(**found), name)
    return replace(said, logo=str(folder / said.logo)) if said.logo else said


def with_keys(text: str, name: str, changed: Mapping[str, Any]) -> str:
    """The text of a file with some keys said otherwise, '' and () taken out; what else stands in it stays. Raises
    UsageError where it is written so that this cannot be done line by line."""
    before = preferences_from(text, name)
    lines = [line for line in text.splitlines() if not any(re.match(rf"\s*{key}\s*=", line) for key in changed)]
    lines += [f"{key} = {_as_toml(value)}" for key, value in changed.items() if value]
    made = "\n".join(lines).strip("\n") + "\n"
    try:
        found = preferences_from(made, name)
        is_kept = all(getattr(found, key) == getattr(before, key) for key in KEYS if key not in changed)
    except UsageError:
        checked_preferences(replace(before, **changed), name)  # what is said now may be what is wrong
        is_kept = False
    if not is_kept:
        raise UsageError(f"{name} is written over several lines; change it by hand")
    return made


def _as_toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
