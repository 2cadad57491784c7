"""All or nothing: nested transactions, threads, forks, waiting writers, failing disks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.errors import Busy, Damaged, NotAnArchive, ReadOnlyArchive, SfmError, StorageFailed
from sfm_archive.storage.failures import as_sfm_error
from sfm_archive.storage.new_archives import fill_file, new_archive_file
from sfm_archive.storage.store import Store, open_file


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open, empty archive."""
    sfm.create(tmp_path / "a.sfm").close()
    opened = open_file(tmp_path / "a.sfm", read_only=False, wait_s=5)
    yield opened
    opened.close()


def add(connection: apsw.Connection, number: int) -> None:
    connection.execute(
        "INSERT INTO event (sequence, serial, recorded_at_local, record_type, ordinal, time_zone)"
        " VALUES (2,?,?,'unknown',1,'unknown')",
        (f"BE{number}", "2026-05-01T00:00:00"),
    )


def numbers(store: Store) -> list[int]:
    with store.reading() as connection:
        rows = connection.execute("SELECT serial FROM event ORDER BY event_id").fetchall()
    return [int(serial[2:]) for (serial,) in rows]


def test_what_fails_is_taken_back_as_a_whole(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as connection:
        add(connection, 1)
        raise KeyError
    assert numbers(store) == []
    assert not store.in_transaction


def test_an_inner_transaction_is_taken_back_alone(store: Store) -> None:
    with store.transaction() as connection:
        add(connection, 1)
        with pytest.raises(KeyError), store.transaction():
            add(connection, 2)
            with store.transaction():
                add(connection, 3)
            raise KeyError
        with store.transaction():
            add(connection, 4)
            with pytest.raises(ValueError), store.transaction():
                add(connection, 5)
                raise ValueError
    assert numbers(store) == [1, 4]


def test_the_outer_one_takes_everything_with_it(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as connection:
        with store.transaction():
            add(connection, 1)
        raise KeyError
    assert numbers(store) == []


def test_sqlites_errors_inside_are_ours_and_name_the_archive(store: Store) -> None:
    with pytest.raises(StorageFailed, match="ConstraintError") as caught, store.transaction() as connection:
        add(connection, 1)
        add(connection, 1)
    assert str(store.path) in str(caught.value)
    assert numbers(store) == []


def test_each_thread_has_its_own_connection(store: Store) -> None:
    seen: list[apsw.Connection] = []
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            seen.append(store.connection)
            for number in range(first, first + 20):
                with store.transaction() as connection:
                    add(connection, number)
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(100 * which,)) for which in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({id(connection) for connection in [*seen, store.connection]}) == 5
    assert sorted(numbers(store)) == [100 * which + number for which in range(1, 5) for number in range(20)]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the open files of Linux alone")
def test_connections_of_ended_threads_are_closed(store: Store) -> None:
    def read() -> None:
        numbers(store)

    for _ in range(60):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    held = [
        entry for entry in Path("/proc/self/fd").iterdir() if entry.exists() and entry.resolve() == store.path.resolve()
    ]
    assert len(held) < 10


def test_an_unfinished_transaction_of_an_ended_thread_blocks_nobody(store: Store) -> None:
    def leave() -> None:
        store.connection.execute("BEGIN IMMEDIATE")
        add(store.connection, 1)

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    other = threading.Thread(target=lambda: numbers(store))  # its new connection sweeps the old one away
    other.start()
    other.join()
    with store.transaction() as connection:
        add(connection, 2)
    assert numbers(store) == [2]


@pytest.mark.posix("fork")
def test_a_forked_process_gets_its_own_connection(store: Store) -> None:
    with store.transaction() as connection:
        add(connection, 1)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if store.connection is not connection:
                with store.transaction() as own:
                    add(own, 2)
                store.close()
                status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with store.transaction() as connection:
        add(connection, 3)
    assert numbers(store) == [1, 2, 3]


def test_a_writer_waits_for_another_one(store: Store) -> None:
    other = open_file(store.path, read_only=False, wait_s=20)
    started = threading.Event()

    def slow() -> None:
        with store.transaction() as connection:
            add(connection, 1)
            started.set()
            time.sleep(0.3)

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait()
    with other.transaction() as connection:
        add(connection, 2)
    thread.join()
    other.close()
    assert numbers(store) == [1, 2]


def test_a_writer_that_waited_in_vain_says_busy(store: Store) -> None:
    impatient = open_file(store.path, read_only=False, wait_s=0.1)
    with store.transaction() as connection:
        add(connection, 1)
        with pytest.raises(Busy, match="nothing was changed"), impatient.transaction():
            raise AssertionError("two writers at once")
    impatient.close()


def test_a_reader_sees_the_state_before_while_somebody_writes(store: Store) -> None:
    reader = open_file(store.path, read_only=True, wait_s=0.1)
    with store.transaction() as connection:
        add(connection, 1)
        assert numbers(reader) == []
    assert numbers(reader) == [1]
    reader.close()


def test_opening_to_read_waits_while_the_file_is_locked(tmp_path: Path, store: Store) -> None:
    store.close()
    holder = apsw.Connection(str(store.path))
    holder.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, lambda: holder.execute("COMMIT"))
    timer.start()
    reader = open_file(store.path, read_only=True, wait_s=20)
    assert numbers(reader) == []
    timer.join()
    reader.close()
    holder.close()


