"""Whether a report is whole. One that was still being written or copied lacks its end; what stands there is unknown.

Blastware's text ends its header with the line `PC SW Version` (known), so that one without it is cut off; one that ends
behind it is whole and has numbers only. THOR's CSV has no such last line: there an unfinished line tells. A table of
fewer rows than the header's times and rate give is cut off in both, and so is one whose last number ends the file and
has fewer digits than those above it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from sfm_archive.formats.reports.blastware_text import ReportHeader
from sfm_archive.formats.reports.lines import Header
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.table_place import begins_names, table_place
from sfm_archive.formats.reports.thor_csv import ThorHeader
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS

CUT_OFF: Final = "cut-off"
"""Code of the finding for a report that is not whole."""

_INTERVAL_ROW = re.compile(rb'^[ \t]*"?[0-9]{1,2}:[0-9]{2}:[0-9]{2}"?[ \t]*\t', re.MULTILINE)
_SECONDS_PRINTED = 0.001
_LAST_ROWS = 1 << 16
"""Bytes at the end of a table, in which enough other rows stand to tell how its numbers are printed."""

_PLAIN_NUMBER = re.compile(rb"[<>]?[+-]?([0-9]*)(?:[.,]([0-9]*))?")


def fits_record_time(rows: int, sample_rate: float, pretrigger: float, record_time: float) -> bool:
    """Whether rows are (abs(pre-trigger) + record time) × rate (known), to the printed millisecond."""
    return abs(_expected_rows(sample_rate, pretrigger, record_time) - rows) <= _rounding(sample_rate)


class ToldRows(NamedTuple):
    """How many rows a table can have by its header's times and rate: (abs(pre-trigger) + record time) × rate."""

    expected: float
    fewest: float
    most: float


def told_rows(header: Header) -> ToldRows | None:
    """What a header tells of the rows of its table; None where it does not tell times and rate."""
    rate, before, lasted = (_number(header, quantity) for quantity in ("sample_rate", "pretrigger", "record_time"))
    if rate is None or before is None or lasted is None or not rate > 0:
        return None
    expected = _expected_rows(rate, before, lasted)
    if _is_set(header, lasted):
        return ToldRows(round(expected), round(expected), round(expected))
    # Else the record time is printed rounded, to half a millisecond, which at 4096 sps stands for two rows.
    rounding = rate * _SECONDS_PRINTED / 2
    return ToldRows(expected, expected - rounding, expected + rounding)


def cut_off(text: ReceivedText, header: Header) -> tuple[Finding, ...]:
    """The finding for a report that is cut off, none for a whole one. `header`: as read from it."""
    why = _thor(text, header) if isinstance(header, ThorHeader) else _blastware(text, header)
    if not why:
        return ()
    message = f"the report is cut off: {why}; what it lacks counts as unknown"
    return (Finding(code=CUT_OFF, message=message),)


def _blastware(text: ReceivedText, header: Header) -> str:
    if isinstance(header, ReportHeader) and not header.has_last_line:
        return "its line PC SW Version, the last of a header, is missing"
    place = table_place(text.head, header.end)
    if place.names is not None:
        return _rows(text, place.at, header, columns=len(place.names), separator=b"\t")
    if text.is_whole and begins_names(text.head[header.end :]):
        return "it ends within the row of channel names"
    return _intervals(text, header)


def _thor(text: ReceivedText, header: ThorHeader) -> str:
    if header.columns is None:
        unfinished = bool(header.other_lines) and header.other_lines[-1].count('"') % 2 == 1
        at_its_end = text.is_whole and header.end >= len(text.head.rstrip())
        return "it ends within a line" if unfinished and at_its_end else ""
    if header.record_type is RecordType.HISTOGRAM:
        return ""  # what stands below the names is not known
    return _rows(text, header.samples_at, header, columns=len(header.columns), separator=b",")


