"""What both dialects of the vendor's exports share: what a header says and how it is encoded, what its values are, and
the row of names above the samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sfm_archive.model.decimals import has_decimal_commas
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import (
    CHANNELS,
    MEASURED_QUANTITIES,
    Reading,
    is_understood,
    printed_reading,
)

MAX_HEADER_SIZE: Final = 256 * 1024
"""Bytes within which a header ends. A plain one has 1.5 KiB; a long monitor log can stand in it."""

BOM: Final = b"\xef\xbb\xbf"

_MAX_COLUMNS = 16
_MOST_NAMED = 3
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9]{0,15}")
_CHANNELS = {channel.lower(): channel for channel in CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header of an export says.

    `serial`: upper case, None where it is not given. `recorded_at`: device-local, naive, whole seconds, None where
    nothing tells it for certain. `fields`: every name and value in order, names with single blanks, values exactly as
    printed. `readings`: what is understood of them, at most one for each quantity and channel (the first).
    `decimal_commas`: whether its numbers have them. `findings`: what of its values is not understood. `other_lines`:
    lines that are no name and value, such as the rows of a monitor log. `encoding`: `utf-8` or `latin-1`; gives back
    the bytes of a value. `end`: offset of the first byte after the header.
    """

    serial: str | None
    recorded_at: datetime | None
    fields: tuple[tuple[str, str], ...]
    readings: tuple[Reading, ...]
    decimal_commas: bool
    findings: tuple[Finding, ...]
    other_lines: tuple[str, ...]
    encoding: str
    end: int

    def value(self, name: str) -> str | None:
        """The value of the first field of this name, in any case; None where there is none."""
        return first_value(self.fields, name)


def first_value(fields: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of the first field of this name, in any case; None where there is none."""
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), None)


def header_lines(
    header: bytes, pair: Callable[[str], tuple[str, str] | None]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], str]:
    """The fields of a header, its other lines, and its encoding: `utf-8` with or without a byte-order mark, or
    `latin-1`. `pair` reads the name and value of a line."""
    header, encoding = header.removeprefix(BOM), "utf-8"
    try:
        text = header.decode(encoding)
    except UnicodeDecodeError:
        # Latin-1 gives each byte back, also where it should have been a code page of Windows.
        encoding = "latin-1"
        text = header.decode(encoding)
    fields: list[tuple[str, str]] = []
    other_lines: list[str] = []
    for printed in text.split("\n"):
        line = printed.removesuffix("\r")
        found = pair(line)
        if found is not None:
            fields.append((" ".join(found[0].split()), found[1]))
        elif line.strip():
            other_lines.append(line)
    return tuple(fields), tuple(other_lines), encoding


def quoted_cells(line: str) -> list[str]:
    """The cells of one line of a CSV; none where it cannot be one. A comma inside of quotes belongs to its cell."""
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


def channel_named(text: str) -> str | None:
    """The channel that a text names, in any case; None for any other text."""
    return _CHANNELS.get(text.strip().lower())


def column_names(line: bytes, separator: bytes = b"\t") -> tuple[str, ...] | None:
    """The names of a table's first row, channels as units spell them; None where the line is no row of names."""
    cells = [cell.strip() for cell in line.split(separator, _MAX_COLUMNS)]
    if not 1 <= len(cells) <= _MAX_COLUMNS or not all(_NAME.fullmatch(cell) for cell in cells):
        return None
    names = [cell.decode("ascii") for cell in cells]
    return tuple(channel_named(name) or name for name in names)


def names_found(names: Sequence[str]) -> bool:
    """Whether a row of names holds at least one channel of a unit."""
    return any(name in CHANNELS or name.lower().startswith("mic") for name in names)


def printed_readings(values: Iterable[tuple[str, str, str]]) -> tuple[tuple[Reading, ...], bool, tuple[Finding, ...]]:
    """The readings of (quantity, channel, text as printed), the first of each quantity and channel.

    Also whether the numbers have decimal commas, and the findings: that they have, and every value that is not
    understood.
    """
    first: dict[tuple[str, str], str] = {}
    for quantity, channel, text in values:
        first.setdefault((quantity, channel), text)
    commas = has_decimal_commas(text for (quantity, _), text in first.items() if quantity in MEASURED_QUANTITIES)
    readings = tuple(
        printed_reading(quantity, text, channel, decimal_commas=commas) for (quantity, channel), text in first.items()
    )
    findings: list[Finding] = []
    if commas:
        message = "its numbers are printed with decimal commas, which no known report has; they are read as points"
        findings.append(Finding(code="decimal-comma", message=message, severity=Severity.NOTE))
    odd = [
        f"{reading.channel} {reading.quantity} {reading.text!r}".strip()
        for reading in readings
        if reading.quantity in MEASURED_QUANTITIES and not is_understood(reading)
    ]
    if odd:
        more = f" and {len(odd) - _MOST_NAMED} more" if len(odd) > _MOST_NAMED else ""
        message = (
            f"no number is understood in {', '.join(odd[:_MOST_NAMED])}{more}; the text is kept, and the value counts "
            "as absent. Export it again with decimal points"
        )
        findings.append(Finding(code="value-not-understood", message=message))
    return readings, commas, tuple(findings)
