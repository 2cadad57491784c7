"""Comparing what encoders make of an event, and with files on disk."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import EncoderNotFound, EventNotFound, NotFound, StorageFailed, UsageError
from sfm_archive.formats.blastware.layout import DifferenceKind
from sfm_archive.maintaining.comparing import compare_encoders, compare_with_file

SIMULATED = testing.simulate_waveform(Random(20), start_key=0x0111_0000, seconds=3.0)
EVENT = sfm.Event(serial=SIMULATED.serial, recorded_at=SIMULATED.recorded_at)
FRAMES = testing.read_out(SIMULATED)
FILE = testing.blastware_file(SIMULATED)


@pytest.fixture
def archive(tmp_path: Path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def test_two_encoders_of_a_good_event_are_the_same(archive) -> None:
    report = compare_encoders(archive, archive.save(EVENT, FRAMES).event_id, ["blastware@1", "blastware@2"])
    assert report.same
    assert [side.label for side in report.sides] == ["blastware@1", "blastware@2"]
    assert {side.size for side in report.sides} == {len(FILE)}
    assert report.comparisons[0].differences == ()


def test_the_first_is_compared_with_each_of_the_others(archive) -> None:
    event_id = archive.save(EVENT, testing.over_read(SIMULATED)).event_id
    report = compare_encoders(archive, event_id, ["blastware@2", "blastware@1", "blastware@3"])
    assert not report.same
    sequential, healing = report.comparisons
    assert (sequential.one, sequential.other, sequential.same) == ("blastware@2", "blastware@1", False)
    (difference,) = sequential.differences
    assert (difference.part, difference.kind) == ("behind the event's end", DifferenceKind.ONLY_IN_OTHER)
    assert (healing.other, healing.same) == ("blastware@3", True)


def test_a_refusal_is_a_side_without_bytes(archive) -> None:
    event_id = archive.save(EVENT, testing.missing_frame(FRAMES, 3)).event_id
    report = compare_encoders(archive, event_id, ["blastware@1", "blastware@2"])
    assert not report.same
    assert report.sides[1].sha256 == ""
    assert "are missing" in report.sides[1].message
    assert "gap" in {finding.code for finding in report.sides[1].findings}
    assert report.comparisons[0].differences == ()
    assert compare_encoders(archive, event_id, ["blastware@2", "blastware@3"]).same  # both make nothing


def test_with_a_file_on_disk(archive, tmp_path: Path) -> None:
    event_id = archive.save(EVENT, FRAMES).event_id
    path = tmp_path / "file.AB0"
    path.write_bytes(FILE)
    report = compare_with_file(archive, event_id, path)
    assert report.same
    assert [side.label for side in report.sides] == ["blastware@2", str(path)]
    path.write_bytes(FILE[:30] + b"\xff" + FILE[31:])
    (difference,) = compare_with_file(archive, event_id, path, "blastware@1").comparisons[0].differences
    assert (difference.part, difference.start, difference.size) == ("STRT: end key", 30, 1)
    path.write_bytes(b"")
    (difference,) = compare_with_file(archive, event_id, path).comparisons[0].differences
    assert difference.size == len(FILE)


def test_an_event_without_frames_is_compared_by_its_received_file(archive, tmp_path: Path) -> None:
    received = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="M529LKIQ.7M0W", data=FILE)
    event_id = archive.save(EVENT, files=[received]).event_id
    path = tmp_path / "file"
    path.write_bytes(FILE)
    report = compare_with_file(archive, event_id, path)
    assert (report.same, report.revision, report.sides[0].label) == (True, 0, "received M529LKIQ.7M0W")
    with pytest.raises(EventNotFound, match="no frames that blastware@1 could encode"):
        compare_with_file(archive, event_id, path, "blastware@1")
    bare = archive.save(sfm.Event(serial="BE1", recorded_at=SIMULATED.recorded_at)).event_id
    with pytest.raises(EventNotFound, match="neither frames nor an event file"):
        compare_with_file(archive, bare, path)


def test_what_cannot_be_compared_says_why(archive, tmp_path: Path) -> None:
    event_id = archive.save(EVENT, FRAMES).event_id
    with pytest.raises(UsageError, match="name at least two"):
        compare_encoders(archive, event_id, ["blastware@1"])
    with pytest.raises(EncoderNotFound):
        compare_encoders(archive, event_id, ["blastware@1", "blastware@77"])
    with pytest.raises(EventNotFound):
        compare_encoders(archive, 99, ["blastware@1", "blastware@2"])
    with pytest.raises(NotFound, match="does not exist"):
        compare_with_file(archive, event_id, tmp_path / "nothing")
    with pytest.raises(StorageFailed, match="cannot be read"):
        compare_with_file(archive, event_id, tmp_path)
