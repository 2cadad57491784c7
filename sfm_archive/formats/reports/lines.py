"""What both dialects of the vendor's exports share: how a header is encoded, what its values are, and the row of names
above the samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
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


def decoded_header(header: bytes) -> tuple[str, str]:
    """The text of a header without its byte-order mark, and its encoding: `utf-8`, else `latin-1`."""
    header = header.removeprefix(BOM)
    try:
        return header.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Latin-1 gives each byte back, also where it should have been a code page of Windows.
        return header.decode("latin-1"), "latin-1"


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
