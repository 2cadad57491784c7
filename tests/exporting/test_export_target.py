"""The target folder: links, obstacles, full disks, killed and concurrent exports."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import StorageFailed
from sfm_archive.exporting import ExportOptions, ExportStatus, export_events
from sfm_archive.files.folder import TargetFolder, temporary_name
from sfm_archive.files.paths import TEMPORARY_PREFIX, part_problem

NAME = "M529LKIQ.7M0H"
POSIX = pytest.mark.skipif(os.name == "nt", reason="links and signals as POSIX has them")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """An archive of 700 events of 7 units: more than one batch. Their paths and bytes."""
    path, random, files = tmp_path_factory.mktemp("many") / "quarry.sfm", Random(20260501), {}
    with sfm.create(path) as archive, archive.batch():
        for number in range(700):
            at, serial = datetime(2026, 3, 1) + timedelta(seconds=977 * number), f"BE{12000 + number % 7}"
            event = testing.simulate_histogram(random, count=random.randrange(20, 60), serial=serial, recorded_at=at)
            known = sfm.Event(serial=serial, recorded_at=at, record_type=event.record_type, start_key=event.start_key)
            archive.save(known, testing.read_out(event))
            files[f"{serial}/{testing.call_home_name(event)}"] = testing.blastware_file(event)
    return path, files


@pytest.fixture
def many(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Iterator[tuple[sfm.Archive, dict[str, bytes]]]:
    """An open copy of it, and its paths and bytes."""
    shutil.copyfile(made[0], tmp_path / "quarry.sfm")
    with sfm.open(tmp_path / "quarry.sfm") as archive:
        yield archive, made[1]


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.name.startswith(TEMPORARY_PREFIX)]


@POSIX
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_in_the_target_is_never_followed(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path, overwrite: bool
) -> None:
    event = simulate()
    keep(event)
    keep(simulate(serial="UM13245"))
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    (target / "UM13245").mkdir(parents=True)
    (target / "BE11529").symlink_to(outside)
    victim = tmp_path / "victim"
    victim.write_bytes(testing.blastware_file(event))
    (target / "UM13245" / "N245LKIQ.7M0H").unlink(missing_ok=True)
    options = ExportOptions(overwrite=overwrite)
    name = export_events(archive, target, options=ExportOptions(dry_run=True)).items[1].path
    (target / name).symlink_to(victim)
    report = export_events(archive, target, options=options)
    assert [item.status for item in report.items] == [ExportStatus.IN_THE_WAY] * 2
    assert all("link" in item.message for item in report.items)
    assert list(outside.iterdir()) == [] and victim.read_bytes() == testing.blastware_file(event)
    assert (target / name).is_symlink() and (target / "BE11529").is_symlink()


@POSIX
def test_the_target_itself_may_be_a_link(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    event = simulate()
    keep(event)
    (tmp_path / "disk").mkdir()
    (tmp_path / "target").symlink_to(tmp_path / "disk")
    assert export_events(archive, tmp_path / "target").totals["written"] == 1
    assert (tmp_path / "disk" / "BE11529" / NAME).read_bytes() == testing.blastware_file(event)


@pytest.mark.parametrize("overwrite", [False, True])
def test_folders_and_files_in_each_others_way_are_left_alone(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path, overwrite: bool
) -> None:
    keep(simulate())
    keep(simulate(serial="UM13245"))
    (tmp_path / "t" / "BE11529" / NAME).mkdir(parents=True)
    (tmp_path / "t" / "UM13245").write_bytes(b"a file")
    report = export_events(archive, tmp_path / "t", options=ExportOptions(overwrite=overwrite))
    assert [item.status for item in report.items] == [ExportStatus.IN_THE_WAY] * 2
    assert (tmp_path / "t" / "UM13245").read_bytes() == b"a file" and (tmp_path / "t" / "BE11529" / NAME).is_dir()


@POSIX
def test_a_pipe_in_the_way_does_not_hold_the_export(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    keep(simulate())
    (tmp_path / "BE11529").mkdir()
    os.mkfifo(tmp_path / "BE11529" / NAME)
    assert export_events(archive, tmp_path).items[0].status is ExportStatus.IN_THE_WAY


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_target_that_is_a_file_is_refused(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path, dry_run: bool
) -> None:
    keep(simulate())
    (tmp_path / "file").write_bytes(b"mine")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        if dry_run and target.name == "below":
            continue
        with pytest.raises(StorageFailed, match="file"):
            export_events(archive, target, options=ExportOptions(dry_run=dry_run))
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_more_than_a_batch_is_exported_whole(many: tuple[sfm.Archive, dict[str, bytes]], tmp_path: Path) -> None:
    archive, files_of = many
    report = export_events(archive, tmp_path / "out")
    assert {item.path: (tmp_path / "out" / item.path).read_bytes() for item in report.items} == files_of
    assert leftovers(tmp_path / "out") == []
    assert export_events(archive, tmp_path / "out").totals["unchanged"] == 700


def test_many_units_do_not_open_many_folders(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    with archive.batch():
        for number in range(150):
            keep(simulate(serial=f"BE{12000 + number}"))
    assert export_events(archive, tmp_path).totals["written"] == 150
    assert export_events(archive, tmp_path).totals["unchanged"] == 150
    if Path("/proc/self/fd").exists():
        assert not [link for link in _open_files() if str(tmp_path / "BE") in link]


def _open_files() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except OSError:
            continue
    return found


CHILD = """
import resource, sys
from pathlib import Path
import sfm_archive as sfm
from sfm_archive.exporting import export_events
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
with sfm.open(sys.argv[1], read_only=True) as archive:
    print("open", flush=True)
    try:
        export_events(archive, Path(sys.argv[2]))
    except sfm.SfmError as error:
        print(type(error).__name__, error)
