"""What both dialects of the vendor's exports share: what a header says, what its values are and which of them cannot
be, and the row of names above the samples."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.counting import counted
from sfm_archive.base.texts import quoted, shortened
from sfm_archive.formats.reports.identity import contradictions, type_told
from sfm_archive.formats.reports.keys import channel_named, ends_like_a_quantity, squeezed
from sfm_archive.model.decimals import has_decimal_commas
from sfm_archive.model.decode_settings import settings_from
from sfm_archive.model.disputes import differ
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.magnitudes import counted_vector_sum, is_raised
from sfm_archive.model.number_evidence import sum_is_too_great
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import (
    MEASURED_QUANTITIES,
    NUMERIC_QUANTITIES,
    Reading,
    ValueState,
    is_of_unknown_unit,
    is_understood,
    printed_reading,
    read_value,
)
from sfm_archive.model.units import MM_PER_INCH, VELOCITIES_MM_S

MAX_HEADER_SIZE: Final = 256 * 1024
"""Bytes within which a header ends. A plain one has 1.5 KiB; a long monitor log can stand in it."""

_MAX_COLUMNS = 16
_MOST_NAMED = 3
_MOST_LISTED = 20
_RAIL_OF_RANGE = 1.025
"""What a unit measures at most, as a share of its range: 1.024 of a MiniMate's, 1.017 of a Micromate's."""

_OF_RAIL = {"ppv": 1.0, "pvs": math.sqrt(3)}
"""What a velocity is at most, as a share of the rail of one channel."""

_LIKE_A_CHANNEL = re.compile(r"(?:tran|vert|long|mic[a-z]*)[0-9]*", re.IGNORECASE)
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9]{0,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header of an export says.

    `serial`: upper case, None where it is not given. `recorded_at`: device-local, naive, whole seconds, None where
    nothing tells it for certain. `fields`: every name and value in order, names with single blanks, values exactly as
    printed. `readings`: what is understood of them, at most one for each quantity and channel: the first, and an absent
    one for numbers that contradict each other. `decimal_commas`: whether its numbers have them. `findings`: what of its
    values is not understood. `other_lines`: lines that are no name and value, such as the rows of a monitor log. `end`:
    offset of the first byte after the header, in `code_pages.one_byte_signs` of the text. `in_table`: the type of which
    its table is.
    """

    serial: str | None
    recorded_at: datetime | None
    fields: tuple[tuple[str, str], ...]
    readings: tuple[Reading, ...]
    decimal_commas: bool
    findings: tuple[Finding, ...]
    other_lines: tuple[str, ...]
    end: int
    in_table: RecordType = RecordType.UNKNOWN

    @property
    def record_type(self) -> RecordType:
        """The type of its event: see `formats.reports.identity`."""
        return type_told(self.value("Event Type"), self.in_table, self.value("File Name"))

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """What it says of its event in two ways."""
        told = self.value("Event Type"), self.in_table, self.value("File Name")
        return tuple(contradictions(*told, self.serial, self.recorded_at))

    def value(self, name: str) -> str | None:
        """The value of the first field of this name, whatever its case and blanks; None where there is none."""
        return first_value(self.fields, name)


