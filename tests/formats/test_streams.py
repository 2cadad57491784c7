"""A stream of frames held against the event it claims to be."""

from __future__ import annotations

import tracemalloc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadFrames
from sfm_archive.formats.blastware.event_file import describe_memory
from sfm_archive.formats.blastware.streams import StreamSurvey, readable_memory, survey_stream, surveyed
from sfm_archive.model.frames import A5Frame

START = 0x0111_0000
EVENT = testing.simulate_waveform(Random(10), start_key=START, seconds=3.0)
FRAMES = testing.read_out(EVENT)


def codes(survey: StreamSurvey) -> list[str]:
    return [finding.code for finding in survey.findings]


def bounds(survey: StreamSurvey, code: str) -> list[tuple[int | None, int | None]]:
    return [(finding.start, finding.end) for finding in survey.findings if finding.code == code]


def test_the_published_event_has_17_frames_and_8690_bytes_of_memory() -> None:
    event = testing.simulate_waveform(Random(1), start_key=START, size=0x21F2, seconds=1.0)
    frames = testing.read_out(event)
    survey = survey_stream(frames)
    assert len(frames) == 17
    assert (survey.pieces[-1].address, len(survey.pieces[-1].content)) == (START + 0x2000, 0x1F2)
    assert survey.memory == event.memory
    assert len(event.memory) + 18 == 8708


