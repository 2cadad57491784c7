"""The header of Blastware's ASCII report (`.TXT`): what the vendor's software printed about an event.

Layout known from real exports of Micromates (tests/data/blastware-ascii); the MiniMate form and that of
histograms are known only from descriptions (docs/facts.md, "Blastware ASCII report"):

    "Event Type : Full Waveform"            name and value, split at the first blank-colon-blank
    "Client: : ?"                           a name may end with a colon of its own
    …
    "PC SW Version : V 10.74"               the last header line, then an empty line, then the samples

The samples are not read here; `ReportHeader.end` says where they begin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sfm_archive.base.code_pages import one_byte_signs, text_of
from sfm_archive.base.version import PRODUCT
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.keys import IDENTITY_KEYS, quantity_of, squeezed
from sfm_archive.formats.reports.lines import (
    CR_ALONE,
    KNOWN,
    MAX_HEADER_SIZE,
    Header,
    broken_numbers,
    ends_lines_with_cr,
    first_value,
    header_cut,
    header_lines,
    values_of,
)
from sfm_archive.formats.reports.table_place import type_of_table
from sfm_archive.model.serials import checked_serial, is_serial
from sfm_archive.model.timestamps import month_number

_EVENT_TYPE = re.compile(rb'^[ \t]*"[ \t]*Event[ \t]+Type[ \t]+:', re.MULTILINE | re.IGNORECASE)
_ANY_LINE = re.compile(rb'^[ \t]*"[^"\n]+ :[^\n]*"[ \t]*\r?$', re.MULTILINE)
_LAST_LINE = re.compile(rb'^[ \t]*"[ \t]*PC[ \t]+SW[ \t]+Version[ \t]+:[^\n]*\n?', re.MULTILINE | re.IGNORECASE)
_WHOLE_LAST_LINE = re.compile(
    rb'^[ \t]*"[ \t]*PC[ \t]+SW[ \t]+Version[ \t]+:[^\n]*"[ \t]*\r?$', re.MULTILINE | re.IGNORECASE
)
_MARK_WITHIN = 4096
_MARKS = 3
"""So many lines with names that are known tell a report without its line `Event Type`."""
_EMPTY_LINE = re.compile(rb"^[ \t]*\r?\n", re.MULTILINE)

_TITLES: dict[int, tuple[str, ...]] = {
    6: ("operator", "setup", "location", "client", "user_name", "general"),
    4: ("project", "client", "user_name", "location"),
}
"""What stands between `Units` and `Geo Range`: six lines from a Micromate, four from a MiniMate (known).

Operators rename the labels, so the position decides. With any other number of lines nothing can."""

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})")
_DATE = re.compile(r"([A-Za-z]+) +([0-9]{1,2}), *([0-9]{4})")

_NO_REPORT = (
    'report: no whole line "Event Type : …" among the first; it is not an ASCII report of Blastware, '
    "export it again as ASCII or keep it as a plain file"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHeader(Header):
    """What the header of a report says: with the event's type as printed, the event file as the report names it, and
    whether its last line is there."""

    event_type: str
    file_name: str | None
    has_last_line: bool


def looks_like_report(data: bytes) -> bool:
    """Whether a line among the first is `"Event Type : …"`, or some are others that only such a report has, one of them
    of the event's identity; THOR's CSV and event files have none."""
    head = one_byte_signs(data[: 2 * _MARK_WITHIN])[:_MARK_WITHIN]
    return _EVENT_TYPE.search(head) is not None or _has_marks(head)


def _has_marks(head: bytes) -> bool:
    if b" : " not in head:
        return False
    pairs = (_pair(line) for line in text_of(head).split("\n"))
    names = {squeezed(pair[0]) for pair in pairs if pair is not None}
    known = [name for name in names if name in IDENTITY_KEYS or quantity_of(name)[0]]
    return len(known) >= _MARKS and not IDENTITY_KEYS.isdisjoint(known)


def is_own_text(data: bytes) -> bool:
    """Whether a report's last header line names this program: its numbers were decoded here, and are no evidence of
    what a unit or the vendor's software said."""
    last = _LAST_LINE.search(one_byte_signs(data[: 2 * MAX_HEADER_SIZE])[:MAX_HEADER_SIZE])
    if last is None or not looks_like_report(data):
        return False
    return last[0].partition(b" : ")[2].strip().lower().startswith(PRODUCT.encode("ascii"))


