"""A disk with less room than the shared memory needs: "disk full", and what is there is read all the same.

No file may grow beyond a few kilobytes in these processes, which SQLite meets at the same place as a disk that has no
more. On real small disks: `python -m sfm_archive.selftest "small disks"`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.selftest.work import job
from sfm_archive.storage.failures import lacks_room, says_damage

pytestmark = pytest.mark.posix("Windows has no limit of this kind")

LIMITED = """
    import resource, runpy, sys
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    sys.argv[:] = ["sfm", *sys.argv[2:]]
    runpy.run_module("sfm_archive", run_name="__main__", alter_sys=False)
"""

KILLED = """
    import os, sys
    import sfm_archive as sfm
    from sfm_archive.selftest.work import job
    archive = sfm.open(sys.argv[1])
    job("in the log").save(archive)
    os._exit(9)
"""

SIZES = (8, 28)


def limited(kib: int, *command: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", dedent(LIMITED), str(kib * 1024), *map(str, command)]
    environment = os.environ | {"XDG_CACHE_HOME": os.devnull}
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.fixture(scope="session")
def archive_of_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nearly full") / "quarry.sfm"
    with sfm.create(path) as archive:
        job("one").save(archive)
        job("two").save(archive)
    return path


@pytest.fixture
def path(archive_of_two: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(archive_of_two, tmp_path / "quarry.sfm"))


def files_beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if file != path)


CHANGES = {
    "compact": ("compact",),
    "rebuild": ("rebuild",),
    "review": ("review", "1", "--false-trigger", "--reason", "blast log"),
    "zones": ("zones", "BE11529", "Europe/Berlin"),
}


@pytest.mark.parametrize("kib", SIZES)
@pytest.mark.parametrize("command", CHANGES)
def test_a_change_finds_the_disk_full_and_leaves_the_file_at_rest(path: Path, command: str, kib: int) -> None:
    name, *arguments = CHANGES[command]
    found = limited(kib, name, path, *arguments)
    assert found.returncode == 6, found.stderr
    # The limit of a process is an input/output error to SQLite, where only a disk without room is "full".
    assert "the disk is full; the last change was undone" in found.stderr or "share of the disk used up" in found.stderr
    assert files_beside(path) == [], "readers need no shared memory then"
    assert limited(kib, "list", path).returncode == 0
    with sfm.open(path) as archive:
        assert archive.verify().ok and archive.count() == 2


READS = (("list",), ("list", "--as-of", "2"), ("verify",), ("verify", "--quick"))


@pytest.mark.parametrize("kib", [4, 28])
def test_a_file_that_was_left_with_an_empty_log_is_read(path: Path, kib: int) -> None:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.close()
    for name, *options in READS:
        found = limited(kib, name, path, *options)
        assert found.returncode == 0, found.stderr
    assert files_beside(path) == []


@pytest.mark.parametrize("kib", [4, 28])
def test_a_log_that_a_killed_program_left_is_read_and_left_as_it_is(path: Path, kib: int) -> None:
    subprocess.run([sys.executable, "-c", dedent(KILLED), str(path)], check=False, timeout=60)
    path.with_name("quarry.sfm-shm").unlink()
    log, before = path.with_name("quarry.sfm-wal"), path.read_bytes()
    held = log.read_bytes()
    for name, *options in READS:
        found = limited(kib, name, path, *options)
        assert found.returncode == 0, found.stderr
    assert "3 of 3" in limited(kib, "list", path).stderr
    assert (path.read_bytes(), log.read_bytes()) == (before, held)
    with sfm.open(path) as archive:
        assert archive.count() == 3
    assert files_beside(path) == []


def test_rows_of_other_rules_are_made_anew_also_where_a_log_is_read_without_shared_memory(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET rules = 0, ppv_nm_s = 5")
    connection.close()
    kept = path.read_bytes()
    killed = "import os, apsw, sys; c = apsw.Connection(sys.argv[1]); c.pragma('journal_mode', 'wal')"
    killed += "; c.execute('PRAGMA user_version = 1'); os._exit(9)"
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False, timeout=60)
    path.with_name("quarry.sfm-shm").unlink()
    assert path.with_name("quarry.sfm-wal").stat().st_size
    for options in ((), ("--as-of", "3")):
        found = limited(4, "list", path, *options)
        assert found.returncode == 0 and "2 of 2 shown" in found.stderr, found.stderr
    assert len(path.read_bytes()) == len(kept)


def test_a_writer_that_comes_meanwhile_waits_for_the_reader(path: Path) -> None:
    """Who reads without shared memory has the file alone: nobody changes it under its feet."""
    from sfm_archive.storage.connection import _open_alone
    from sfm_archive.storage.lock_waiting import LockWait

    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.close()
    alone = _open_alone(path, LockWait(path, 0))
    with pytest.raises(sfm.Busy):
        sfm.open(path, wait_s=0.1)
    assert alone.execute("SELECT count(*) FROM event").fetchall() == [(2,)]
    alone.close()
    with sfm.open(path) as archive:
        assert job("three").save(archive).created


def test_a_full_disk_is_no_damage() -> None:
    full = [apsw.exception_for(code) for code in (apsw.SQLITE_FULL, apsw.SQLITE_IOERR_SHMSIZE)]
    assert all(lacks_room(error) and not says_damage(error) for error in full)
    others = (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_BUSY, apsw.SQLITE_CANTOPEN)
    assert not any(says_damage(apsw.exception_for(code)) for code in others)
    stored = (apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_CORRUPT, apsw.SQLITE_ERROR)
    assert all(says_damage(apsw.exception_for(code)) for code in stored)
