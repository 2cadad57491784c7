"""The walk as published, and each fault: that it is there, and that nothing else changed."""

from random import Random

import pytest

from sfm_archive.testing import (
    FIRST_KEY,
    GAP,
    address_of,
    blastware_file,
    conflicting_frame,
    content_of,
    corrupted_byte,
    doubled_start,
    header_in_samples,
    missing_closing,
    missing_frame,
    old_read_out,
    out_of_order,
    over_read,
    read_out,
    repeated_frame,
    restarted,
    sequential_file,
    simulate_memory,
    simulate_waveform,
    synthetic_motion,
    truncated_frame,
    without_checksums,
    wrong_end_key,
)
from sfm_archive.testing.link import logical_payload


def published_event():
    random = Random(11)
    motion = synthetic_motion(random, seconds=3, loudness="quiet")
    return simulate_waveform(random, motion=motion, start_key=FIRST_KEY, size=0x21F2)


EVENT = published_event()
FRAMES = read_out(EVENT)


def sum_fits(frame):
    return sum(logical_payload(frame)) % 256 == frame.chk_byte


def test_published_walk_has_17_frames_and_a_closing_one_of_1f2_bytes():
    assert [address_of(frame) for frame in FRAMES] == list(range(FIRST_KEY, FIRST_KEY + 0x2001, 0x200))
    assert len(FRAMES) == 17
    assert [len(content_of(frame)) for frame in FRAMES] == [0x200] * 16 + [0x1F2]
    assert all(map(sum_fits, FRAMES))


@pytest.mark.parametrize("step", [0x200, 0x400])
def test_sequential_content_of_a_good_walk_is_the_event_file(step):
    for event in simulate_memory(Random(1), 6):
        assert sequential_file(read_out(event, step)) == blastware_file(event)


def test_an_event_of_whole_steps_closes_with_a_full_frame():
    event = simulate_waveform(Random(1), seconds=1, size=0x200 * 60)
    assert [len(content_of(frame)) for frame in read_out(event)] == [0x200] * 60


@pytest.mark.parametrize("beyond", [0, 1, 3])
def test_old_downloads_run_past_the_end_into_the_next_event(beyond):
    first, second = simulate_memory(Random(3), 2)
    frames = old_read_out(first, beyond)
    assert len(frames) == -(-len(first.memory) // 0x400) + beyond
    assert {len(content_of(frame)) for frame in frames} == {0x400}
    whole = b"".join(map(content_of, frames))
    assert whole.startswith(first.memory)
    following = whole[len(first.memory) + GAP :][: len(second.memory)]
    assert second.memory.startswith(following)
    assert over_read(first, beyond) == frames


@pytest.mark.parametrize("echo_start", [True, False])
def test_doubled_start_loses_1000_to_11ff_and_shows_at_file_offset_1016(echo_start):
    faulty = doubled_start(FRAMES, echo_start=echo_start)
    assert len(faulty) == 17
    assert content_of(faulty[8]) == content_of(FRAMES[0])
    assert address_of(faulty[8]) == (FIRST_KEY if echo_start else FIRST_KEY + 0x1000)
    assert faulty[:8] + faulty[9:] == FRAMES[:8] + FRAMES[9:]
    assert sum_fits(faulty[8])
    assert sequential_file(faulty)[0x1016:][:4] == b"STRT"


def test_doubled_start_of_an_old_download_and_of_too_short_an_event():
    assert address_of(doubled_start(read_out(EVENT, 0x400))[4]) == FIRST_KEY
    with pytest.raises(ValueError, match="01111000"):
        doubled_start(FRAMES[:8])


def test_missing_frames():
    assert missing_frame(FRAMES, 5) == FRAMES[:5] + FRAMES[6:]
    assert missing_closing(FRAMES) == FRAMES[:-1]


def test_repeated_and_restarted_streams_hold_equal_frames():
    assert repeated_frame(FRAMES, 3) == FRAMES[:4] + FRAMES[3:]
    assert repeated_frame(FRAMES, 16) == [*FRAMES, FRAMES[16]]
    assert restarted(FRAMES, 6) == FRAMES[:6] + FRAMES


@pytest.mark.parametrize("seed", range(20))
def test_conflicting_frames_share_an_address_and_both_sums_fit(seed):
    faulty = conflicting_frame(FRAMES, seed % 17, Random(seed))
    one, other = faulty[seed % 17 : seed % 17 + 2]
    assert one == FRAMES[seed % 17]
    assert address_of(one) == address_of(other)
    assert content_of(one) != content_of(other)
    assert sum_fits(one)
    assert sum_fits(other)


@pytest.mark.parametrize("seed", range(40))
def test_a_corrupted_byte_breaks_the_sum_and_keeps_the_length(seed):
    faulty = corrupted_byte(FRAMES, seed % 16, Random(seed))
    good, bad = FRAMES[seed % 16], faulty[seed % 16]
    assert address_of(bad) == address_of(good)
    differing = [a != b for a, b in zip(content_of(good), content_of(bad), strict=True)]
    assert differing.count(True) == 1
    assert not sum_fits(bad)
    assert faulty[: seed % 16] + faulty[seed % 16 + 1 :] == FRAMES[: seed % 16] + FRAMES[seed % 16 + 1 :]


@pytest.mark.parametrize("seed", range(10))
def test_a_truncated_frame_holds_less_than_it_announces(seed):
    bad = truncated_frame(FRAMES, 4, Random(seed))[4]
    assert len(content_of(bad)) < 0x200
    assert address_of(bad) == address_of(FRAMES[4])


def test_frames_out_of_order_are_the_same_frames():
    faulty = out_of_order(FRAMES, Random(1))
    assert faulty != FRAMES
    assert sorted(faulty, key=address_of) == FRAMES
    with pytest.raises(ValueError, match="no order"):
        out_of_order(FRAMES[:1], Random(1))


def test_records_without_checksum_read_as_0_and_true():
    faulty = without_checksums(FRAMES)
    assert {(frame.chk_byte, frame.checksum_valid) for frame in faulty} == {(0, True)}
    assert [frame.data for frame in faulty] == [frame.data for frame in FRAMES]


def test_a_wrong_end_key_is_the_only_change():
    faulty = wrong_end_key(FRAMES, -0x100)
    assert content_of(faulty[0])[10:14] == (EVENT.end_key - 0x100).to_bytes(4, "big")
    assert sum_fits(faulty[0])
    assert faulty[1:] == FRAMES[1:]


def test_samples_that_look_like_a_header_are_good_samples():
    event = header_in_samples(Random(4))
    assert event.memory.count(b"\x00\x12\x03\x00STRT") == 2
    assert event.memory.rindex(b"\x00\x12\x03\x00STRT") > 25


def test_faults_leave_their_input_alone():
    before = list(FRAMES)
    out_of_order(FRAMES, Random(2))
    doubled_start(FRAMES)
    corrupted_byte(FRAMES, 1, Random(2))
    assert before == FRAMES
