"""Event memory and event file: published sizes and positions, and that nothing stands still over a run."""

import math
from datetime import datetime
from itertools import pairwise
from random import Random

import pytest

from sfm_archive.model.events import RecordType
from sfm_archive.testing import (
    FILE_PREFIX,
    FIRST_KEY,
    GAP,
    blastware_file,
    simulate_histogram,
    simulate_memory,
    simulate_waveform,
    synthetic_motion,
)
from sfm_archive.testing.trailer import LABELS, device_time

DRAWN = 200


def drawn_events():
    random = Random(99)
    return [
        simulate_histogram(random) if number % 2 else simulate_waveform(random, seconds=1) for number in range(DRAWN)
    ]


EVENTS = drawn_events()


def test_published_event_has_the_published_size():
    random = Random(1)
    event = simulate_waveform(
        random, motion=synthetic_motion(random, seconds=3, loudness="quiet"), start_key=FIRST_KEY, size=0x21F2
    )
    assert event.end_key == 0x0111_21F2
    assert len(blastware_file(event)) == 8708
    assert len(event.motion.tran) == 3328


def test_prefix_is_the_published_one():
    assert bytes.fromhex("10 00 01 80 00 00 49 6e 73 74 61 6e 74 65 6c 00 07 2c") == FILE_PREFIX


def test_an_event_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="cannot be 4096 bytes"):
        simulate_waveform(Random(1), seconds=3, size=4096)


def test_published_time_vector():
    assert device_time(datetime(2026, 4, 1, 0, 28, 12)) == bytes.fromhex("01 04 07 ea 00 00 1c 0c")


@pytest.mark.parametrize("event", EVENTS[:40])
def test_strt_and_footer_stand_where_the_facts_put_them(event):
    memory = event.memory
    assert memory[:8] == b"\x00\x12\x03\x00STRT"
    strt = memory[4:25]
    assert strt[4:6] in (b"\xff\xfe", b"\xff\xfd")
    assert int.from_bytes(strt[6:10], "big") == event.end_key == event.start_key + len(memory)
    assert int.from_bytes(strt[10:14], "big") == event.start_key
    assert strt[18] in (0x46, 0x0E)
    assert strt[19:21] == b"\0\0"
    if event.record_type is RecordType.WAVEFORM:
        assert memory[25:28] == b"\x00\x02\x00"
    footer = memory[-26:]
    assert footer[:2] == b"\x0e\x08"
    assert footer[2:10] == device_time(event.recorded_at)
    assert footer[10:18] == device_time(event.stopped_at)
    assert event.stopped_at > event.recorded_at


@pytest.mark.parametrize("event", EVENTS[:40])
def test_settings_are_found_by_their_labels(event):
    def behind(label: bytes) -> str:
        rest = event.memory[event.memory.rindex(label) + len(label) :].lstrip(b"\0")
        return rest[: rest.index(b"\0")].decode("ascii")

    texts = [event.project, event.client, event.user_name, event.seis_loc, event.notes]
    assert [behind(label) for label in LABELS] == texts
    assert b"\0" + event.serial.encode() + b"\0" in event.memory


def test_no_field_is_constant_over_a_run():
    strt = [event.memory[4:25] for event in EVENTS]
    for column in [5, *range(6, 19)]:
        assert len({part[column] for part in strt}) > 1, f"STRT[{column}]"
    footers = [event.memory[-26:] for event in EVENTS]
    for column in range(2, 26):
        if column not in (6, 14):  # the byte between year and hour
            values = {part[column] for part in footers}
            # The year's high byte is 07 until 2047.
            assert len(values) > 1 or column in (4, 12), f"footer[{column}]"
    for name in ("serial", "recorded_at", "start_key", "project", "client", "user_name", "seis_loc", "notes"):
        assert len({getattr(event, name) for event in EVENTS}) > DRAWN / 8, name
    for name in ("tran", "vert", "long", "micl", "pvs"):
        assert len({getattr(event.peaks, name) for event in EVENTS}) > DRAWN / 8, name
    assert len({len(event.memory) for event in EVENTS}) > DRAWN / 2
    assert len({event.stopped_at - event.recorded_at for event in EVENTS}) > DRAWN / 8
    assert len({event.memory.rindex(b"Project:") - len(event.memory) for event in EVENTS}) > 20
    assert {event.motion.sample_rate for event in EVENTS if event.motion} == {1024, 2048}
    assert {bytes((event.start_key >> 24,)) for event in EVENTS} > {b"\x01"}


def test_peaks_are_those_of_the_samples():
    for event in EVENTS:
        peaks = event.peaks
        strongest = max(peaks.tran, peaks.vert, peaks.long)
        assert strongest <= peaks.pvs * (1 + 1e-12)
        assert peaks.pvs <= math.hypot(peaks.tran, peaks.vert, peaks.long) * (1 + 1e-12)
        if event.motion:
            assert peaks.vert == pytest.approx(max(map(abs, event.motion.vert)) * 0.005)


def test_same_seed_same_events_and_other_seed_others():
    assert simulate_memory(Random(4), 3) == simulate_memory(Random(4), 3)
    assert simulate_memory(Random(4), 3) != simulate_memory(Random(5), 3)


def test_given_fields_are_kept():
    moment = datetime(2026, 5, 1, 13, 16, 34)
    event = simulate_histogram(
        Random(1),
        serial="BE11529",
        recorded_at=moment,
        count=10,
        interval_seconds=60,
        continuous=True,
        notes="",
    )
    assert (event.serial, event.recorded_at, event.notes) == ("BE11529", moment, "")
    assert (event.stopped_at - moment).total_seconds() == 600
    assert event.memory[8:10] == b"\xff\xfd"


def test_a_field_that_no_event_has_is_refused():
    with pytest.raises(TypeError, match="colour"):
        simulate_waveform(Random(1), seconds=1, colour="red")


def test_next_event_starts_as_published():
    random = Random(8)
    events = simulate_memory(random, 6, "BE11529")
    assert events[0].start_key == FIRST_KEY
    for event, following in pairwise(events):
        assert following.start_key == event.end_key + 0x46
        assert following.recorded_at > event.stopped_at
        assert following.serial == "BE11529"
    assert 0x0111_21F2 + GAP == 0x0111_2238


def test_memory_reads_on_past_the_end_into_gap_and_next_event():
    first, second, *_ = simulate_memory(Random(8), 3)
    read = first.read(first.end_key - 4, 4 + GAP + 20)
    assert read[:4] == first.memory[-4:]
    assert read[-20:] == second.memory[:20]
    beyond = first.end_key + 100_000
    assert first.read(beyond, 64) == first.read(beyond, 64)
    assert len(first.read(beyond, 64)) == 64
    with pytest.raises(ValueError, match="before the event's start"):
        first.read(first.start_key - 1, 4)
