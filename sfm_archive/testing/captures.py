"""Captures of the serial line: the flat bytes from the unit (`raw_s3_…`) and those from the PC
(`raw_bw_…`).

Layout: docs/facts.md, "Capture files". The device side is lossless, so a frame damaged on the way
stands in it as it came, followed by its repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from sfm_archive.testing.link import ACK, END, REPLY_START, request_frame
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.replies import (
    UnitSettings,
    compliance_reply,
    event_count_reply,
    event_header_reply,
    event_record_reply,
    first_key_reply,
    monitoring_reply,
    next_key_reply,
    poll_reply,
)
from sfm_archive.testing.walk import STEP, wire_read_out

WireReadOut = Callable[[SimulatedEvent], Sequence[bytes]]

_MODEM_TEXTS = (
    b"\r\nRING\r\n", b"\r\nCONNECT 9600\r\n", b"\r\nOK\r\n", b"ATZ\r\r\nOK\r\n", b"\r\nNO CARRIER\r\n",
    b"Operating System\r\n", b"\r\n+CREG: 1\r\n",
)  # fmt: skip


def capture(
    random: Random,
    events: Iterable[SimulatedEvent],
    *,
    noise: bool = True,
    step: int = STEP,
    replies: bool = True,
    records: bool = True,
    damaged: float = 0.05,
    wire_of: WireReadOut | None = None,
    settings: UnitSettings | None = None,
) -> bytes:
    """The device's side of a session that downloads `events` in the order given.

    `noise`: modem and boot text, ACKs, stray bytes between frames, and a share `damaged` of the A5 frames
    damaged and then repeated; without it the bytes are frames only. `replies`: 5B, 1E, 0A, 1F answers
    between the events; 1A and 08 too where `settings` are given, the unit's own. `records`: the 0C record
    before each event's frames. `wire_of`: how an event is read out, `wire_read_out` in `step` bytes when None;
    give another for old or torn downloads.
    """
    pieces: list[bytes] = [boot_text(random)] if noise else []
    first = True

    def reply(wire: bytes) -> None:
        if noise:
            pieces.append(_between(random))
        pieces.append(wire)

    for event in events:
        if replies:
            if first:
                reply(poll_reply(random, event))
                if settings is not None:
                    reply(compliance_reply(random, settings))
                    reply(event_count_reply(random))
            reply((first_key_reply if first else next_key_reply)(random, event))
            if random.random() < 0.3:
                reply(monitoring_reply(random, event))
            reply(event_header_reply(random, event))
        if records:
            reply(event_record_reply(random, event))
        for wire in wire_read_out(event, step) if wire_of is None else wire_of(event):
            if noise and random.random() < damaged:
                reply(damaged_wire(random, wire))
            reply(wire)
        first = False
    if noise:
        pieces.append(_between(random) + random.choice(_MODEM_TEXTS))
    return b"".join(pieces)


def pc_capture(random: Random, events: Iterable[SimulatedEvent], *, step: int = STEP) -> bytes:
    """The PC's side: requests that start `41 02`. Nothing beyond that start and the SUBs is claimed to be
    right.

    It holds no frame from the unit; `10 02` occurs in it only as an escape inside a request.
    """
    pieces = [b"ATZ\rATDT5551234\r", _request(0x5B, b""), _request(0x1E, b"")]
    for event in events:
        key = event.start_key.to_bytes(4, "big")
        pieces += [_request(0x0A, key), _request(0x0C, key)]
        starts = range(event.start_key, event.end_key, step)
        pieces += [_request(0x5A, address.to_bytes(4, "big") + random.randbytes(1)) for address in starts]
        pieces.append(_request(0x1F, key))
    return b"".join(pieces)


def boot_text(random: Random) -> bytes:
    """What modem and unit say before the first frame."""
    return b"".join(random.choice(_MODEM_TEXTS) for _ in range(random.randrange(1, 5)))


def damaged_wire(random: Random, wire: bytes) -> bytes:
    """A frame as a bad line delivers it: one byte changed, a few lost, the end lost, or cut off in the
    first bytes.

    The last two swallow what follows in a reader that does not start again behind the failed start.
    """
    middle = random.randrange(len(REPLY_START) + 8, len(wire) - len(END) - 4)
    kind = random.randrange(4)
    if kind == 0:
        changed = bytes((wire[middle] ^ random.randrange(1, 256),))
        return wire[:middle] + changed + wire[middle + 1 :]
    if kind == 1:
        # Two at least: a lost escape byte alone changes nothing that a reader could see.
        return wire[:middle] + wire[middle + random.randrange(2, 5) :]
    if kind == 2:
        return wire[:middle]
    return wire[: random.randrange(3, 12)]


def _between(random: Random) -> bytes:
    """Mostly one ACK; sometimes stray bytes, a modem's word, a lone `10` or a false start of a frame."""
    kind = random.random()
    if kind < 0.6:
        return ACK
    if kind < 0.7:
        return ACK + random.randbytes(random.randrange(1, 20)) + ACK
    if kind < 0.75:
        return random.choice(_MODEM_TEXTS)
    if kind < 0.8:
        return ACK + b"\x10"
    if kind < 0.85:
        return REPLY_START + random.randbytes(3) + ACK
    return b""


def _request(sub: int, parameters: bytes) -> bytes:
    return request_frame(bytes((0x10, 0x00, sub, 0x00, 0x00, 0x00)) + parameters.ljust(10, b"\0"))
