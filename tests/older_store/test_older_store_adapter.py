"""A program written against the older folder store runs on an archive by changing one import."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.exporting import export_events
from sfm_archive.older_store import WaveformStore

NAME = "M529LKIQ.7M0W"
AT = datetime(2026, 5, 1, 13, 16, 34)


def simulate(seed: int = 1, *, histogram: bool = False, **given: Any) -> testing.SimulatedEvent:
    given.setdefault("serial", "BE11529")
    given.setdefault("recorded_at", AT)
    if histogram:
        return testing.simulate_histogram(Random(seed), count=40, **given)
    return testing.simulate_waveform(Random(seed), seconds=1.0, **given)


def device_event(event: testing.SimulatedEvent, record_type: str | None = "Waveform") -> Any:
    """As the device library gives it: attributes, not a datetime."""
    at = event.recorded_at
    parts = {part: getattr(at, part) for part in ("year", "month", "day", "hour", "minute", "second")}
    return SimpleNamespace(timestamp=SimpleNamespace(**parts), record_type=record_type)


def device_frames(frames: Any) -> list[Any]:
    """As the device library gives them: objects with six attributes."""
    return [SimpleNamespace(**frame._asdict()) for frame in frames]


def six(frames: Any) -> list[tuple[Any, ...]]:
    return [(f.sub, f.page_hi, f.page_lo, f.data, f.chk_byte, f.checksum_valid) for f in frames]


def test_a_program_saves_opens_and_loads(tmp_path: Path) -> None:
    event = simulate()
    frames = device_frames(testing.read_out(event))
    store = WaveformStore(str(tmp_path / "deep" / "root"))
    assert store.root == tmp_path / "deep" / "root" and store.root.is_dir()
    assert list(store.root.iterdir()) == []
    saved = store.save(device_event(event), "BE11529", frames)
    expected = testing.blastware_file(event)
    assert saved == {"filename": NAME, "filesize": len(expected), "a5_pickle_filename": f"{NAME}.a5.pkl"}
    path = store.open_blastware("BE11529", NAME)
    assert path == store.root / "BE11529" / NAME and path.read_bytes() == expected
    loaded = store.load_a5("BE11529", NAME)
    assert loaded is not None and six(loaded) == six(frames)
    assert (store.root / "waveforms.sfm").is_file()
    assert list(store.root.rglob("*.pkl")) == []


def test_paths_exist_for_programs_that_open_them_themselves(tmp_path: Path) -> None:
    event = simulate()
    store = WaveformStore(tmp_path)
    pair = store.paths_for("BE11529", NAME)
    assert pair == (tmp_path / "BE11529" / NAME, tmp_path / "BE11529" / f"{NAME}.a5.pkl")
    assert (tmp_path / "BE11529").is_dir() and not pair[0].exists()
    assert not (tmp_path / "waveforms.sfm").exists(), "asking does not make an archive"
    store.save(device_event(event), "BE11529", testing.read_out(event))
    assert store.paths_for("BE11529", NAME)[0].read_bytes() == testing.blastware_file(event)


def test_saving_again_changes_nothing(tmp_path: Path) -> None:
    event = simulate()
    with WaveformStore(tmp_path) as store:
        first = store.save(device_event(event), "BE11529", testing.read_out(event))
        path = store.open_blastware("BE11529", NAME)
        assert path is not None
        os.utime(path, (1_000_000_000, 1_000_000_000))
        assert store.save(device_event(event), "BE11529", testing.read_out(event)) == first
        assert store.open_blastware("BE11529", NAME) == path and path.stat().st_mtime == 1_000_000_000
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["waveforms.sfm"]
    with sfm.open(tmp_path / "waveforms.sfm") as archive:
        assert archive.info().frame_revisions == 1
        lengths = archive.info().history_length
    with WaveformStore(tmp_path) as store:
        assert store.save(device_event(event), "BE11529", testing.read_out(event)) == first
    with sfm.open(tmp_path / "waveforms.sfm") as archive:
        assert archive.info().history_length == lengths


def test_what_was_an_error_still_is(tmp_path: Path) -> None:
    event = simulate()
    frames = testing.read_out(event)
    store = WaveformStore(tmp_path)
    wrong: list[tuple[Any, Any, Any]] = [
        (device_event(event), "BE11529", []),
        (device_event(event), "BE11529", None),
        (device_event(event), "", frames),
        (device_event(event), "UNKNOWN", frames),
        (device_event(event), "../BE11529", frames),
        (device_event(event), "BE30000", frames),
        (device_event(simulate(recorded_at=datetime(2060, 1, 1))), "BE11529", frames),
        (device_event(event), "BE11529", [SimpleNamespace(sub=1)]),
        (device_event(event), "BE11529", [SimpleNamespace(**{**frames[0]._asdict(), "data": b"short"})]),
    ]
    for arguments in wrong:
        with pytest.raises(ValueError):
            store.save(*arguments)
    store.close()
    if (tmp_path / "waveforms.sfm").exists():
        with sfm.open(tmp_path / "waveforms.sfm") as archive:
            assert archive.info().events == 0


def test_what_is_missing_is_none(tmp_path: Path) -> None:
    store = WaveformStore(tmp_path)
    assert store.load_a5("BE11529", NAME) is None and store.open_blastware("BE11529", NAME) is None
    assert list(tmp_path.iterdir()) == []
    event = simulate()
    store.save(device_event(event), "BE11529", testing.read_out(event))
    assert store.load_a5("BE11529", "M529LKIQ.7N0W") is None
    assert store.load_a5("BA11529", NAME) is None, "another unit with the same digits"
    assert store.open_blastware("BE11529", "no such file") is None


@pytest.mark.parametrize(
    "faulty",
    [
        lambda event, frames: testing.doubled_start(frames, at=0x200),
        lambda event, frames: testing.missing_frame(frames, 1),
        lambda event, frames: testing.over_read(event),
        lambda event, frames: testing.out_of_order(frames, Random(3)),
    ],
)
def test_faulty_streams_give_the_older_writers_bytes(tmp_path: Path, faulty: Any) -> None:
    event = simulate()
    frames = faulty(event, testing.read_out(event))
    store = WaveformStore(tmp_path)
    saved = store.save(device_event(event), "BE11529", frames)
    path = store.open_blastware("BE11529", saved["filename"])
    assert path is not None and path.read_bytes() == testing.sequential_file(frames)
    assert saved["filesize"] == path.stat().st_size
    loaded = store.load_a5("BE11529", saved["filename"])
    assert loaded is not None and six(loaded) == six(frames)


def test_old_records_without_checksums_give_the_whole_event(tmp_path: Path) -> None:
    event = simulate()
    frames = testing.without_checksums(testing.read_out(event))
    store = WaveformStore(tmp_path)
    saved = store.save(device_event(event), "BE11529", frames)
    path = store.open_blastware("BE11529", saved["filename"])
    assert path is not None and path.read_bytes() == testing.blastware_file(event)
    loaded = store.load_a5("BE11529", saved["filename"])
    assert loaded is not None and six(loaded) == six(frames)


def test_without_a_record_type_the_name_has_no_suffix(tmp_path: Path) -> None:
    event = simulate()
    store = WaveformStore(tmp_path)
    saved = store.save(device_event(event, record_type=None), "BE11529", testing.read_out(event))
    assert saved["filename"] == "M529LKIQ.7M0"
    path = store.open_blastware("BE11529", "M529LKIQ.7M0")
    assert path is not None and path.name == "M529LKIQ.7M0"
    store.close()
    with sfm.open(tmp_path / "waveforms.sfm") as archive:
        assert [item.path for item in export_events(archive, tmp_path / "out").items] == ["BE11529/M529LKIQ.7M0"]


def test_of_two_events_with_one_name_the_last_saved_answers(tmp_path: Path) -> None:
    first, second = simulate(1, start_key=0x01110000), simulate(2, start_key=0x01119000)
    store = WaveformStore(tmp_path)
    for event in (first, second):
        store.save(device_event(event), "BE11529", testing.read_out(event))
        path = store.open_blastware("BE11529", NAME)
        assert path is not None and path.read_bytes() == testing.blastware_file(event)
    assert list(path.parent.iterdir()) == [path], "both are in the archive; nothing needs to be set aside"
    store.close()
    with sfm.open(tmp_path / "waveforms.sfm") as archive:
        assert export_events(archive, tmp_path / "out").totals["written"] == 2


def test_a_waveform_and_a_histogram_of_one_second_are_told_apart(tmp_path: Path) -> None:
    waveform, histogram = simulate(1, start_key=0x01110000), simulate(2, start_key=0x01119000, histogram=True)
    store = WaveformStore(tmp_path)
    store.save(device_event(waveform), "BE11529", testing.read_out(waveform))
    store.save(device_event(histogram, "Full Histogram"), "BE11529", testing.read_out(histogram))
    for event, name in ((waveform, NAME), (histogram, "M529LKIQ.7M0H")):
        path = store.open_blastware("BE11529", name)
        assert path is not None and path.read_bytes() == testing.blastware_file(event)


def test_a_changed_copy_is_made_again_and_a_strangers_file_is_kept_aside(tmp_path: Path) -> None:
    event = simulate()
    store = WaveformStore(tmp_path)
    store.save(device_event(event), "BE11529", testing.read_out(event))
    path = store.open_blastware("BE11529", NAME)
    assert path is not None
    path.write_bytes(b"edited by hand")
    assert store.open_blastware("BE11529", NAME) == path
    assert path.read_bytes() == testing.blastware_file(event)
    (aside,) = [entry for entry in path.parent.iterdir() if entry != path]
    assert aside.read_bytes() == b"edited by hand" and aside.name.startswith(f"{NAME}.before-")
    path.unlink()
    assert store.open_blastware("BE11529", NAME) == path and path.exists()


def test_events_of_an_older_folder_are_found_beside_the_archive(tmp_path: Path) -> None:
    random = Random(6)
    events = [simulate(number, recorded_at=AT + timedelta(minutes=number)) for number in range(3)]
    stored = testing.write_older_store(tmp_path, events, random=random)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    store = WaveformStore(tmp_path)
    for old in stored:
        path = store.open_blastware("BE11529", old.filename)
        assert path is not None and path.read_bytes() == testing.sequential_file(old.frames)
        loaded = store.load_a5("BE11529", old.filename)
        assert loaded is not None and six(loaded) == six(old.frames)
        assert store.paths_for("BE11529", old.filename)[1].is_file()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    # Saving one of them again, and a new one, leaves the folder's files as they are.
    store.save(device_event(events[0]), "BE11529", stored[0].frames)
    store.open_blastware("BE11529", stored[0].filename)
    store.close()
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before


def test_an_archive_that_was_imported_is_opened_too(tmp_path: Path) -> None:
    event = simulate()
    data = testing.blastware_file(event)
    with sfm.create(tmp_path / "waveforms.sfm") as archive:
        known = sfm.Event(serial="BE11529", recorded_at=AT, record_type=event.record_type)
        file = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="by hand.bin", data=data)
        archive.save(known, names=("by hand.bin",), files=(file,))
    store = WaveformStore(tmp_path)
    path = store.open_blastware("be11529", "by hand.bin")
    assert path is not None and path.read_bytes() == data
    assert store.load_a5("BE11529", "by hand.bin") is None, "no frames were ever received"


HOSTILE = [
    ("..", NAME), ("../outside", NAME), ("BE11529", "../../x"), ("BE11529", ".."), ("/etc", "passwd"),
    ("BE11529", "a/b"), ("BE11529", "a\\b"), ("BE11529", "C:x"), ("BE11529", "x\0y"), ("", NAME), ("BE11529", ""),
]  # fmt: skip


@pytest.mark.parametrize(("serial", "filename"), HOSTILE)
def test_nothing_leads_out_of_the_root(tmp_path: Path, serial: str, filename: str) -> None:
    root = tmp_path / "root"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / NAME).write_bytes(b"secret")
    (tmp_path / "x").write_bytes(b"secret")
    (tmp_path / "x.a5.pkl").write_bytes(testing.sidecar(testing.read_out(simulate())))
    store = WaveformStore(root)
    assert store.open_blastware(serial, filename) is None
    assert store.load_a5(serial, filename) is None
    with pytest.raises(ValueError):
        store.paths_for(serial, filename)
    assert list(root.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
def test_links_are_not_followed(tmp_path: Path) -> None:
    event = simulate()
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    store = WaveformStore(root)
    store.save(device_event(event), "BE11529", testing.read_out(event))
    (root / "BE11529").symlink_to(outside)
    assert store.open_blastware("BE11529", NAME) is None
    assert list(outside.iterdir()) == []


def test_a_hostile_or_broken_sidecar_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "BE11529"
    folder.mkdir()
    ran = tmp_path / "ran"
    hostile = f"cbuiltins\nopen\n(S'{ran}'\nS'w'\ntR.".encode()
    store = WaveformStore(tmp_path)
    for content in (hostile, b"", b"\x80\x05."):
        (folder / f"{NAME}.a5.pkl").write_bytes(content)
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            assert store.load_a5("BE11529", NAME) is None
        assert "a5.pkl" in caplog.text
    assert not ran.exists()


def test_damaged_frames_are_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    event = simulate()
    with WaveformStore(tmp_path) as store:
        store.save(device_event(event), "BE11529", testing.read_out(event))
    connection = apsw.Connection(str(tmp_path / "waveforms.sfm"))
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE frames SET data = zeroblob(length(data))")
    for _, text in triggers:
        connection.execute(str(text))
    connection.close()
    with WaveformStore(tmp_path) as store, caplog.at_level(logging.WARNING):
        assert store.load_a5("BE11529", NAME) is None
        assert store.open_blastware("BE11529", NAME) is None
    assert caplog.text.count("backup") == 2


def test_a_store_that_is_forgotten_leaves_one_file(tmp_path: Path) -> None:
    event = simulate()
    store = WaveformStore(tmp_path)
    store.save(device_event(event), "BE11529", testing.read_out(event))
    del store
    gc.collect()
    assert [entry.name for entry in tmp_path.iterdir()] == ["waveforms.sfm"]


def test_threads_save_at_once(tmp_path: Path) -> None:
    store = WaveformStore(tmp_path)
    events = [simulate(number, histogram=True, recorded_at=AT + timedelta(seconds=number)) for number in range(8)]
    wrong: list[BaseException] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            for event in events:
                saved = store.save(device_event(event, "Histogram"), "BE11529", testing.read_out(event))
                path = store.open_blastware("BE11529", saved["filename"])
                assert path is not None and path.read_bytes() == testing.blastware_file(event)
        except (sfm.SfmError, AssertionError, OSError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    store.close()
    with sfm.open(tmp_path / "waveforms.sfm") as archive:
        assert archive.info().events == archive.info().frame_revisions == 8


PROGRAM = """
import sys
from datetime import datetime, timedelta
from random import Random
from sfm_archive import testing
from sfm_archive.older_store import WaveformStore
store = WaveformStore(sys.argv[1])
sys.stdin.readline()
for number in range(6):
    at = datetime(2026, 5, 1) + timedelta(seconds=number)
    event = testing.simulate_histogram(Random(number), count=30, serial="BE11529", recorded_at=at)
    ev = type("Ev", (), {"timestamp": event.recorded_at, "record_type": "Histogram"})()
    saved = store.save(ev, "BE11529", testing.read_out(event))
    assert store.open_blastware("BE11529", saved["filename"]).read_bytes() == testing.blastware_file(event)
print("done")
"""


def test_processes_that_start_at_once_make_one_archive(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "root")]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        out, err = program.communicate(timeout=120)
        assert (program.returncode, out, err) == (0, "done\n", "")
    assert [entry.name for entry in (tmp_path / "root").iterdir() if entry.is_file()] == ["waveforms.sfm"]
    with sfm.open(tmp_path / "root" / "waveforms.sfm") as archive:
        assert archive.info().events == archive.info().frame_revisions == 6
