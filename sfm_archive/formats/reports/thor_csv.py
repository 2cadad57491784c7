"""The header of a CSV that THOR exports of a Micromate's event: another dialect than Blastware's text.

Known only from a description (docs/facts.md, "THOR's CSV"):

    "Key","Value"                 lines of two quoted cells; an ISO date, values such as "<0.127 mm/s"
    "Channel","Tran"              once for each channel
    "Tran","Vert","Long","MicL"   a quoted row of channel names, then quoted rows of samples, MicL in Pa

DERIVED, all of it here: that a channel's values stand behind its line `Channel`, and which key carries which value:
those of Blastware's lines, for it is the same vendor's, and a few more. A key that is not understood stays in
`fields`. The samples are not read here; `ThorHeader.end` says where their names stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.blastware_text import quantity_of_line
from sfm_archive.formats.reports.lines import (
    BOM,
    MAX_HEADER_SIZE,
    Header,
    channel_named,
    column_names,
    header_lines,
    names_found,
    printed_readings,
    quoted_cells,
)
from sfm_archive.model.readings import MEASURED_QUANTITIES
from sfm_archive.model.serials import checked_serial, is_serial

_MARK_WITHIN = 16 * 1024
_CELL = rb'[ \t]*"(?:[^"\n]|"")*"[ \t]*'
_PAIR_OF_CELLS = re.compile(rb"[ \t\r\n]*" + _CELL + b"," + _CELL + rb"\r?(?:\n|\Z)")
_CHANNEL_LINE = re.compile(rb'^[ \t]*"[ \t]*Channel[ \t]*"[ \t]*,[ \t]*"', re.MULTILINE | re.IGNORECASE)

# Beside the names of Blastware's lines, with a blank for `-` and `_`. Whole keys only: part of one can mean
# something else ("Time of PPV", "Pressure Trigger Level").
_EVENT_KEYS = {
    "pre trigger": "pretrigger",
    "pre trigger length": "pretrigger",
    "pre trigger time": "pretrigger",
    "sampling rate": "sample_rate",
    "vector sum": "pvs",
    "vector sum time": "pvs_time",
    "battery": "battery",
    "project": "project",
    "client": "client",
    "user name": "user_name",
    "location": "location",
    "operator": "operator",
    "setup": "setup",
}
_CHANNEL_KEYS = {
    "peak particle velocity": "ppv",
    "zc frequency": "zc_frequency",
    "zero crossing frequency": "zc_frequency",
    "test frequency": "test_frequency",
}

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T| +)([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]+)?"
    r" *(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}.*")

# A time behind such a key is not when the event began.
_OTHER_TIMES = ("calibrat", "export", "print", "creat", "check", "test", "stop", "end", "download", "battery")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThorHeader(Header):
    """What the header of a CSV of THOR says; its `end` is the row of names, or what follows the header.

    `columns`: the names above the samples, None where there are none. `samples_at`: offset of the first row of samples.
    """

    columns: tuple[str, ...] | None
    samples_at: int


def looks_like_thor(data: bytes) -> bool:
    """Whether the first line is `"Key","Value"`, and a line with the key `Channel` is among the first."""
    head = data[:_MARK_WITHIN].removeprefix(BOM)
    return _PAIR_OF_CELLS.match(head) is not None and _CHANNEL_LINE.search(head) is not None


def read_thor_header(data: bytes) -> ThorHeader:
    """The header of a CSV of THOR: LF or CRLF, UTF-8 with or without a byte-order mark, or Latin-1.

    Raises BadInput where it does not look like one. A header that is cut short gives what is there; values that are no
    numbers are states of their readings and never errors.
    """
    if not looks_like_thor(data):
        raise BadInput(
            'CSV: no lines "Key","Value" with the key "Channel" among the first; it is not an export of THOR, '
            "export it again or keep it as a plain file"
        )
    end, samples_at, columns = _names_row(data)
    fields, other_lines, encoding = header_lines(data[:end], _pair)
    readings, decimal_commas, findings = printed_readings(_values(fields))
    return ThorHeader(
        serial=_serial(fields),
        recorded_at=_recorded_at(fields),
        fields=fields,
        readings=readings,
        decimal_commas=decimal_commas,
        findings=findings,
        other_lines=other_lines,
        columns=columns,
        encoding=encoding,
        end=end,
        samples_at=samples_at,
    )


def _pair(line: str) -> tuple[str, str] | None:
    cells = quoted_cells(line)
    return (cells[0], cells[1]) if len(cells) == 2 else None


def _names_row(data: bytes) -> tuple[int, int, tuple[str, ...] | None]:
    """Where the row of channel names begins, where the row behind it does, and the names.

    Without one, both are the header's end, and the names None.
    """
    limit = min(len(data), MAX_HEADER_SIZE)
    at = len(BOM) if data.startswith(BOM) else 0
    channels = 0
    while at < limit:
        end = data.find(b"\n", at, limit)
        if end == -1:
            if limit < len(data):
                return at, at, None
            end = limit
        line = data[at:end].strip()
        names = column_names(line.replace(b'"', b""), b",")
        # In `"Channel","Tran"` and `"Trigger","Vert"` not each cell is a channel; a heading `"Tran"` is no table.
        is_row = names is not None and all(name.lower() == "time" or names_found((name,)) for name in names)
        if names is not None and is_row and names_found(names) and (len(names) > 1 or channels <= 1):
            return at, min(end + 1, len(data)), names
        channels += _CHANNEL_LINE.match(line) is not None
        at = end + 1
    return limit, limit, None


def _serial(fields: Sequence[tuple[str, str]]) -> str | None:
    """The value of `Serial Number`; else the one serial that keys with this word tell. A sensor's is not the unit's."""
    told = [(key.lower(), value.strip()) for key, value in fields if "serial" in key.lower() and is_serial(value)]
    told.sort(key=lambda pair: pair[0] not in ("serial number", "serial"))
    if not told:
        return None
    if told[0][0] in ("serial number", "serial") or len({value.upper() for _, value in told}) == 1:
        return checked_serial(told[0][1])
    return None


def _recorded_at(fields: Sequence[tuple[str, str]]) -> datetime | None:
    """The time behind a key with the word `event`; else the only time in the header. Never a calibration's.

    A date and a clock time in two lines are put together.
    """
    lowered = [(key.lower(), value.strip()) for key, value in fields]
    candidates = [(key, value) for key, value in lowered if not any(word in key for word in _OTHER_TIMES)]
    of_event = [(key, value) for key, value in candidates if "event" in key]
    for told in (of_event, candidates):
        stated = [value for _, value in told if _MOMENT.fullmatch(value)]
        dates = [value for _, value in told if _DATE.fullmatch(value)]
        clocks = [value for key, value in told if "time" in key and _CLOCK.fullmatch(value)]
        if not stated and dates and clocks:
            stated = [f"{dates[0]} {clocks[0]}"] if told is of_event or len(dates) == len(clocks) == 1 else []
        if stated:
            return _moment(stated[0]) if told is of_event or len(set(stated)) == 1 else None
    return None


def _moment(text: str) -> datetime | None:
    """The unit's own clock: an offset behind it is left out, and a time in UTC (`Z`) does not tell it."""
    match = _MOMENT.fullmatch(text)
    if match is None or (match[7] or "").upper() == "Z":
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def _values(fields: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Quantity, channel and text of each line that is understood."""
    block: str | None = None
    for key, value in fields:
        lowered = key.lower()
        if lowered == "channel":
            block = channel_named(value) or ""
            continue
        quantity, channel = _quantity(lowered, block)
        if quantity:
            yield quantity, channel, value


def _quantity(key: str, block: str | None) -> tuple[str, str]:
    """Quantity and channel of a key in lower case; empty texts for one that is not understood.

    `block`: the channel whose lines these are, None before the first, '' where it is none of a unit's. What is stated
    there (`Units`, `Calibration`) is the channel's; what is measured of the whole event can stand anywhere.
    """
    plain = " ".join(key.replace("-", " ").replace("_", " ").split())
    if block:
        quantity, channel = quantity_of_line(f"{block.lower()} {plain}")
        quantity = quantity or _CHANNEL_KEYS.get(plain, "")
        if quantity:
            return quantity, channel or block
    quantity, channel = quantity_of_line(key)
    quantity = quantity or _EVENT_KEYS.get(plain, "")
    return (quantity, channel) if block is None or channel or quantity in MEASURED_QUANTITIES else ("", "")
