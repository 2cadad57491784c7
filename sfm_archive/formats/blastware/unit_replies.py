"""What a unit says of itself in a capture: the compliance record (reply E5) and monitoring intervals (0A, reply F5).

docs/facts.md, "Other replies that a capture may hold". Read by labels and anchors; what stands at no published place
(trigger and alarm levels in a channel's block, the counter in the event count's reply F7) is not read.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sfm_archive.base.code_pages import windows_text
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.frames import unescape_stored
from sfm_archive.formats.blastware.link import WireFrame
from sfm_archive.model.readings import GEO_CHANNELS, Reading
from sfm_archive.model.timestamps import read_device_time
from sfm_archive.model.units import NORMAL_RANGE_IN_S, SENSITIVE_RANGE_IN_S

COMPLIANCE_SUB = 0xE5
"""Reply to request 1A (known: FF − request SUB)."""

EVENT_HEADER_SUB = 0xF5
"""Reply to request 0A."""

_MONITORING = 0x2C
_TRIGGERED = 0x46
_TIMES = slice(1, 17)
_SERIAL = re.compile(rb"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{3,6}(?![0-9A-Za-z])")
_TRIGGER = re.compile(rb"Geo: [^\x00]*")

_SENSITIVITY = struct.pack(">f", 6.206053)
_SENSITIVITY_OFFSET = 28
_RANGE_OFFSET = 33
_RANGES = {0: NORMAL_RANGE_IN_S, 1: SENSITIVE_RANGE_IN_S}

_ANCHOR = bytes.fromhex("012c0000be8000000000")
_MODE_OFFSET = -8
_INTERVAL_OFFSET = -4
_MODES = {0: "single shot", 1: "continuous", 3: "histogram", 4: "histogram + continuous"}
_WITH_INTERVAL = (3, 4)
_INTERVALS_S = (2, 5, 15, 60, 300, 900)
_FLOAT = struct.Struct(">f")
_LONGEST_RECORD_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringInterval:
    """A unit was running, and nothing triggered. Times device-local; `serial`: '' where the text has none or several;
    `trigger`: the trigger level as the text says it, such as `Geo: 0.020 in/s`, ''."""

    started_at: datetime
    stopped_at: datetime
    serial: str
    trigger: str


def is_triggered(content: bytes) -> bool:
    """Whether the content of an F5 reply is the header of a full record, of an event that triggered."""
    return content[:1] == bytes((_TRIGGERED,))


def read_monitoring(content: bytes) -> MonitoringInterval | None:
    """The interval in the content of an F5 reply; None for another kind of record.

    Raises BadInput where its times cannot be read, or the second lies before the first.
    """
    if content[:1] != bytes((_MONITORING,)):
        return None
    times = content[_TIMES]
    started_at, stopped_at = read_device_time(times), read_device_time(times, 8)
    if stopped_at < started_at:
        raise BadInput(f"a monitoring interval ends ({stopped_at}) before it begins ({started_at})")
    text = content[_TIMES.stop :]
    serials = {match.decode("ascii") for match in _SERIAL.findall(text)}
    trigger = _TRIGGER.search(text)
    return MonitoringInterval(
        started_at=started_at,
        stopped_at=stopped_at,
        serial=serials.pop() if len(serials) == 1 else "",
        trigger="" if trigger is None else windows_text(trigger[0]).strip(),
    )


def read_compliance(reply: WireFrame) -> tuple[Reading, ...]:
    """The settings in an E5 reply: geophone range, recording mode, record time, interval; those that it states.

    The range stands behind each channel's label, at offsets known in the half-unescaped view of older parsers; a label
    counts where the sensitivity 6.206053 stands behind it at its place. The other fields stand around their anchor, in
    the logical bytes (derived: none of theirs needs an escape in what was published). What cannot be is left out.
    """
    ranges = () if is_of_eight_channels(reply) else _ranges(reply.view)
    return (*ranges, *_around_anchor(unescape_stored(reply.view)))


def is_of_eight_channels(reply: WireFrame) -> bool:
    """Whether an E5 reply has the block of every geophone twice."""
    return all(len(_blocks_of(channel, reply.view)) > 1 for channel in GEO_CHANNELS)


def _blocks_of(channel: str, view: bytes) -> list[bytes]:
    """What stands from the sensitivity to the range behind each label of a channel that has them."""
    places = _places(view, channel.encode("ascii"))
    behind = (view[at + _SENSITIVITY_OFFSET : at + _RANGE_OFFSET + 1] for at in places)
    return [block for block in behind if len(block) == 6 and block.startswith(_SENSITIVITY)]


def _ranges(view: bytes) -> Iterator[Reading]:
    found = {}
    for channel in GEO_CHANNELS:
        states = {block[-1] for block in _blocks_of(channel, view)}
        if len(states) == 1 and states <= _RANGES.keys():
            found[channel] = _RANGES[states.pop()]
    if len(found) == len(GEO_CHANNELS) and len(set(found.values())) == 1:
        yield Reading(quantity="geo_range", number=next(iter(found.values())), unit="in/s")
    else:
        for channel, range_in_s in found.items():
            yield Reading(quantity="geo_range", channel=channel, number=range_in_s, unit="in/s")


def _around_anchor(logical: bytes) -> Iterator[Reading]:
    places = list(_places(logical, _ANCHOR))
    if len(places) != 1 or places[0] + _MODE_OFFSET < 0:
        return
    (at,) = places
    mode = logical[at + _MODE_OFFSET]
    if mode in _MODES:
        yield Reading(quantity="recording_mode", text=_MODES[mode])
    seconds = int.from_bytes(logical[at + _INTERVAL_OFFSET : at + _INTERVAL_OFFSET + 2], "big")
    if mode in _WITH_INTERVAL and seconds in _INTERVALS_S:
        yield Reading(quantity="interval_size", number=float(seconds), unit="sec")
    end = at + len(_ANCHOR)
    if len(logical) >= end + _FLOAT.size:
        (lasted,) = _FLOAT.unpack_from(logical, end)
        if math.isfinite(lasted) and 0 < lasted <= _LONGEST_RECORD_S:
            yield Reading(quantity="record_time", number=lasted, unit="sec")


def _places(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    while at != -1:
        yield at
        at = data.find(wanted, at + 1)
