"""Lists of blasts as people keep them in spreadsheets: CSV to values, pure.

Any separator and encoding that a spreadsheet saves, headings of several languages, decimal points or commas. Nothing is
guessed: not a unit, not the order of day and month, not a zone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import quoted
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.blast_headings import (
    CHARGE,
    DAY,
    DISTANCE,
    EAST,
    LATITUDE,
    LONGITUDE,
    NAME,
    NORTH,
    PLACE,
    TIME,
    Column,
    Heading,
    heading_of,
)
from sfm_archive.formats.listed_numbers import Measure, decimal_signs, measure_of, number_of
from sfm_archive.model.blasting import Charge, checked_charge, checked_distance

MOST_BYTES: Final = 64 << 20
"""Of a list; 100,000 blasts are some ten million."""

_SEPARATORS: Final = ";\t,"
_MARK: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_NOTHING: Final = "\ufeff\u00a0 \t"
_AT_ONCE: Final = 1000


class ListedPlace(NamedTuple):
    """Texts as a person would give them on a command line, '' where none is given."""

    coordinates: str
    grid: str


class ListedLine(NamedTuple):
    """A blast of a list. `at`: as written in the list, with an offset where that has one. `distances`: metres by the
    name of a point."""

    line: int
    at: datetime
    name: str
    charge: Charge | None
    place: ListedPlace
    distances: dict[str, float]


class Reject(NamedTuple):
    """A line of which nothing is taken, and why."""

    line: int
    why: str


class BlastList(NamedTuple):
    """`unread`: headings of columns that say nothing of a blast as this program keeps it."""

    lines: tuple[ListedLine, ...]
    rejects: tuple[Reject, ...]
    unread: tuple[str, ...]


class Asked(NamedTuple):
    """What a person says of a list beside it. `points`: names of the job's; `charge_unit`: where neither heading nor
    cell has one; `date_format`: of times that are not ISO 8601, as `time_forms` gives it."""

    points: Sequence[str]
    charge_unit: str = ""
    date_format: str = ""


def read_blast_list(data: bytes, asked: Asked, progress: Progress = silent) -> BlastList:
    """The blasts of a list, and the lines that are none.

    Raises BadInput for what is no list of blasts at all: empty, no CSV, without a time, in another unit.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(f"{len(data):,} bytes, and a blast list has up to {MOST_BYTES:,}; give the right file")
    if b"\0" in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput("it is no text; save the list as CSV and give that file")
    text = text_of(data)
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise BadInput("it is empty; the first line names the columns, such as: time, name, charge (kg)")
    try:
        heading = heading_of(first[1], asked.points)
        _check_units(heading, asked)
    except UsageError as error:
        raise BadInput(str(error)) from error
    listed = list(rows)
    if not listed:
        raise BadInput("it has a line of headings and no blast below it")
    signs = decimal_signs(_numbers(listed, heading))
    lines: list[ListedLine] = []
    rejects: list[Reject] = []
    for done, (number, cells) in enumerate(listed, start=1):
        try:
            lines.append(_line(number, cells, heading, asked, signs, width=len(first[1])))
        except UsageError as error:
            rejects.append(Reject(number, str(error)))
        if done % _AT_ONCE == 0 or done == len(listed):
            progress(done, len(listed))
    return BlastList(tuple(lines), tuple(rejects), heading.unread)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the number of their line."""
    mark = _MARK.match(text)
    lines = text.splitlines()
    first = next((line for line in lines[1 if mark else 0 :] if line.strip(f'{_NOTHING}"{_SEPARATORS}')), "")
    separator = mark[1] if mark else _separator(first)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            own = [cell.strip(_NOTHING) for cell in cells]
            if any(own) and not (mark and reader.line_num == 1):
                yield reader.line_num, own
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num} is no row of a list ({error}); save the list as CSV again") from error


def _separator(line: str) -> str:
    """Of the cells: the one that makes most of them of the headings, of equals that which no decimal is."""
    counts = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in _SEPARATORS}
    return max(_SEPARATORS, key=lambda sign: (counts[sign], -_SEPARATORS.index(sign)))


def _check_units(heading: Heading, asked: Asked) -> None:
    for _, column in heading.of_kind(CHARGE):
        if column.unit and asked.charge_unit and checked_charge(1, column.unit) != checked_charge(1, asked.charge_unit):
            raise UsageError(
                f"column {quoted(column.heading)} is in {column.unit}, and --charge-unit says {asked.charge_unit}; "
                "leave one of them out"
            )


def _numbers(listed: Sequence[tuple[int, list[str]]], heading: Heading) -> Iterator[str]:
    numeric = [
        place
        for place, column in heading.columns.items()
        if column.kind in (CHARGE, DISTANCE, LATITUDE, LONGITUDE, EAST, NORTH)
    ]
    for _, cells in listed:
        for place in numeric:
            cell = cells[place] if place < len(cells) else ""
            if cell:
                try:
                    yield measure_of(cell).number
                except UsageError:
                    continue


def _line(
    number: int, cells: list[str], heading: Heading, asked: Asked, signs: frozenset[str], *, width: int
) -> ListedLine:
    if any(cells[width:]):
        raise UsageError(
            f"it has {len(cells)} cells below {width} headings; put texts with a separator in them into quotes"
        )
    cells = cells + [""] * (width - len(cells))

    def text(kind: str) -> str:
        place = heading.places.get(kind)
        return "" if place is None else cells[place]

    def number_in(kind: str) -> float:
        measure = measure_of(text(kind))
        if measure.unit and not (kind in (EAST, NORTH) and measure.unit.lower() == "m"):
            raise UsageError(f"{quoted(text(kind))} is no {kind}")
        return number_of(measure.number, signs)

    return ListedLine(
        number,
        _moment(text, asked),
        text(NAME),
        _charge(text(CHARGE), heading, asked, signs),
        _place(text, number_in),
        {
            column.point: _distance(cells[place], column, signs)
            for place, column in (heading.of_kind(DISTANCE) if DISTANCE in heading.places else ())
            if cells[place]
        },
    )


def _moment(text: Callable[[str], str], asked: Asked) -> datetime:
    written = " ".join(filter(None, (text(DAY), text(TIME))))
    if not written:
        raise UsageError("it has no time")
    if len(written) > 60:
        raise UsageError(f"{quoted(written)} is no time")
    if asked.date_format:
        try:
            return datetime.strptime(written, asked.date_format)
        except ValueError as error:
            raise UsageError(f"{quoted(written)} is not a time of the form that --date-format says") from error
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = None
    # A date alone, a week date or digits without separators is no time of a blast.
    if found is None or not _ISO.match(written):
        raise UsageError(
            f"{quoted(written)} is no time of ISO 8601 (2026-05-04 11:30); say its form with --date-format and its "
            "zone with --time-zone"
        )
    return found


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")


def _charge(cell: str, heading: Heading, asked: Asked, signs: frozenset[str]) -> Charge | None:
    if not cell:
        return None
    measure = measure_of(cell)
    unit = _one_unit(measure, heading.columns[heading.places[CHARGE]], asked.charge_unit)
    if not unit:
        raise UsageError(f"{quoted(cell)}: the charge has no unit; write it into the heading, or give --charge-unit")
    return checked_charge(number_of(measure.number, signs), unit)


def _distance(cell: str, column: Column, signs: frozenset[str]) -> float:
    measure = measure_of(cell)
    unit = _one_unit(measure, column)
    if not unit:
        raise UsageError(
            f"{quoted(cell)}: the distance has no unit; write it into the heading {quoted(column.heading)}"
        )
    return checked_distance(number_of(measure.number, signs), unit)


def _one_unit(measure: Measure, column: Column, given: str = "") -> str:
    known = column.unit or given
    if measure.unit and known and measure.unit.lower() != known.lower():
        raise UsageError(f"{measure.number} {measure.unit} stands below {quoted(column.heading)}; which unit is right?")
    return measure.unit or known


def _place(text: Callable[[str], str], number_in: Callable[[str], float]) -> ListedPlace:
    coordinates, grid = text(PLACE), ""
    for first, second in ((LATITUDE, LONGITUDE), (EAST, NORTH)):
        if not text(first) and not text(second):
            continue
        if not text(first) or not text(second):
            has, lacks = (first, second) if text(first) else (second, first)
            raise UsageError(f"it has a {has} and no {lacks}; a place needs both")
        written = f"{number_in(first):.12f},{number_in(second):.12f}"
        if first == LATITUDE:
            coordinates = written
        else:
            grid = written
    return ListedPlace(coordinates, grid)