"""


def child(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@POSIX
@pytest.mark.parametrize("sent", [getattr(signal, "SIGKILL", signal.SIGTERM), signal.SIGINT])
@pytest.mark.parametrize("attempts", [1, pytest.param(4, marks=pytest.mark.long)])
def test_a_stopped_export_leaves_whole_files_only(
    many: tuple[sfm.Archive, dict[str, bytes]], tmp_path: Path, sent: signal.Signals, attempts: int
) -> None:
    archive, files_of = many
    archive.close()
    out = tmp_path / "out"
    seen_temporary = False
    for attempt in range(4 - attempts, 4):
        shutil.rmtree(out, ignore_errors=True)
        with child(archive.path, out) as process:
            assert process.stdout is not None
            process.stdout.readline()
            until = time.monotonic() + 20
            # Once in the first batch, later in one that follows.
            while time.monotonic() < until and process.poll() is None:
                files = [path for path in out.rglob("*") if path.is_file()]
                if len(files) > attempt * 170:
                    break
                time.sleep(0.002)
            process.send_signal(sent)
            process.stdout.read()
        seen_temporary |= bool(leftovers(out))
        final = [path for path in out.rglob("*") if path.is_file() and path not in leftovers(out)]
        for path in final:
            assert path.read_bytes() == files_of[path.relative_to(out).as_posix()]
    if sent is signal.SIGINT:
        assert not seen_temporary, "Ctrl-C cleans up"
    elif not seen_temporary:
        # The kill always came between batches; leave what it would have left.
        (out / "BE12000").mkdir(parents=True, exist_ok=True)
        (out / "BE12000" / temporary_name().replace(f"-{os.getpid()}-", f"-{process.pid}-")).write_bytes(b"half")
    with sfm.open(archive.path) as opened:
        report = export_events(opened, out)
    assert report.totals["written"] + report.totals["unchanged"] == 700
    assert {
        path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()
    } == files_of


@POSIX
def test_a_write_that_fails_leaves_nothing_half_written(
    many: tuple[sfm.Archive, dict[str, bytes]], tmp_path: Path
) -> None:
    archive, files_of = many
    archive.close()
    sizes = sorted(map(len, files_of.values()))
    limit = sizes[len(sizes) // 2]  # half of the files are too large
    with child(archive.path, tmp_path / "out", limit) as process:
        assert process.stdout is not None
        told = process.stdout.read()
    assert "StorageFailed" in told and "Nothing is half-written" in told and str(tmp_path / "out") in told
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@POSIX
def test_a_full_disk_is_told_in_a_sentence(many: tuple[sfm.Archive, dict[str, bytes]], tmp_path: Path) -> None:
    archive, files_of = many
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(small)]
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        with pytest.raises(StorageFailed, match=r"the disk is full; free some space"):
            export_events(archive, small / "out")
        assert leftovers(small) == []
        for path in (small / "out").rglob("*"):
            assert path.is_dir() or path.read_bytes() == files_of[path.relative_to(small / "out").as_posix()]
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    keep(simulate())
    (tmp_path / "t" / "BE11529").mkdir(parents=True)
    (tmp_path / "t" / "BE11529").chmod(0o500)
    try:
        with pytest.raises(StorageFailed, match=r"BE11529.*choose a folder you may write to"):
            export_events(archive, tmp_path / "t")
    finally:
        (tmp_path / "t" / "BE11529").chmod(0o700)


def test_two_exports_into_one_folder_both_end_well(many: tuple[sfm.Archive, dict[str, bytes]], tmp_path: Path) -> None:
    archive, files_of = many
    reports: list[Any] = []

    def run() -> None:
        reports.append(export_events(archive, tmp_path / "out"))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 3
    for path, data in files_of.items():
        assert (tmp_path / "out" / path).read_bytes() == data
    assert leftovers(tmp_path / "out") == []


def test_an_export_that_finds_all_files_there_removes_what_a_killed_one_left(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    """A kill may come after the last name was given, before its temporary one was taken away."""
    keep(simulate())
    export_events(archive, tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = [folder / temporary_name().replace(f"-{os.getpid()}-", f"-{gone.pid}-") for folder in tmp_path.glob("BE*")]
    left[0].write_bytes(b"half")
    export_events(archive, tmp_path, options=ExportOptions(dry_run=True))
    assert leftovers(tmp_path) == left
    assert export_events(archive, tmp_path).totals["unchanged"] == 1
    assert leftovers(tmp_path) == []


def test_only_abandoned_temporaries_are_removed(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = temporary_name()
    dead = mine.replace(f"-{os.getpid()}-", f"-{gone.pid}-")
    ancient = mine + "0"
    for name in (mine, dead, ancient, "NAME.AB0"):
        (tmp_path / name).write_bytes(b"")
    os.utime(tmp_path / ancient, (1, 1))
    with TargetFolder.root(tmp_path) as folder:
        folder.remove_abandoned()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {mine, "NAME.AB0"}
    assert part_problem(mine)


def test_a_name_that_is_taken_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with TargetFolder.root(tmp_path) as folder:
        temporary = temporary_name()
        folder.write_temporary(temporary, b"new", flush=True)
        (tmp_path / "NAME.AB0").write_bytes(b"somebody's")
        assert not folder.publish(temporary, "NAME.AB0", replace=False)
        assert (tmp_path / "NAME.AB0").read_bytes() == b"somebody's"
        assert folder.publish(temporary, "NAME.AB0", replace=True)
        assert (tmp_path / "NAME.AB0").read_bytes() == b"new"
        assert [entry.name for entry in tmp_path.iterdir()] == ["NAME.AB0"]
