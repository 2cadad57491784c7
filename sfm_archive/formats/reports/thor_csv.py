"""The header of a CSV that THOR exports of a Micromate's event: another dialect than Blastware's text.

Known from public readers and one public sample (docs/facts.md, "THOR's CSV"):

    "SampleRate","1024 sps"       lines of two quoted cells; an ISO date, values such as "<0.127 mm/s"
    "Channel","Tran"              once for each channel, one behind the other, or nowhere
    "TranPPV","0.662 mm/s"        a channel's values name it
    "TitleNote1","Client:"        the label of a title, its text in "TitleString1"
    "Tran","Vert","Long","MicL"   a quoted row of channel names, then quoted rows of samples, MicL in Pa

DERIVED: that keys with blanks mean the same, and that in a header whose keys name no channel, a channel's values stand
behind its line `Channel`; which key carries which value: those of Blastware's lines, for it is the same vendor's. A key
that is not understood stays in `fields`, with a finding. The samples are not read here; `ThorHeader.end` says where
their names stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sfm_archive.base.code_pages import one_byte_signs, text_of
from sfm_archive.base.counting import counted
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.keys import (
    IDENTITY_KEYS,
    channel_named,
    quantity_of,
    quantity_of_channel,
    squeezed,
)
from sfm_archive.formats.reports.lines import (
    KNOWN,
    MAX_HEADER_SIZE,
    Header,
    broken_numbers,
    column_names,
    first_value,
    header_cut,
    header_lines,
    names_found,
    quoted_cells,
    values_of,
)
from sfm_archive.formats.reports.table_place import clock_time
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import MEASURED_QUANTITIES, Reading
from sfm_archive.model.serials import checked_serial, is_serial

_MARK_WITHIN = 16 * 1024
_MARKS = 3
"""So many keys that are known, one of them of the event's identity, tell a CSV without lines `Channel`."""

_CELL = rb'[ \t]*"(?:[^"\n]|"")*"[ \t]*'
_PAIR_OF_CELLS = re.compile(rb"[ \t\r\n]*" + _CELL + b"," + _CELL + rb"\r?(?:\n|\Z)")
_CHANNEL_LINE = re.compile(rb'^[ \t]*"[ \t]*Channel[ \t]*"[ \t]*,[ \t]*"', re.MULTILINE | re.IGNORECASE)

_LONGEST_ROW = 4096
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")

_CHANNEL = "channel"
_SERIALS = ("serialnumber", "serial")
_TIMES = frozenset({"event", "date", "time", "eventstarttime", "starttime"})
_TITLES = {
    "project": "project",
    "client": "client",
    "username": "user_name",
    "company": "user_name",
    "location": "location",
    "operator": "operator",
    "setup": "setup",
    "general": "general",
    "generalnotes": "general",
    "notes": "general",
}
_TITLES_IN_ORDER = ("location", "client", "user_name", "general")
"""The four titles of a Micromate as Blastware's text has them (known); DERIVED that THOR numbers them alike. It decides
where the operator renamed a label to a word that is not known."""

_TITLE = re.compile(r"title(note|string)([0-9]{1,2})")

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
    """Whether the first line is `"Key","Value"`, and among the first there is a line with the key `Channel`, or there
    are some of the other keys that only such an export has."""
    head = one_byte_signs(data[: 2 * _MARK_WITHIN])[:_MARK_WITHIN]
    if _PAIR_OF_CELLS.match(head) is None:
        return False
    if _CHANNEL_LINE.search(head) is not None:
        return True
    pairs = (_pair(line.removesuffix("\r")) for line in text_of(head).split("\n"))
    names = {squeezed(pair[0]) for pair in pairs if pair is not None}
    known = [name for name in names if name in IDENTITY_KEYS or quantity_of(name)[0]]
    return len(known) >= _MARKS and not IDENTITY_KEYS.isdisjoint(known)


def read_thor_header(data: bytes) -> ThorHeader:
    """The header of a CSV of THOR: LF or CRLF, in any code page of `code_pages`.

    Raises BadInput where it does not look like one. A header that is cut short gives what is there; values that are no
    numbers are states of their readings and never errors.
    """
    if not looks_like_thor(data):
        raise BadInput(
            'CSV: no lines "Key","Value" with the key "Channel", or with others that an export of THOR has, among the '
            "first; it is not an export of THOR, export it again or keep it as a plain file"
        )
    text = one_byte_signs(data)
    end, samples_at, columns = _names_row(text)
    fields, other_lines = header_lines(text[:end], _pair)
    readings, decimal_commas, findings = values_of(fields, _quantities(fields))
    findings += broken_numbers(other_lines) or _other_lines(other_lines)
    header = ThorHeader(
        serial=_serial(fields),
        recorded_at=_recorded_at(fields),
        fields=fields,
        readings=readings,
        decimal_commas=decimal_commas,
        findings=(*findings, *header_cut(columns is None and end < len(text))),
        other_lines=other_lines,
        columns=columns,
        end=end,
        in_table=_type_of_table(fields, readings, columns, text[samples_at : samples_at + _LONGEST_ROW]),
        samples_at=samples_at,
    )
    if columns is None or header.record_type is not RecordType.HISTOGRAM:
        return header
    message = (
        "its rows of intervals are not read, for nobody has published what stands in them; the numbers of its header "
        "count, and the text is kept"
    )
    return replace(header, findings=(*header.findings, Finding(code="line-not-read", message=message)))


