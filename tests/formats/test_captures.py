"""Events out of raw captures."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware import captures
from sfm_archive.formats.blastware.captures import Capture, read_capture
from sfm_archive.formats.blastware.event_file import describe_memory
from sfm_archive.formats.blastware.streams import not_whole, readable_memory, survey_stream
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing import odd_streams
from sfm_archive.testing.captures import boot_text
from sfm_archive.testing.link import a5_payload, reply_payload
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.replies import event_record_reply
from sfm_archive.testing.trailer import device_time
from sfm_archive.testing.walk import old_wire_read_out, wire_read_out


def codes(capture: Capture) -> list[str]:
    return [finding.code for finding in capture.findings]


def frames_of(capture: Capture) -> list[tuple[A5Frame, ...]]:
    return [event.frames for event in capture.events]


def small_memory(random: Random, count: int, **given_: object) -> list[SimulatedEvent]:
    """Consecutive events of a kilobyte or two."""
    events, key = [], 0x0111_0000
    for number in range(count):
        event = testing.simulate_histogram(random, count=30 + number, start_key=key, **given_)
        events.append(event)
        key = event.end_key + testing.GAP
    return events


@given(st.integers(0, 2**32), st.sampled_from([0x200, 0x400]), st.booleans())
@settings(max_examples=settings.default.max_examples * 40 // 100)
def test_frames_equal_field_for_field_those_of_the_older_parser(seed: int, step: int, noise: bool) -> None:
    random = Random(seed)
    events = testing.simulate_memory(random, 2) if seed % 3 else small_memory(random, 4)
    stream = testing.capture(random, events, noise=noise, step=step, damaged=0.15)
    capture = read_capture(stream)
    assert frames_of(capture) == [tuple(testing.read_out(event, step)) for event in events]
    for captured, event in zip(capture.events, events, strict=True):
        assert (captured.strt.start_key, captured.strt.end_key) == (event.start_key, event.end_key)
        assert captured.record is not None
        assert captured.record.recorded_at == event.recorded_at
        assert captured.findings == ()


@pytest.mark.parametrize("seed", range(20))
def test_any_start_key_is_read(seed: int) -> None:
    random = Random(seed)
    key = random.choice((0x1002_0304, 0x0410_1010, 0x0303_0303, 0x0202_10FF, random.randrange(0xFF00_0000)))
    event = testing.simulate_histogram(random, count=40, start_key=key)
    assert frames_of(read_capture(testing.capture(random, [event], noise=False))) == [tuple(testing.read_out(event))]


@given(st.binary(max_size=500))
def test_arbitrary_bytes_never_raise(stream: bytes) -> None:
    read_capture(stream)


@given(st.integers(0, 2**32))
@settings(max_examples=settings.default.max_examples * 60 // 100)
def test_a_capture_with_changed_lost_and_added_bytes_never_raises(seed: int) -> None:
    random = Random(seed)
    stream = bytearray(testing.capture(random, small_memory(random, 2)))
    for _ in range(random.randrange(1, 30)):
        at = random.randrange(len(stream)) if stream else 0
        kind = random.randrange(3)
        if kind == 0 and stream:
            stream[at] = random.choice(b"\x10\x02\x03\x04\x41\x00\xa5")
        elif kind == 1:
            del stream[at : at + random.randrange(600)]
        else:
            stream[at:at] = stream[at : at + random.randrange(600)]
    capture = read_capture(bytes(stream))
    for event in capture.events:
        survey_stream(event.frames)


def test_a_doubled_start_is_a_fault_of_its_event_and_no_second_event() -> None:
    random = Random(1)
    event = testing.simulate_waveform(random, start_key=0x0111_0000, seconds=3.0)

    def faulty(each: SimulatedEvent) -> list[bytes]:
        wires = wire_read_out(each)
        return [*wires[:8], wires[0], *wires[9:]]

    capture = read_capture(testing.capture(random, [event], wire_of=faulty))
    assert frames_of(capture) == [tuple(testing.doubled_start(testing.read_out(event)))]


def test_a_torn_and_restarted_download_is_one_event() -> None:
    random = Random(2)
    event = testing.simulate_waveform(random, seconds=2.0)
    capture = read_capture(
        testing.capture(random, [event], wire_of=lambda each: wire_read_out(each)[:5] + wire_read_out(each))
    )
    assert frames_of(capture) == [tuple(testing.restarted(testing.read_out(event), 5))]


def test_an_event_downloaded_twice_is_there_twice() -> None:
    random = Random(3)
    event = testing.simulate_waveform(random, seconds=1.0)
    capture = read_capture(testing.capture(random, [event, event]))
    assert frames_of(capture) == [tuple(testing.read_out(event))] * 2
    assert all(captured.record is not None and captured.findings == () for captured in capture.events)


@pytest.mark.parametrize("seed", range(8))
def test_over_read_frames_stay_with_their_event_until_the_next_one_opens(seed: int) -> None:
    random = Random(seed)
    events = testing.simulate_memory(random, 2, histograms=1.0)
    capture = read_capture(testing.capture(random, events, wire_of=old_wire_read_out))
    assert frames_of(capture) == [tuple(testing.old_read_out(event)) for event in events]


def test_frames_before_any_event_are_told_and_belong_to_none() -> None:
    random = Random(4)
    one, two = small_memory(random, 2)
    stream = b"".join(wire_read_out(one)[1:]) + b"".join(wire_read_out(two))
    capture = read_capture(stream)
    assert frames_of(capture) == [tuple(testing.read_out(two))]
    assert codes(capture) == ["orphan-frames"]
    assert capture.findings[0].message.startswith(f"{len(testing.read_out(one)) - 1} A5 frame(s)")


def test_frames_of_an_event_whose_header_was_lost_are_not_given_to_the_one_before() -> None:
    random = Random(5)
    one, two, three = small_memory(random, 3)
    stream = b"".join(wire_read_out(one)) + b"".join(wire_read_out(two)[1:]) + b"".join(wire_read_out(three))
    capture = read_capture(stream)
    assert frames_of(capture) == [tuple(testing.read_out(one)), tuple(testing.read_out(three))]
    assert codes(capture) == ["orphan-frames"]


def test_keys_start_again_after_an_erase_and_a_lost_header_does_not_spoil_the_event_before() -> None:
    random = Random(6)
    one, two = (testing.simulate_histogram(random, count=60, start_key=0x0111_0000) for _ in range(2))
    capture = read_capture(b"".join(wire_read_out(one)) + b"".join(wire_read_out(two)[1:]))
    assert frames_of(capture) == [tuple(testing.read_out(one))]
    assert survey_stream(capture.events[0].frames).memory == one.memory
    assert codes(capture) == ["orphan-frames"]


def test_a_frame_that_comes_late_and_one_that_comes_again_stay_with_their_event() -> None:
    event = testing.simulate_histogram(Random(7), count=60)
    wires, frames = wire_read_out(event), testing.read_out(event)
    late = read_capture(b"".join([*wires[:2], *wires[3:], wires[2]]))
    assert frames_of(late) == [(*frames[:2], *frames[3:], frames[2])]
    again = read_capture(b"".join([*wires, wires[-1]]))
    assert frames_of(again) == [(*frames, frames[-1])]


def test_samples_that_spell_a_header_at_a_frames_start_open_no_event() -> None:
    event = testing.simulate_histogram(Random(8), count=100, start_key=0x0111_0000)
    look_alike = b"\x00\x12\x03\x00STRT\xff\xfe" + (0x7FFF_FFFF).to_bytes(4, "big") + (0x0111_9000).to_bytes(4, "big")
    memory = event.memory[:0x400] + look_alike + event.memory[0x400 + len(look_alike) :]
    event = replace(event, memory=memory)
    assert frames_of(read_capture(b"".join(wire_read_out(event)))) == [tuple(testing.read_out(event))]


def test_records_go_to_the_event_of_their_time_whatever_their_order() -> None:
    random = Random(9)
    events = small_memory(random, 4)
    records = [event_record_reply(random, event) for event in events]
    random.shuffle(records)
    stream = b"".join(records) + b"".join(b"".join(wire_read_out(event)) for event in events)
    capture = read_capture(stream)
    for captured, event in zip(capture.events, events, strict=True):
        assert captured.record is not None
        assert captured.record.recorded_at == event.recorded_at
        assert captured.findings == ()


def test_a_record_belongs_to_the_event_whose_key_it_echoes_and_to_no_other() -> None:
    random = Random(10)
    one, other = small_memory(random, 2)
    for torn in (False, True):
        wires = wire_read_out(one)[: 1 if torn else None]
        capture = read_capture(event_record_reply(random, other) + b"".join(wires))
        assert [captured.record for captured in capture.events] == [None]
        (record,) = capture.records
        assert (record.start_key, record.record.recorded_at) == (other.start_key, other.recorded_at)
        (finding,) = capture.findings
        assert finding.code == "record-of-another" and "given to no event" in finding.message


def test_a_footer_that_contradicts_the_record_of_its_key_wins() -> None:
    random = Random(10)
    old, new = (testing.simulate_histogram(random, count=60, start_key=0x0111_0000) for _ in range(2))
    capture = read_capture(event_record_reply(random, old) + b"".join(wire_read_out(new)))
    assert [captured.record for captured in capture.events] == [None]
    assert codes(capture) == ["record-of-another"]


@pytest.mark.parametrize("torn", [(), (0,), (1,), (0, 1)])
def test_of_a_key_that_comes_twice_each_record_goes_to_the_nearest_event(torn: tuple[int, ...]) -> None:
    random = Random(13)
    both = [testing.simulate_histogram(random, count=60, start_key=0x0111_0000) for _ in range(2)]
    stream = b"".join(
        event_record_reply(random, event) + b"".join(wire_read_out(event)[: 1 if number in torn else None])
        for number, event in enumerate(both)
    )
    capture = read_capture(stream)
    if 0 in torn:  # what follows has the very keys and cannot be told from a restart, unless its end is another
        assert len(capture.events) == (1 if both[0].end_key == both[1].end_key else 2)
    found = [None if one.record is None else one.record.recorded_at for one in capture.events]
    assert found == [event.recorded_at for event in both][: len(found)]


def test_a_torn_event_gets_the_record_before_it_by_order() -> None:
    random = Random(11)
    event = testing.simulate_waveform(random, seconds=1.0)
    capture = read_capture(event_record_reply(random, event) + b"".join(wire_read_out(event)[:3]))
    assert capture.events[0].record is not None
    assert capture.events[0].findings == ()


@given(st.integers(0, 2**32))
@settings(max_examples=settings.default.max_examples * 2)
def test_no_sound_a5_frame_of_an_odd_stream_is_lost(seed: int) -> None:
    random = Random(seed)
    events = small_memory(random, random.choice((1, 1, 2, 3)))
    streams = [random.choice((*odd_streams.ODD_STREAMS, whole))(random, event) for event in events]
    if len(streams) > 1 and random.random() < 0.5:
        streams[:2] = [odd_streams.interleaved(random, *streams[:2])]
    wires = [wire for stream in streams for wire in stream]
    kept = [testing.stored_frame(wire) for wire in wires]
    if random.random() < 0.5:
        wrong = random.randrange(len(wires))
        wires[wrong] = odd_streams.one_bit_wrong(random, wires[wrong])
        del kept[wrong]
    if random.random() < 0.3:
        stream = b"".join(wires)
        cut = random.randrange(len(stream))
        halves = [read_capture(stream[:cut]), read_capture(stream[cut:])]
        in_halves = sum(len(half.parts) + len(half.events) for half in halves)
        assert in_halves or len(kept) <= 1
    capture = read_capture(boot_text(random).join(wires))
    held = [frame for event in capture.events for frame in event.frames]
    held += [frame for part in capture.parts for frame in part.frames]
    assert Counter(held) == Counter(kept)
    for event in capture.events:
        survey = survey_stream(event.frames)
        assert survey.opener is not None and survey.opener.start_key == event.strt.start_key
        assert survey.whole or not_whole(survey)


def whole(random: Random, event: SimulatedEvent) -> list[bytes]:
    return wire_read_out(event)


@pytest.mark.parametrize("odd", [one for one in odd_streams.ODD_STREAMS if one is not odd_streams.first_frame_lost])
def test_an_opener_opens_an_event_whatever_its_keys(odd: Callable[[Random, SimulatedEvent], list[bytes]]) -> None:
    for seed in range(5):
        random = Random(seed)
        event = testing.simulate_histogram(random, count=60, start_key=0x0111_0200)
        wires = odd(random, event)
        capture = read_capture(b"".join(wires))
        assert frames_of(capture) == [tuple(map(testing.stored_frame, wires))]
        survey = survey_stream(capture.events[0].frames)
        if odd is odd_streams.shuffled or (len(wires) in (1, len(wire_read_out(event))) and odd is odd_streams.cut):
            continue
        (finding,) = not_whole(survey)
        assert f"{sum(len(testing.content_of(f)) for f in capture.events[0].frames):,} bytes" in finding.message
        if odd is not odd_streams.cut:
            assert describe_memory(readable_memory(survey)).recorded_at == event.recorded_at
            assert describe_memory(readable_memory(survey)).serial == event.serial


@pytest.mark.parametrize("seed", range(10))
def test_of_two_events_downloaded_at_once_each_has_its_own_frames(seed: int) -> None:
    random = Random(seed)
    one, two = small_memory(random, 2)
    capture = read_capture(b"".join(odd_streams.interleaved(random, wire_read_out(one), wire_read_out(two))))
    found = {event.strt.start_key: event.frames for event in capture.events}
    assert found == {event.start_key: tuple(testing.read_out(event)) for event in (one, two)}


def test_a_record_that_cannot_be_read_is_told() -> None:
    capture = read_capture(testing.wire_frame(reply_payload(0xF3, b"", bytes(210))))
    assert codes(capture) == ["unreadable-records"]
    assert capture.replies == 1


def test_damaged_frames_are_counted_with_the_first_ones_place() -> None:
    event = testing.simulate_histogram(Random(12), count=40)
    wires = wire_read_out(event)
    broken = bytearray(wires[1])
    broken[40] ^= 0x21
    capture = read_capture(wires[0] + bytes(broken) + b"".join(wires[1:]))
    assert frames_of(capture) == [tuple(testing.read_out(event))]
    (finding,) = capture.findings
    assert (finding.code, finding.start) == ("damaged-frames", len(wires[0]))


def test_a_capture_of_nothing_holds_nothing() -> None:
    assert read_capture(b"") == Capture(events=(), replies=0, findings=())


def hostile_header(end: int, start: int = 0) -> bytes:
    header = b"\x00\x12\x03\x00STRT\xff\xfe" + end.to_bytes(4, "big") + start.to_bytes(4, "big") + bytes(7)
    return testing.wire_frame(a5_payload(start, header))


@pytest.mark.parametrize("size", [200_000, pytest.param(2_000_000, marks=pytest.mark.long)])
def test_very_many_headers_that_claim_megabytes_cost_neither_memory_nor_time(size: int) -> None:
    # 10,000 events of 4 MiB each if their keys were believed.
    stream = b"".join(hostile_header(at + 0x40_0000, at) for at in range(0, size, 200))
    tracemalloc.start()
    capture = read_capture(stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(capture.events) == size // 200
    assert peak < 100 * size


def test_very_many_records_and_events_are_matched_in_linear_time() -> None:
    moment = device_time(testing.simulate_histogram(Random(1), count=2).recorded_at)
    record = testing.wire_frame(reply_payload(0xF3, b"", moment))
    stream = record * 20_000 + b"".join(hostile_header(at + 0x100, at) for at in range(0, 2_000_000, 100))
    capture = read_capture(stream)
    assert len(capture.events) == 20_000


@pytest.mark.parametrize(("most", "number"), [("MOST_FRAMES", 10), ("MOST_EVENTS", 3)])
def test_a_limit_of_this_program_is_told_as_its_own(monkeypatch: pytest.MonkeyPatch, most: str, number: int) -> None:
    events = small_memory(Random(1), 4)
    stream = testing.capture(Random(1), events, step=0x100)
    assert len(read_capture(stream).events) == 4
    monkeypatch.setattr(captures, most, number)
    with pytest.raises(BadInput, match="the most that this program reads of one; cut it in two between two events"):
        read_capture(stream)


def test_frames_in_very_many_pieces_without_an_opener_are_kept_in_few_parts() -> None:
    stream = b"".join(testing.wire_frame(a5_payload(at * 64, b"x")) for at in range(5_000))
    capture = read_capture(stream)
    assert len(capture.parts) <= 1_000
    assert sum(len(part.frames) for part in capture.parts) == 5_000


def test_records_without_events_are_not_read_one_by_one() -> None:
    moment = device_time(testing.simulate_histogram(Random(1), count=2).recorded_at)
    record = testing.wire_frame(reply_payload(0xF3, b"", moment + bytes(200)))
    stream = record * 5_000
    tracemalloc.start()
    assert read_capture(stream).replies == 5_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(stream)
