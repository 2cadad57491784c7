"""blastware@0, the historic strip rule: sequential, less what looks like a second header, each cut a finding."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from sfm_archive import testing
from sfm_archive.archive.settings import DEFAULT_ENCODER
from sfm_archive.errors import EncodeRefused
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing.memory import SimulatedEvent

LONG = testing.simulate_waveform(Random(20), start_key=0x0111_0000, seconds=3.0)
FRAMES = testing.read_out(LONG)
STRIP = load_plugins().encoder("blastware@0")
HEADER = 25


def encode(frames: Sequence[A5Frame], simulated: SimulatedEvent = LONG) -> EncodedFile:
    event = Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
    return STRIP.encode(event, tuple(frames))


def cuts(encoded: EncodedFile) -> list[int | None]:
    return [finding.start for finding in encoded.findings if finding.code == "cut-header"]


def test_it_says_that_it_is_historic_and_no_new_archive_pins_it() -> None:
    assert "historic (2026-05-04 only)" in STRIP.description
    assert DEFAULT_ENCODER == "blastware@2"


def test_well_formed_events_give_the_bytes_of_the_others() -> None:
    random = Random(6)
    for _ in range(100):
        event = testing.simulate_histogram(random, count=random.randrange(1, 40))
        assert encode(testing.read_out(event), event) == EncodedFile(testing.blastware_file(event), ())


def test_the_doubled_start_loses_its_25_bytes_and_nothing_else() -> None:
    frames = testing.doubled_start(FRAMES)
    encoded = encode(frames)
    whole = testing.sequential_file(frames)
    assert encoded.data == whole[:0x1012] + whole[0x1012 + HEADER :]
    assert cuts(encoded) == [0x1012]
    assert "at file offset 0x1012" in encoded.findings[-2].message
    assert "second-header" not in {finding.code for finding in encoded.findings}


def test_each_of_several_cuts_is_named_with_its_offset_before_any_cut() -> None:
    frames = testing.restarted(testing.restarted(FRAMES, 2), 2)
    encoded = encode(frames)
    whole = testing.sequential_file(frames)
    first, second = 18 + 2 * 0x200, 18 + 4 * 0x200
    assert cuts(encoded) == [first, second]
    assert encoded.data == whole[:first] + whole[first + HEADER : second] + whole[second + HEADER :]


@pytest.mark.parametrize("seed", range(4))
def test_samples_that_look_like_a_header_are_lost_and_that_is_said(seed: int) -> None:
    event = testing.header_in_samples(Random(seed))
    encoded = encode(testing.read_out(event), event)
    assert len(encoded.data) == len(testing.blastware_file(event)) - HEADER
    (at,) = cuts(encoded)
    assert at is not None
    assert testing.blastware_file(event)[at : at + 8] == b"\x00\x12\x03\x00STRT"
    assert [finding.code for finding in encoded.findings if finding.code != "second-header"] == ["cut-header", "size"]
    assert "valid data is lost" in encoded.findings[0].message


def test_a_header_that_the_stream_cuts_off_is_left() -> None:
    frames = [*FRAMES[:2], testing.a5_frame(LONG.start_key + 0x400, LONG.memory[:20])]
    encoded = encode(frames)
    assert encoded.data == testing.sequential_file(frames)
    assert cuts(encoded) == []


def test_a_header_that_a_cut_puts_together_stays_and_is_said() -> None:
    header = LONG.memory[:HEADER]
    nested = header[:4] + header + header[4:]
    frames = [FRAMES[0], testing.a5_frame(LONG.start_key + 0x200, nested)]
    encoded = encode(frames)
    assert encoded.data.endswith(header)
    assert [finding.code for finding in encoded.findings][-1] == "second-header"


def test_over_read_frames_stay_in_and_the_next_events_header_is_cut() -> None:
    frames = testing.over_read(LONG)
    assert encode(frames).data == testing.sequential_file(frames)
    event = testing.simulate_memory(Random(9), 2)[0]
    frames = testing.over_read(event)
    whole = testing.sequential_file(frames)
    (at,) = cuts(encode(frames, event))
    assert at == 18 + len(event.memory) + testing.GAP
    assert encode(frames, event).data == whole[:at] + whole[at + HEADER :]


def test_no_frames_are_refused() -> None:
    with pytest.raises(EncodeRefused):
        encode(())
