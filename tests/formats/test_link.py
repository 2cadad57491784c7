"""Frames pulled out of a flat stream of bytes."""

from __future__ import annotations

import re
import tracemalloc
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.formats.blastware.frames import A5
from sfm_archive.formats.blastware.link import ReplyScan, WireFrame, holds_pc_frames, may_hold_replies, stored_frame
from sfm_archive.testing.link import a5_payload, reply_payload, request_frame

WIRE_BYTES = st.lists(
    st.sampled_from([b"\x10\x02", b"\x10\x02\x00\x10\x10", b"\x10\x10", b"\x10", b"\x03", b"\xa5", b"\x00", b"STRT"]),
    max_size=60,
).map(b"".join)


class Scanned(NamedTuple):
    frames: tuple[WireFrame, ...]
    damaged: int
    first_damaged: int
    last_damaged: int


def scan_replies(stream: bytes) -> Scanned:
    scan = ReplyScan(stream)
    return Scanned(tuple(scan), scan.damaged, scan.first_damaged, scan.last_damaged)


def wire(address: int, content: bytes) -> bytes:
    return testing.wire_frame(a5_payload(address, content))


def test_the_published_escapes_of_a_frame() -> None:
    # L = 0x0200 at address 0x1000: both have bytes that travel as pairs.
    frame = wire(0x0111_1000, bytes(0x200))
    assert frame.startswith(bytes.fromhex("1002 001010 a5 00 10 02 00 01 11 10 10 00"))
    (reply,) = scan_replies(frame).frames
    assert (reply.sub, reply.content, reply.offset) == (A5, bytes(0x200), 0)
    stored = stored_frame(reply)
    assert (stored.sub, stored.page_hi, stored.page_lo) == (0xA5, 0x00, 0x10)
    assert stored.data.startswith(bytes.fromhex("02 00 01 11 10 00"))


@given(st.integers(0, 0xFFFF_FFFF), st.binary(max_size=700) | WIRE_BYTES)
@example(0, b"\x10\x02\x00\x10\x10")
@example(0x0304_1002, b"\x10" * 33)
@example(0, b"\x03" * 9)
def test_any_content_comes_back_and_equals_the_older_parsers_fields(address: int, content: bytes) -> None:
    frame = wire(address, content)
    scan = scan_replies(frame)
    assert [reply.content for reply in scan.frames] == [content]
    assert scan.damaged == 0
    assert stored_frame(scan.frames[0]) == testing.stored_frame(frame)


@pytest.mark.parametrize("sub", range(256))
def test_every_sub_and_every_checksum_is_read(sub: int) -> None:
    frame = testing.wire_frame(reply_payload(sub, b"", bytes((sub,))))
    (reply,) = scan_replies(frame).frames
    assert (reply.sub, reply.content) == (sub, bytes((sub,)))


@given(st.integers(0, 2**32), st.booleans())
def test_noise_and_damage_hide_no_sound_frame(seed: int, noise: bool) -> None:
    random = Random(seed)
    contents = [random.randbytes(random.randrange(1, 80)) for _ in range(5)]
    pieces, sound = [b"\r\nRING\r\n" if noise else b""], []
    for number, content in enumerate(contents):
        frame = wire(number * 0x200, content)
        if random.random() < 0.4:
            cut = random.randrange(3, len(frame) - 1)
            pieces.append(frame[:cut])  # lost its end: swallows what follows in a reader that does not start again
        pieces.append(random.choice((b"\x41", b"\x10", b"", b"\x41\x41OK\r\n")) if noise else b"")
        pieces.append(frame)
        sound.append(content)
    found = [reply.content for reply in scan_replies(b"".join(pieces)).frames]
    assert found == sound


def test_a_changed_byte_is_told_with_the_offset_of_the_frame() -> None:
    good, bad = wire(0, b"abcdef"), bytearray(wire(0x200, b"ghijkl"))
    bad[-4] ^= 0x40
    scan = scan_replies(b"..." + good + bytes(bad) + good)
    assert [reply.offset for reply in scan.frames] == [3, 3 + len(good) + len(bad)]
    assert (scan.damaged, scan.first_damaged, scan.last_damaged) == (1, 3 + len(good), 3 + len(good))


