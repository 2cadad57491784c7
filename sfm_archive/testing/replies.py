"""The unit's other replies that stand between event frames in a capture.

Layout: docs/facts.md, "Other replies that a capture may hold". Known of them are the SUB pairs, the 0C
record's label-relative fields, byte 0 and the two times of 0A. All other content is open and drawn at
random.
"""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from sfm_archive.testing.link import reply_payload, wire_frame
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.trailer import device_time

FULL_RECORD = 0x46
MONITORING_INTERVAL = 0x2C
RECORD_SIZE = 210

COMPLIANCE_SIZE = 2090
ANCHOR = bytes.fromhex("012c0000be8000000000")

_PLAIN = tuple(byte for byte in range(256) if byte not in (0x02, 0x03, 0x04, 0x10))
_CHANNELS = (b"Tran", b"Vert", b"Long", b"MicL")


def reply_sub(request_sub: int) -> int:
    """SUB of the reply to a request: FF minus it (known: 5A → A5, 0C → F3, …)."""
    return 0xFF - request_sub


def event_record(random: Random, event: SimulatedEvent) -> bytes:
    """Content of the 0C reply, 210 bytes: 8-byte time; each channel's label with its peak as float32 BE at
    label+6; the vector sum 12 bytes before the label `Tran`; `Project:` and its text, cut where the record
    ends.

    Labels stand at varying places. Bytes between are open, and drawn.
    """
    time = device_time(event.recorded_at)
    pieces = [
        time,
        random.randbytes(random.randrange(2, 12)),
        struct.pack(">f", event.peaks.pvs),
        random.randbytes(8),
    ]
    peaks = (event.peaks.tran, event.peaks.vert, event.peaks.long, event.peaks.micl)
    for label, peak in zip(_CHANNELS, peaks, strict=True):
        pieces += [label, random.randbytes(2), struct.pack(">f", peak), random.randbytes(random.randrange(8))]
    pieces += [b"Project:", bytes(random.randrange(1, 6)), event.project.encode("ascii")]
    record = b"".join(pieces)[: RECORD_SIZE - 1] + b"\0"
    return record + random.randbytes(RECORD_SIZE - len(record))


def event_record_reply(random: Random, event: SimulatedEvent) -> bytes:
    """The 0C reply (SUB F3) on the wire; its parameters echo the start key."""
    return _reply(0x0C, event.start_key.to_bytes(4, "big"), event_record(random, event))


def event_header_reply(random: Random, event: SimulatedEvent) -> bytes:
    """The 0A reply (SUB F5) of a full record: `46`, start, stop, text."""
    return _header(random, FULL_RECORD, event.start_key, event.recorded_at, event.stopped_at, event.project)


def monitoring_reply(
    random: Random, event: SimulatedEvent, *, started: datetime | None = None, stopped: datetime | None = None
) -> bytes:
    """The 0A reply of a monitoring interval that ended, without a trigger, before the event: two times, then
    text with the serial and the trigger level. Where they stand in the text, and what else does, is open.
    """
    if stopped is None:
        stopped = event.recorded_at - timedelta(seconds=random.randrange(1, 3600))
    if started is None:
        started = stopped - timedelta(seconds=random.randrange(60, 86400))
    pieces = [event.serial, f"Geo: {random.randrange(1, 200) / 100:.3f} in/s", event.seis_loc]
    random.shuffle(pieces)
    separator = "\0" * random.randrange(1, 5)
    return _header(random, MONITORING_INTERVAL, event.start_key, started, stopped, separator.join(pieces))


class UnitSettings(NamedTuple):
    """What a compliance record says: range in in/s of all geophones; mode 0, 1, 3 or 4; record time and interval in
    seconds.
    """

    range_in_s: float = 10.0
    mode: int = 0
    record_time_s: float = 3.0
    interval_s: int = 60


def compliance_reply(random: Random, settings: UnitSettings) -> bytes:
    """The 1A reply (SUB E5), 2090 bytes. Known of it are the fields behind each geophone's label, at offsets of the
    half-unescaped view, and those around the anchor; where labels and anchor stand, and all other bytes, are open
    and drawn. Bytes between a field and its label or anchor need no escape, so that both views agree there.
    """
    pieces = [_plain(random, random.randrange(40, 200)), b"Project:\0", random.choice(_CHANNELS), b" Hill\0"]
    for label in _CHANNELS[:3]:
        state = b"\x00" if settings.range_in_s == 10.0 else b"\x01"
        block = label + _plain(random, 24) + struct.pack(">f", 6.206053) + _plain(random, 1) + state
        pieces += [block, _plain(random, 20), b"in./s\0", _plain(random, random.randrange(8, 60))]
    pieces += [b"MicL", _plain(random, 24), b"psi\0"]
    mode, interval = bytes((settings.mode,)), settings.interval_s.to_bytes(2, "big")
    around = (
        mode + _plain(random, 3) + interval + _plain(random, 2) + ANCHOR + struct.pack(">f", settings.record_time_s)
    )
    pieces.insert(random.choice((0, 4, len(pieces))), around)
    content = b"".join(pieces)
    return _reply(0x1A, b"", content + random.randbytes(COMPLIANCE_SIZE - len(content)).replace(ANCHOR, b""))


def event_count_reply(random: Random) -> bytes:
    """The 08 reply (SUB F7): how many events the unit ever recorded. Where the number stands is open."""
    return _reply(0x08, b"", random.randbytes(random.randrange(8, 0x60)))


def _plain(random: Random, size: int) -> bytes:
    """Bytes that travel as they are."""
    return bytes(random.choice(_PLAIN) for _ in range(size))


def first_key_reply(random: Random, event: SimulatedEvent) -> bytes:
    """The 1E reply (SUB E1): the key of the first event held. The content beyond the key is open."""
    return _reply(0x1E, b"", event.start_key.to_bytes(4, "big") + random.randbytes(8))


def next_key_reply(random: Random, event: SimulatedEvent) -> bytes:
    """The 1F reply (SUB E0): the key of the next event. The content beyond the key is open."""
    return _reply(0x1F, random.randbytes(2), event.start_key.to_bytes(4, "big") + random.randbytes(8))


def poll_reply(random: Random, event: SimulatedEvent) -> bytes:
    """The 5B reply (SUB A4): the unit says who it is. The layout is open; a text with the serial stands
    here.
    """
    text = f"Instantel\0MiniMate Plus\0{event.serial}\0".encode("ascii")
    return _reply(0x5B, b"", random.randbytes(4) + text + random.randbytes(4))


def _header(random: Random, kind: int, key: int, started: datetime, stopped: datetime, text: str) -> bytes:
    times = device_time(started) + device_time(stopped)
    content = bytes((kind,)) + times + bytes(random.randrange(1, 5)) + text.encode("ascii") + b"\0"
    return _reply(0x0A, key.to_bytes(4, "big"), content + random.randbytes(6))


def _reply(request_sub: int, parameters: bytes, content: bytes) -> bytes:
    return wire_frame(reply_payload(reply_sub(request_sub), parameters, content))
