"""The serial link: frames pulled out of a flat stream of bytes from the unit (docs/facts.md).

A frame is `10 02`, the escaped payload and checksum, then a bare `03`. Whatever stands between frames (ACKs, modem
and boot text, noise) is skipped; a frame that fails a check is left out and the search goes on behind its start.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from sfm_archive.formats.blastware.frames import A5, byte_sum, unescape_stored
from sfm_archive.model.frames import A5Frame

FRAME_START = b"\x10\x02"
PC_FRAME_START = b"\x41\x02"

_REPLY_START = FRAME_START + b"\x00\x10\x10"
"""Frame start, then command 00 and flags 10 as they travel (`10 10`): every reply begins so (derived)."""

_BARE_03 = re.compile(rb"(?<!\x10)(?:\x10\x10)*\x03")
"""A 03 behind an even run of 10s. No run can reach back over a frame start, whose second byte is not a 10."""

_LONGEST_ON_WIRE = 2 * (16 + 0x1000 + 1)
"""Largest content that is accepted is 0x1000 bytes (0x400 is the largest seen), each byte escaped."""

_SHORTEST_PAYLOAD = 7
_STARTS_TRIED = 4


@dataclass(frozen=True, slots=True)
class WireFrame:
    """One reply found in a stream at `offset`.

    `view`: payload and checksum as the older parsers see them (only `10 10` collapsed). `payload`: the logical bytes,
    checksum included. Offsets in the payload are those of docs/facts.md, "Logical payload of a reply".
    """

    offset: int
    view: bytes
    payload: bytes

    @property
    def sub(self) -> int:
        return self.payload[2]

    @property
    def length_ok(self) -> bool:
        """Whether the content has the announced length; a sum alone fits by chance once in 256 times."""
        return len(self.payload) == 17 + (self.payload[4] << 8 | self.payload[5]) if len(self.payload) > 16 else False

    @property
    def content(self) -> bytes:
        return self.payload[16:-1]


@dataclass(frozen=True, slots=True)
class WireScan:
    """All replies of a stream, and the offsets at which one began that failed a check or was cut off."""

    frames: tuple[WireFrame, ...]
    damaged: tuple[int, ...]


def scan_replies(stream: bytes) -> WireScan:
    """Every reply in a flat stream of bytes from the unit. Never raises; time is linear in the stream's length."""
    frames: list[WireFrame] = []
    damaged: list[int] = []
    ends = [match.end() - 1 for match in _BARE_03.finditer(stream)]
    start = stream.find(_REPLY_START)
    while start != -1:
        which = bisect_left(ends, start + len(_REPLY_START))
        frame = _reply(stream, start, ends[which]) if which < len(ends) else None
        if frame is not None and not frame.length_ok:
            inner = _frame_inside(stream, frame, ends[which])
            if inner is not None:
                damaged.append(start)
                frame = inner
        if frame is None:
            damaged.append(start)
            start = stream.find(_REPLY_START, start + 2)
        else:
            frames.append(frame)
            start = stream.find(_REPLY_START, ends[which] + 1)
    return WireScan(tuple(frames), tuple(damaged))


def _frame_inside(stream: bytes, outer: WireFrame, end: int) -> WireFrame | None:
    """The sound frame that `outer`, whose length does not fit, swallowed: a frame that lost its end goes on into the
    next one. The last few starts before the common end are tried; more would make hostile streams slow."""
    at = end
    for _ in range(_STARTS_TRIED):
        at = stream.rfind(_REPLY_START, outer.offset + 2, at)
        if at == -1:
            return None
        inner = _reply(stream, at, end)
        if inner is not None and inner.length_ok:
            return inner
    return None


def _reply(stream: bytes, start: int, end: int) -> WireFrame | None:
    if end - start > _LONGEST_ON_WIRE:
        return None
    view = stream[start + 2 : end].replace(b"\x10\x10", b"\x10")
    payload = unescape_stored(view)
    if len(payload) < _SHORTEST_PAYLOAD or byte_sum(payload[:-1]) & 0xFF != payload[-1]:
        return None
    frame = WireFrame(start, view, payload)
    return None if payload[2] == A5 and not frame.length_ok else frame


def stored_frame(frame: WireFrame) -> A5Frame:
    """The six fields that the older parser stored for this frame, byte for byte.

    `checksum_valid` is that parser's own comparison (derived): the 8-bit sum of the bytes it sees, which still hold
    the escapes it does not know, against the checksum byte.
    """
    view = frame.view
    valid = byte_sum(view[:-1]) & 0xFF == view[-1]
    return A5Frame(view[2], view[3], view[4], view[5:-1], view[-1], valid)


def may_hold_replies(stream: bytes) -> bool:
    """Whether a reply may begin somewhere in the stream."""
    return _REPLY_START in stream


def holds_pc_frames(stream: bytes) -> bool:
    """Whether the bytes look like the PC's side of a download: its frames start `41 02` and end in a bare 03."""
    at = stream.find(PC_FRAME_START)
    return at != -1 and _BARE_03.search(stream, at + len(PC_FRAME_START)) is not None
