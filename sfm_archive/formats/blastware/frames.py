"""The A5 frame: six fields as every existing tool stores them, and the logical bytes behind them.

The stored ("field") view comes from parsers that know only one of the link's escapes. They collapse `10 10` to
`10` and leave `10 02`, `10 03` and `10 04` as two bytes. DERIVED (docs/facts.md): one rule explains every
published oddity. Each logical byte 02, 03, 04 or 10 travels as `10 XX`; so in the field view, each `10` that is
followed by 02, 03 or 04 is an escape and is dropped. `unescape_stored` is the one place that says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from zlib import adler32

from sfm_archive.errors import BadFrames
from sfm_archive.model.frames import A5Frame

A5 = 0xA5
"""SUB of a bulk-data reply (known: FF − request SUB, and the request is 5A)."""

HEADER_SIZE = 13
"""Logical bytes before the content, counted from the byte after SUB: 00, length (2), parameters (10)."""

_OCTETS = tuple(bytes((octet,)) for octet in range(256))

_COMMAND_FLAGS_SUM = 0x00 + 0x10
"""The two logical bytes before SUB (command 00, flags 10) are in the sum but not in the stored fields."""


class LogicalFrame(NamedTuple):
    """What a stored frame says once the link's escapes are gone.

    `length`: bytes of content that the frame announces. `address`: 32-bit event-memory address of the content's
    first byte. `parameters`: the ten echoed request bytes. `content`: what arrived, at most `length` bytes.
    `length_ok`: exactly `length` bytes of content arrived. `checksum_ok`: the 8-bit sum fits; None where an old
    record lacks the checksum byte, so that it cannot be checked.
    """

    address: int
    length: int
    content: bytes
    parameters: bytes
    length_ok: bool
    checksum_ok: bool | None


def unescape_stored(view: bytes) -> bytes:
    """Logical bytes of a field view: drops each `10` that is followed by 02, 03 or 04 (derived).

    Three replacements equal one scan from left to right: the second byte of a pair is never a `10`, and removing
    one `10` cannot bring another `10` next to a byte of the two other kinds.
    """
    return view.replace(b"\x10\x02", b"\x02").replace(b"\x10\x03", b"\x03").replace(b"\x10\x04", b"\x04")


def byte_sum(data: bytes) -> int:
    """Sum of all bytes. Adler-32's low half is 1 + that sum as long as it stays below 65521: 256 bytes."""
    if len(data) <= 768:
        # A frame of 0x200 bytes: three calls written out take half the time of the loop.
        first, second, third = adler32(data[:256]), adler32(data[256:512]), adler32(data[512:])
        return (first & 0xFFFF) + (second & 0xFFFF) + (third & 0xFFFF) - 3
    return sum((adler32(data[at : at + 256]) & 0xFFFF) - 1 for at in range(0, len(data), 256))


def logical_frame(frame: A5Frame) -> LogicalFrame:
    """The logical content of a stored frame.

    Raises BadFrames when the frame is too short to hold a header.
    """
    page_hi, page_lo, chk_byte = frame.page_hi, frame.page_lo, frame.chk_byte
    logical = unescape_stored(b"".join((_OCTETS[page_hi], _OCTETS[page_lo], frame.data, _OCTETS[chk_byte])))
    size = len(logical)
    if size < HEADER_SIZE + 1:
        raise BadFrames(
            f"A5 frame with {len(frame.data)} data bytes is too short to hold a header; "
            "download the event again or leave the frame out"
        )
    length = logical[1] << 8 | logical[2]
    end = HEADER_SIZE + length
    checksum_ok: bool | None = (frame.sub + _COMMAND_FLAGS_SUM + byte_sum(logical[:-1])) & 0xFF == chk_byte
    length_ok = size == end + 1
    if chk_byte == 0 and not checksum_ok:
        # Records without a checksum byte read as 0. If that byte had been escaped, its `10` is left at the end.
        checksum_ok = None
        length_ok = length_ok or (size == end + 2 and frame.data[-1:] == b"\x10")
    return LogicalFrame(
        int.from_bytes(logical[3:7], "big"),
        length,
        logical[HEADER_SIZE : min(end, size - 1)],
        logical[3:HEADER_SIZE],
        length_ok,
        checksum_ok,
    )


def as_a5_frames(frames: Iterable[Any]) -> tuple[A5Frame, ...]:
    """Frames from our own values, from objects with the six attributes, or from dicts with the six keys.

    `chk_byte` and `checksum_valid` default to 0 and True where absent, as readers of old records do.
    Raises BadFrames, with the frame's position, when a field is missing or of another type or range.
    """
    return tuple(
        frame if type(frame) is A5Frame and is_a5_frame(frame) else _coerced(frame, position)
        for position, frame in enumerate(frames)
    )


_MISSING = object()


def is_a5_frame(frame: A5Frame) -> bool:
    """Whether the six fields have the types and ranges that a stored frame has."""
    return (
        type(frame.data) is bytes
        and type(frame.sub) is int
        and type(frame.page_hi) is int
        and type(frame.page_lo) is int
        and type(frame.chk_byte) is int
        and type(frame.checksum_valid) is bool
        and 0 <= frame.sub <= 255
        and 0 <= frame.page_hi <= 255
        and 0 <= frame.page_lo <= 255
        and 0 <= frame.chk_byte <= 255
    )


def _coerced(frame: Any, position: int) -> A5Frame:
    def field(name: str, default: object = _MISSING) -> Any:
        value = frame.get(name, default) if isinstance(frame, dict) else getattr(frame, name, default)
        if value is _MISSING:
            raise BadFrames(f"frame {position} has no field {name!r}; a stored A5 frame has six fields")
        return value

    def octet(name: str, default: object = _MISSING) -> int:
        value = field(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
            raise BadFrames(f"frame {position}: {name} is {value!r}, not a byte from 0 to 255")
        return int(value)

    data = field("data")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise BadFrames(f"frame {position}: data is {type(data).__name__}, not bytes")
    checksum_valid = field("checksum_valid", True)
    if not isinstance(checksum_valid, bool | int):
        raise BadFrames(f"frame {position}: checksum_valid is {checksum_valid!r}, not true or false")
    return A5Frame(
        octet("sub"), octet("page_hi"), octet("page_lo"), bytes(data), octet("chk_byte", 0), bool(checksum_valid)
    )
