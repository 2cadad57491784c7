"""A watch on real folders: files that arrive torn, renamed, locked and twice, drives that go, archives in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import sfm_archive as sfm
from sfm_archive.errors import NotFound
from tests.watching.conftest import SETTLE_S, World, event_files, state_of, until


def imported_at_once(world: World, folder: Path) -> dict:
    """What an import of a folder into a new archive makes."""
    path = world.folder / "at-once.sfm"
    with sfm.create(path) as archive:
        archive.import_from(folder)
    return state_of(path)


def test_what_lies_there_is_taken_first_and_then_what_comes(world: World) -> None:
    name, data, report_name, report = event_files(1)
    (world.incoming / name).write_bytes(data)
    (world.incoming / "deep" / "deeper").mkdir(parents=True)
    with world.watched() as heard:
        until(lambda: heard.outcomes == ["new"])
        (world.incoming / "deep" / "deeper" / report_name).write_bytes(report)
        until(lambda: heard.outcomes == ["new", "joined"])
        other = event_files(2)
        moved = world.folder / "moved"
        moved.mkdir()
        (moved / other[0]).write_bytes(other[1])
        moved.rename(world.incoming / "moved in whole")
        until(lambda: heard.outcomes == ["new", "joined", "new"])
    assert heard.sentences == []
    assert state_of(world.path) == imported_at_once(world, world.incoming)


def test_a_file_is_taken_when_nothing_was_written_for_the_settle_time(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched() as heard:
        with (world.incoming / name).open("wb") as file:
            for at in range(0, len(data), len(data) // 6):
                file.write(data[at : at + len(data) // 6])
                file.flush()
                assert not heard.reports
                time.sleep(SETTLE_S / 2)
        until(lambda: heard.reports)
    assert heard.outcomes == ["new"]


def test_a_torn_file_that_is_completed_later_is_both_and_the_whole_one_counts(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched() as heard:
        (world.incoming / name).write_bytes(data[: len(data) // 2])
        until(lambda: len(heard.reports) == 1)
        (world.incoming / name).write_bytes(data)
        until(lambda: len(heard.reports) == 2)
    with sfm.open(world.path) as archive:
        (event,) = archive.listing()
        sizes = sorted(one.size for one in archive.files(event.event_id))
        assert event.encoding == "ok" or event.ppv is not None
    assert sizes[-1] == len(data)


def test_names_of_unfinished_and_empty_files_are_waited_for_and_told_once(world: World) -> None:
    name, data, *_ = event_files(1)
    part = world.incoming / f"{name}.part"
    part.write_bytes(data)
    (world.incoming / "empty.TXT").touch()
    with world.watched(rescan_s=1.0) as heard:
        until(lambda: len(heard.sentences) == 2)
        time.sleep(2.5)
        part.rename(world.incoming / name)
        until(lambda: heard.reports)
    assert sorted(sentence.split(" is left: ")[1] for sentence in heard.sentences) == [
        "it is empty; it is taken when something is in it",
        "its name is that of an unfinished file; it is taken when it is renamed",
    ]
    assert heard.outcomes == ["new"]


def test_the_same_again_and_what_vanishes_change_nothing(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched() as heard:
        (world.incoming / "short-lived.tmp.bin").write_bytes(b"x")
        (world.incoming / "short-lived.tmp.bin").unlink()
        (world.incoming / name).write_bytes(data)
        until(lambda: heard.outcomes == ["new"])
        (world.incoming / f"again {name}").write_bytes(b"")
        (world.incoming / f"again {name}").unlink()
        (world.incoming / name).write_bytes(data)
        until(lambda: heard.outcomes == ["new", "duplicate"])
    assert [item.path for report in heard.reports for item in report.items] == [str(world.incoming / name)] * 2


@pytest.mark.posix("permissions")
def test_a_file_that_may_not_be_read_is_taken_when_it_may(as_nobody) -> None:
    name, data, *_ = event_files(1)
    with TemporaryDirectory(prefix="sfm-rights-") as made:
        folder = Path(made)
        world = World(folder, folder / "quarry.sfm", folder / "incoming")
        world.incoming.mkdir()
        sfm.create(world.path).close()
        for path, mode in ((folder, 0o777), (world.incoming, 0o777), (world.path, 0o666)):
            path.chmod(mode)
        (world.incoming / name).write_bytes(data)
        (world.incoming / name).chmod(0)
        with as_nobody(), world.watched() as heard:
            until(lambda: heard.sentences)
            assert not heard.reports
            os.seteuid(0)
            (world.incoming / name).chmod(0o644)
            os.seteuid(65534)
            until(lambda: heard.reports)
    assert heard.outcomes == ["new"]
    assert len(heard.sentences) == 1 and "cannot be read (Permission denied)" in heard.sentences[0]


@pytest.mark.skipif(sys.platform != "win32", reason="Windows' own locks")
def test_a_file_that_a_program_keeps_to_itself_is_taken_when_it_lets_go(world: World) -> None:
    import ctypes

    name, data, *_ = event_files(1)
    (world.incoming / name).write_bytes(data)
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    held = kernel.CreateFileW(str(world.incoming / name), 0x80000000, 0, None, 3, 0, None)
    try:
        with world.watched() as heard:
            until(lambda: heard.sentences)
            assert not heard.reports and "cannot be read" in heard.sentences[0]
            kernel.CloseHandle(held)
            held = None
            until(lambda: heard.reports)
    finally:
        if held:
            kernel.CloseHandle(held)
    assert heard.outcomes == ["new"]


def test_a_drive_that_goes_and_comes_back_is_told_once_each_way(world: World) -> None:
    first, second, third = event_files(1), event_files(2), event_files(3)
    with world.watched() as heard:
        (world.incoming / first[0]).write_bytes(first[1])
        until(lambda: heard.outcomes == ["new"])
        away = world.folder / "away"
        world.incoming.rename(away)
        until(lambda: heard.sentences)
        (away / second[0]).write_bytes(second[1])
        time.sleep(2.5)
        away.rename(world.incoming)
        until(lambda: len(heard.reports) == 2)
        (world.incoming / third[0]).write_bytes(third[1])
        until(lambda: len(heard.reports) == 3)
    assert heard.outcomes == ["new", "new", "new"], "what was taken before it went is known"
    assert heard.sentences == [
        f"{world.incoming} is away; it is looked into again when it is back",
        f"{world.incoming} is back; everything in it is looked at",
    ]


@pytest.mark.posix("a folder that is listened to can be taken away")
def test_an_empty_folder_where_the_drive_was_mounted_is_told(world: World) -> None:
    (first, first_data, *_), (name, data, *_) = event_files(1), event_files(2)
    with world.watched() as heard:
        (world.incoming / first).write_bytes(first_data)
        until(lambda: heard.reports)
        world.incoming.rename(world.folder / "drive")
        world.incoming.mkdir()
        until(lambda: heard.sentences)
        world.incoming.rmdir()
        (world.folder / "drive" / name).write_bytes(data)
        (world.folder / "drive").rename(world.incoming)
        until(lambda: len(heard.reports) == 2)
    assert heard.outcomes[-1] == "new"
    assert "is another folder than before" in heard.sentences[0] or " is away" in heard.sentences[0]


def test_a_folder_that_is_not_there_at_the_beginning_ends_it(world: World) -> None:
    with (
        pytest.raises(NotFound, match=r"gone is no folder that is there, or may not be read; nothing is watched"),
        world.watched(folders=(world.incoming, world.folder / "gone")),
    ):
        pass


def test_an_archive_in_use_is_waited_for_and_told_once(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched(wait_s=0.1) as heard:
        with sfm.open(world.path) as other, other.batch():
            (world.incoming / name).write_bytes(data)
            until(lambda: heard.sentences)
            time.sleep(2.5)  # more than one try
            assert len(heard.sentences) == 1 and not heard.reports
        until(lambda: heard.reports)
        until(lambda: len(heard.sentences) == 2)
    assert heard.outcomes == ["new"]
    assert heard.sentences[0].endswith("it is tried again until it can be used")
    assert heard.sentences[1] == "the archive can be used again"


def test_an_archive_on_a_drive_that_goes_is_waited_for(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched() as heard:
        until(world.path.exists)
        time.sleep(0.3)
        world.path.rename(world.folder / "elsewhere.sfm")
        (world.incoming / name).write_bytes(data)
        until(lambda: heard.sentences)
        (world.folder / "elsewhere.sfm").rename(world.path)
        until(lambda: heard.reports)
    assert heard.outcomes == ["new"] and len(heard.sentences) == 2


def test_the_archive_in_a_watched_folder_is_left_alone(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched(folders=(world.folder,)) as heard:
        (world.folder / name).write_bytes(data)
        until(lambda: heard.reports)
        time.sleep(4 * SETTLE_S)
    assert heard.outcomes == ["new"]


def test_files_are_compared_where_the_file_system_tells_of_nothing(world: World) -> None:
    name, data, *_ = event_files(1)
    with world.watched(poll=True) as heard:
        (world.incoming / name).write_bytes(data)
        until(lambda: heard.outcomes == ["new"])


@pytest.mark.posix("links")
def test_a_change_that_nothing_told_of_is_found_by_the_next_whole_look(world: World) -> None:
    """A file behind a link changes without a word about the folder with the link."""
    first, second = event_files(1), event_files(2)
    behind = world.folder / "behind"
    behind.write_bytes(first[1])
    (world.incoming / first[0]).symlink_to(behind)
    with world.watched(rescan_s=1.0) as heard:
        until(lambda: heard.outcomes == ["new"])
        behind.write_bytes(second[1])
        until(lambda: heard.outcomes == ["new", "new"])


def test_once_takes_what_is_there_and_ends(world: World) -> None:
    name, data, report_name, report = event_files(1)
    (world.incoming / name).write_bytes(data)
    (world.incoming / report_name).write_bytes(report)
    (world.incoming / "left.part").write_bytes(b"x")
    done, heard = world.once()
    assert sorted(heard.outcomes) == ["joined", "new"]
    assert (done.imports, done.files, done.rejected) == (1, 2, 0)
    assert done.not_taken == [str(world.incoming / "left.part")]


@pytest.mark.long
def test_a_burst_of_2000_files_comes_in_batches_and_is_what_one_import_makes(world: World) -> None:
    there = world.folder / "there"
    there.mkdir()
    for number in range(1000):
        name, data, report_name, report = event_files(number)
        (there / name).write_bytes(data)
        (there / report_name).write_bytes(report)
    copy = "import shutil, sys; shutil.copytree(*sys.argv[1:], dirs_exist_ok=True)"
    with world.watched(settle_s=1.0) as heard:
        subprocess.run([sys.executable, "-c", copy, str(there), str(world.incoming)], check=True, timeout=60)
        until(lambda: sum(report.files_found for report in heard.reports) >= 2000, 200)
        with sfm.open(world.path) as other:
            sfm.mark(other, "others can work between")
    assert max(report.files_found for report in heard.reports) <= 501 and len(heard.reports) >= 4
    assert len(heard.outcomes) == 2000 and set(heard.outcomes) <= {"new", "joined"}
    assert state_of(world.path) == imported_at_once(world, there)
    shutil.rmtree(there)