def test_an_a5_reply_whose_length_does_not_fit_is_no_frame_though_its_sum_does() -> None:
    payload = bytearray(a5_payload(0, b"abcdef"))
    payload[5] = 7
    assert scan_replies(testing.wire_frame(bytes(payload))).frames == ()


def test_a_reply_cut_off_at_the_streams_end_is_told() -> None:
    frame = wire(0, b"abcdef")
    for size in range(5, len(frame)):
        assert scan_replies(frame[:size]) == scan_replies(frame[:5])
    assert scan_replies(frame[:5])[1:] == (1, 0, 0)


@given(st.binary(max_size=400) | WIRE_BYTES)
def test_arbitrary_bytes_never_raise(stream: bytes) -> None:
    scan = scan_replies(stream)
    openings = re.findall(rb"(?=\x10\x02\x00\x10\x10)", stream)  # they can overlap
    assert len(scan.frames) + scan.damaged <= len(openings)
    for reply in scan.frames:
        stored_frame(reply)
    holds_pc_frames(stream)


class Counted(bytes):
    """Bytes that count how many of them were looked at."""

    looked_at = 0

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        self.looked_at += len(found) if isinstance(key, slice) else 1
        return found

    def find(self, sub: Any, start: Any = 0, end: Any = None) -> int:
        at = super().find(sub, start, end)
        limit = len(self) if end is None else end
        self.looked_at += (limit if at == -1 else at + len(sub)) - start
        return at

    def rfind(self, sub: Any, start: Any = 0, end: Any = None) -> int:
        at = super().rfind(sub, start, end)
        self.looked_at += (len(self) if end is None else end) - (start if at == -1 else at)
        return at


def looked_at(stream: bytes) -> int:
    counted = Counted(stream)
    scan_replies(counted)
    holds_pc_frames(counted)
    return counted.looked_at


FALSE_START = b"\x10\x02\x00\x10\x10"


@pytest.mark.parametrize(
    "unit",
    [
        FALSE_START * 4000,
        FALSE_START * 1600 + b"\x03",
        FALSE_START * 4000 + b"\x03",
        FALSE_START[:2] * 9000 + b"\x03",
        b"\x41\x02" * 9000,
        wire(0x0111_0000, b"abc") * 900,
    ],
    ids=["no end", "an end in reach", "an end out of reach", "half a start", "of the PC", "frames"],
)
def test_a_stream_twice_as_long_costs_twice_as_many_bytes_looked_at(unit: bytes) -> None:
    once = looked_at(unit * 4)
    assert once >= len(unit) * 4
    assert looked_at(unit * 8) <= 2 * once + len(unit)


@pytest.mark.parametrize("end", [b"", b"\x03"])
def test_one_end_behind_all_false_starts_costs_no_more(end: bytes) -> None:
    once, twice = (looked_at(FALSE_START * number + end) for number in (20_000, 40_000))
    assert twice - once <= 6 * len(FALSE_START) * 20_000


# The search for ends is one regular expression, whose steps cannot be counted. Were it quadratic, the following would
# take hours, and each test has a time limit.