def _type_of_table(
    fields: Sequence[tuple[str, str]], readings: Sequence[Reading], columns: tuple[str, ...] | None, rows: bytes
) -> RecordType:
    """Of which type the table is where no line `EventType` says it: rows of numbers below names of channels are a
    waveform's samples. What a histogram's table looks like here is not published: one with clock times, or of a header
    that states an interval, is one, and beside a line `EventType` the table says nothing."""
    if columns is None or (first_value(fields, "Event Type") or "").strip():
        return RecordType.UNKNOWN
    line = next((one for one in rows.split(b"\n") if one.strip()), b"")
    cells = [cell.strip() for cell in quoted_cells(line.decode("latin-1").rstrip("\r"))]
    if len(cells) != len(columns):
        return RecordType.UNKNOWN
    if clock_time(cells[0]) is not None or any(one.quantity == "interval_size" for one in readings):
        return RecordType.HISTOGRAM
    return RecordType.WAVEFORM if all(map(_NUMBER.fullmatch, cells)) else RecordType.UNKNOWN


def _other_lines(lines: Sequence[str]) -> tuple[Finding, ...]:
    """The finding for lines that are no key and value, such as the intervals of a histogram, which are not read."""
    if not lines:
        return ()
    message = (
        f"{counted(len(lines), 'line')} without a key and its value not read, the first is {lines[0].strip()[:60]!r}; "
        "the text is kept as it is"
    )
    return (Finding(code="line-not-read", message=message),)


def _pair(line: str) -> tuple[str, str] | None:
    if line.count('"') % 2:
        return None  # cut off: the last cell is not whole
    cells = quoted_cells(line)
    return (cells[0], cells[1]) if len(cells) == 2 else None


def _names_row(data: bytes) -> tuple[int, int, tuple[str, ...] | None]:
    """Where the row of channel names begins, where the row behind it does, and the names.

    Without one, both are the header's end, and the names None.
    """
    limit = min(len(data), MAX_HEADER_SIZE)
    at = 0
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
        if (
            names is not None
            and is_row
            and names_found(names)
            and (len(names) > 1 or channels <= 1)
            and not quantity_of(squeezed(names[0]))[0]
        ):
            return at, min(end + 1, len(data)), names
        channels += _CHANNEL_LINE.match(line) is not None
        at = end + 1
    return limit, limit, None


def _serial(fields: Sequence[tuple[str, str]]) -> str | None:
    """The value of `SerialNumber`; else the one serial that keys with this word tell. A sensor's is not the unit's."""
    told = [(squeezed(key), value.strip()) for key, value in fields if "serial" in key.lower() and is_serial(value)]
    told.sort(key=lambda pair: pair[0] not in _SERIALS)
    if not told:
        return None
    if told[0][0] in _SERIALS or len({value.upper() for _, value in told}) == 1:
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


def _quantities(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str] | None]:
    """Quantity and channel of each line, as `values_of` takes them."""
    names = [squeezed(key) for key, _ in fields]
    has_blocks = _has_blocks(names)
    labels = {
        match[2]: squeezed(value)
        for name, (_, value) in zip(names, fields, strict=True)
        if (match := _TITLE.fullmatch(name)) and match[1] == "note"
    }
    found: list[tuple[str, str] | None] = []
    block: str | None = None
    for name, (_, value) in zip(names, fields, strict=True):
        if name == "key" and squeezed(value) == "value":
            found.append(KNOWN)  # a heading
        elif name == _CHANNEL:
            block = (channel_named(value) or "") if has_blocks else None
            found.append(KNOWN)
        elif name in IDENTITY_KEYS or name in _TIMES or "serial" in name:
            found.append(KNOWN)
        elif title := _TITLE.fullmatch(name):
            found.append(KNOWN if title[1] == "note" else (_title(title[2], labels), ""))
        else:
            found.append(_quantity(name, block))
    return found


def _has_blocks(names: Sequence[str]) -> bool:
    """Whether a line `Channel` is a heading of what follows it: not where such lines stand together, or where other
    keys name their channel themselves."""
    together = (_CHANNEL, _CHANNEL) in pairwise(names)
    return not together and not any(quantity_of(name)[1] and not quantity_of_channel(name) for name in names)


def _title(number: str, labels: dict[str, str]) -> str:
    """The quantity of a title: by its label, else by its place where no other one's label has that."""
    place = int(number) - 1
    by_place = _TITLES_IN_ORDER[place] if 0 <= place < len(_TITLES_IN_ORDER) else ""
    by_label = {_TITLES[label] for label in labels.values() if label in _TITLES}
    return _TITLES.get(labels.get(number, ""), "" if by_place in by_label else by_place)


def _quantity(name: str, block: str | None) -> tuple[str, str]:
    """Quantity and channel of a squeezed key; empty texts for one that is not understood.

    `block`: the channel whose lines these are, None before the first, '' where it is none of a unit's. What is stated
    there (`Units`, `Calibration`) is the channel's; what is measured of the whole event can stand anywhere.
    """
    if block and (quantity := quantity_of_channel(name)):
        return quantity, "MicL" if quantity == "pspl" else block
    quantity, channel = quantity_of(name)
    quantity = quantity or _TITLES.get(name, "")
    return (quantity, channel) if block is None or channel or quantity in MEASURED_QUANTITIES else ("", "")
