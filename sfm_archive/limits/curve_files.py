"""Users' own limit curves in a small text: TOML, or CSV.

    # site.toml                                  # site.csv
    name = "quarry-permit"                       # name: quarry-permit
    title = "Permit 2026-17"                     # title: Permit 2026-17
    source = "Permit of 3 March 2026, annex 2"   # source: Permit of 3 March 2026, annex 2
    unit = "mm/s"                                # interpolation: log-log
    interpolation = "log-log"                    frequency_hz,limit_mm_s
    points = [[1, 3], [10, 3], [50, 8]]          1,3
    above = "flat"                               10,3

In a CSV a line `# key: value` with another key is told (`unread_lines`) and not used; words of a choice are taken in
any case. `interpolation`: linear or log-log. `below`, `above`: none, flat or slope beyond the first and last point
(none and flat when not given). `airblast`: the limit of the peak level that goes with it, as `--airblast` takes it.
`title`, `source`, `note`, `airblast` may be left out. docs/waveforms.md, "Limits", says the same to users.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.airblast import airblast_limit
from sfm_archive.limits.curves import Curve, Edge, Interpolation
from sfm_archive.model.decimals import written_with_point
from sfm_archive.model.units import GEO_UNITS, GeoUnit

_TEXTS = ("name", "title", "source", "note", "airblast")
_CHOICES = ("interpolation", "below", "above")
_KEYS = (*_TEXTS, "unit", *_CHOICES, "points")
_HEADINGS: Mapping[tuple[str, ...], GeoUnit] = {
    ("frequency_hz", "limit_mm_s"): "mm/s",
    ("frequency_hz", "limit_in_s"): "in/s",
}
_HEADS = " or ".join(map(",".join, _HEADINGS))
_SEPARATORS = ";\t,"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
"""Of cells; the first ones leave commas to decimals."""

MOST_BYTES = 1 << 20
"""Of a file with a limit curve; it has some lines."""

_MOST_SIGNS = 400
_Choice = TypeVar("_Choice", bound=str)


def user_curve(text: str, name: str = "user") -> Curve:
    """The curve that a TOML or CSV text describes; `name` where the text gives none.

    Raises BadInput that says which line or key cannot be used, and what it may be.
    """
    if len(text) > MOST_BYTES:
        raise BadInput(
            f"limit curve {name}: {len(text):,} characters, and this program reads up to {MOST_BYTES:,}; give the "
            "right file"
        )
    try:
        plain = _from_csv(text) if _is_csv(text) else tomllib.loads(text)
        return _curve(plain, name)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(
            f"limit curve {name}: the text is neither TOML ({error}) nor CSV, whose columns are headed {_HEADS}; "
            "docs/waveforms.md shows both"
        ) from error
    except _Wrong as error:
        raise BadInput(f"limit curve {name}: {error}") from error
    except UsageError as error:
        # It begins with the curve's name.
        raise BadInput(f"limit {error}; correct the file") from error


class _Wrong(Exception):
    """What is wrong in a text, without the name of its curve."""


def _curve(plain: Mapping[str, Any], name: str) -> Curve:
    unknown = sorted(set(plain) - set(_KEYS))
    if unknown:
        raise _Wrong(f"no key {unknown[0]!r} is known; there are {', '.join(_KEYS)}")
    for key in ("unit", "interpolation", "points"):
        if key not in plain:
            may_be = {"unit": GEO_UNITS, "interpolation": tuple(Interpolation)}.get(key, ("[[1, 3], [10, 8]]",))
            raise _Wrong(f"{key} is missing, and nothing is assumed in its place; give {' or '.join(may_be)}")
    texts = {key: _text(plain, key) for key in _TEXTS}
    return Curve(
        name=texts["name"] or name,
        title=texts["title"] or texts["name"] or name,
        source=texts["source"],
        unit=_choice(plain, "unit", GEO_UNITS),
        points=_points(plain["points"]),
        interpolation=_choice(plain, "interpolation", tuple(Interpolation)),
        below=_choice(plain, "below", tuple(Edge), Edge.NONE),
        above=_choice(plain, "above", tuple(Edge), Edge.FLAT),
        note=texts["note"],
        airblast=_airblast(texts["airblast"]),
    )


def _airblast(word: str) -> str:
    if word:
        try:
            airblast_limit(word)
        except UsageError as error:
            raise _Wrong(f"airblast: {error}") from error
    return word


def _text(plain: Mapping[str, Any], key: str) -> str:
    value = plain.get(key, "")
    if not isinstance(value, str):
        raise _Wrong(f"{key} is {value!r}; give a text in quotes")
    if len(value) > _MOST_SIGNS:
        raise _Wrong(f"{key} has {len(value):,} characters; a page has room for {_MOST_SIGNS}")
    return value.strip()


def _choice(plain: Mapping[str, Any], key: str, choices: Sequence[_Choice], default: _Choice | None = None) -> _Choice:
    value = plain.get(key, default)
    word = value.lower() if isinstance(value, str) else value
    for choice in choices:
        if choice == word:
            return choice
    raise _Wrong(f"{key} is {value!r}; there are {', '.join(choices)}")


def _points(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        raise _Wrong("points is not a list; give pairs of a frequency in Hz and a limit, like [[1, 3], [10, 8]]")
    found = []
    for number, pair in enumerate(value, start=1):
        numbers = pair if isinstance(pair, list | tuple) else ()
        if len(numbers) != 2 or not all(type(one) in (int, float) and math.isfinite(one) for one in numbers):
            raise _Wrong(f"point {number} is {pair!r}; give a frequency in Hz and a limit, like [10, 8]")
        found.append((float(numbers[0]), float(numbers[1])))
    return tuple(found)


def _is_csv(text: str) -> bool:
    """Whether the first line that is no comment has columns: TOML has a key and `=` there."""
    lines = (line.strip().strip('"') for line in text.splitlines())
    first = next((line for line in lines if line.strip(_BLANK) and not line.startswith("#")), "")
    return any(sign in first for sign in _SEPARATORS) and ("=" not in first or first.startswith("sep="))


def _from_csv(text: str) -> dict[str, Any]:
    """A table as a spreadsheet saves it: of the separator of its locale, with cells of nothing behind a short row, and
    quotes around what holds a comma or around everything."""
    plain: dict[str, Any] = {}
    points: list[tuple[float, float]] = []
    separator, stated = _separator(text), ""
    for number, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line, separator)
        first = cells[0].strip(_BLANK) if cells else ""
        if first.startswith("#"):
            # A comment's own commas part no cells.
            key, colon, value = separator.join(cells).lstrip(_BLANK + "#").partition(":")
            name = key.strip().lower()
            if colon and name == "unit":
                stated = value.strip(_BLANK).lower()
            # Any other comment is one.
            elif colon and name in (*_TEXTS, *_CHOICES):
                plain[name] = value.strip(" \t\u00a0")
        elif "unit" not in plain and first.lower().startswith("sep="):
            continue  # by which Excel is told the separator
        elif cells and "unit" not in plain:
            unit = _HEADINGS.get(_heading(cells))
            if unit is None:
                raise _Wrong(f"line {number} is {line.strip()!r}; head the columns {_HEADS}")
            plain["unit"] = unit
        elif cells:
            points.append(_row(number, line.strip(), cells))
    if stated and stated != plain.get("unit", stated):
        raise _Wrong(
            f"a line says '# unit: {stated}', and the columns are headed for limits in {plain['unit']}; give one unit, "
            f"by a head that is {_HEADS}"
        )
    if "interpolation" not in plain:
        choices = " or ".join(f"'# interpolation: {choice.value}'" for choice in Interpolation)
        raise _Wrong(f"interpolation is missing, and nothing is assumed in its place; add a line {choices}")
    return {**plain, "points": points}


_NAMED = re.compile(r"([A-Za-z][\w ./-]{0,40}?)\s*:(?=\s|$)")
"""What a comment begins with that looks like a key."""


def unread_lines(text: str) -> tuple[str, ...]:
    """Of a CSV text the comments of the form `# key: value` whose key says nothing here, as they stand: one may be a
    limit's setting that is written wrongly. A TOML text is refused for such a key."""
    if len(text) > MOST_BYTES or not _is_csv(text):
        return ()
    known = (*_TEXTS, *_CHOICES, "unit")
    lines = [line.strip().strip(_BLANK) for line in text.splitlines()]
    named = [(line, _NAMED.match(line.lstrip(_BLANK + "#"))) for line in lines if line.startswith("#")]
    return tuple(line for line, found in named if found is not None and found[1].lower() not in known)


