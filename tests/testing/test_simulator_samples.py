"""The sample encoder against the published vectors and a decoder that shares no line with it."""

from random import Random

import pytest

from sfm_archive.testing import Motion, simulate_waveform, synthetic_motion
from sfm_archive.testing.samples import delta_block, delta_blocks, segment


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def read_deltas(data: bytes) -> tuple[list[int], set[int]]:
    """All deltas of the blocks in `data`, and which widths occurred."""
    deltas, widths, at = [], set(), 0
    while at < len(data):
        tag = int.from_bytes(data[at : at + 2], "big")
        width, count = tag >> 12, tag & 0xFFF
        widths.add(width)
        assert width <= 4
        nibbles = data[at + 2 : at + 2 + count * width // 2].hex()
        assert len(nibbles) == count * width
        at += 2 + count * width // 2
        if width == 0:
            deltas += [0] * count
        elif width == 3:
            for group in range(0, len(nibbles), 12):
                high, low = nibbles[group : group + 4], nibbles[group + 4 : group + 12]
                deltas += [signed(int(high[i] + low[2 * i : 2 * i + 2], 16), 12) for i in range(4)]
        else:
            deltas += [signed(int(nibbles[i : i + width], 16), 4 * width) for i in range(0, len(nibbles), width)]
    return deltas, widths


def read_waveform(memory: bytes) -> tuple[list[list[int]], list[int], set[int], int]:
    """Channels, segment lengths, widths, and where the segments end."""
    channels: list[list[int]] = [[], [], [], []]
    lengths, widths, at, number = [], set(), 4 + 14, 0
    while memory[at + 8 : at + 10] == b"\x02\x00":
        length = int.from_bytes(memory[at + 2 : at + 4], "big")
        stop = at + 2 + length
        first, second = memory[at + 10 : at + 12], memory[at + 12 : at + 14]
        values = [int.from_bytes(first, "big", signed=True), int.from_bytes(second, "big", signed=True)]
        deltas, seen = read_deltas(memory[at + 14 : stop])
        for delta in deltas:
            values.append(values[-1] + delta)
        channels[number % 4] += values
        lengths.append(len(values))
        widths |= seen
        at, number = stop, number + 1
    return channels, lengths, widths, at


def test_published_block_of_12_bit_deltas():
    assert delta_block(3, [47, 297, 384, 61]) == bytes.fromhex("30 04 01 10 2f 29 80 3d")


def test_published_block_of_400_nibbles():
    block = delta_block(1, [3, -4] * 200)
    assert block[:2] == b"\x11\x90"
    assert len(block) == 202


def test_published_segment_of_264_nibbles_and_244_zeros():
    payload = delta_blocks([1, -1, 5, -8] * 66 + [0] * 244 + [9, 9])
    assert payload[:2] == b"\x11\x08"
    assert payload[2 + 132 :] == bytes.fromhex("00f4 4002 0009 0009")


def test_whole_segments_end_with_two_left_over_deltas():
    data = segment([7] * 512, open_bytes=b"\xaa\xbb", counter=0x0A0B0C0D)
    assert data.hex(" ") == "aa bb 00 14 0d 0c 0b 0a 02 00 00 07 00 07 01 fc 40 02 00 00 00 00"


def test_short_runs_of_narrow_deltas_do_not_cost_tags():
    assert delta_blocks([100] * 4 + [0] * 8 + [100] * 4)[:2] == b"\x20\x10"
    assert delta_blocks([100] * 4 + [0] * 12 + [100] * 4)[:2] == b"\x20\x04"


@pytest.mark.parametrize("width", range(5))
def test_each_width_keeps_its_extremes(width):
    low, high = ((0, 0), (-8, 7), (-128, 127), (-2048, 2047), (-32768, 32767))[width]
    values = [low, high, low, high] * 300
    assert read_deltas(delta_block(width, values)) == (values, {width})


@pytest.mark.parametrize(
    ("width", "deltas"),
    [(0, [1] * 4), (1, [8] * 4), (1, [1] * 3), (2, [128] * 4), (3, [2048] * 4), (4, [0] * 4096)],
)
def test_a_block_that_cannot_hold_its_deltas_is_refused(width, deltas):
    with pytest.raises(Exception, match=r"fit|hold|format|required"):
        delta_block(width, deltas)


@pytest.mark.parametrize("samples", [[], [1], [0] * 513])
def test_a_segment_of_another_length_is_refused(samples):
    with pytest.raises(ValueError, match="2 to 512"):
        segment(samples, open_bytes=b"\0\0", counter=0)


@pytest.mark.parametrize("loudness", ["flat", "quiet", "ordinary", "loud", "clipped"])
@pytest.mark.parametrize("seed", range(6))
def test_samples_come_back_from_memory(loudness, seed):
    motion = synthetic_motion(Random(seed), loudness=loudness)
    memory = simulate_waveform(Random(seed), motion=motion).memory
    channels, lengths, _, _ = read_waveform(memory)
    assert channels == [list(channel) for channel in motion.channels]
    assert lengths == [512] * 24 + [256] * 4


@pytest.mark.parametrize("total", [2, 3, 4, 5, 6, 7, 511, 512, 514, 1023, 1025 + 1, 3328])
def test_records_of_any_length_come_back(total):
    random = Random(total)
    channels = [[random.randrange(-2048, 2048) for _ in range(total)] for _ in range(4)]
    tran, vert, long, micl = channels
    motion = Motion(sample_rate=1024, pretrigger=0, tran=tran, vert=vert, long=long, micl=micl)
    assert read_waveform(simulate_waveform(random, motion=motion).memory)[0] == channels


def test_all_widths_occur_and_no_settings_are_taken_for_a_segment():
    seen = set()
    for seed in range(30):
        random = Random(seed)
        event = simulate_waveform(random, seconds=1)
        _, _, widths, end = read_waveform(event.memory)
        seen |= widths
        assert event.memory.index(b"Project:") > end
    assert seen == {0, 1, 2, 3, 4}


def test_open_bytes_and_counters_of_segments_vary():
    memory = simulate_waveform(Random(3), seconds=3).memory
    headers, at = [], 18
    while memory[at + 8 : at + 10] == b"\x02\x00":
        headers.append(memory[at : at + 8])
        at += 2 + int.from_bytes(memory[at + 2 : at + 4], "big")
    for column in (0, 1, 3, 4, 5, 6, 7):
        assert len({header[column] for header in headers}) > 5
