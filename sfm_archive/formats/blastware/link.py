"""The serial link: frames pulled out of a flat stream of bytes from the unit (docs/facts.md).

A frame is `10 02`, the escaped payload and checksum, then a bare `03`. Whatever stands between frames (ACKs, modem
and boot text, noise) is skipped; a frame that fails a check is left out and the search goes on behind its start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from sfm_archive.formats.blastware.frames import A5, byte_sum, unescape_stored
from sfm_archive.model.frames import A5Frame

FRAME_START = b"\x10\x02"
PC_FRAME_START = b"\x41\x02"

_REPLY_START = FRAME_START + b"\x00\x10\x10"
"""Frame start, then command 00 and flags 10 as they travel (`10 10`): every reply begins so (derived)."""

_LONGEST_ON_WIRE = 2 * (16 + 0x1000 + 1)
"""Largest content that is accepted is 0x1000 bytes (0x400 is the largest seen), each byte escaped."""

_BARE_03 = re.compile(rb"(?<!\x10)(?:\x10\x10){0,%d}\x03" % (_LONGEST_ON_WIRE // 2))
"""A 03 behind an even run of 10s. No run can reach back over a frame start, whose second byte is not a 10; behind a
longer run no frame ends, and the bound keeps the search from taking memory for each of its steps."""

_SHORTEST_PAYLOAD = 7
_SHORTEST_WITH_LENGTH = 17
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
        return _length_fits(self.payload, 0)

    @property
    def echoed_key(self) -> int:
        """The first four bytes of the request that the reply echoes: of 0A and 0C the event's start key (derived)."""
        return int.from_bytes(self.payload[6:10], "big")

    @property
    def content(self) -> bytes:
        return self.payload[16:-1]


class ReplyScan:
    """Iterates over every reply in a flat stream of bytes from the unit, once; nothing of it is kept.

    `damaged` counts the replies so far that began and failed a check or were cut off, at the offsets from
    `first_damaged` to `last_damaged` (-1 where there is none). Never raises; time is linear in the stream's length, and
    memory is that of one frame.
    """

    def __init__(self, stream: bytes) -> None:
        self.damaged = 0
        self.first_damaged = self.last_damaged = -1
        self._stream = stream

    def __iter__(self) -> Iterator[WireFrame]:
        stream = self._stream
        start = stream.find(_REPLY_START)
        while start != -1:
            # From behind the frame start on: a run of 10s that opens with the flags is counted whole.
            found = _BARE_03.search(stream, start + len(FRAME_START))
            end = len(stream) if found is None else found.end() - 1
            out_of_reach = len(stream) if found is None else end - _LONGEST_ON_WIRE
            while start != -1 and start < out_of_reach:
                self._is_damaged(start)
                start = stream.find(_REPLY_START, start + 2)
            if start == -1 or start > end:
                continue
            frame = _reply(stream, start, end) or self._first_sound(start, end)
            if frame is not None and not frame.length_ok:
                inner = _frame_inside(stream, frame, end)
                if inner is not None:
                    self._is_damaged(frame.offset)
                    frame = inner
            if frame is not None:
                yield frame
            start = stream.find(_REPLY_START, end + 1)

    def _is_damaged(self, start: int) -> None:
        if not self.damaged:
            self.first_damaged = start
        self.damaged += 1
        self.last_damaged = start

    def _first_sound(self, start: int, end: int) -> WireFrame | None:
        """The first sound frame of those that begin behind `start`, where none does, and share its end.

        The payload of a later one is the end of an earlier one's, since behind each start the reading of escapes begins
        anew. So all of them are judged by one sum, however many there are.
        """
        stream = self._stream
        starts = [start]
        while (start := stream.find(_REPLY_START, start + 2, end)) != -1:
            starts.append(start)
        behind = [each + len(FRAME_START) for each in starts] + [end]
        pieces = [_payload(stream[one:other]) for one, other in pairwise(behind)]
        payload = b"".join(pieces)
        sums = list(accumulate(payload, initial=0))
        at = 0
        for each, piece in zip(starts, pieces, strict=True):
            if at and _is_sound(payload, at, sums[-2] - sums[at]):
                return _reply(stream, each, end)
            self._is_damaged(each)
            at += len(piece)
        return None


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
    view = _view(stream[start + len(FRAME_START) : end])
    payload = unescape_stored(view)
    return WireFrame(start, view, payload) if _is_sound(payload, 0, byte_sum(payload[:-1])) else None


def _view(wire: bytes) -> bytes:
    return wire.replace(b"\x10\x10", b"\x10")


def _payload(wire: bytes) -> bytes:
    return unescape_stored(_view(wire))


def _is_sound(payload: bytes, at: int, total: int) -> bool:
    """Whether the payload from `at` on, whose bytes but the last one have this sum, is that of a reply."""
    if len(payload) - at < _SHORTEST_PAYLOAD or total & 0xFF != payload[-1]:
        return False
    return payload[at + 2] != A5 or _length_fits(payload, at)


def _length_fits(payload: bytes, at: int) -> bool:
    size = len(payload) - at
    if size < _SHORTEST_WITH_LENGTH:
        return False
    return size == _SHORTEST_WITH_LENGTH + (payload[at + 4] << 8 | payload[at + 5])


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
