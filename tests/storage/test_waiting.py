"""Waiting for other programs: bounded, told once with the process that holds the archive, and ended by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

import sfm_archive as sfm
from sfm_archive.base.waiting import Holder, Wait
from sfm_archive.errors import Busy
from sfm_archive.storage import copies
from sfm_archive.storage.store import Store, open_file

LISTS_LOCKS = sys.platform == "linux" and Path("/proc/locks").exists()
needs_table_of_locks = pytest.mark.skipif(not LISTS_LOCKS, reason="the system does not list locks")

HOLDER = """
    import sys
    import apsw
    connection = apsw.Connection(sys.argv[1])
    connection.pragma("journal_mode", sys.argv[2])
    connection.execute(sys.argv[3]).fetchall()
    connection.execute("SELECT count(*) FROM event").fetchall()
    print("held", flush=True)
    sys.stdin.readline()
"""

WRITES = "BEGIN IMMEDIATE"
LOCKS_EVERYTHING = "BEGIN EXCLUSIVE"
READS = "BEGIN"


@contextmanager
def another_program(path: Path, mode: str, statement: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the archive until it reads a line."""
    command = [sys.executable, "-c", dedent(HOLDER), str(path), mode, statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.communicate("\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    sfm.create(tmp_path / "quarry.sfm").close()
    return tmp_path / "quarry.sfm"


def begin(store: Store) -> None:
    with store.transaction():
        pass


@pytest.mark.parametrize(
    ("mode", "statement", "read_only", "step"),
    [
        ("delete", LOCKS_EVERYTHING, True, None),
        ("delete", LOCKS_EVERYTHING, False, None),
        ("delete", READS, False, None),  # the switch to the write-ahead log
        ("wal", WRITES, False, begin),
        ("wal", WRITES, False, copies.compact),
    ],
)
def test_every_wait_is_bounded_and_told_once(
    path: Path, mode: str, statement: str, read_only: bool, step: Callable[[Store], None] | None
) -> None:
    told: list[Wait] = []
    with another_program(path, mode, statement) as holder:
        start = time.monotonic()
        with pytest.raises(Busy, match=r"quarry\.sfm: another program"):
            store = open_file(path, read_only=read_only, wait_s=0.8, on_wait=told.append)
            assert step is not None and told == []
            try:
                step(store)
            finally:
                store.close()
        assert time.monotonic() - start < 8
        (wait,) = told
        assert (wait.path, wait.up_to_s) == (path, 0.8)
        if LISTS_LOCKS:
            (held,) = wait.holders
            assert (held.process, held.writes) == (holder.pid, statement != READS)
            doing = "reading" if statement == READS else "writing"
            assert str(wait) == f"{path}: {held.program} (process {holder.pid}) is {doing}; waiting up to 0.8 s"


def test_compacting_beside_a_reader_is_told_and_is_no_failure(path: Path) -> None:
    told: list[Wait] = []
    with closing(open_file(path, read_only=False, wait_s=0.8, on_wait=told.append)) as store:
        with another_program(path, "wal", READS):
            copies.compact(store)
        assert len(told) == 1
        assert not told[0].holders or "is reading" in str(told[0])
        with store.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_wait_that_ends_in_time_goes_on_and_the_next_one_is_told_again(path: Path) -> None:
    told: list[Wait] = []
    with closing(open_file(path, read_only=False, wait_s=20, on_wait=told.append)) as store:
        for number in (1, 2):
            with another_program(path, "wal", WRITES) as holder:
                timer = threading.Timer(0.7, holder.kill)
                timer.start()
                begin(store)
                timer.join()
            assert len(told) == number


def test_a_moment_is_not_told(path: Path) -> None:
    told: list[Wait] = []
    store = open_file(path, read_only=False, wait_s=0.1, on_wait=told.append)
    with another_program(path, "wal", WRITES), pytest.raises(Busy):
        begin(store)
    store.close()
    assert told == []


def test_what_is_told_can_end_the_wait(path: Path) -> None:
    def give_up(wait: Wait, /) -> None:
        raise KeyError(str(wait.path))

    store = open_file(path, read_only=False, wait_s=60, on_wait=give_up)
    with another_program(path, "wal", WRITES), pytest.raises(KeyError):
        begin(store)
    store.close()


def test_a_copy_of_a_file_that_others_change_waits_for_them(path: Path, tmp_path: Path) -> None:
    """On a network drive readers and writers wait for each other; a copy that runs for long has to wait as well."""
    told: list[Wait] = []
    store = open_file(path, read_only=True, wait_s=20, on_wait=told.append)
    with another_program(path, "delete", LOCKS_EVERYTHING) as holder:
        timer = threading.Timer(0.7, holder.kill)
        timer.start()
        (tmp_path / "copy.sfm").touch()
        copies.copy_in_steps(store, tmp_path / "copy.sfm", lambda done, total: None)
        timer.join()
    store.close()
    assert len(told) == 1
    with sfm.open(tmp_path / "copy.sfm", read_only=True) as copy:
        assert copy.history_head()[0] == 1


WAITS = """
    import sys
    import sfm_archive as sfm
    archive = sfm.open(sys.argv[1], wait_s=600, on_wait=lambda wait: print(wait, flush=True))
    try:
        archive.pin_encoder("blastware@1")
    except KeyboardInterrupt:
        print("stopped", flush=True)
    archive.close()
"""


@pytest.mark.posix("a signal is how this test presses Ctrl-C")
def test_ctrl_c_ends_a_wait_at_once(path: Path) -> None:
    command = [sys.executable, "-c", dedent(WAITS), str(path)]
    with another_program(path, "wal", WRITES), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        try:
            assert waiting.stdout is not None
            assert "quarry.sfm" in waiting.stdout.readline()
            waiting.send_signal(signal.SIGINT)
            assert waiting.communicate(timeout=20)[0] == "stopped\n"
        finally:
            waiting.kill()
    with sfm.open(path, read_only=True) as archive:
        assert str(archive.pinned_encoder) == "blastware@2"


def test_the_sentence_names_all_who_hold_the_archive() -> None:
    holders = (Holder(7, "sfm", True), Holder(8, "", True))
    assert str(Wait(path=Path("quarry.sfm"), up_to_s=30.0, holders=holders)) == (
        "quarry.sfm: sfm (process 7) and a program (process 8) are writing; waiting up to 30 s"
    )
    assert str(Wait(path=Path("quarry.sfm"), up_to_s=0.5)) == (
        "quarry.sfm: another program is using it; waiting up to 0.5 s"
    )


@needs_table_of_locks
def test_this_process_is_not_another_program(path: Path) -> None:
    told: list[Wait] = []
    with sfm.open(path) as one, sfm.open(path, wait_s=0.7, on_wait=told.append) as two, one.batch():
        with pytest.raises(Busy):
            two.pin_encoder("blastware@1")
        assert os.getpid() not in [holder.process for wait in told for holder in wait.holders]
        assert len(told) == 1
