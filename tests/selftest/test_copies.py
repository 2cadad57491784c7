"""Backups while others write, and copies that fail: a copy is right or is not there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.errors import AlreadyExists, Damaged, StorageFailed
from sfm_archive.files import writing
from sfm_archive.maintaining import backup, seal
from sfm_archive.selftest.processes_at_work import ProcessesAtWork, save_events
from sfm_archive.selftest.work import job
from sfm_archive.storage import copies


@pytest.fixture
def quarry(tmp_path: Path) -> Path:
    path = tmp_path / "quarry.sfm"
    with sfm.create(path) as archive:
        for number in range(3):
            job(number, intervals=10).save(archive)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_backups_while_processes_save_are_each_of_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "quarry.sfm"
    sfm.create(path).close()
    processes = ProcessesAtWork(path)
    for number in range(3):
        processes.start(save_events, f"S{number}", 15)
    lengths = []
    with sfm.open(path) as archive:
        for number in range(6):
            report = backup(archive, tmp_path / f"copy-{number}.sfm")
            lengths.append(report.history_length)
    processes.wait(120)
    assert processes.reported.errors == [] and processes.reported.saves == 45
    assert lengths == sorted(lengths)
    with sfm.open(path, read_only=True) as archive:
        history = [row.sha256 for row in archive.history()]
    for number, length in enumerate(lengths):
        with sfm.open(tmp_path / f"copy-{number}.sfm", read_only=True) as copy:
            assert [row.sha256 for row in copy.history()] == history[:length]
            assert copy.verify().ok


@pytest.mark.parametrize("network", [False, True])
def test_a_backup_goes_on_while_pages_change(quarry: Path, network: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step at a time, and a save between each two."""
    if network:
        monkeypatch.setattr("sfm_archive.storage.connection.is_network_path", lambda path: True)
    monkeypatch.setattr(copies, "_STEP_PAGES", 4)
    with sfm.open(quarry) as archive:
        saved: list[int] = []

        def other(done: int, total: int) -> None:
            if len(saved) < 20:
                saved.append(done)
                thread = threading.Thread(target=lambda: job(f"m {len(saved)}", intervals=5).save(archive))
                thread.start()
                thread.join()

        report = backup(archive, quarry.with_name("copy.sfm"), progress=other)
        assert saved and archive.info().events > 3
    assert report.events >= 3
    assert names(quarry.parent) == ["copy.sfm", "quarry.sfm"]


@pytest.mark.parametrize("make", [backup, seal])
def test_a_copy_that_does_not_prove_right_is_not_there(
    quarry: Path, make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differing(connection: apsw.Connection) -> copies.Snapshot:
        differing.calls += 1  # type: ignore[attr-defined]
        return copies.Snapshot(before.counts._replace(events=differing.calls), before.sequence, before.head)  # type: ignore[attr-defined]

    differing.calls = 0  # type: ignore[attr-defined]
    with sfm.open(quarry) as archive:
        before = copies.snapshot(archive.store.connection)
        monkeypatch.setattr("sfm_archive.maintaining.proof.snapshot", differing)
        with pytest.raises(Damaged, match="removed"):
            make(archive, quarry.with_name("copy.sfm"))  # type: ignore[operator]
    assert names(quarry.parent) == ["quarry.sfm"]


@pytest.mark.parametrize("make", [backup, seal])
@pytest.mark.parametrize("step", ["flush", "flush_folder", "_claim_fails"])
def test_a_disk_that_fails_leaves_no_copy(
    quarry: Path, make: object, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path) -> None:
        raise OSError(28, "No space left on device")

    def taken(path: Path) -> None:
        (quarry.parent / "copy.sfm").touch()

    if step == "_claim_fails":
        monkeypatch.setattr(writing, "flush", taken)  # somebody else takes the name meanwhile
    else:
        monkeypatch.setattr(writing, step, failing)
    with sfm.open(quarry) as archive, pytest.raises((StorageFailed, AlreadyExists)):
        make(archive, quarry.with_name("copy.sfm"))  # type: ignore[operator]
    left = set(names(quarry.parent)) - {"quarry.sfm", "copy.sfm", "copy.sfm.verification.txt"}
    assert left == set()
    if step == "flush":
        assert names(quarry.parent) == ["quarry.sfm"]
    with sfm.open(quarry, read_only=True) as archive:
        assert archive.verify().ok


def test_an_empty_file_in_the_way_may_be_of_a_copy_that_was_cut_off(quarry: Path) -> None:
    """Drives without hard links: the name is claimed before the copy gets it."""
    quarry.with_name("copy.sfm").touch()
    with sfm.open(quarry) as archive, pytest.raises(AlreadyExists, match=r"though empty.*delete it and try again"):
        backup(archive, quarry.with_name("copy.sfm"))


@pytest.mark.parametrize("make", [backup, seal])
def test_a_drive_without_hard_links_takes_copies_too(
    quarry: Path, make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(old: Path, new: Path, **more: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refused)
    with sfm.open(quarry) as archive:
        make(archive, quarry.with_name("copy.sfm"))  # type: ignore[operator]
    assert set(names(quarry.parent)) <= {"copy.sfm", "copy.sfm.verification.txt", "quarry.sfm"}
    with sfm.open(quarry.with_name("copy.sfm"), read_only=True) as copy:
        assert copy.verify().ok


def test_ctrl_c_leaves_nothing_behind(quarry: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with sfm.open(quarry) as archive, pytest.raises(KeyboardInterrupt):
        backup(archive, quarry.with_name("copy.sfm"), progress=interrupt)
    assert names(quarry.parent) == ["quarry.sfm"]
