"""Which of several files of one event is exported."""

from __future__ import annotations

from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive.model.events import Event
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.testing import blastware_file, over_read, read_out, sequential_file, simulate_waveform


def _received(data: bytes, folder: str = "") -> ReceivedFile:
    return ReceivedFile(kind=FileKind.EVENT_FILE, name="EVENT.BIN", data=data, folder=folder)


def test_a_cut_off_event_file_that_comes_later_does_not_hide_the_whole_one(tmp_path: Path) -> None:
    simulated = simulate_waveform(Random(1))
    whole = blastware_file(simulated)
    event = Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.save(event, files=[_received(whole)])
        archive.save(event, files=[_received(whole[:-100])])
        report = archive.export(tmp_path / "out")
    assert (tmp_path / "out" / report.items[0].path).read_bytes() == whole


def test_a_whole_download_that_comes_later_counts_before_the_faulty_file_received_earlier(tmp_path: Path) -> None:
    simulated = simulate_waveform(Random(2))
    faulty = over_read(simulated)
    event = Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.save(event, faulty, files=[_received(sequential_file(faulty))])
        before = archive.export(tmp_path / "before")
        archive.save(event, read_out(simulated))
        after = archive.export(tmp_path / "after")
    assert before.items[0].source == "received"
    assert (tmp_path / "before" / before.items[0].path).read_bytes() == sequential_file(faulty)
    assert after.items[0].source == "blastware@2"
    assert (tmp_path / "after" / after.items[0].path).read_bytes() == blastware_file(simulated)
