"""Framing and the older parsers' view: published positions, and the archive's own way back."""

from random import Random

import pytest

from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.testing import (
    FIRST_KEY,
    a5_frame,
    address_of,
    content_of,
    read_out,
    simulate_memory,
    simulate_waveform,
    stored_frame,
    wire_frame,
    wire_read_out,
)
from sfm_archive.testing.link import a5_payload, escaped, logical_payload


def one_by_one(logical: bytes) -> bytes:
    return b"".join(bytes((0x10, byte)) if byte in b"\x02\x03\x04\x10" else bytes((byte,)) for byte in logical)


def scanned_view(wire: bytes) -> bytes:
    """What a parser that walks byte by byte and knows only `10 10` keeps of a frame."""
    view, at = bytearray(), 2
    while wire[at] != 0x03:
        if wire[at] == 0x10:
            view += wire[at + 1 : at + 2] if wire[at + 1] == 0x10 else wire[at : at + 2]
            at += 2
        else:
            view.append(wire[at])
            at += 1
    assert at == len(wire) - 1
    return bytes(view)


def test_escaping_treats_each_byte_alone():
    assert escaped(bytes((0x10, 0x02, 0x10, 0x10, 0x03, 0x41, 0x04))).hex() == "10101002101010101003411004"
    random = Random(1)
    for _ in range(300):
        logical = bytes(random.choices(b"\x02\x03\x04\x10\x00\x41", k=random.randrange(40)))
        assert escaped(logical) == one_by_one(logical)


def test_published_positions_of_the_first_frame():
    event = simulate_waveform(Random(1), seconds=3, start_key=FIRST_KEY)
    frame = read_out(event)[0]
    assert frame.data[17:21] == b"STRT"
    assert frame.data[23:27] == event.end_key.to_bytes(4, "big")
    assert (frame.sub, frame.page_hi, frame.page_lo) == (0xA5, 0x00, 0x10)


@pytest.mark.parametrize(("step", "closing"), [(0x200, {0x00, 0x01}), (0x400, {0x00, 0x01, 0x10})])
def test_page_key_is_0010_on_ordinary_frames(step, closing):
    for event in simulate_memory(Random(2), 5):
        frames = read_out(event, step)
        assert {(frame.page_hi, frame.page_lo) for frame in frames[:-1]} == {(0x00, 0x10)}
        assert frames[-1].page_lo in closing


def test_stored_view_is_that_of_a_byte_by_byte_parser():
    random = Random(3)
    for _ in range(400):
        content = bytes(random.choices(b"\x02\x03\x04\x10\x00\xff", k=random.randrange(1, 60)))
        wire = wire_frame(a5_payload(random.randrange(1 << 32), content))
        frame, view = stored_frame(wire), scanned_view(wire)
        assert bytes((frame.sub, frame.page_hi, frame.page_lo)) + frame.data == view[2:-1]
        assert frame.chk_byte == view[-1]
        assert frame.checksum_valid == (sum(view[:-1]) % 256 == view[-1])


def test_an_escaped_checksum_leaves_a_stray_10_behind():
    frame = next(a5_frame(FIRST_KEY, bytes((n,))) for n in range(256) if a5_frame(FIRST_KEY, bytes((n,))).chk_byte == 3)
    assert frame.data[-1] == 0x10
    assert len(content_of(frame)) == 1


def test_false_is_normal_for_the_older_comparison_and_true_occurs():
    seen = [frame.checksum_valid for event in simulate_memory(Random(5), 12) for frame in read_out(event)]
    assert seen.count(False) > len(seen) * 0.8
    assert True in seen


def test_logical_payload_is_the_way_back():
    random = Random(6)
    for _ in range(400):
        address = random.randrange(1 << 32)
        content = bytes(random.choices(range(24), k=random.randrange(1, 600)))
        frame = a5_frame(address, content)
        assert logical_payload(frame) == a5_payload(address, content)
        assert (address_of(frame), content_of(frame)) == (address, content)


def test_the_archive_reads_the_same_out_of_stored_frames():
    for event in simulate_memory(Random(7), 6):
        for frame in read_out(event):
            logical = logical_frame(frame)
            assert (logical.address, logical.content) == (address_of(frame), content_of(frame))
            assert logical.length_ok
            assert logical.checksum_ok


def test_wire_frames_hold_a_bare_end_only_at_their_end():
    for wire in wire_read_out(simulate_memory(Random(8), 1)[0]):
        assert wire[:2] == b"\x10\x02"
        assert scanned_view(wire)


@pytest.mark.parametrize("wire", [b"", b"\x10\x02\x03", b"\x41\x02\x00\x00\x00\x03", b"\x10\x02abcdefgh"])
def test_what_is_not_a_frame_is_refused(wire):
    with pytest.raises(ValueError, match="frame"):
        stored_frame(wire)