@given(st.integers(0, 2**32), st.sampled_from([0x200, 0x400, 0x1F3]), st.booleans())
@settings(max_examples=settings.default.max_examples * 40 // 100)
def test_a_faultless_stream_is_its_events_memory_and_nothing_is_found(seed: int, step: int, histogram: bool) -> None:
    random = Random(seed)
    event = (
        testing.simulate_histogram(random, count=20) if histogram else testing.simulate_waveform(random, seconds=1.0)
    )
    survey = survey_stream(testing.read_out(event, step))
    assert survey.memory == event.memory
    assert (survey.findings, survey.gaps, survey.conflict) == ((), (), None)
    assert survey.whole


@given(st.integers(0, 2**32))
@settings(max_examples=settings.default.max_examples * 40 // 100)
def test_any_mixture_of_overlapping_reads_gives_the_memory_or_names_the_gap(seed: int) -> None:
    random = Random(seed)
    memory = EVENT.memory
    reads = [(0, 0x200)] + [(random.randrange(len(memory)), random.randrange(1, 0x400)) for _ in range(60)]
    frames = [testing.a5_frame(START + at, EVENT.read(START + at, size)) for at, size in reads]
    covered = bytearray(len(memory))
    for at, size in reads:
        covered[at : at + size] = b"\x01" * len(covered[at : at + size])
    survey = survey_stream(frames)
    missing = {at for at in range(len(memory)) if not covered[at]}
    assert {at - START for start, end in survey.gaps for at in range(start, end)} == missing
    assert survey.conflict is None
    assert survey.memory == (None if missing else memory)
    assert survey.gaps == tuple((f.start, f.end) for f in survey.findings if f.code == "gap")


def test_a_missing_frame_is_a_gap_with_its_address_range() -> None:
    survey = survey_stream(testing.missing_frame(FRAMES, 3))
    assert codes(survey) == ["gap"]
    assert survey.gaps == ((START + 0x600, START + 0x800),)
    assert "01110600 to 011107FF" in survey.findings[0].message
    assert survey.memory is None


def test_a_missing_closing_frame_is_a_gap_and_a_missing_footer() -> None:
    survey = survey_stream(testing.missing_closing(FRAMES))
    assert codes(survey) == ["gap", "missing-footer"]
    assert survey.gaps[-1][1] == EVENT.end_key


def test_bytes_behind_the_event_are_over_read_and_left_out() -> None:
    survey = survey_stream(testing.over_read(EVENT, beyond=2))
    assert set(codes(survey)) == {"over-read"}
    assert len(codes(survey)) == 3
    assert survey.memory == EVENT.memory


def test_bytes_before_the_event_are_over_read_too() -> None:
    before = testing.a5_frame(START - 0x100, bytes(0x100) + EVENT.memory[:0x40])
    survey = survey_stream([FRAMES[0], before, *FRAMES[1:]])
    assert survey.memory == EVENT.memory
    assert "before" in next(f.message for f in survey.findings if f.code == "over-read")


def test_an_equal_duplicate_is_told_and_harmless() -> None:
    survey = survey_stream(testing.repeated_frame(FRAMES, 4))
    assert codes(survey) == ["doubled-address"]
    assert bounds(survey, "doubled-address") == [(START + 0x800, START + 0xA00)]
    assert survey.memory == EVENT.memory
    assert survey.whole


def test_reads_that_overlap_are_told_though_no_address_is_equal() -> None:
    extra = testing.a5_frame(START + 0x300, EVENT.read(START + 0x300, 0x200))
    survey = survey_stream([*FRAMES[:2], extra, *FRAMES[2:]])
    assert "doubled-address" in codes(survey)
    assert survey.memory == EVENT.memory


@pytest.mark.parametrize("seed", range(10))
def test_an_unequal_duplicate_is_a_conflict_at_the_first_byte_that_differs(seed: int) -> None:
    random = Random(seed)
    faulty = testing.conflicting_frame(FRAMES, 4, random)
    pair = [testing.content_of(frame) for frame in faulty[4:6]]
    first = next(at for at in range(0x200) if pair[0][at] != pair[1][at])
    survey = survey_stream(faulty)
    assert codes(survey) == ["doubled-address", "unequal-duplicate"]
    assert survey.conflict == START + 0x800 + first
    assert bounds(survey, "unequal-duplicate") == [(survey.conflict, survey.conflict + 1)]
    assert survey.memory is None


def test_a_conflict_between_partly_overlapping_reads_is_found() -> None:
    content = bytearray(EVENT.read(START + 0x300, 0x200))
    content[0x150] ^= 1
    survey = survey_stream([*FRAMES, testing.a5_frame(START + 0x300, bytes(content))])
    assert survey.conflict == START + 0x450


@pytest.mark.parametrize("seed", range(10))
def test_frames_in_another_order_are_the_event_wherever_its_header_stands(seed: int) -> None:
    survey = survey_stream(testing.out_of_order(FRAMES, Random(seed)))
    assert codes(survey) == ["out-of-order"]
    assert survey.memory == EVENT.memory


def test_a_restarted_download_is_whole() -> None:
    survey = survey_stream(testing.restarted(FRAMES, 5))
    assert codes(survey) == ["doubled-address"] * 5
    assert survey.memory == EVENT.memory


def test_the_0x1000_fault_that_echoes_the_start_is_a_doubled_address_and_a_gap() -> None:
    survey = survey_stream(testing.doubled_start(FRAMES))
    assert codes(survey) == ["doubled-address", "gap"]
    assert survey.gaps == ((START + 0x1000, START + 0x1200),)


def test_the_0x1000_fault_that_echoes_the_address_asked_for_is_a_second_header() -> None:
    survey = survey_stream(testing.doubled_start(FRAMES, echo_start=False))
    assert codes(survey) == ["second-header"]
    assert survey.memory is not None
    assert not survey.whole
    assert survey.findings[0].start == 0x1012


def test_damage_inside_a_frame_is_told_and_such_a_stream_is_not_called_whole() -> None:
    corrupted = survey_stream(testing.corrupted_byte(FRAMES, 3, Random(1)))
    assert codes(corrupted) == ["checksum"]
    assert bounds(corrupted, "checksum") == [(START + 0x600, START + 0x800)]
    assert not corrupted.whole
    truncated = survey_stream(testing.truncated_frame(FRAMES, 3, Random(1)))
    assert codes(truncated)[0] == "length"
    assert "gap" in codes(truncated)
    assert truncated.gaps[0][1] == START + 0x800
    assert not truncated.whole


def test_old_records_without_checksums_are_noted_once() -> None:
    survey = survey_stream(testing.without_checksums(FRAMES))
    assert codes(survey) == ["unchecked"]
    assert survey.whole


def test_a_wrong_end_key_leaves_no_footer_or_a_gap() -> None:
    assert codes(survey_stream(testing.wrong_end_key(FRAMES, -40))) == ["over-read", "missing-footer"]
    assert codes(survey_stream(testing.wrong_end_key(FRAMES, 40))) == ["gap", "missing-footer"]


def test_a_stream_without_a_header_is_refused_and_a_foreign_frame_named() -> None:
    survey = survey_stream(FRAMES[1:])
    assert codes(survey) == ["no-header"]
    assert survey.strt is None
    foreign = FRAMES[2]._replace(sub=0xF3)
    assert "not-a5" in codes(survey_stream([*FRAMES[:2], foreign, *FRAMES[3:]]))


def test_no_frames_or_a_frame_without_a_header_raise() -> None:
    with pytest.raises(BadFrames, match="no A5 frames"):
        survey_stream([])
    with pytest.raises(BadFrames, match="too short"):
        survey_stream([*FRAMES, A5Frame(0xA5, 0, 0, b"short", 0, True)])


def test_a_survey_is_never_another_streams() -> None:
    # Frames that carry their survey: equal-looking streams must not get each other's.
    for carried in (tuple, surveyed):
        one, other = carried(FRAMES), carried(testing.missing_frame(FRAMES, 2))
        assert survey_stream(one).whole
        assert not survey_stream(other).whole
        assert survey_stream(one).whole
    assert survey_stream(one) is survey_stream(one) and surveyed(one) is one == tuple(FRAMES)
    assert not survey_stream(surveyed(one[1:])).whole
    growing = list(FRAMES)
    assert survey_stream(growing).whole
    del growing[3]
    assert not survey_stream(growing).whole


@given(st.integers(0, 2**32), st.sets(st.integers(1, 16), min_size=1, max_size=8))
@settings(max_examples=settings.default.max_examples * 30 // 100)
def test_names_and_dates_are_read_from_what_came_of_a_torn_event(seed: int, lost: set[int]) -> None:
    random = Random(seed)
    event = testing.simulate_histogram(random, count=150)
    frames = [frame for at, frame in enumerate(testing.read_out(event)) if at not in lost]
    random.shuffle(frames)
    told = describe_memory(readable_memory(survey_stream(frames)))
    assert told.strt is not None
    # A closing frame shorter than a footer leaves the footer's beginning to the frame before it.
    assert told.recorded_at in (None, event.recorded_at)
    assert told.stopped_at in (None, event.stopped_at)
    closing = testing.read_out(event)[-1]
    if closing in frames and len(testing.content_of(closing)) >= 26:
        assert (told.recorded_at, told.stopped_at) == (event.recorded_at, event.stopped_at)
    assert told.serial in (None, event.serial)
    truth = (event.project, event.client, event.user_name, event.seis_loc, event.notes)
    assert {*told.settings.values()} <= {*truth}


def test_a_serial_or_text_that_a_gap_cuts_is_not_told() -> None:
    event = testing.simulate_histogram(Random(1), count=20, serial="BE18002", project="North Quarry 7", start_key=0)
    for text in (b"BE18002", b"North Quarry 7"):
        at = event.memory.index(b"\x00" + text) + 1
        for cut in range(1, len(text)):
            for first, second in ((at + cut, at + cut + 40), (at - 40, at + cut)):
                kept = [(0, first), (second, len(event.memory))]
                frames = [testing.a5_frame(start, event.memory[start:end]) for start, end in kept]
                told = describe_memory(readable_memory(survey_stream(frames)))
                assert told.serial in (None, "BE18002")
                assert told.settings.get("Project") in (None, "North Quarry 7")


@pytest.mark.parametrize("lost", range(1, 26))
def test_a_footer_that_lost_its_end_gives_no_invented_time(lost: int) -> None:
    end = EVENT.end_key - lost
    frames = [testing.a5_frame(at, EVENT.read(at, min(0x200, end - at))) for at in range(START, end, 0x200)]
    told = describe_memory(readable_memory(survey_stream(frames)))
    assert told.recorded_at in (None, EVENT.recorded_at)
    assert told.stopped_at in (None, EVENT.stopped_at)


def test_keys_that_claim_gigabytes_cost_no_memory() -> None:
    claims = b"\x00\x12\x03\x00STRT\xff\xfe" + (0xFFFF_FFFF).to_bytes(4, "big") + bytes(4) + bytes(7)
    frames = [testing.a5_frame(0, claims), testing.a5_frame(0xFFFF_0000, b"far")]
    tracemalloc.start()
    survey = survey_stream(frames)
    described = describe_memory(readable_memory(survey))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert described.strt is not None
    assert survey.memory is None
    assert peak < 1_000_000


def test_a_stream_of_very_many_overlapping_frames_is_surveyed_quickly() -> None:
    # Each small frame lies inside the first one; comparing must not cost the first one's length each time.
    memory = b"\x00\x12\x03\x00STRT\xff\xfe" + (0xF000).to_bytes(4, "big") + bytes(4) + bytes(0xF000 - 18)
    small = [testing.a5_frame(0x100 + at % 0x8000, b"\x00") for at in range(3000)] * 20
    survey = survey_stream([testing.a5_frame(0, memory), *small])
    assert survey.memory == memory
