"""What both dialects of the vendor's exports share: how a header is encoded, and the row of names above the samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Final

from sfm_archive.formats.readings import CHANNELS

MAX_HEADER_SIZE: Final = 256 * 1024
"""Bytes within which a header ends. A plain one has 1.5 KiB; a long monitor log can stand in it."""

BOM: Final = b"\xef\xbb\xbf"

_MAX_COLUMNS = 16
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
