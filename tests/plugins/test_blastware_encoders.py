"""blastware@1 and blastware@2 on well-formed streams and on every fault that exists in the wild."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import EncodeRefused
from sfm_archive.formats.blastware.event_file import inspect_event_file
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import RegisteredEncoder
from sfm_archive.testing.memory import SimulatedEvent

START = 0x0111_0000
LONG = testing.simulate_waveform(Random(20), start_key=START, seconds=3.0)
FRAMES = testing.read_out(LONG)
REGISTRY = load_plugins()
SEQUENTIAL, MAPPED = REGISTRY.encoder("blastware@1"), REGISTRY.encoder("blastware@2")
BOTH = pytest.mark.parametrize("encoder", [SEQUENTIAL, MAPPED], ids=lambda encoder: str(encoder.name))


def event_of(simulated: SimulatedEvent) -> Event:
    return Event(
        serial=simulated.serial,
        recorded_at=simulated.recorded_at,
        record_type=simulated.record_type,
        start_key=simulated.start_key,
    )


def encode(encoder: RegisteredEncoder, frames: Sequence[A5Frame], simulated: SimulatedEvent = LONG) -> EncodedFile:
    return encoder.encode(event_of(simulated), tuple(frames))


def found(encoder: RegisteredEncoder, frames: Sequence[A5Frame]) -> list[str]:
    return [finding.code for finding in encode(encoder, frames).findings]


def refusal(frames: Sequence[A5Frame]) -> EncodeRefused:
    with pytest.raises(EncodeRefused) as caught:
        encode(MAPPED, frames)
    return caught.value


@BOTH
@pytest.mark.parametrize("block", range(4))
def test_hundreds_of_well_formed_events_give_the_file_that_blastware_would_write(
    encoder: RegisteredEncoder, block: int
) -> None:
    random = Random(1000 + block)
    for number in range(40):
        event = (
            testing.simulate_histogram(random, count=random.randrange(1, 40))
            if number % 4
            else testing.simulate_waveform(random, seconds=random.choice((0.5, 1.0)))
        )
        encoded = encode(encoder, testing.read_out(event, random.choice((0x200, 0x400))), event)
        assert encoded == EncodedFile(testing.blastware_file(event), ())


@given(st.integers(0, 2**32), st.integers(1, 5))
@settings(max_examples=settings.default.max_examples * 40 // 100)
def test_at_1_is_the_sequential_rule_whatever_the_order_and_number_of_frames(seed: int, copies: int) -> None:
    random = Random(seed)
    frames = [random.choice(FRAMES) for _ in range(random.randrange(1, 8) * copies)]
    assert encode(SEQUENTIAL, frames).data == testing.sequential_file(frames)


@given(st.integers(0, 2**32))
@settings(max_examples=settings.default.max_examples * 40 // 100)
def test_at_2_gives_the_whole_event_or_nothing(seed: int) -> None:
    random = Random(seed)
    frames = list(FRAMES)
    for _ in range(random.randrange(1, 4)):
        fault = random.choice((testing.repeated_frame, testing.missing_frame, "shuffle"))
        if fault == "shuffle":
            random.shuffle(frames)
        else:
            frames = fault(frames, random.randrange(len(frames)))
    whole = {testing.address_of(frame) for frame in frames} == {testing.address_of(frame) for frame in FRAMES}
    if whole:
        assert encode(MAPPED, frames).data == testing.blastware_file(LONG)
    else:
        assert {"gap", "no-header"} & {finding.code for finding in refusal(frames).findings}


@BOTH
@pytest.mark.parametrize("fault", ["none", "over-read", "gap"])
def test_encoding_is_pure(encoder: RegisteredEncoder, fault: str) -> None:
    frames: Sequence[A5Frame] = FRAMES
    if fault == "over-read":
        frames = testing.over_read(LONG)
    if fault == "gap":
        frames = testing.missing_frame(FRAMES, 2)
    given_frames, given_event = list(frames), event_of(LONG)
    before = deepcopy(given_frames), deepcopy(given_event)
    results = []
    for _ in range(2):
        try:
            results.append(encoder.encode(given_event, given_frames))
        except EncodeRefused as error:
            results.append((str(error), error.findings))  # type: ignore[arg-type]
    assert results[0] == results[1]
    assert (given_frames, given_event) == before


@BOTH
def test_the_event_file_is_the_frames_alone(encoder: RegisteredEncoder) -> None:
    # The event names and dates the file elsewhere; no byte of it depends on what somebody typed.
    other = Event(serial="UM1", recorded_at=LONG.recorded_at.replace(year=2001))
    assert encoder.encode(other, FRAMES) == encode(encoder, FRAMES)


def test_over_read_frames_stay_in_at_1_and_are_left_out_of_at_2() -> None:
    frames = testing.over_read(LONG, beyond=2)
    one, two = encode(SEQUENTIAL, frames), encode(MAPPED, frames)
    assert one.data == testing.sequential_file(frames)
    assert len(one.data) > len(two.data)
    assert two.data == testing.blastware_file(LONG)
    assert {finding.code for finding in one.findings} == {"over-read"} == {finding.code for finding in two.findings}
    ends = [finding.end for finding in two.findings]
    assert all(end is not None and end > LONG.end_key for end in ends)


@pytest.mark.parametrize("echo_start", [True, False])
def test_the_0x1000_fault_is_written_and_warned_of_by_at_1_and_refused_by_at_2(echo_start: bool) -> None:
    frames = testing.doubled_start(FRAMES, echo_start=echo_start)
    encoded = encode(SEQUENTIAL, frames)
    assert encoded.data == testing.sequential_file(frames)
    (header,) = [finding for finding in encoded.findings if finding.code == "second-header"]
    assert "0x1016" in header.message
    codes = [finding.code for finding in refusal(frames).findings]
    if echo_start:
        assert codes == ["doubled-address", "gap"]
        (gap,) = [finding for finding in refusal(frames).findings if finding.code == "gap"]
        assert (gap.start, gap.end) == (START + 0x1000, START + 0x1200)
    else:
        assert codes == ["second-header"]


@pytest.mark.parametrize("position", [1, 5, 12])
def test_a_missing_frame_is_warned_of_with_its_range_by_at_1_and_refused_by_at_2(position: int) -> None:
    frames = testing.missing_frame(FRAMES, position)
    start = START + 0x200 * position
    (warned,) = encode(SEQUENTIAL, frames).findings
    assert (warned.code, warned.start, warned.end) == ("gap", start, start + 0x200)
    error = refusal(frames)
    assert error.findings == (warned,)
    assert f"{start:08X} to {start + 0x1FF:08X}" in str(error)


def test_a_missing_closing_frame_has_no_footer() -> None:
    frames = testing.missing_closing(FRAMES)
    assert found(SEQUENTIAL, frames) == ["gap", "missing-footer"]
    assert [finding.code for finding in refusal(frames).findings] == ["gap", "missing-footer"]


def test_an_equal_duplicate_is_healed_by_at_2_and_doubled_by_at_1() -> None:
    frames = testing.repeated_frame(FRAMES, 4)
    assert encode(SEQUENTIAL, frames).data == testing.sequential_file(frames)
    assert encode(MAPPED, frames).data == testing.blastware_file(LONG)
    assert found(SEQUENTIAL, frames) == found(MAPPED, frames) == ["doubled-address"]


def test_an_unequal_duplicate_is_refused_by_at_2() -> None:
    frames = testing.conflicting_frame(FRAMES, 4, Random(1))
    assert found(SEQUENTIAL, frames) == ["doubled-address", "unequal-duplicate"]
    assert "disagree from address 01110" in str(refusal(frames))


@pytest.mark.parametrize("seed", range(6))
def test_frames_out_of_order_are_healed_by_at_2_and_warned_of_by_at_1(seed: int) -> None:
    frames = testing.out_of_order(FRAMES, Random(seed))
    assert encode(MAPPED, frames).data == testing.blastware_file(LONG)
    assert "out-of-order" in found(SEQUENTIAL, frames)
    assert encode(SEQUENTIAL, frames).data == testing.sequential_file(frames)


def test_a_restarted_download_is_healed_by_at_2_and_warned_of_by_at_1() -> None:
    frames = testing.restarted(FRAMES, 6)
    assert encode(MAPPED, frames).data == testing.blastware_file(LONG)
    assert set(found(MAPPED, frames)) == {"doubled-address"}
    assert set(found(SEQUENTIAL, frames)) == {"doubled-address", "second-header"}


def test_a_changed_byte_is_warned_of_by_both() -> None:
    frames = testing.corrupted_byte(FRAMES, 3, Random(2))
    for encoder in (SEQUENTIAL, MAPPED):
        (finding,) = encode(encoder, frames).findings
        assert (finding.code, finding.start, finding.end) == ("checksum", START + 0x600, START + 0x800)


def test_a_truncated_frame_is_refused_by_at_2() -> None:
    frames = testing.truncated_frame(FRAMES, 3, Random(3))
    assert {"length", "gap"} <= set(found(SEQUENTIAL, frames))
    (gap,) = [finding for finding in refusal(frames).findings if finding.code == "gap"]
    assert gap.end == START + 0x800
    assert gap.start is not None
    assert START + 0x600 < gap.start < gap.end


def test_old_records_without_checksums_give_the_same_bytes() -> None:
    frames = testing.without_checksums(FRAMES)
    for encoder in (SEQUENTIAL, MAPPED):
        encoded = encode(encoder, frames)
        assert encoded.data == testing.blastware_file(LONG)
        assert [finding.code for finding in encoded.findings] == ["unchecked"]


def test_a_wrong_end_key_costs_the_footer() -> None:
    shorter = testing.wrong_end_key(FRAMES, -40)
    assert found(MAPPED, shorter) == ["over-read", "missing-footer"]
    assert len(encode(MAPPED, shorter).data) == len(testing.blastware_file(LONG)) - 40
    longer = testing.wrong_end_key(FRAMES, 40)
    (gap,) = [finding for finding in refusal(longer).findings if finding.code == "gap"]
    assert (gap.start, gap.end) == (LONG.end_key, LONG.end_key + 40)


@pytest.mark.parametrize("seed", range(20))
def test_samples_that_spell_a_header_are_kept_by_both(seed: int) -> None:
    event = testing.header_in_samples(Random(seed))
    frames = testing.read_out(event)
    for encoder in (SEQUENTIAL, MAPPED):
        assert encode(encoder, frames, event) == EncodedFile(testing.blastware_file(event), ())


def test_a_stream_without_a_header_is_written_by_at_1_and_refused_by_at_2() -> None:
    assert found(SEQUENTIAL, FRAMES[1:]) == ["no-header"]
    assert "no frame opens an event" in str(refusal(FRAMES[1:]))


@BOTH
def test_no_frames_and_frames_without_a_header_are_refused(encoder: RegisteredEncoder) -> None:
    for frames in ((), (FRAMES[0]._replace(data=b"short"),)):
        with pytest.raises(EncodeRefused) as caught:
            encode(encoder, frames)
        assert [finding.code for finding in caught.value.findings] == ["unreadable-frames"]


def test_whatever_at_2_writes_passes_the_structural_check_or_says_why_not() -> None:
    random = Random(5)
    for _ in range(60):
        event = testing.simulate_histogram(random, count=random.randrange(2, 30))
        encoded = encode(MAPPED, testing.over_read(event, beyond=random.randrange(3)), event)
        assert inspect_event_file(encoded.data) == ()