def read_report_header(data: bytes) -> ReportHeader:
    """The header of an ASCII report: LF or CRLF, in any code page of `code_pages`.

    Raises BadInput where no line among the first says the event's type. A header that is cut short gives what
    is there; values that are no numbers are states of their readings and never errors.
    """
    if not looks_like_report(data):
        raise BadInput(_NO_REPORT)
    text = one_byte_signs(data)
    if ends_lines_with_cr(text):
        raise BadInput(f"report: {CR_ALONE}")
    end, is_cut = _header_end(text)
    fields, other_lines = header_lines(text[:end], _pair)
    event_type = first_value(fields, "Event Type")
    if event_type is None and not _has_marks(text[:_MARK_WITHIN]):
        raise BadInput(_NO_REPORT)
    serial = (first_value(fields, "Serial Number") or "").strip()
    readings, decimal_commas, findings = values_of(fields, _quantities(fields))
    return ReportHeader(
        event_type=event_type or "",
        serial=checked_serial(serial) if is_serial(serial) else None,
        recorded_at=_recorded_at(first_value(fields, "Event Date"), first_value(fields, "Event Time")),
        file_name=first_value(fields, "File Name"),
        has_last_line=_WHOLE_LAST_LINE.search(text, 0, end) is not None,
        fields=fields,
        readings=readings,
        decimal_commas=decimal_commas,
        findings=(*findings, *broken_numbers(other_lines), *header_cut(is_cut)),
        other_lines=other_lines,
        end=end,
        in_table=type_of_table(text, end),
    )


def _header_end(data: bytes) -> tuple[int, bool]:
    """Where the header ends, and whether it goes on beyond what is read of one."""
    head = data[:MAX_HEADER_SIZE]
    if last := _LAST_LINE.search(head):
        return last.end(), False
    opening = _EVENT_TYPE.search(head) or _ANY_LINE.search(head)
    if empty := _EMPTY_LINE.search(head, opening.start() if opening else 0):
        return empty.start(), False
    return (len(data), False) if len(head) == len(data) else (head.rfind(b"\n") + 1, True)


def _pair(line: str) -> tuple[str, str] | None:
    quoted = line.strip()
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        return None
    content = quoted[1:-1]
    name, separator, value = content.partition(" : ")
    if not separator:
        # An empty value whose last blank got lost on the way.
        if not content.endswith(" :"):
            return None
        name, value = content.removesuffix(" :"), ""
    return name, value


def _recorded_at(date_text: str | None, time_text: str | None) -> datetime | None:
    date = _DATE.fullmatch((date_text or "").strip())
    time = _TIME.fullmatch((time_text or "").strip())
    if date is None or time is None:
        return None
    try:
        return datetime(int(date[3]), month_number(date[1]), int(date[2]), int(time[1]), int(time[2]), int(time[3]))
    except ValueError:
        return None


def _quantities(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str] | None]:
    """Quantity and channel of each line, as `values_of` takes them."""
    names = [squeezed(name) for name, _ in fields]
    titles = _title_quantities(names)
    return [
        (titles[at], "") if at in titles else KNOWN if name in IDENTITY_KEYS else quantity_of(name)
        for at, name in enumerate(names)
    ]


def _title_quantities(names: list[str]) -> dict[int, str]:
    """Quantity of each line between `Units` and `Geo Range`; empty texts where the position does not tell."""
    try:
        first = names.index("units") + 1
        end = names.index("georange", first)
    except ValueError:
        return {}
    quantities = _TITLES.get(end - first, ("",) * (end - first))
    return dict(zip(range(first, end), quantities, strict=True))
