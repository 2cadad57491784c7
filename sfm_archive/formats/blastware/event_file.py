"""Blastware event files and the event memory inside them (docs/facts.md, "Layout").

DERIVED: file = 18-byte prefix + the unit's memory from the event's start key to its end key. So everything here
works on *event memory*, whether it came from a file (`memory_of_file`) or from A5 frames (`streams.survey_stream`):

    tag (4) · STRT (21) · body · trailer with ASCII settings · footer (26)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sfm_archive.base.code_pages import windows_text
from sfm_archive.errors import BadInput
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import LONGEST_TEXT
from sfm_archive.model.timestamps import CLOCK_NEVER_SET_YEAR, local_text, read_device_time

FILE_PREFIX = bytes.fromhex("100001800000") + b"Instantel\x00" + bytes.fromhex("072c")
"""The 18 bytes every Blastware file begins with (known)."""

EVENT_TAG = bytes.fromhex("00120300")
"""Type tag of waveform and histogram events (known)."""

MONITOR_LOG_TAG = bytes.fromhex("22010ea0")
"""Type tag of monitor logs, `.MLG` (known)."""

STRT_SIZE = 21
EVENT_HEADER = EVENT_TAG + b"STRT"
BODY_OFFSET = len(EVENT_TAG) + STRT_SIZE
"""Where the body starts in event memory; in a file it is 18 more, 43 (known)."""

FOOTER_MARK = bytes.fromhex("0e08")
FOOTER_SIZE = 26

MOST_SECOND_HEADERS = 64
"""Second headers that are findings of their own: faulty downloads had a few, a hostile file can have millions."""

GAP_BYTE = b"\xff"
"""Stands at the edges of a gap where torn memory is laid out for reading; no text that a unit takes has it."""

_QUANTITY_OF = {
    "Project:": "project",
    "Client:": "client",
    "User Name:": "user_name",
    "Seis Loc:": "location",
    "Extended Notes": "general",
}

SETTING_LABELS = tuple(_QUANTITY_OF)
"""Labels in the trailer; their positions vary (known)."""

_SERIAL_BETWEEN_NULS = re.compile(rb"(?<=\x00)([A-Z]{2}[0-9]{3,6})(?= *(?:\x00|\Z))")
_SERIAL = re.compile(r"[A-Z]{2}[0-9]{3,6}", re.ASCII)
_NULS = re.compile(rb"\x00*")


@dataclass(frozen=True, slots=True)
class Strt:
    """The STRT part: 32-bit `start_key` and `end_key` (first byte after the event), and the trigger mode."""

    start_key: int
    end_key: int
    continuous: bool | None
    first_segment_length: int

    @property
    def event_size(self) -> int:
        """Bytes of event memory from start key to end key."""
        return self.end_key - self.start_key

    @property
    def is_possible(self) -> bool:
        """Whether the end key lies behind the header: the extent of an event whose keys wrapped is not known."""
        return self.event_size >= BODY_OFFSET


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDescription:
    """What event memory says of itself; None or empty where it does not say.

    `strt`: whatever its keys. Times are device-local. `settings` maps trailer labels (without their colon) to text.
    """

    strt: Strt | None
    record_type: RecordType
    serial: str | None
    recorded_at: datetime | None
    stopped_at: datetime | None
    settings: dict[str, str]
    findings: tuple[Finding, ...]


def read_strt(memory: bytes, offset: int = 0) -> Strt | None:
    """The STRT that follows an event tag at `offset`, or None where there is none or its keys cannot be."""
    found = read_opener(memory, offset)
    return found if found is not None and found.is_possible else None


def read_opener(memory: bytes, offset: int = 0) -> Strt | None:
    """The STRT that follows an event tag at `offset`, whatever its keys; None where there is none."""
    if memory[offset : offset + 8] != EVENT_HEADER or len(memory) < offset + BODY_OFFSET:
        return None
    at = offset + len(EVENT_TAG)
    end_key = int.from_bytes(memory[at + 6 : at + 10], "big")
    start_key = int.from_bytes(memory[at + 10 : at + 14], "big")
    mode = {b"\xff\xfe": False, b"\xff\xfd": True}.get(memory[at + 4 : at + 6])
    return Strt(start_key, end_key, mode, int.from_bytes(memory[at + 16 : at + 18], "big"))


def is_event_file(data: bytes) -> bool:
    """Whether the bytes begin as a Blastware event or monitor-log file does."""
    return data.startswith(FILE_PREFIX) and data[18:22] in (EVENT_TAG, MONITOR_LOG_TAG)


def memory_of_file(data: bytes) -> bytes:
    """Event memory inside an event file, cut at the STRT's end key where the file goes on behind it.

    Raises BadInput when the prefix, the tag or the STRT is missing.
    """
    if not is_event_file(data):
        raise BadInput("the bytes do not begin as a Blastware event file does; nothing was read from them")
    memory = data[len(FILE_PREFIX) :]
    strt = read_strt(memory)
    return memory if strt is None else memory[: strt.event_size]


def record_type_of(memory: bytes) -> RecordType:
    """Waveform or histogram by the body's first bytes; never by name or tag, which do not tell.

    A waveform body begins with `00 02 00`, the rest of the first segment's header (derived). A histogram has the header
    of its first record in STRT[16:21] and body[0], `00 1e ?? 00 00 00` (derived), and that of its second at body[28],
    `1e 0a 00 00` (known); where one of them is damaged the other tells it.
    """
    if memory.startswith(MONITOR_LOG_TAG):
        return RecordType.MONITOR_LOG
    first, body = memory[BODY_OFFSET - 5 : BODY_OFFSET + 1], memory[BODY_OFFSET:]
    second = body[28:32] == b"\x1e\x0a\x00\x00"
    if body.startswith(b"\x00\x02\x00") and not second:
        return RecordType.WAVEFORM
    if second or (first[:2] == b"\x00\x1e" and first[3:] == b"\x00\x00\x00"):
        return RecordType.HISTOGRAM
    return RecordType.UNKNOWN


def describe_memory(memory: bytes) -> MemoryDescription:
    """Everything that names and dates the event, read from its memory. Never raises; what is odd is a finding."""
    findings: list[Finding] = []
    recorded_at, stopped_at = _footer_times(memory, findings)
    settings, serial = _read_settings(memory, findings)
    return MemoryDescription(
        strt=read_opener(memory),
        record_type=record_type_of(memory),
        serial=serial,
        recorded_at=recorded_at,
        stopped_at=stopped_at,
        settings=settings,
        findings=tuple(findings),
    )


def inspect_event_file(data: bytes) -> tuple[Finding, ...]:
    """Structural check of a whole event file; offsets are file offsets.

    Codes: `empty`, `not-an-event-file`, `no-header`, `size` (file and STRT disagree), `second-header`,
    `missing-footer`. Monitor logs are checked for prefix and tag only: no more of their layout is known.
    """
    if not data:
        return (Finding(code="empty", message="the file is empty", severity=Severity.REFUSAL),)
    if not is_event_file(data):
        message = "the bytes do not begin as a Blastware event file does"
        return (Finding(code="not-an-event-file", message=message, severity=Severity.REFUSAL),)
    if data[18:22] == MONITOR_LOG_TAG:
        return ()
    memory = data[len(FILE_PREFIX) :]
    strt = read_strt(memory)
    if strt is None:
        return (no_extent(read_opener(memory), "no STRT follows the type tag"),)
    findings: list[Finding] = []
    expected = len(FILE_PREFIX) + strt.event_size
    if len(data) != expected:
        where = "goes on past" if len(data) > expected else "ends before"
        message = f"the file has {len(data)} bytes, its STRT says {expected}: it {where} the event's end"
        start, end = sorted((expected, len(data)))
        findings.append(Finding(code="size", message=message, start=start, end=end))
    findings += find_second_headers(memory[: strt.event_size], len(FILE_PREFIX))
    if len(data) >= expected and data[expected - FOOTER_SIZE :][: len(FOOTER_MARK)] != FOOTER_MARK:
        findings.append(missing_footer())
    return tuple(findings)


def no_extent(opener: Strt | None, without: str) -> Finding:
    """The finding for an event whose header has keys that cannot be, or that has none: `without` says so."""
    message = f"{without}: its extent is unknown"
    if opener is not None:
        message = (
            f"the header says that the event ends at {opener.end_key:08X}, which does not lie behind its start "
            f"{opener.start_key:08X}: its extent is unknown"
        )
    return Finding(code="no-header", message=message, severity=Severity.REFUSAL)


def not_whole(data: bytes) -> tuple[Finding, ...]:
    """What says that a file does not hold one event from its first byte to its last; empty for one that does.

    A file that goes on behind the end of its event holds it whole: `memory_of_file` leaves the rest out.
    """
    return tuple(one for one in inspect_event_file(data) if one.code != "size" or one.start == len(data))


def find_second_headers(memory: bytes, base: int) -> list[Finding]:
    """A finding for each type tag + STRT with possible keys in the body; Blastware refuses such a file (known).

    Beyond MOST_SECOND_HEADERS the others are counted in one. Offsets in the findings count from `base` at the memory's
    first byte. Samples that happen to spell STRT are not taken for a header: one of the two known modes and possible
    keys must stand behind it too.
    """
    findings: list[Finding] = []
    more, first_more = 0, 0
    at = memory.find(EVENT_HEADER, 1)
    while at != -1:
        strt = read_strt(memory, at)
        if strt is None or strt.continuous is None:
            pass
        elif len(findings) == MOST_SECOND_HEADERS:
            more, first_more = more + 1, first_more or at
        else:
            findings.append(
                Finding(
                    code="second-header",
                    message=f"the body holds a second event header, STRT at file offset 0x{base + at + 4:X}; "
                    "Blastware refuses such a file: download the event again while the unit still has it",
                    start=base + at,
                    end=base + at + BODY_OFFSET,
                )
            )
        at = memory.find(EVENT_HEADER, at + 1)
    if more:
        message = (
            f"{more:,} more second headers stand in the body, the first at file offset 0x{base + first_more + 4:X}"
        )
        findings.append(Finding(code="second-header", message=message, start=base + first_more, end=base + len(memory)))
    return findings


def missing_footer() -> Finding:
    """The finding for an event whose last 26 bytes do not begin with `0e 08`."""
    return Finding(
        code="missing-footer",
        message="there is no footer (0e 08) 26 bytes before the event's end; its start and stop times are not there",
    )


def ends_with_footer(memory: bytes) -> bool:
    """Whether the last 26 bytes are a footer with a start and a stop time. Never raises."""
    return None not in footer_times(memory)


def footer_times(memory: bytes) -> tuple[datetime | None, datetime | None]:
    """Start and stop as the footer states them, device-local; None for what it does not state. Never raises."""
    return _times_stated(memory[-FOOTER_SIZE:])


@lru_cache(8)
def _times_stated(footer: bytes) -> tuple[datetime | None, datetime | None]:
    """Decoding asks for those of one event several times."""
    return _footer_times(footer, [])


def _footer_times(memory: bytes, findings: list[Finding]) -> tuple[datetime | None, datetime | None]:
    footer = memory[-FOOTER_SIZE:]
    if len(footer) < FOOTER_SIZE or not footer.startswith(FOOTER_MARK):
        return None, None
    recorded_at = _footer_time(footer, 2, "start", findings)
    stopped_at = _footer_time(footer, 10, "stop", findings)
    if recorded_at is not None and recorded_at.year == CLOCK_NEVER_SET_YEAR:
        findings.append(
            Finding(
                code="clock-never-set",
                message=f"the unit's clock was never set: it recorded {local_text(recorded_at)}",
            )
        )
    return recorded_at, stopped_at


def _footer_time(footer: bytes, at: int, which: str, findings: list[Finding]) -> datetime | None:
    try:
        return read_device_time(footer, at)
    except BadInput as error:
        findings.append(Finding(code="bad-time", message=f"the footer's {which} time cannot be read: {error}"))
        return None


def stated_in_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """What the operator typed, by quantity as readings name it, from the texts of `MemoryDescription.settings`; empty
    ones are left out."""
    texts = ((quantity, settings.get(label.rstrip(":"), "").strip()) for label, quantity in _QUANTITY_OF.items())
    return {quantity: text for quantity, text in texts if text}


def _read_settings(memory: bytes, findings: list[Finding]) -> tuple[dict[str, str], str | None]:
    """Labelled texts of the trailer, and the serial: the one NUL-delimited text of its shape outside of them."""
    settings: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    for label in SETTING_LABELS:
        at = _last_label(memory, label.encode("ascii"))
        if at == -1:
            continue
        start = _behind_nuls(memory, at + len(label))
        end = memory.find(b"\x00", start)
        end = len(memory) if end == -1 else end
        # A label directly behind another one means that the first has no text.
        if memory.startswith(tuple(other.encode("ascii") for other in SETTING_LABELS), start):
            end = start
        spans.append((at, end))
        if end - start > LONGEST_TEXT:
            message = (
                f"the text behind {label} in the settings has {end - start:,} bytes; this program keeps up to "
                f"{LONGEST_TEXT:,}, so it counts as not given"
            )
            findings.append(Finding(code="text-too-long", message=message))
        elif GAP_BYTE not in memory[start:end]:
            settings[label.rstrip(":")] = windows_text(memory[start:end]).strip()
    if not spans:
        return settings, None
    trailer = max(BODY_OFFSET, min(at for at, _ in spans) - 512)
    serials = {
        match.group(1).decode("ascii")
        for match in _SERIAL_BETWEEN_NULS.finditer(memory, trailer)
        if not any(start <= match.start() < end for start, end in spans)
    }
    if len(serials) > 1:
        message = f"the settings hold more than one text that could be the serial: {_listed(sorted(serials))}"
        findings.append(Finding(code="ambiguous-serial", message=message))
    if not serials:
        return settings, _serial_in_place_of_text(settings)
    return settings, serials.pop() if len(serials) == 1 else None


def _listed(texts: list[str]) -> str:
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5:,} more" if len(texts) > 5 else "")


def _last_label(memory: bytes, label: bytes) -> int:
    """Where a label stands, -1 where it does not: behind a NUL rather than inside another label's text."""
    at = memory.rfind(b"\x00" + label, BODY_OFFSET - 1)
    return memory.rfind(label, BODY_OFFSET) if at == -1 else at + 1


def _behind_nuls(memory: bytes, start: int) -> int:
    match = _NULS.match(memory, start)
    return start if match is None else match.end()


def _serial_in_place_of_text(settings: dict[str, str]) -> str | None:
    """The serial where it stands behind a label without a text: skipping NULs, a reader takes it for that text.

    The memory always holds the unit's serial (known), so the only text of that shape is it.
    """
    labels = [label for label, text in settings.items() if _SERIAL.fullmatch(text)]
    if len(labels) != 1:
        return None
    serial = settings[labels[0]]
    settings[labels[0]] = ""
    return serial