def first_value(fields: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of the first field of this name, whatever its case and blanks; None where there is none."""
    wanted = squeezed(name)
    return next((value for key, value in fields if squeezed(key) == wanted), None)


def header_lines(
    header: bytes, pair: Callable[[str], tuple[str, str] | None]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The fields of a header and its other lines. `pair` reads the name and value of a line."""
    fields: list[tuple[str, str]] = []
    other_lines: list[str] = []
    for printed in text_of(header).split("\n"):
        line = printed.removesuffix("\r")
        found = pair(line)
        if found is not None:
            fields.append((" ".join(found[0].split()), found[1]))
        elif line.strip():
            other_lines.append(line)
    return tuple(fields), tuple(other_lines)


CR_ALONE: Final = (
    "its lines end with a carriage return alone, as those of old Macintosh programs do, which is not read; save it "
    "again with the line ends of Windows"
)


def ends_lines_with_cr(text: bytes) -> bool:
    """Whether carriage returns alone part the lines of a header."""
    return b"\r" in text and b"\n" not in text[:MAX_HEADER_SIZE]


HEADER_CUT: Final = "header-cut"
"""Code of the finding for a header that is longer than this program reads."""


def header_cut(is_cut: bool) -> tuple[Finding, ...]:
    """The finding for a header that goes on beyond MAX_HEADER_SIZE; nothing for any other."""
    message = (
        f"its header does not end within {MAX_HEADER_SIZE:,} bytes, as far as this program reads one; what it says "
        "behind is not read. Export it again, with less text in its notes"
    )
    return (Finding(code=HEADER_CUT, message=message),) if is_cut else ()


def quoted_cells(line: str) -> list[str]:
    """The cells of one line of a CSV; none where it cannot be one. A comma inside of quotes belongs to its cell."""
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


def column_names(line: bytes, separator: bytes = b"\t") -> tuple[str, ...] | None:
    """The names of a table's first row, channels as units spell them; None where the line is no row of names."""
    cells = [cell.strip() for cell in line.split(separator, _MAX_COLUMNS)]
    if not 1 <= len(cells) <= _MAX_COLUMNS or not all(_NAME.fullmatch(cell) for cell in cells):
        return None
    names = [cell.decode("ascii") for cell in cells]
    return tuple(channel_named(name) or name for name in names)


def names_found(names: Sequence[str]) -> bool:
    """Whether a row of names holds one of a channel, or like it: `Tran1` names none, and stands above samples too."""
    return any(_LIKE_A_CHANNEL.fullmatch(name) for name in names)


KNOWN: Final = None
"""In place of quantity and channel: a line that is no value and is read all the same, such as the serial."""


def values_of(
    fields: Sequence[tuple[str, str]], quantities: Sequence[tuple[str, str] | None]
) -> tuple[tuple[Reading, ...], bool, tuple[Finding, ...]]:
    """The readings of a header's fields, as `printed_readings`; with a finding for those that are not read.

    `quantities`: of each field what it is, empty texts where that is not known, or KNOWN.
    """
    found = list(zip(fields, quantities, strict=True))
    readings, commas, findings = printed_readings((*what, value) for (_, value), what in found if what and what[0])
    unknown = [(name, value) for (name, value), what in found if what == ("", "") and value.strip()]
    numbers = [name for name, value in unknown if _is_number(name, value)]
    others = (name for name, value in unknown if not _is_number(name, value))
    return readings, commas, (*findings, *_not_read(numbers, NUMBER_NOT_READ), *_not_read(others))


NUMBER_CONTRADICTION: Final = "number-contradiction"
"""Code of the finding for a number that stands there twice and differs."""

NUMBER_NOT_READ: Final = "number-not-read"
"""Code of the finding for lines with a number of which nothing tells what it is, such as a peak without its channel."""


def _is_number(name: str, value: str) -> bool:
    """Whether a line that is not read has a number of the event: one with a unit, or any behind such a name as a
    number has whose channel is lost."""
    number, unit, state = read_value(value)
    if state is ValueState.OVER_RANGE or (number is not None and unit):
        return True
    return ends_like_a_quantity(squeezed(name)) and any(sign.isdigit() for sign in value)


def broken_numbers(lines: Sequence[str]) -> tuple[Finding, ...]:
    """The finding for lines that are no name and value, as their quotes are lost or they are cut, and have a number."""
    parts = (re.split(r" : |\"\s*,\s*\"", line, maxsplit=1) for line in lines if "\t" not in line)
    broken = [
        " ".join(pair) for pair in parts if len(pair) == 2 and _is_number(pair[0].strip(' "'), pair[1].strip(' "'))
    ]
    if not broken:
        return ()
    each = ", ".join(quoted(line) for line in broken[:_MOST_NAMED])
    message = f"{counted(len(broken), 'line')} with a number not read, for it is not whole: {each}; the text is kept"
    return (Finding(code=NUMBER_NOT_READ, message=message),)


def printed_readings(values: Iterable[tuple[str, str, str]]) -> tuple[tuple[Reading, ...], bool, tuple[Finding, ...]]:
    """The readings of (quantity, channel, text as printed), the first of each quantity and channel.

    Also whether the numbers have decimal commas, and the findings: that they have, every value that is not understood
    or not possible, and every one that stands there twice with different texts. Of a number that differs by more than
    rounding nothing tells which of the two is right, so neither counts, and both stand in the text of the reading.
    """
    first: dict[tuple[str, str], str] = {}
    others: dict[tuple[str, str], list[str]] = {}
    for quantity, channel, text in _each_printed(values):
        if first.setdefault((quantity, channel), text).strip() != text.strip():
            others.setdefault((quantity, channel), []).append(text)
    commas = has_decimal_commas(text for (quantity, _), text in first.items() if quantity in MEASURED_QUANTITIES)
    readings: list[Reading] = []
    twice: list[str] = []
    contradicting: list[str] = []
    for (quantity, channel), text in first.items():
        reading = printed_reading(quantity, text, channel, decimal_commas=commas)
        again = [
            printed_reading(quantity, other, channel, decimal_commas=commas)
            for other in others.get((quantity, channel), ())
        ]
        differing = next((other for other in again if _contradict(reading, other)), None)
        if differing is not None and quantity in MEASURED_QUANTITIES:
            both = f"{quoted(text)} and {quoted(differing.text)}"
            contradicting.append(f"{channel} {quantity} {both}".strip())
            reading = Reading(quantity=quantity, channel=channel, state=ValueState.ABSENT, text=both)
        elif differing is not None:
            twice.append(f"{_as_printed(reading)} and {quoted(differing.text)}")
        readings.append(reading)
    findings: list[Finding] = []
    if contradicting:
        message = (
            f"it prints more than one number of {_named(contradicting)}; nothing tells which is right, so none counts. "
            "Export it again"
        )
        findings.append(Finding(code=NUMBER_CONTRADICTION, message=message))
    one_each = [one for one in readings if f"{one.channel} {one.quantity} {one.text}".strip() not in contradicting]
    if commas:
        message = "its numbers are printed with decimal commas, which no known report has; they are read as points"
        findings.append(Finding(code="decimal-comma", message=message, severity=Severity.NOTE))
    odd = [
        _as_printed(reading)
        for reading in one_each
        if reading.quantity in MEASURED_QUANTITIES and not is_understood(reading) and not is_of_unknown_unit(reading)
    ]
    if odd:
        message = (
            f"no number is understood in {_named(odd)}; the text is kept, and the value counts "
            "as absent. Export it again with decimal points"
        )
        findings.append(Finding(code="value-not-understood", message=message))
    if twice:
        message = f"it says more than one thing of {_named(twice)}; the first counts"
        findings.append(Finding(code="value-contradiction", message=message))
    return tuple(readings), commas, (*findings, *_impossible(one_each))


def _contradict(one: Reading, other: Reading) -> bool:
    """Whether two that stand for one thing say different things: of two numbers, where rounding does not explain it."""
    if one.quantity not in MEASURED_QUANTITIES:
        return True
    said = (one.number, one.unit, one.state), (other.number, other.unit, other.state)
    if said[0] == said[1]:
        return one.number is None and one.state is ValueState.OK  # two texts, such as clock times
    numbers = one.number is not None and other.number is not None and one.unit and other.unit
    return differ(one, other) if numbers and one.state is other.state else True


_WITH_TIME = re.compile(
    r"\s*(?P<value>[<>]?\s*[+-]?[0-9.,]+\s*[^\s\d]\S*)(?:\s+(?P<other>[0-9.,]+\s*[^\s\d]\S*))?"
    r"(?:\s+at\s+(?P<time>[+-]?[0-9.,]+\s*sec\S*))?\s*",
    re.IGNORECASE,
)
_TIMES = {"pspl": "time_of_peak", "ppv": "time_of_peak", "pvs": "pvs_time"}


def _each_printed(values: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """The values one by one: a peak can be printed with its time, a sound pressure in a second unit too, as in
    `99.5 dB(L)  1.877 pa.(L) at 11.379 sec`, of which the first one counts."""
    times: list[tuple[str, str, str]] = []
    for quantity, channel, text in values:
        found = _WITH_TIME.fullmatch(text) if quantity in _TIMES else None
        if found is None or not (found["other"] or found["time"]):
            yield quantity, channel, text
            continue
        yield quantity, channel, found["value"]
        if found["time"]:
            times.append((_TIMES[quantity], channel, found["time"]))
    yield from times


def _impossible(readings: Sequence[Reading]) -> Iterable[Finding]:
    """The findings for magnitudes below zero, for peaks in no unit that is known, and for those beyond what a unit of
    the stated range measures; of a unit whose range is not stated beyond that of the Normal one, the largest that is
    known. And for settings that no unit has."""
    sizes = [(r, r.number) for r in readings if r.quantity in NUMERIC_QUANTITIES and r.number is not None]
    negative = [_as_printed(r) for r, number in sizes if number < 0]
    if negative:
        message = (
            f"{_named(negative)} cannot be below zero; it counts by its size. Compare it with the vendor's software"
        )
        yield Finding(code="impossible-value", message=message)
    vector = next((r for r in readings if r.quantity == "pvs"), None)
    counted = counted_vector_sum(vector, [r for r in readings if r.quantity == "ppv"])
    if vector is not None and counted is not None and is_raised(vector, counted):
        message = (
            f"{_as_printed(vector)} is below the greatest peak, which no vector sum is; it counts as "
            f"{reading_text(counted)}. Compare it with the vendor's software"
        )
        yield Finding(code="impossible-value", message=message)
    yield from sum_is_too_great(readings)
    unit_less = [_as_printed(r) for r in readings if is_of_unknown_unit(r)]
    if unit_less:
        message = (
            f"the unit of {_named(unit_less)} is not known, so that it counts as unknown; the text is kept. Compare "
            "what counts in its place with the vendor's software"
        )
        yield Finding(code="unit-not-known", message=message)
    settings = settings_from(readings)
    taken = {"geo_range": settings.range_in_s, "sample_rate": settings.sample_rate, "pretrigger": settings.pretrigger_s}
    refused = [
        _as_printed(r)
        for r in readings
        if r.quantity in taken and taken[r.quantity] is None and r.state is not ValueState.ABSENT
    ]
    if refused:
        message = f"{_named(refused)} is none that a unit has, so that the usual one is assumed"
        yield Finding(code="impossible-setting", message=message)
    rail = settings.range * _RAIL_OF_RANGE
    beyond = [_as_printed(r) for r in readings if _in_s(r) > rail * _OF_RAIL.get(r.quantity, 1.0)]
    if beyond:
        stated = "a range of" if settings.range_in_s is not None else "the largest known range,"
        message = (
            f"{_named(beyond)} is more than a unit with {stated} {settings.range:g} in/s "
            f"({settings.range * MM_PER_INCH:g} mm/s) measures; compare it with the vendor's software"
        )
        yield Finding(code="impossible-value", message=message)


def _in_s(reading: Reading) -> float:
    """The size of a velocity in in/s; 0 for what is none."""
    if reading.quantity not in _OF_RAIL or reading.number is None or reading.unit not in VELOCITIES_MM_S:
        return 0.0
    return abs(reading.number) * VELOCITIES_MM_S[reading.unit] / MM_PER_INCH


def _as_printed(reading: Reading) -> str:
    return f"{reading.channel} {reading.quantity} {quoted(reading.text)}".strip()


def _named(texts: Sequence[str]) -> str:
    """The first of several, and how many more there are."""
    more = f" and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return ", ".join(texts[:_MOST_NAMED]) + more


def _not_read(names: Iterable[str], code: str = "line-not-read") -> tuple[Finding, ...]:
    """The finding for lines whose names are not known, each named once; nothing without any."""
    times: dict[str, int] = {}
    for name in names:
        times[name] = times.get(name, 0) + 1
    if not times:
        return ()
    each = [f'"{shortened(name)}"' + (f" ({count} times)" if count > 1 else "") for name, count in times.items()]
    total = sum(times.values())
    lines = "1 line is" if total == 1 else f"{total:,} lines are"
    message = f"{lines} not read, for this version does not know {', '.join(each[:_MOST_LISTED])}"
    more = f" and {len(each) - _MOST_LISTED:,} more" if len(each) > _MOST_LISTED else ""
    return (Finding(code=code, message=f"{message}{more}; the text is kept as it is"),)
