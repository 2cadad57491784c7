"""Odd streams of sound frames: a download that began late or was cut, keys that wrap, an end key that is another,
frames out of order, two events at once.

Layout: docs/facts.md, "Addresses past 64 KiB" and "Which frames are whose". Whether the high half of an address
counts on is open, so both ways are written. Each function gives frames on the wire in the order in which
they come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from sfm_archive.testing.link import a5_payload, wire_frame
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.walk import STEP, wire_read_out

_END_KEY = slice(10, 14)
_HEADER = 25


def with_end_key(event: SimulatedEvent, end_key: int) -> bytes:
    """The event's memory with another end key in its STRT."""
    memory = bytearray(event.memory)
    memory[_END_KEY] = (end_key & 0xFFFF_FFFF).to_bytes(4, "big")
    return bytes(memory)


def read_out_as(event: SimulatedEvent, memory: bytes, *, wraps: bool = False, step: int = STEP) -> list[bytes]:
    """Frames of `memory` at the event's addresses; `wraps`: their low half starts again at 0000 behind FFFF."""
    wires = []
    for at in range(0, len(memory), step):
        address = event.start_key + at
        if wraps:
            address = event.start_key & 0xFFFF_0000 | address & 0xFFFF
        wires.append(wire_frame(a5_payload(address, memory[at : at + step])))
    return wires


def wrapping(event: SimulatedEvent, *, end_key_too: bool) -> list[bytes]:
    """Addresses whose low half wraps; `end_key_too`: the end key in the header likewise."""
    end_key = event.start_key & 0xFFFF_0000 | event.end_key & 0xFFFF if end_key_too else event.end_key
    return read_out_as(event, with_end_key(event, end_key), wraps=True)


def end_too_near(random: Random, event: SimulatedEvent) -> list[bytes]:
    """The end key lies inside the event."""
    return read_out_as(event, with_end_key(event, event.start_key + random.randrange(_HEADER, len(event.memory))))


def end_too_far(random: Random, event: SimulatedEvent) -> list[bytes]:
    """The end key lies behind the event's end."""
    return read_out_as(event, with_end_key(event, event.end_key + random.randrange(1, 0x4000)))


def end_at_start(random: Random, event: SimulatedEvent) -> list[bytes]:
    """The end key is the start key."""
    return read_out_as(event, with_end_key(event, event.start_key))


def backwards(random: Random, event: SimulatedEvent) -> list[bytes]:
    """The end key lies before the start key."""
    return read_out_as(event, with_end_key(event, max(0, event.start_key - random.randrange(1, 0x4000))))


def wrapped(random: Random, event: SimulatedEvent) -> list[bytes]:
    """An event across 64 KiB, whose addresses wrap, its end key or not."""
    start_key = 0x0112_0000 - random.randrange(1, len(event.memory))
    moved = replace(
        event, start_key=start_key, memory=event.memory[:14] + start_key.to_bytes(4, "big") + event.memory[18:]
    )
    return wrapping(moved, end_key_too=random.random() < 0.5)


def first_frame_lost(random: Random, event: SimulatedEvent) -> list[bytes]:
    """All frames but the one that opens the event."""
    return wire_read_out(event)[1:]


def cut(random: Random, event: SimulatedEvent) -> list[bytes]:
    """A download that ended anywhere."""
    wires = wire_read_out(event)
    return wires[: random.randrange(1, len(wires) + 1)]


def shuffled(random: Random, event: SimulatedEvent) -> list[bytes]:
    """All frames in any order."""
    wires = wire_read_out(event)
    random.shuffle(wires)
    return wires


ODD_STREAMS: Sequence[Callable[[Random, SimulatedEvent], list[bytes]]] = (
    end_too_near, end_too_far, end_at_start, backwards, wrapped, first_frame_lost, cut, shuffled,
)  # fmt: skip
"""Every way in which one event's stream can be odd."""


def interleaved(random: Random, one: Sequence[bytes], other: Sequence[bytes]) -> list[bytes]:
    """Two streams as they come where both are downloaded at once: each in its own order."""
    turns = [0] * len(one) + [1] * len(other)
    random.shuffle(turns)
    streams = (iter(one), iter(other))
    return [next(streams[turn]) for turn in turns]


def one_bit_wrong(random: Random, wire: bytes) -> bytes:
    """A frame with one bit of its content changed on the way: no reader can take it for sound."""
    at = random.randrange(24, len(wire) - 4)
    return wire[:at] + bytes((wire[at] ^ 1 << random.randrange(8),)) + wire[at + 1 :]