IN_TINY_SPACE = """
    import sys
    from pathlib import Path
    from random import Random
    import sfm_archive as sfm
    from sfm_archive import testing
    from sfm_archive.errors import StorageFailed
    {prepare}
    path = Path(sys.argv[1]) / "a.sfm"
    random, saved, message = Random(1), [], ""
    archive = sfm.create(path)
    events = testing.simulate_memory(random, 400, "BE11529")
    for event in events:
        report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="r.txt", data=random.randbytes(9000))
        try:
            saved.append(archive.save(sfm.Event(serial="BE11529", recorded_at=event.recorded_at),
                                      testing.read_out(event), files=[report]).event_id)
        except StorageFailed as error:
            message = str(error)
            break
    assert 3 < len(saved) < 400, len(saved)
    assert str(path) in message, message
    assert {words!r} in message, message
    assert [row.event_id for row in archive.events()] == saved
    for event_id in saved:
        archive.encode(event_id)
        assert len(archive.files(event_id)) == 1
    assert len(archive.history()) == 1 + len(saved)
    try:
        archive.close()
    except StorageFailed:
        pass
    with sfm.open(path, read_only=True) as again:
        assert [row.event_id for row in again.events()] == saved
    print("held")
"""


def run(script: str, *arguments: str, before: str = "") -> None:
    command = [sys.executable, "-c", dedent(script), *arguments]
    if before:
        command = ["unshare", "--mount", "sh", "-c", before + ' && exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "held"), done.stderr


def can_mount() -> bool:
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return os.geteuid() == 0 and subprocess.run(probe, capture_output=True).returncode == 0
    except (AttributeError, FileNotFoundError):
        return False


@pytest.mark.long
def test_a_full_disk_takes_back_one_event_and_nothing_else(tmp_path: Path) -> None:
    if not can_mount():
        pytest.skip("needs a process that may mount (root with CAP_SYS_ADMIN); the next test limits the file instead")
    script = IN_TINY_SPACE.format(prepare="", words="the disk is full")
    run(script, str(tmp_path), before=f"mount -t tmpfs -o size=1m none {tmp_path}")


@pytest.mark.posix("a limit on the size of files")
def test_a_file_that_may_not_grow_takes_back_one_event_and_nothing_else(tmp_path: Path) -> None:
    import resource

    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    prepare = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))"
    run(IN_TINY_SPACE.format(prepare=prepare, words="undone"), str(tmp_path))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (apsw.BusyError, Busy),
        (apsw.LockedError, Busy),
        (apsw.NotADBError, NotAnArchive),
        (apsw.CorruptError, Damaged),
        (apsw.FullError, StorageFailed),
        (apsw.ReadOnlyError, ReadOnlyArchive),
        (apsw.CantOpenError, StorageFailed),
        (apsw.PermissionsError, StorageFailed),
        (apsw.IOError, StorageFailed),
        (apsw.ThreadingViolationError, StorageFailed),
        (apsw.SQLError, StorageFailed),
    ],
)
def test_every_error_of_sqlite_has_a_sentence_that_names_the_file(
    error: type[apsw.Error], kind: type[SfmError]
) -> None:
    path = Path("/quarry/a.sfm")
    translated = as_sfm_error(error("whatever"), path)
    assert type(translated) is kind
    assert str(translated).startswith(str(path))


def test_a_new_archive_whose_log_could_not_be_folded_in_is_not_made(tmp_path: Path) -> None:
    target = tmp_path / "new.sfm"
    told = r"new\.sfm: its last part could not be written, so it was not made"
    with pytest.raises(StorageFailed, match=told), new_archive_file(target) as unfinished:
        fill_file(unfinished, lambda connection: None)
        connection = apsw.Connection(str(unfinished))
        connection.pragma("journal_mode", "wal")
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.execute("INSERT INTO finding VALUES (1, 'odd', 'in the log alone', 'note', 1)")
        connection.close()
    assert list(tmp_path.iterdir()) == []
