"""Captures: a reader that follows the published extraction rule finds every frame, whatever the noise."""

import struct
from datetime import datetime
from random import Random

import pytest

from sfm_archive.testing import (
    capture,
    content_of,
    damaged_wire,
    old_wire_read_out,
    pc_capture,
    read_out,
    simulate_histogram,
    simulate_memory,
    stored_frame,
    wire_read_out,
)
from sfm_archive.testing.replies import event_record, event_record_reply, reply_sub


def extracted(stream: bytes) -> list[bytes]:
    """Logical frames with their checksum, by the extraction rule of the facts."""
    found, at = [], stream.find(b"\x10\x02")
    while at >= 0:
        logical, position = bytearray(), at + 2
        while position < len(stream) and stream[position] != 0x03:
            position += stream[position] == 0x10
            logical += stream[position : position + 1]
            position += 1
        good = position < len(stream) and len(logical) >= 7 and logical[1] == 0x10
        good = good and sum(logical[:-1]) % 256 == logical[-1]
        if good and logical[2] == 0xA5:
            good = len(logical) == 17 + int.from_bytes(logical[4:6], "big")
        if good:
            found.append(bytes(logical))
        at = stream.find(b"\x10\x02", position + 1 if good else at + 1)
    return found


def contents(frames: list[bytes], sub: int = 0xA5) -> list[bytes]:
    return [frame[16:-1] for frame in frames if frame[2] == sub]


@pytest.mark.parametrize("seed", range(8))
def test_every_frame_is_found_in_noise_and_nothing_else(seed):
    random = Random(seed)
    events = simulate_memory(random, 4)
    stream = capture(random, events, damaged=0.2)
    expected = [content_of(frame) for event in events for frame in read_out(event)]
    assert contents(extracted(stream)) == expected
    assert len(contents(extracted(stream), reply_sub(0x0C))) == 4


def test_without_noise_the_stream_is_frames_only():
    random = Random(1)
    events = simulate_memory(random, 2)
    stream = capture(random, events, noise=False, replies=False, records=False)
    assert stream == b"".join(wire for event in events for wire in wire_read_out(event))


def test_old_downloads_can_be_captured():
    random = Random(1)
    events = simulate_memory(random, 2)
    stream = capture(random, events, wire_of=lambda event: old_wire_read_out(event, 1))
    assert {len(content) for content in contents(extracted(stream))} == {0x400}


@pytest.mark.parametrize("seed", range(60))
def test_damaged_frames_fail_the_checks(seed):
    random = Random(seed)
    for wire in wire_read_out(simulate_histogram(random)):
        assert extracted(damaged_wire(random, wire) + b"\x41\x03") == []


def test_published_wire_vector_of_the_event_time():
    event = simulate_histogram(Random(1), recorded_at=datetime(2026, 4, 1, 0, 28, 12))
    assert bytes.fromhex("01 10 04 07 ea 00 00 1c 0c") in event_record_reply(Random(1), event)


def test_event_record_is_read_by_its_labels():
    for seed in range(30):
        random = Random(seed)
        event = simulate_histogram(random)
        record = event_record(random, event)
        assert len(record) == 210
        tran = record.index(b"Tran")
        values = [struct.unpack_from(">f", record, tran - 12)[0]]
        values += [
            struct.unpack_from(">f", record, record.index(c) + 6)[0] for c in (b"Tran", b"Vert", b"Long", b"MicL")
        ]
        peaks = event.peaks
        assert values == pytest.approx([peaks.pvs, peaks.tran, peaks.vert, peaks.long, peaks.micl], rel=1e-6)
        text = record[record.index(b"Project:") + 8 :].lstrip(b"\0")
        assert text[: text.index(b"\0")].decode() == event.project


def test_replies_carry_the_published_subs():
    random = Random(3)
    stream = capture(random, [e for _ in range(6) for e in simulate_memory(random, 2)], noise=False)
    assert {frame[2] for frame in extracted(stream)} == {0xA5, 0xF3, 0xF5, 0xE1, 0xE0, 0xA4}
    kinds = {content[0] for content in contents(extracted(stream), 0xF5)}
    assert kinds == {0x46, 0x2C}


def test_the_pcs_side_holds_no_reply():
    random = Random(2)
    stream = pc_capture(random, simulate_memory(random, 3))
    assert stream.count(b"\x41\x02") > 20
    assert extracted(stream) == []


def test_captures_are_reproducible():
    assert capture(Random(5), simulate_memory(Random(6), 2)) == capture(Random(5), simulate_memory(Random(6), 2))


def test_stored_view_of_a_captured_reply_has_its_sub():
    event = simulate_histogram(Random(1))
    assert stored_frame(event_record_reply(Random(1), event)).sub == 0xF3