@pytest.mark.parametrize(
    "unit",
    [
        b"\x10\x02\x00\x10\x10",
        b"\x10",
        b"\x03",
        b"\x10\x03",
        b"\x10\x10\x03",
        b"\x10\x02",
        b"\x10\x02\x00\x10\x10\xa5\x03",
        b"\x41\x02",
    ],
)
def test_hostile_repeats_of_two_megabytes_hold_no_frame(unit: bytes) -> None:
    stream = unit * (2_000_000 // len(unit))
    assert scan_replies(stream).frames == ()
    holds_pc_frames(stream)


def test_frames_behind_two_megabytes_of_false_starts_are_found() -> None:
    frame = wire(0x0111_0000, b"abc")
    scan = scan_replies(b"\x10\x02\x00\x10\x10" * 400_000 + frame)
    assert scan.frames[-1].content == b"abc"


def test_false_starts_with_an_end_now_and_then_are_found_damaged() -> None:
    # Every 8 kB an end, 1,600 false starts before it: some fit by their sum alone.
    scan = scan_replies((FALSE_START * 1600 + b"\x03") * 125)
    assert not [reply for reply in scan.frames if reply.length_ok]
    assert scan.damaged > 125


@pytest.mark.parametrize("sub", [0x00, 0x41, 0xF3])
def test_a_torn_reply_never_swallows_the_frame_behind_it(sub: int) -> None:
    # Whatever stands between, one of 256 fillings makes the sum of the torn reply fit.
    frame = wire(0x0111_0000, b"abc \x02\x00\x10")
    for filling in range(256):
        torn = b"\x10\x02\x00\x10\x10" + bytes((sub, 0, 0x20, 0x41, filling))
        (reply,) = scan_replies(torn + frame).frames
        assert reply.content == b"abc \x02\x00\x10"


def test_which_side_of_the_line_bytes_are_from() -> None:
    random = Random(5)
    events = [testing.simulate_waveform(random, seconds=1.0)]
    from_unit, from_pc = testing.capture(random, events), testing.pc_capture(random, events)
    assert may_hold_replies(from_unit)
    assert len(scan_replies(from_unit).frames) > 5
    assert holds_pc_frames(from_pc)
    assert scan_replies(from_pc).frames == ()
    assert not holds_pc_frames(b"A\x02 and no end")
    assert holds_pc_frames(request_frame(bytes((0x10, 0, 0x5A, 0, 0, 0))))


@pytest.mark.parametrize(
    "unit", [b"\x03", b"\x10", b"\x10\x03", b"\x10\x10\x03", FALSE_START, FALSE_START * 1600 + b"\x03"]
)
def test_no_repeat_takes_memory_for_each_of_its_bytes(unit: bytes) -> None:
    stream = FALSE_START + unit * (1_000_000 // len(unit))
    tracemalloc.start()
    found = sum(1 for _ in ReplyScan(stream))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found < 200 and peak < 1_500_000


@given(st.lists(WIRE_BYTES | st.binary(max_size=6) | st.sampled_from([wire(0x0111_0000, b"abc"), FALSE_START * 300])))
def test_of_starts_that_share_an_end_the_first_sound_one_is_the_reply(pieces: list[bytes]) -> None:
    """The rule a second time: one start after the other, each judged by itself."""
    stream = b"".join(pieces)
    ends = [at for at in range(len(stream)) if stream[at] == 3 and escapes_before(stream, at) % 2 == 0]
    at, found, damaged = stream.find(FALSE_START), [], 0
    while at != -1:
        end = next((end for end in ends if end >= at + 5), None)
        payload = None if end is None or end - at > 2 * 0x1011 else unescaped(stream[at + 2 : end])
        if payload is None or not is_sound(payload):
            damaged += 1
            at = stream.find(FALSE_START, at + 2)
            continue
        tried, inner = end, None
        for _ in range(4 if not fits(payload) else 0):
            tried = stream.rfind(FALSE_START, at + 2, tried)
            if tried == -1:
                break
            inner = unescaped(stream[tried + 2 : end])
            if is_sound(inner) and fits(inner):
                damaged += 1
                payload = inner
                break
        found.append(payload)
        at = stream.find(FALSE_START, end + 1)
    scan = scan_replies(stream)
    assert ([reply.payload for reply in scan.frames], scan.damaged) == (found, damaged)


def escapes_before(stream: bytes, at: int) -> int:
    return len(stream[:at]) - len(stream[:at].rstrip(b"\x10"))


def unescaped(wired: bytes) -> bytes:
    view = wired.replace(b"\x10\x10", b"\x10")
    return re.sub(rb"\x10([\x02\x03\x04])", rb"\1", view)


def fits(payload: bytes) -> bool:
    return len(payload) > 16 and len(payload) == 17 + int.from_bytes(payload[4:6], "big")


def is_sound(payload: bytes) -> bool:
    summed = len(payload) >= 7 and sum(payload[:-1]) % 256 == payload[-1]
    return summed and (payload[2] != A5 or fits(payload))
