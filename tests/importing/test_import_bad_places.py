"""Folders and files that are not as they should be: each is accounted for, nothing hangs, nothing is lost."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sfm_archive.base import regular_files
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.importing import recognise
from sfm_archive.importing.search import find_files
from sfm_archive.testing import blastware_file, call_home_name, simulate_histogram

posix = pytest.mark.skipif(os.name != "posix", reason="made with a POSIX system's means")


@pytest.fixture
def event(random):
    return simulate_histogram(random, serial="BE11529")


def put_event(importing, event, place="BE11529"):
    return importing.put(f"{place}/{call_home_name(event)}", blastware_file(event))


UNUSABLE = {
    "a photograph": ("IMG_0001.JPG", b"\xff\xd8\xff\xe0" + bytes(500), "not recognised"),
    "an empty file": ("M529LKIQ.7M0W", b"", "empty"),
    "named like an event": ("M529LKIQ.7M0W", b"something else", "does not begin like one"),
    "a Micromate's event": ("UM12345_20260501131634.IDFW", b"\0" * 40, "Micromate"),
    "a capture of noise": ("raw_s3_1.bin", b"\r\nRING\r\n", "no whole reply"),
    "only the prefix, without a serial": ("shot.bin", bytes.fromhex("100001800000496e7374616e74656c00072c"), "serial"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_cannot_be_used_is_rejected_in_words(importing, event, item_of, what):
    name, data, word = UNUSABLE[what]
    put_event(importing, event)
    importing.put(f"other/{name}", data)
    report = importing()
    assert word in item_of(report, name).message and [i.path for i in report.rejected] == [item_of(report, name).path]
    assert report.events_created == 1


def test_a_foreign_database_is_rejected_and_not_touched(importing, item_of):
    path = importing.received / "other.sfm"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    before = path.read_bytes()
    assert "SQLite" in item_of(importing(), "other.sfm").message
    assert path.read_bytes() == before


@posix
def test_pipes_devices_and_sockets_are_not_opened(importing, event, item_of):
    put_event(importing, event)
    os.mkfifo(importing.received / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(importing.received)  # the whole path is too long for a socket's name
        listener.bind("socket")
        os.chdir(here)
        report = importing()
    for name in ("pipe", "socket"):
        assert "not a regular file" in item_of(report, name).message
    assert "not a regular file" in importing(Path("/dev/zero")).items[0].message
    assert report.events_created == 1


@posix
def test_a_pipe_that_takes_a_files_place_after_it_was_found_does_not_hold_the_import(importing, event):
    path = put_event(importing, event)
    paths, _ = find_files([importing.received], importing.archive.path)
    path.unlink()
    os.mkfifo(path)
    source = recognise.read_file(paths[0])
    assert source.kind is recognise.SourceKind.UNUSABLE and "regular" in source.problem


def test_only_the_archive_itself_is_taken_for_it(importing):
    """Windows numbers no device, nor what it may not open: neither is the other one."""
    importing.put("other.txt", b"x")
    paths, left = find_files(
        [importing.received, importing.archive.path.parent, Path(os.devnull)], importing.archive.path
    )
    kinds = {Path(item.path).name: item.kind for item in left}
    assert kinds.pop(Path(os.devnull).name) == "unreadable"
    assert {importing.archive.path.name, f"{importing.archive.path.name}-shm"} <= set(kinds)
    assert set(kinds.values()) == {"archive"} and [path.name for path in paths] == ["other.txt"]


def test_a_file_that_vanishes_after_it_was_found_is_rejected(importing, event, tmp_path):
    source = recognise.read_file(tmp_path / "gone")
    assert source.kind is recognise.SourceKind.UNUSABLE and "cannot be read" in source.problem


@posix
def test_a_huge_file_is_refused_before_it_is_read(importing, item_of):
    with (importing.received / "raw_s3_1.bin").open("wb") as file:
        file.truncate(1 << 40)
    assert "1,099,511,627,776 bytes" in item_of(importing(), ".bin").message


def test_whatever_is_kept_can_be_read_back(importing, random, item_of, monkeypatch):
    # The largest file that is read is the largest that an archive gives back.
    from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE

    assert recognise.LARGEST_FILE <= MAX_LOGICAL_SIZE
    monkeypatch.setattr(recognise, "LARGEST_FILE", 9000)
    importing.put("raw_s3_1.bin", random.randbytes(9001))
    importing.put("raw_s3_2.bin", random.randbytes(9000))
    report = importing()
    assert "9,001 bytes" in item_of(report, "1.bin").message and "9,000 bytes" not in item_of(report, "2.bin").message


@posix
def test_links_are_followed_to_files_but_never_around_in_a_ring(importing, event, item_of):
    path = put_event(importing, event)
    (path.parent / "ring").symlink_to(importing.received)
    (path.parent / "itself").symlink_to("itself")
    (path.parent / "nowhere").symlink_to("not there")
    (importing.received / "M529LKIQ.7M0W").symlink_to(path)
    report = importing()
    assert item_of(report, "ring").outcome == "left out"
    assert item_of(report, "itself").outcome == item_of(report, "nowhere").outcome == "rejected"
    assert report.events_created == 1 and item_of(report, "received/M529LKIQ.7M0W").outcome in ("new", "joined")
    # A link that is named itself is what the user means.
    (importing.received.parent / "link").symlink_to(importing.received)
    again = importing(importing.received.parent / "link")
    assert again.files_found == report.files_found and again.events_created == 0


def test_a_file_named_several_times_and_in_several_ways_is_one_file(importing, event, monkeypatch):
    path = put_event(importing, event)
    monkeypatch.chdir(importing.received)
    relative = Path("BE11529") / path.name
    report = importing(path, relative, path.parent, Path(), Path("..") / importing.received.name / relative)
    assert report.files_found == 1 and report.totals["new"] == 1


def test_a_source_that_is_not_there_is_an_error_and_nothing_is_imported(importing, event):
    path = put_event(importing, event)
    with pytest.raises(NotFound, match=r"not there.*nothing was imported"):
        importing(path, importing.received / "not there")
    assert importing.archive.count() == 0


@pytest.mark.parametrize("options", [{"serial": "UNKNOWN"}, {"serial": ""}, {"time_zone": "Mars/Olympus"}])
def test_a_serial_or_zone_that_cannot_be_is_refused_before_anything_is_read(importing, event, options):
    put_event(importing, event)
    with pytest.raises(UsageError):
        importing(**options)
    assert importing.archive.count() == 0


def test_the_archive_itself_is_left_out_also_by_way_of_a_link(importing, event, item_of):
    put_event(importing, event)
    folder = importing.archive.path.parent
    report = importing(folder)
    left_out = {Path(item.path).name for item in report.items if item.outcome == "left out"}
    assert left_out >= {"quarry.sfm"} and not report.rejected and report.events_created == 1
    if os.name == "posix":
        link = folder.parent / f"link-{folder.name}"
        link.symlink_to(folder)
        report = importing(link)
        link.unlink()
        assert not report.rejected and item_of(report, "quarry.sfm").kind == "archive"


def test_what_programs_leave_behind_is_left_out(importing, event, item_of):
    put_event(importing, event)
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini", ".sfm-temporary"):
        importing.put(f"BE11529/{name}", b"x")
    report = importing()
    assert report.totals["left out"] == 4 and not report.rejected


@posix
@pytest.mark.parametrize("name", ["bad\udcffname", "a:b", "line\nbreak", "back\\slash"])
@pytest.mark.parametrize("ending", ["", ".TXT", ".sfm.json", ".a5.pkl"])
def test_a_name_that_no_system_can_keep_is_refused_with_its_file_and_no_other(importing, event, name, ending):
    from sfm_archive.testing import ascii_report, read_out, sidecar

    put_event(importing, event)
    data = {
        "": blastware_file(event),
        ".TXT": ascii_report(event, file_name=name.encode("ascii", "replace").decode()),
        ".sfm.json": b"{}",
        ".a5.pkl": sidecar(read_out(event)),
    }[ending]
    importing.put(f"BE11529/{name}{ending}", data)
    report = importing()
    (refused,) = report.rejected
    assert "rename it" in refused.message and refused.path.endswith(f"{name}{ending}")
    assert report.events_created == 1


@posix
def test_a_folder_with_an_odd_name_is_no_hindrance(importing, event):
    put_event(importing, event, "bad\udcff folder\n")
    assert not importing().rejected
    importing.again_changes_nothing()


@posix
def test_a_very_deep_tree_is_searched(importing, event):
    here = Path.cwd()
    os.chdir(importing.received)
    depth = 0
    try:
        while depth < 1500:
            Path("d").mkdir()
            os.chdir("d")
            depth += 1
        Path("M529LKIQ.7M0W").write_bytes(blastware_file(event))
        os.chdir(importing.received)
        assert importing(Path()).events_created == 1
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", str(importing.received / "d")], check=True)


@posix
def test_folders_and_files_without_permission_are_unusable_and_all_others_are_read(importing, event, as_nobody):
    with TemporaryDirectory(prefix="sfm-rights-") as made:  # the test's own folder is closed to others itself
        importing.received = Path(made)
        importing.received.chmod(0o755)
        closed, taken, open_ = (put_event(importing, event, place) for place in ("closed", "open", "closed file"))
        closed.parent.chmod(0)
        open_.chmod(0)
        with as_nobody():
            paths, not_read = find_files([importing.received], importing.archive.path)
            sources = {path.parent.name: recognise.read_file(path) for path in paths}
        closed.parent.chmod(0o755)
    (rejected,) = not_read
    assert rejected.path.endswith("/closed") and "the folder cannot be read: Permission denied" in rejected.message
    assert sources["open"].kind is recognise.SourceKind.EVENT_FILE and sources["open"].path.name == taken.name
    assert "the file cannot be read: Permission denied" in sources["closed file"].problem


def test_a_file_that_grows_while_it_is_read_is_bounded(importing, monkeypatch):
    path = importing.put("endless", b"x" * 5_000_000)
    monkeypatch.setattr(recognise, "LARGEST_FILE", 4_000_000)
    begun = os.stat_result((stat.S_IFREG, *[0] * 5, 1, *[0] * 3))  # it had one byte when it was opened
    monkeypatch.setattr(recognise.os, "fstat", lambda descriptor: begun)
    report = importing(path)
    (refused,) = report.rejected
    assert "more than 4,000,000 bytes come from it, the most that this program reads" in refused.message


@posix
@pytest.mark.parametrize(
    ("size_looked_at", "said"),
    [(True, "it is a folder, device, pipe or socket, not a regular file"), (False, "nothing can be read from it now")],
)
def test_a_file_that_gives_nothing_now_is_told(importing, monkeypatch, size_looked_at, said):
    """One without a size, that the kernel shows, is none to read; one with a size may be another system's."""
    pipe = importing.received / "kmsg"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    try:
        monkeypatch.setattr(regular_files, "_require_regular", lambda path, status: None)  # the system says that it is
        if not size_looked_at:
            monkeypatch.setattr(regular_files, "_require_size", lambda path, file: None)
        found = recognise.read_file(pipe)
    finally:
        os.close(holder)
    assert said in found.problem