def _rows(text: ReceivedText, at: int, header: Header, *, columns: int, separator: bytes) -> str:
    """Why a table of samples is no whole one."""
    end = _end_of_table(text.blocks(at))
    rows = end.rows
    if rows and end.last.count(separator) < columns - 1:
        return f"its last row has {end.last.count(separator) + 1} of {columns} values"
    if end.last.count(separator) == columns - 1 and (why := _within_a_number(end, separator)):
        return why
    told = told_rows(header)
    if told is None:
        return "" if rows else "it ends behind the row of channel names"
    if rows >= told.fewest:
        return ""
    return f"its table has {rows:,} rows of {told.expected:,.0f}"


def _is_set(header: Header, record_time: float) -> bool:
    """Whether a record lasted as long as its unit was set to, which is a number of whole seconds and so no rounded one.
    A record that the unit ended by itself can print alike."""
    mode = next((one.text for one in header.readings if one.quantity == "record_stop_mode"), "")
    return record_time == round(record_time) and not mode.strip().lower().startswith("auto")


def _intervals(text: ReceivedText, header: Header) -> str:
    """Why the rows of a histogram are not all that the header tells of; a report without any has numbers only."""
    told = _number(header, "intervals")
    if told is None:
        return ""
    rows = sum(len(_INTERVAL_ROW.findall(block)) for block in text.blocks(header.end))
    if rows and rows < math.floor(told):
        return f"it has {rows:,} rows of {told:,.0f} intervals"
    end = _end_of_table(text.blocks(header.end))
    if not rows or _INTERVAL_ROW.match(end.last) is None:
        return ""
    above = [line for line in end.above if _INTERVAL_ROW.match(line)]
    most = max((line.count(b"\t") for line in above), default=0)
    there = end.last.count(b"\t")
    if not end.ended and there < most:
        return f"its last row has {there + 1} of {most + 1} values"
    return _within_a_number(end._replace(above=above), b"\t")


class _End(NamedTuple):
    """The end of a table. `rows`: lines up to the last one with anything in it; `last`: that one, `above`: some before
    it; `ended`: whether anything stands behind its last cell."""

    rows: int
    last: bytes
    above: list[bytes]
    ended: bool


def _end_of_table(blocks: Iterable[bytes]) -> _End:
    rows, lines, tail, cut = 0, 0, b"", False
    for block in blocks:
        if filled := block.rstrip():
            rows = lines + filled.count(b"\n") + 1
        lines += block.count(b"\n")
        cut = cut or len(tail) + len(block) > _LAST_ROWS
        tail = (tail + block)[-_LAST_ROWS:]
    *above, last = tail.rstrip().split(b"\n")
    return _End(rows, last, above[1:] if cut else above, tail[-1:] in (b" ", b"\t", b"\r", b"\n"))


def _within_a_number(end: _End, separator: bytes) -> str:
    """Why the last cell of a text that ends with it is no whole one: its quotes are not closed, or it has fewer digits
    behind the point than all cells of its column and size above it."""
    if end.ended or not end.last:
        return ""
    if end.last.count(b'"') % 2 or end.last.endswith(separator):
        return "it ends within a value"
    last = _printed(end.last, separator)
    above = [cell for line in end.above if (cell := _printed(line, separator)) is not None]
    alike = [decimals for digits, decimals in above if last is not None and digits == last[0]]
    fewest = min(alike or [decimals for _, decimals in above], default=0)
    if last is None or last[1] >= fewest:
        return ""
    return f"it ends within a number, {last[1]} of {fewest} digits behind the point"


def _printed(line: bytes, separator: bytes) -> tuple[int, int] | None:
    """Of the last cell of a row, how many digits stand before the point and how many behind it; None of no number."""
    cell = line.rpartition(separator)[2].strip(b' "\t\r')
    match = _PLAIN_NUMBER.fullmatch(cell)
    return None if match is None or not cell else (len(match[1]), len(match[2] or b""))


def _number(header: Header, quantity: str) -> float | None:
    found = (one.number for one in header.readings if one.quantity == quantity and one.channel not in CHANNELS)
    return next(found, None)


def _expected_rows(sample_rate: float, pretrigger: float, record_time: float) -> float:
    return (abs(pretrigger) + record_time) * sample_rate


def _rounding(sample_rate: float) -> float:
    return 1 + sample_rate * _SECONDS_PRINTED
