"""The serial link as the unit speaks it, and the six fields that older parsers make of it.

Layout: docs/facts.md. The escape rule is derived: each logical byte 02, 03, 04 or 10 travels as
`10 XX`. The field view is computed here from the bytes on the wire, by what those parsers are known to do, so
that it checks the archive's own way back rather than repeating it.
"""

from __future__ import annotations

from sfm_archive.model.frames import A5Frame

REPLY_START = b"\x10\x02"
REQUEST_START = b"\x41\x02"
ACK = b"\x41"
END = b"\x03"
A5 = 0xA5
PARAMETERS_SIZE = 10

_ESCAPED = frozenset(b"\x02\x03\x04\x10")
_OFFSET_OF_SUB = 2


def escaped(logical: bytes) -> bytes:
    """Logical bytes as they travel. The `10`s are doubled first: those that the other steps add must stay
    single.
    """
    doubled = logical.replace(b"\x10", b"\x10\x10")
    return doubled.replace(b"\x02", b"\x10\x02").replace(b"\x03", b"\x10\x03").replace(b"\x04", b"\x10\x04")


def reply_payload(sub: int, parameters: bytes, content: bytes) -> bytes:
    """Logical payload of a reply without its checksum: 00, flags 10, SUB, 00, length u16 BE, ten parameter
    bytes, content.

    Raises ValueError for more than ten parameter bytes (fewer are filled with 00).
    """
    if len(parameters) > PARAMETERS_SIZE:
        raise ValueError(f"a reply echoes {PARAMETERS_SIZE} parameter bytes, not {len(parameters)}")
    head = bytes((0x00, 0x10, sub, 0x00)) + len(content).to_bytes(2, "big")
    return head + parameters.ljust(PARAMETERS_SIZE, b"\0") + content


def a5_payload(address: int, content: bytes) -> bytes:
    """Logical payload of a bulk-data reply: `content` of the memory at a 32-bit address."""
    return reply_payload(A5, address.to_bytes(4, "big"), content)


def wire_frame(payload: bytes) -> bytes:
    """A frame from the unit: `10 02`, escaped payload and checksum, bare `03`."""
    return REPLY_START + escaped(payload + bytes((sum(payload) & 0xFF,))) + END


def request_frame(payload: bytes) -> bytes:
    """A frame from the PC: `41 02`, then as the unit's. Only those two bytes are known of it."""
    return REQUEST_START + escaped(payload + bytes((sum(payload) & 0xFF,))) + END


def stored_frame(wire: bytes) -> A5Frame:
    """The six fields that an older parser keeps of a frame on the wire.

    It collapses `10 10` and nothing else, takes the last byte as the checksum and compares it with the sum
    of all collapsed bytes before it (that comparison is derived; False is normal on good frames).

    Raises ValueError when the bytes are not one whole frame from the unit.
    """
    if not wire.startswith(REPLY_START) or not wire.endswith(END):
        raise ValueError("a frame from the unit starts with 10 02 and ends with a bare 03")
    view = wire[len(REPLY_START) : -len(END)].replace(b"\x10\x10", b"\x10")
    if len(view) < 6:
        raise ValueError(f"{len(view)} bytes are too few for a frame")
    return A5Frame(
        sub=view[_OFFSET_OF_SUB],
        page_hi=view[3],
        page_lo=view[4],
        data=view[5:-1],
        chk_byte=view[-1],
        checksum_valid=sum(view[:-1]) & 0xFF == view[-1],
    )


def a5_frame(address: int, content: bytes) -> A5Frame:
    """The stored frame of a bulk-data reply."""
    return stored_frame(wire_frame(a5_payload(address, content)))


def logical_payload(frame: A5Frame) -> bytes:
    """The payload that a stored frame came from, without its checksum; the inverse of `stored_frame`.

    Walks byte by byte as the facts word it: each `10` before 02, 03 or 04 is an escape; any other `10` is
    data.
    """
    view = bytes((frame.page_hi, frame.page_lo)) + frame.data + bytes((frame.chk_byte,))
    logical = bytearray((0x00, 0x10, frame.sub))
    for byte, following in zip(view, view[1:] + b"\xff", strict=True):
        if byte != 0x10 or following not in _ESCAPED or following == 0x10:
            logical.append(byte)
    return bytes(logical[:-1])


def address_of(frame: A5Frame) -> int:
    """The 32-bit address that a stored frame echoes."""
    return int.from_bytes(logical_payload(frame)[6:10], "big")


def content_of(frame: A5Frame) -> bytes:
    """The content of a stored frame."""
    return logical_payload(frame)[16:]
