"""blastware@3: the bytes of blastware@2 wherever that encodes; the event's true bytes or a refusal everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import EncodeRefused
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import RegisteredEncoder
from sfm_archive.testing.memory import SimulatedEvent

START = 0x0111_0000
LONG = testing.simulate_waveform(Random(20), start_key=START, seconds=3.0)
FRAMES = testing.read_out(LONG)
WHOLE = testing.blastware_file(LONG)
REGISTRY = load_plugins()
MAPPED, HEALING = REGISTRY.encoder("blastware@2"), REGISTRY.encoder("blastware@3")

Frames = Sequence[A5Frame]


def encode(frames: Frames, encoder: RegisteredEncoder = HEALING, simulated: SimulatedEvent = LONG) -> EncodedFile:
    event = Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
    return encoder.encode(event, tuple(frames))


def attempt(frames: Frames, encoder: RegisteredEncoder, simulated: SimulatedEvent = LONG) -> EncodedFile | None:
    try:
        return encode(frames, encoder, simulated)
    except EncodeRefused:
        return None


def refusal(frames: Frames) -> EncodeRefused:
    with pytest.raises(EncodeRefused) as caught:
        encode(frames)
    return caught.value


def healed(frames: Frames) -> list[str]:
    """Codes of the findings of a stream that blastware@2 refuses and blastware@3 makes the true file of."""
    assert attempt(frames, MAPPED) is None
    encoded = encode(frames)
    assert encoded.data == WHOLE
    return [finding.code for finding in encoded.findings]


# --- never other bytes than blastware@2, never other bytes than the event's ---


@cache
def small_events(block: int) -> list[SimulatedEvent]:
    random = Random(400 + block)
    events = []
    for number in range(50):
        event = (
            testing.simulate_waveform(random, seconds=random.choice((0.5, 1.0)))
            if number % 5 == 0
            else testing.simulate_histogram(random, count=random.randrange(20, 60))
        )
        events.append(
            replace(event, after=random.randbytes(testing.GAP) + testing.simulate_histogram(random, count=9).memory)
        )
    return events


def with_faults(random: Random, event: SimulatedEvent) -> Frames:
    """A download with none to three faults, of the kinds that exist in the wild."""
    step = random.choice((0x200, 0x200, 0x400))
    frames: Frames = random.choice((testing.read_out, testing.old_read_out))(event, step=step)
    for _ in range(random.randrange(4)):
        frames = one_fault(random, event, frames)
    return frames


def one_fault(random: Random, event: SimulatedEvent, frames: Frames) -> Frames:
    position = random.randrange(len(frames))
    faults: list[Callable[[], Frames]] = [
        lambda: testing.missing_frame(frames, position),
        lambda: testing.missing_closing(frames),
        lambda: testing.repeated_frame(frames, position),
        lambda: testing.restarted(frames, position),
        lambda: [*frames, *testing.read_out(event)],
        lambda: testing.out_of_order(frames, random),
        lambda: testing.without_checksums(frames),
        lambda: testing.corrupted_byte(frames, position, random),
        lambda: testing.truncated_frame(frames, position, random),
        lambda: testing.corrupted_byte(testing.repeated_frame(frames, position), position, random),
        lambda: testing.doubled_start(frames, at=0x400, echo_start=random.random() < 0.5),
        lambda: testing.conflicting_frame(frames, position, random),
    ]
    try:
        return random.choice(faults)() or frames
    except (ValueError, IndexError):
        return frames  # this stream has no frame that could have the fault


@pytest.mark.parametrize("block", range(4))
def test_thousands_of_faulty_streams_give_the_bytes_of_at_2_where_that_encodes(block: int) -> None:
    random = Random(block)
    both = only_healed = 0
    for event in small_events(block):
        for _ in range(20):
            frames = with_faults(random, event)
            two, three = attempt(frames, MAPPED, event), attempt(frames, HEALING, event)
            if two is not None:
                assert three == two
                both += 1
            elif three is not None:
                # What at_2 refuses may hold a damaged byte that nothing contradicts, or a conflict of two sound
                # frames that a fault made up; bytes that nothing in the stream brought are never in the file.
                contents = {testing.content_of(frame) for frame in frames}
                assert all(any(part in content for content in contents) for part in pieces_of(three.data))
                assert len(three.data) == 18 + len(event.memory)
                damaged = {finding.code for finding in three.findings} & {"checksum", "length", "unchecked"}
                assert damaged or three.data == testing.blastware_file(event)
                only_healed += 1
    assert both > 200
    assert only_healed > 20


def pieces_of(data: bytes) -> list[bytes]:
    """Parts so short that each lies within one frame, whatever the step."""
    return [data[at : at + 0x10] for at in range(18, len(data) - 0x10, 0x200) if (at - 18) % 0x200 == 0]


@given(st.integers(0, 2**32))
@settings(max_examples=settings.default.max_examples * 60 // 100)
def test_arbitrary_frames_are_encoded_as_by_at_2_or_refused(seed: int) -> None:
    random = Random(seed)
    frames = [
        A5Frame(
            random.choice((0xA5, 0xF3)), random.randrange(4), random.randrange(256), random.randbytes(length), 7, False
        )
        for length in random.choices((0, 5, 20, 600), k=random.randrange(1, 6))
    ]
    if random.random() < 0.5:
        frames += random.sample(FRAMES, random.randrange(len(FRAMES)))
    two = attempt(frames, MAPPED)
    if two is not None:
        assert encode(frames) == two


# --- what heals ---


def test_frames_repeated_after_a_line_error_win_over_the_damaged_ones() -> None:
    for seed in range(30):
        random = Random(seed)
        position = random.randrange(len(FRAMES))
        later = testing.corrupted_byte(testing.repeated_frame(FRAMES, position), position, random)
        earlier = testing.corrupted_byte(testing.repeated_frame(FRAMES, position), position + 1, random)
        for frames in (later, earlier):
            assert "left-out" in healed(frames)
            (left_out,) = [finding for finding in encode(frames).findings if finding.code == "left-out"]
            assert "checksum that does not fit and disagrees" in left_out.message
            assert left_out.start == testing.address_of(FRAMES[position])


def test_a_damaged_header_does_not_decide_what_the_event_is() -> None:
    content = bytearray(testing.content_of(FRAMES[0]))
    content[12] ^= 0x08  # the end key
    damaged = testing.a5_frame(START, bytes(content))._replace(chk_byte=FRAMES[0].chk_byte)
    assert "left-out" in healed([damaged, *FRAMES])


def test_a_restarted_download_with_errors_in_both_parts_heals() -> None:
    first = testing.corrupted_byte(FRAMES, 4, Random(1))
    second = testing.corrupted_byte(FRAMES, 9, Random(2))
    assert set(healed([*first[:12], *second])) >= {"checksum", "doubled-address", "left-out"}


@pytest.mark.parametrize("step", [0x200, 0x400])
def test_the_0x1000_fault_with_the_right_content_behind_it_heals(step: int) -> None:
    wrong = testing.doubled_start(testing.old_read_out(LONG, 1, step), echo_start=False)
    frames = testing.restarted(wrong, len(wrong))
    assert attempt(frames, HEALING) is None  # both parts lack what lies at 0x1000
    codes = healed([*wrong, *testing.old_read_out(LONG, 1, step)])
    assert codes.count("left-out") == 1
    assert codes.count("over-read") >= 1


def test_another_event_at_0x1000_is_known_by_its_own_header() -> None:
    # The unit read address 0x0000 of its memory, where its first event begins, not this one.
    first, event = testing.simulate_memory(Random(3), 2, histograms=1.0)
    assert first.start_key < event.start_key
    frames = testing.read_out(event)
    address = testing.address_of(frames[3])
    wrong = testing.a5_frame(address, first.memory[: len(testing.content_of(frames[3]))])
    stream = [*frames[:3], wrong, *frames[4:]]
    assert attempt(stream, MAPPED, event) is None
    assert attempt(stream, HEALING, event) is None
    both = [*stream, frames[3]]
    assert attempt(both, MAPPED, event) is None
    encoded = encode(both, HEALING, event)
    assert encoded.data == testing.blastware_file(event)
    assert f"header of an event at {first.start_key:08X}" in encoded.findings[-1].message


def test_frames_that_are_no_memory_are_left_out() -> None:
    reply = testing.a5_frame(START, bytes(210))._replace(sub=0xF3)
    assert "left-out" in healed([FRAMES[0], reply, *FRAMES[1:]])
    stub = FRAMES[4]._replace(data=b"\x00\x00\x12")
    assert healed([*FRAMES[:4], stub, *FRAMES[4:]]) == ["left-out"]


def test_frames_without_checksums_are_not_taken_for_damaged_ones() -> None:
    frames = testing.truncated_frame(testing.repeated_frame(FRAMES, 5), 5, Random(8))
    data = bytearray(frames[5].data)
    data[-1] ^= 0x40
    frames[5] = frames[5]._replace(data=bytes(data))
    assert healed(testing.without_checksums(frames)) == ["length", "unchecked", "doubled-address", "left-out"]


def test_numbers_of_frames_are_those_of_the_stream() -> None:
    frames = testing.corrupted_byte(testing.repeated_frame(FRAMES, 3), 3, Random(2))
    frames = testing.repeated_frame(frames, 10)
    messages = [finding.message for finding in encode(frames).findings]
    assert any("frame 3 has a checksum" in message for message in messages)
    assert any("frame 11 brings addresses a second time" in message for message in messages)


# --- what does not ---


def test_two_frames_that_both_fit_and_disagree_are_refused() -> None:
    for seed in range(20):
        error = refusal(testing.conflicting_frame(FRAMES, 1 + seed % 12, Random(seed)))
        assert "two frames disagree from address 0111" in str(error)
        assert "unequal-duplicate" in {finding.code for finding in error.findings}


def test_two_damaged_frames_that_disagree_are_refused() -> None:
    frames = testing.corrupted_byte(testing.repeated_frame(FRAMES, 5), 5, Random(1))
    frames = testing.corrupted_byte(frames, 6, Random(2))
    assert "two frames disagree" in str(refusal(frames))


@pytest.mark.parametrize("echo_start", [True, False])
def test_the_0x1000_fault_alone_is_refused_with_its_range(echo_start: bool) -> None:
    error = refusal(testing.doubled_start(FRAMES, echo_start=echo_start))
    (gap,) = [finding for finding in error.findings if finding.code == "gap"]
    assert (gap.start, gap.end) == (START + 0x1000, START + 0x1200)
    assert "01111000 to 011111FF" in str(error)


def test_what_a_contradicted_frame_alone_brings_is_not_used() -> None:
    old = testing.old_read_out(LONG, 0)
    damaged = testing.corrupted_byte(old, 2, Random(1))[2]
    wrong = bytearray(testing.content_of(damaged))
    wrong[0x10] ^= 1
    damaged = testing.a5_frame(testing.address_of(damaged), bytes(wrong))._replace(chk_byte=0x77)
    frames = [*FRAMES[:5], damaged, *FRAMES[6:]]  # 0x0A00 comes with the damaged frame alone, 0x0800 twice
    (gap,) = [finding for finding in refusal(frames).findings if finding.code == "gap"]
    assert (gap.start, gap.end) == (START + 0xA00, START + 0xC00)


def test_a_claim_of_4_gib_costs_nothing() -> None:
    frames = testing.wrong_end_key(testing.repeated_frame(FRAMES, 2), 0xF000_0000 - 0x0111_0000)
    frames = testing.corrupted_byte(frames, 2, Random(1))
    assert "are missing" in str(refusal(frames))


def test_thousands_of_overlapping_frames_take_no_time() -> None:
    random = Random(1)
    damaged = [testing.corrupted_byte(FRAMES, random.randrange(len(FRAMES)), random) for _ in range(200)]
    frames = [frame for stream in damaged for frame in stream]
    assert encode(frames).data == WHOLE


def test_nothing_to_read_is_refused() -> None:
    for frames in ((), (FRAMES[0]._replace(data=b"short"),), (FRAMES[0]._replace(sub=0xF3),)):
        with pytest.raises(EncodeRefused):
            encode(frames)
    assert "no frame opens an event" in str(refusal(FRAMES[1:]))
