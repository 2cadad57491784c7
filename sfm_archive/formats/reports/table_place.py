"""Where the table of samples stands in Blastware's text: behind the header, other lines, and a row of names."""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

from sfm_archive.formats.reports.lines import column_names, names_found
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import CHANNELS

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})")
_LONGEST_LINE = 4096
_NUMBER = re.compile(rb"-?[0-9]+[.,][0-9]+")


class TablePlace(NamedTuple):
    """`lines`: those before the row of names; `at`: offset of the first row below it; `names`: None where the rows of a
    histogram come first (`has_times`), or nothing."""

    lines: list[bytes]
    at: int
    names: tuple[str, ...] | None
    has_times: bool = False


def table_place(data: bytes, start: int) -> TablePlace:
    """What stands from `start` on, the end of the header."""
    lines: list[bytes] = []
    at = start
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end == -1 else end
        line = data[at:end].rstrip(b"\r")
        at = end + 1
        if not line.strip():
            continue
        names = column_names(line)
        if names is not None and (names_found(names) or _numbers_follow(data, at, len(names))):
            return TablePlace(lines, min(at, len(data)), names)
        cells = line.split(b"\t", 2)
        if len(cells) > 2 and clock_time(cells[0].strip().decode("latin-1")) is not None:
            return TablePlace(lines, len(data), None, has_times=True)
        lines.append(line)
    return TablePlace(lines, len(data), None)


def type_of_table(data: bytes, start: int) -> RecordType:
    """Of which type the table is that stands from `start` on: rows of samples below names of channels are a waveform's,
    rows that begin with a clock time a histogram's. Unknown where none of either is there."""
    place = table_place(data, start)
    line = next((one for one in data[place.at : place.at + _LONGEST_LINE].split(b"\n") if one.strip()), b"")
    if place.names is None:
        return RecordType.HISTOGRAM if place.has_times else RecordType.UNKNOWN
    cells = [cell.strip() for cell in line.split(b"\t")]
    if clock_time(cells[0].decode("latin-1")) is not None:
        return RecordType.HISTOGRAM
    is_row = len(cells) == len(place.names) and all(map(_NUMBER.fullmatch, cells))
    return RecordType.WAVEFORM if is_row and names_found(place.names) else RecordType.UNKNOWN


def begins_names(rest: bytes) -> bool:
    """Whether what follows a header is the beginning of a row of names, and nothing else."""
    *before, last = [cell.strip().decode("latin-1") for cell in rest.strip().split(b"\t")]
    if len(rest) > _LONGEST_LINE or any(name not in CHANNELS for name in before):
        return False
    return bool(before or last) and any(channel.startswith(last) for channel in CHANNELS)


def clock_time(text: str) -> time | None:
    """The time of a `HH:MM:SS` text, None for another text."""
    match = _TIME.fullmatch(text)
    try:
        return None if match is None else time(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _numbers_follow(data: bytes, at: int, columns: int) -> bool:
    """Whether the line at `at` is a row of as many numbers: then what stands above it are the names of its columns."""
    end = data.find(b"\n", at, at + _LONGEST_LINE)
    cells = data[at : len(data) if end == -1 else end].split(b"\t", columns)
    return columns > 1 and len(cells) == columns and all(_NUMBER.fullmatch(cell.strip()) for cell in cells)
