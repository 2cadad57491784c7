"""docs/facts.md, "What encoders exist", written a second time from its words: a stranger who has them makes the same
files of the same frames, faulty ones too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

import pytest

from sfm_archive import testing
from sfm_archive.errors import BadFrames, EncodeRefused
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing import faults

PREFIX = bytes.fromhex("100001800000496e7374616e74656c00072c")
HEADER = bytes.fromhex("0012030053545254")
MODES = (b"\xff\xfe", b"\xff\xfd")

Frames = Sequence[A5Frame]
Piece = tuple[A5Frame, bytes, int, bytes]
"""A frame, its logical bytes, its address, its content."""


class Refused(Exception):
    """No file."""


def piece(frame: A5Frame) -> Piece:
    stored = bytes([frame.page_hi, frame.page_lo]) + frame.data + bytes([frame.chk_byte])
    logical, at = bytearray(), 0
    while at < len(stored):
        at += stored[at] == 0x10 and stored[at + 1 : at + 2] in (b"\x02", b"\x03", b"\x04")
        logical.append(stored[at])
        at += 1
    if len(logical) < 14:
        raise Refused
    length = int.from_bytes(logical[1:3], "big")
    return frame, bytes(logical), int.from_bytes(logical[3:7], "big"), bytes(logical[:-1][13 : 13 + length])


def header(data: bytes, at: int = 0) -> tuple[int, int] | None:
    if data[at : at + 8] != HEADER or len(data) < at + 25:
        return None
    end, start = (int.from_bytes(data[at + first : at + first + 4], "big") for first in (10, 14))
    return (start, end) if end >= start + 25 else None


def sequential(frames: Frames) -> bytes:
    return PREFIX + b"".join(piece(frame)[3] for frame in frames)


def strip(frames: Frames) -> bytes:
    body = sequential(frames)[18:]
    kept, at = b"", 0
    while (found := body.find(HEADER, max(at, 25))) != -1 and found + 25 <= len(body):
        kept, at = kept + body[at:found], found + 25
    return PREFIX + kept + body[at:]


def address_mapped(frames: Frames) -> bytes:
    pieces = [piece(frame) for frame in frames]
    keys = header(pieces[0][3]) if pieces else None
    for _, _, address, content in pieces[1:]:
        own = header(content)
        if keys is None and own is not None and own[0] == address:
            keys = own
    if keys is None:
        raise Refused
    start, end = keys
    memory: dict[int, int] = {}
    for _, _, address, content in pieces:
        for at, byte in enumerate(content, address):
            if start <= at < end and memory.setdefault(at, byte) != byte:
                raise Refused
    if len(memory) < end - start:
        raise Refused
    data = bytes(memory[at] for at in range(start, end))
    if any(header(data, at) and data[at + 8 : at + 10] in MODES for at in places(data) if at):
        raise Refused
    return PREFIX + data


def places(data: bytes) -> list[int]:
    found = [data.find(HEADER)]
    while found[-1] != -1:
        found.append(data.find(HEADER, found[-1] + 1))
    return found[:-1]


def healing(frames: Frames) -> bytes:
    with suppress(Refused):
        return address_mapped(frames)
    pieces: list[tuple[Piece, bool]] = []
    for frame in frames:
        with suppress(Refused):
            if frame.sub == 0xA5:
                pieces.append((piece(frame), is_sound(piece(frame), frames)))
    if not pieces:
        raise Refused
    at_home = [
        (not sound, number, keys)
        for number, ((_, _, address, content), sound) in enumerate(pieces)
        if (keys := header(content)) is not None and keys[0] == address
    ]
    own = min(at_home)[2] if at_home else header(pieces[0][0][3])
    if own is None:
        return address_mapped([one[0] for one, _ in pieces])
    pieces = [(one, sound) for one, sound in pieces if not lies_elsewhere(one, own)]
    memory: dict[int, int] = {}
    for (_, _, address, content), _ in sorted((one for one in pieces if one[1]), key=lambda one: one[0][2]):
        for at, byte in enumerate(content, address):
            memory.setdefault(at, byte)
    return address_mapped(
        [
            one[0]
            for one, sound in pieces
            if sound or all(memory.get(at, byte) == byte for at, byte in enumerate(one[3], one[2]))
        ]
    )


def is_sound(one: Piece, frames: Frames) -> bool:
    frame, logical, _, _ = one
    size = 13 + int.from_bytes(logical[1:3], "big") + 1
    if (0x10 + frame.sub + sum(logical[:-1])) % 256 == frame.chk_byte:
        return len(logical) == size
    if frame.chk_byte or any(other.chk_byte for other in frames):
        return False
    return len(logical) == size or (len(logical) == size + 1 and frame.data.endswith(b"\x10"))


def lies_elsewhere(one: Piece, own: tuple[int, int]) -> bool:
    _, _, address, content = one
    first = header(content)
    if first is not None and first[0] != address and own[0] < address < own[1]:
        return True
    return any(header(content, at) == own and address + at != own[0] for at in places(content))


EVENTS = (
    testing.simulate_waveform(Random(5), seconds=0.5, start_key=0x0111_0000),
    testing.simulate_histogram(Random(6), count=60, start_key=0x0111_2238),
    faults.header_in_samples(Random(9)),
)


def harmed(frames: Frames, random: Random) -> Frames:
    """The frames after up to three faults."""
    kinds: list[Callable[[Frames, int], Frames]] = [
        faults.missing_frame,
        faults.repeated_frame,
        faults.restarted,
        lambda frames, at: faults.conflicting_frame(frames, at, random),
        lambda frames, at: faults.corrupted_byte(frames, at, random),
        lambda frames, at: faults.truncated_frame(frames, at, random),
        lambda frames, at: faults.out_of_order(frames, random),
        lambda frames, at: faults.without_checksums(frames),
        lambda frames, at: faults.doubled_start(frames, at=0x200, echo_start=False),
        lambda frames, at: [*frames, *faults.doubled_start(frames, at=0x200)],
        lambda frames, at: [one._replace(sub=0xF3) if number == at else one for number, one in enumerate(frames)],
        lambda frames, at: [one._replace(data=b"\x00") if number == at else one for number, one in enumerate(frames)],
    ]
    for _ in range(random.randrange(4)):
        frames = random.choice(kinds)(frames, random.randrange(1, len(frames)))
    return frames


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("blastware@0", strip),
        ("blastware@1", sequential),
        ("blastware@2", address_mapped),
        ("blastware@3", healing),
    ],
)
def test_whoever_follows_the_words_makes_the_same_files(name: str, rule: Callable[[Frames], bytes]) -> None:
    random, encoder = Random(7), load_plugins().encoder(name)
    outcomes: set[bool] = set()
    for _ in range(120):
        simulated = random.choice(EVENTS)
        frames = tuple(harmed(testing.read_out(simulated), random))
        event = Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
        made = expected = None
        with suppress(EncodeRefused, BadFrames):
            made = encoder.encode(event, frames).data
        with suppress(Refused):
            expected = rule(frames)
        assert made == expected
        outcomes.add(made is None)
    assert outcomes == {True, False}
