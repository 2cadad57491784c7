"""Whether a report is whole. One that was still being written or copied lacks its end; what stands there is unknown.

Blastware's text ends its header with the line `PC SW Version` (known), so that one without it is cut off; one that ends
behind it is whole and has numbers only. THOR's CSV has no such last line: there an unfinished line tells. A table of
fewer rows than the header's times and rate give is cut off in both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

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


def fits_record_time(rows: int, sample_rate: float, pretrigger: float, record_time: float) -> bool:
    """Whether rows are (abs(pre-trigger) + record time) × rate (known), to the printed millisecond."""
    return abs(_expected_rows(sample_rate, pretrigger, record_time) - rows) <= _rounding(sample_rate)


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
    rows, last = _counted_rows(text.blocks(at))
    if rows and last.count(separator) < columns - 1:
        return f"its last row has {last.count(separator) + 1} of {columns} values"
    rate, before, lasted = (_number(header, quantity) for quantity in ("sample_rate", "pretrigger", "record_time"))
    if rate is None or before is None or lasted is None or not rate > 0:
        return "" if rows else "it ends behind the row of channel names"
    expected = _expected_rows(rate, before, lasted)
    if _is_set(header, lasted):
        expected = round(expected)
    # Else the record time is printed rounded, to half a millisecond, which at 4096 sps stands for two rows.
    if rows + (0 if _is_set(header, lasted) else rate * _SECONDS_PRINTED / 2) >= expected:
        return ""
    return f"its table has {rows:,} rows of {expected:,.0f}"


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
    if not rows or rows >= math.floor(told):
        return ""
    return f"it has {rows:,} rows of {told:,.0f} intervals"


def _counted_rows(blocks: Iterable[bytes]) -> tuple[int, bytes]:
    """How many lines there are up to the last one with anything in it, and that one."""
    rows, lines, last = 0, 0, b""
    for block in blocks:
        if filled := block.rstrip():
            rows = lines + filled.count(b"\n") + 1
            last = filled[filled.rfind(b"\n") + 1 :]
        lines += block.count(b"\n")
    return rows, last


def _number(header: Header, quantity: str) -> float | None:
    found = (one.number for one in header.readings if one.quantity == quantity and one.channel not in CHANNELS)
    return next(found, None)


def _expected_rows(sample_rate: float, pretrigger: float, record_time: float) -> float:
    return (abs(pretrigger) + record_time) * sample_rate


def _rounding(sample_rate: float) -> float:
    return 1 + sample_rate * _SECONDS_PRINTED