_BLANK = f' "{_SEPARATORS}\u00a0'
"""What a row without anything in it consists of."""


def _separator(text: str) -> str:
    """Of the cells: that of the first row below the head, which may still have the comma with which it was typed."""
    rows = [line for line in text.splitlines() if line.strip(_BLANK) and not line.lstrip(' "').startswith("#")]
    rows = [line for line in rows if not line.lower().startswith("sep=")]
    row = rows[1] if len(rows) > 1 else "".join(rows)
    return next((separator for separator in _SEPARATORS if len(_cells(row, separator)) > 1), ",")


def _cells(line: str, separator: str) -> list[str]:
    """The cells of a row as they stand, without those of nothing at its end."""
    try:
        cells = next(csv.reader([line.strip()], delimiter=separator), [])
    except csv.Error as error:
        raise _Wrong(f"a line of {len(line):,} characters is no row of a curve; give the right file") from error
    while cells and not cells[-1].strip(_BLANK):
        cells.pop()
    return cells


def _heading(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, in lower case; they may still be one cell, with the comma with which they were
    typed."""
    return tuple(part.strip().lower() for cell in cells for part in re.split(f"[{_SEPARATORS}]", cell) if part.strip())


def _number(text: str) -> float:
    if _PLAIN.fullmatch(text) is None:
        raise ValueError(text)
    return float(text)


def _row(number: int, line: str, cells: Sequence[str]) -> tuple[float, float]:
    try:
        frequency, limit = (_number(written_with_point(cell.strip(_BLANK))) for cell in cells)
    except (ValueError, UsageError) as error:
        raise _Wrong(
            f"line {number} is {line!r}; give a frequency and a limit with a comma between them, like 10,3.5, or a "
            "semicolon, like 10;3,5"
        ) from error
    return frequency, limit
