"""An event across 64 KiB whose addresses begin again at 0000: one answer, whichever way its bytes come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from sfm_archive.analysing import recording_of
from sfm_archive.archive.sample_sources import Source, memory_from
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.streams import memory_to_decode, survey_stream
from sfm_archive.testing import (
    a5_frame,
    address_of,
    blastware_file,
    call_home_name,
    capture,
    content_of,
    faults,
    odd_streams,
    sequential_file,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    stored_frame,
)
from sfm_archive.waveforms import decode_event, histogram_quantities, quantities_of


def across_64_kib(random, kind):
    make = {"waveform": simulate_waveform, "histogram": simulate_histogram}[kind]
    event = make(random, serial="BE11529")
    start_key = 0x0112_0000 - len(event.memory) // 2
    keys = (start_key + len(event.memory)).to_bytes(4, "big") + start_key.to_bytes(4, "big")
    return replace(event, start_key=start_key, memory=event.memory[:10] + keys + event.memory[18:])


def frames_of(event, *, end_key_too=False):
    return [stored_frame(wire) for wire in odd_streams.wrapping(event, end_key_too=end_key_too)]


def computed(archive):
    """The numbers of the one event that its bytes give, and whether a revision is called whole."""
    (row,) = archive.events()
    numbers = {
        (one.quantity, one.channel): (one.number, one.unit, one.state)
        for one in archive.values(row.event_id)
        if one.source == "decoder"
    }
    return numbers, [one.whole for one in archive.revisions(row.event_id)]


@pytest.mark.parametrize("kind", ["waveform", "histogram"])
@pytest.mark.parametrize("end_key_too", [False, True])
def test_the_rest_of_an_event_that_wraps_waits_and_is_told_how_it_comes_in(importing, random, kind, end_key_too):
    event = across_64_kib(random, kind)
    wires = odd_streams.wrapping(event, end_key_too=end_key_too)
    cut = next(at for at, wire in enumerate(wires) if address_of(stored_frame(wire)) & 0xFFFF < 0x8000)
    parts = [
        capture(random, [event], records=False, wire_of=lambda _, own=own: own) for own in (wires[:cut], wires[cut:])
    ]
    for number, data in enumerate(parts):
        importing(importing.put(f"BE11529/raw_s3_{number}.bin", data))
    waits = {one.file.name: one.message for one in importing.archive.waiting()}
    assert "put the captures one behind the other, in the order received, into one file" in waits["raw_s3_1.bin"]
    importing(importing.put("BE11529/raw_s3_2.bin", b"".join(parts)))
    (row,) = importing.archive.events()
    assert importing.archive.frames(row.event_id) == tuple(map(stored_frame, wires))


WAYS = ("capture", "sidecar", "event file")


@pytest.mark.parametrize("order", [*[(way,) for way in WAYS], *permutations(WAYS)], ids="-".join)
@pytest.mark.parametrize("kind", ["waveform", "histogram"])
@pytest.mark.parametrize("end_key_too", [False, True])
def test_the_same_bytes_give_the_same_numbers_whatever_the_way_in(importing, random, kind, order, end_key_too):
    event = across_64_kib(random, kind)
    wires = odd_streams.wrapping(event, end_key_too=end_key_too)
    frames = [stored_frame(wire) for wire in wires]
    name = call_home_name(event)
    files = {
        "capture": ("raw_s3_1.bin", capture(random, [event], records=False, wire_of=lambda _: wires)),
        "sidecar": (f"BE11529/{name}.a5.pkl", sidecar(frames)),
        "event file": (f"BE11529/{name}", sequential_file(frames)),
    }
    for way in order:
        importing(importing.put(*files[way]))
    numbers, whole = computed(importing.archive)
    assert whole == ([] if order == ("event file",) else [False])
    (row,) = importing.archive.events()
    if end_key_too:
        assert numbers == {}
    else:
        assert sequential_file(frames) == blastware_file(event)
        assert numbers[("ppv", "Tran")][0] == pytest.approx(ppv_of(event), rel=1e-9)
    said = {finding.code: finding.message for finding in importing.archive.findings(row.event_id)}
    if order != ("event file",):
        assert f"{event.start_key:08X}" in said["not-whole"]
        assert ("begin again at 0000 behind FFFF" in said["not-whole"]) is not end_key_too
        assert ("addresses-wrap" in said_of_samples(importing.archive)) is not end_key_too
    elif end_key_too:
        assert "does not lie behind its start" in said["no-header"]
    importing()  # the sidecar beside its event file: now they are compared
    assert computed(importing.archive) == (numbers, whole)
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def said_of_samples(archive):
    """Codes of the findings that pages and data say beside the numbers."""
    return {finding.code for finding in recording_of(archive, 1).findings}


def ppv_of(event):
    """Of the same samples where no address wraps."""
    decoded = decode_event(event.memory)
    if decoded.waveform is not None:
        found = quantities_of(decoded.waveform.traces(10.0, "in/s"))
    else:
        found = histogram_quantities(decoded.histogram, 10.0, "in/s")
    return next(one.number for one in found if (one.quantity, one.channel) == ("ppv", "Tran"))


def without_footer(frames):
    """The last frame's content ends in other bytes; its sum fits."""
    content = content_of(frames[-1])
    return [*frames[:-1], a5_frame(address_of(frames[-1]), content[:-26] + bytes(26))]


@pytest.mark.parametrize(
    "fault",
    [
        without_footer,
        lambda frames: frames[:-1],
        lambda frames: frames[1:],
        lambda frames: [*frames[:2], *frames[3:]],
        lambda frames: [*frames[:2], frames[1], *frames[2:]],
        lambda frames: [*frames[:2], frames[3], frames[2], *frames[4:]],
        lambda frames: faults.corrupted_byte(frames, 2, Random(1)),
        lambda frames: faults.wrong_end_key(frames, 2),
        lambda frames: [*frames[:-1], a5_frame(address_of(frames[-1]) ^ 0x0001_0000, content_of(frames[-1]))],
    ],
)
def test_what_is_not_just_the_event_in_its_order_gives_no_numbers(fault):
    frames = frames_of(across_64_kib(Random(7), "waveform"))
    survey = survey_stream(frames)
    assert survey.memory is None and not survey.whole
    assert memory_to_decode(survey) == b"".join(map(content_of, frames))
    assert memory_to_decode(survey_stream(fault(frames))) is None


def test_a_source_of_nothing_says_so():
    with pytest.raises(BadInput, match="no bytes are there"):
        memory_from(Source(label="frames revision 1", sha256=""))
