"""The histogram writer against the published block test and vector."""

import struct
from random import Random

import pytest

from sfm_archive.testing import HistogramInterval, draw_intervals, simulate_histogram
from sfm_archive.testing.histograms import histogram_records
from sfm_archive.testing.motion import LARGEST_PEAK

BODY = 4 + 21


def blocks(memory: bytes) -> list[bytes]:
    """Blocks of 25 bytes and, but for the last one, the seven that begin the next record with its mark."""
    found = [memory[BODY : BODY + 25]]
    at = BODY
    while memory[at + 28 : at + 33] == b"\x1e\x0a\0\0\0" and memory[at + 33 : at + 35] == following(found[-1]):
        found[-1] = memory[at : at + 32]
        at += 32
        found.append(memory[at : at + 25])
    return found


def following(block: bytes) -> bytes:
    return (int.from_bytes(block[1:3], "big") + 1).to_bytes(2, "big")


def test_published_vector():
    interval = HistogramInterval(5, 0x7969, 3, 40, 4, 41, 9, 42)
    event = simulate_histogram(Random(1), intervals=[interval])
    assert blocks(event.memory)[0][6:10] == bytes.fromhex("05 79 69 00")
    assert event.peaks.tran == pytest.approx(0.025)


@pytest.mark.parametrize("seed", range(5))
def test_the_block_test_finds_every_interval_with_its_values(seed):
    event = simulate_histogram(Random(seed))
    found = blocks(event.memory)
    assert event.intervals is not None
    assert [struct.unpack(">8H", block[5:21]) for block in found] == [tuple(i) for i in event.intervals]
    first = int.from_bytes(found[0][1:3], "big")
    assert first in (0, 1)
    assert [int.from_bytes(block[1:3], "big") for block in found] == list(range(first, first + len(found)))


def test_each_record_is_two_bytes_and_then_thirty_that_say_so():
    event = simulate_histogram(Random(2), count=200)
    chain = event.memory[4 + 14 :]
    for number in range(200):
        record = chain[32 * number : 32 * number + 32]
        assert record[2:4] == b"\0\x1e"
        assert record[5:8] == b"\0\0\0"
        assert record[4] == 0x0A if number else record[4] in (0x46, 0x0E)


def test_the_published_block_test_misses_what_has_no_mark_behind_it():
    intervals = [HistogramInterval(*([9] * 8))] * 792
    for marked in (False, True):
        chain = histogram_records(Random(3), intervals, first_counter=0x46, last_mark=marked)
        body = chain[7:]
        passing = [at for at in range(0, len(body), 32) if body[at + 28 : at + 32] == b"\x1e\x0a\0\0"]
        assert len(passing) == (792 if marked else 791)


def test_no_byte_that_may_vary_is_constant_over_a_run():
    found = [block for seed in range(20) for block in blocks(simulate_histogram(Random(seed)).memory)[:-1]]
    fixed = {0: {0}, 27: {0}, 28: {0x1E}, 29: {0x0A}, 30: {0}, 31: {0}}
    for column in range(32):
        values = {block[column] for block in found}
        if column in fixed:
            assert values == fixed[column]
        else:
            assert len(values) > 1, column


def test_loud_sites_reach_the_rails_and_quiet_ones_do_not():
    peaks = [max(max(i[::2]) for i in draw_intervals(Random(seed), 200)) for seed in range(60)]
    assert max(peaks) == LARGEST_PEAK
    assert min(peaks) < 40


@pytest.mark.parametrize("count", [0, 0xFF01])
def test_a_histogram_of_impossible_length_is_refused(count):
    with pytest.raises(ValueError, match="intervals"):
        draw_intervals(Random(1), count)
