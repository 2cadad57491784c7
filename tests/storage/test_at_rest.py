"""At rest an archive is exactly one file; on read-only media it opens all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from textwrap import dedent

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive import Archive
from sfm_archive.errors import SfmError
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.storage.place import beside
from sfm_archive.storage.store import open_file

SAVER = """
    import sys
    from random import Random
    import sfm_archive as sfm
    from sfm_archive import testing
    archive = sfm.open(sys.argv[1], wait_s=60)
    seed = int(sys.argv[2])
    for event in testing.simulate_memory(Random(seed), int(sys.argv[3]), f"BE{1000 + seed}", histograms=1.0):
        saved = archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
        print(saved.event_id, flush=True)
    archive.close()
"""


def saver(path: Path, seed: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", dedent(SAVER), str(path), str(seed), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def fill(path: Path, count: int = 3) -> None:
    with sfm.create(path) as archive:
        for event in testing.simulate_memory(Random(1), count, "BE11529", histograms=1.0):
            archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))


def at_rest(path: Path) -> bool:
    return [entry.name for entry in path.parent.iterdir()] == [path.name] and path.read_bytes()[18:20] == b"\x01\x01"


def test_after_closing_there_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    assert at_rest(path)
    with sfm.open(path) as archive:
        archive.pin_encoder("blastware@1")
        assert not at_rest(path)
    assert at_rest(path)


def test_the_last_of_several_that_close_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    one, two = sfm.open(path), sfm.open(path)
    reader = sfm.open(path, read_only=True)
    one.pin_encoder("blastware@1")
    one.close()
    assert reader.count() == 3
    two.pin_encoder("blastware@2")
    assert str(reader.pinned_encoder) == "blastware@2"
    reader.close()
    two.close()
    assert at_rest(path)


def test_after_several_processes_there_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    children = [saver(path, seed, 6) for seed in (1, 2, 3)]
    assert [child.communicate(timeout=60) and child.returncode for child in children] == [0, 0, 0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sfm"]
    with sfm.open(path) as archive:
        assert archive.count() == 3 + 18
    assert at_rest(path)


def test_after_a_kill_every_finished_save_is_there_and_the_next_close_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    child = saver(path, 5, 2000)
    assert child.stdout is not None
    finished = [int(child.stdout.readline()) for _ in range(10)]
    child.kill()
    finished += [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    child.wait()
    child.stdout.close()
    assert (tmp_path / "a.sfm-wal").exists()
    with sfm.open(path) as archive:
        present = [row.event_id for row in archive.events()]
        assert set(finished) <= set(present)
        assert len(present) - 3 - len(finished) in (0, 1)  # one more may have been finished and not yet told
        assert len(archive.history()) == 1 + len(present)
        for event_id in present[-3:]:
            archive.encode(event_id)
    assert at_rest(path)


READER_UNTIL_TOLD = """
    import sys
    import sfm_archive as sfm
    with sfm.open(sys.argv[1], read_only=True) as archive:
        print(archive.count(), flush=True)
        sys.stdin.readline()
        print(archive.count(), flush=True)
"""


def reader(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", dedent(READER_UNTIL_TOLD), str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_reader_that_closes_behind_the_last_writer_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    with sfm.open(path) as archive, reader(path) as process:
        archive.pin_encoder("blastware@1")
        assert process.stdout is not None
        assert process.stdout.readline() == "3\n"
        for event in testing.simulate_memory(Random(2), 4, "BE2", histograms=1.0):
            archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
        archive.close()
        assert not at_rest(path)
        copy = tmp_path / "elsewhere" / "copy.sfm"
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())  # as somebody who forgets the log
        assert process.communicate("\n", timeout=60)[0] == "7\n"
    with sfm.open(copy, read_only=True) as copied:
        assert copied.count() == 7
    for leftover in copy.parent.iterdir():
        leftover.unlink()
    copy.parent.rmdir()
    assert at_rest(path)


def test_readers_and_writers_that_close_in_any_order_leave_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    readers = [reader(path) for _ in range(4)]
    savers = [saver(path, seed, 3) for seed in (1, 2, 3)]
    ends = [process.communicate("\n", timeout=60) and process.returncode for process in [*readers, *savers]]
    assert ends == [0] * 7
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sfm"]


def fill_and_kill_a_writer(path: Path) -> None:
    """An archive whose last writer was killed behind its fifth save."""
    fill(path)
    child = saver(path, 6, 2000)
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.kill()
    child.communicate()


def test_a_reader_leaves_what_a_killed_writer_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill_and_kill_a_writer(path)
    before = path.read_bytes(), path.with_name("a.sfm-wal").read_bytes()
    with sfm.open(path, read_only=True) as archive:
        assert archive.count() >= 8
    assert (path.read_bytes(), path.with_name("a.sfm-wal").read_bytes()) == before


def test_a_reader_reads_what_a_killed_writer_left(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill_and_kill_a_writer(path)
    with sfm.open(path, read_only=True) as archive:
        assert archive.count() >= 8


# -- read-only folders and media ------------------------------------------------------------------------------------

READER = """
    import sys
    from pathlib import Path
    import sfm_archive as sfm
    from sfm_archive.errors import SfmError
    path = Path(sys.argv[1])
    try:
        (path.parent / "probe").touch()
    except OSError:
        pass
    else:
        raise SystemExit("the folder can be written")
    if sys.argv[2] == "refused":
        for read_only in (True, False):
            try:
                sfm.open(path, read_only=read_only, wait_s=5)
            except SfmError as error:
                assert str(path) in str(error), error
            else:
                raise SystemExit("a torn file was opened")
    else:
        with sfm.open(path, read_only=True) as archive:
            for row in archive.events():
                archive.encode(row.event_id)
            print(archive.count())
        import time
        started = time.monotonic()
        try:
            sfm.open(path)
        except SfmError as error:
            assert type(error).__name__ == "ReadOnlyArchive", error
            assert time.monotonic() - started < 10
        else:
            raise SystemExit("opened for writing")
"""


def read_from_read_only_folder(path: Path, expected: str = "read") -> str:
    """Runs READER where the archive's folder cannot be written: chmod for a plain user, a read-only mount for root."""
    command = [sys.executable, "-c", dedent(READER), str(path), expected]
    folder = path.parent
    if os.geteuid() != 0:
        folder.chmod(0o555)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        finally:
            folder.chmod(0o755)
    else:
        mount = f"mount --bind '{folder}' '{folder}' && mount -o remount,bind,ro '{folder}' && exec \"$@\""
        try:
            done = subprocess.run(
                ["unshare", "--mount", "sh", "-c", mount, "sh", *command], capture_output=True, text=True, timeout=60
            )
        except FileNotFoundError:
            pytest.skip("root ignores permissions, and there is no unshare here to mount the folder read-only")
        if "unshare:" in done.stderr or "mount:" in done.stderr:
            pytest.skip(f"root ignores permissions and may not mount here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip()


READ_ONLY_FOLDER = pytest.mark.posix("on Windows the read-only mark of a folder forbids nothing")


@READ_ONLY_FOLDER
def test_an_archive_at_rest_is_read_from_a_read_only_folder(tmp_path: Path) -> None:
    path = tmp_path / "medium #1?" / "a b.sfm"
    path.parent.mkdir()
    fill(path)
    before = path.read_bytes()
    assert read_from_read_only_folder(path) == "3"
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["a b.sfm"]


@READ_ONLY_FOLDER
def test_a_file_that_was_left_in_wal_mode_is_read_from_a_read_only_folder(tmp_path: Path) -> None:
    path = tmp_path / "medium" / "a.sfm"
    path.parent.mkdir()
    fill(path)
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.close()
    assert path.read_bytes()[18:20] == b"\x02\x02"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.sfm"]
    assert read_from_read_only_folder(path) == "3"


TEAR = """
    import os, sys
    import apsw
    connection = apsw.Connection(sys.argv[1])
    connection.pragma("journal_mode", sys.argv[2])
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA cache_size = 5")
    connection.execute("BEGIN")
    for number in range(20_000):
        connection.execute("INSERT INTO event (sequence, serial, recorded_at_local, record_type, ordinal, time_zone)"
                           " VALUES (2, ?, '2026-05-01T00:00:00', 'unknown', 1, 'unknown')", (f"UM{number}",))
    if sys.argv[2] == "wal":
        connection.execute("COMMIT")
    os._exit(0)
"""


@READ_ONLY_FOLDER
@pytest.mark.parametrize(("mode", "ending", "count"), [("delete", "-journal", 3), ("wal", "-wal", 20_003)])
def test_a_file_with_an_unfinished_log_is_not_read_without_it(
    tmp_path: Path, mode: str, ending: str, count: int
) -> None:
    path = tmp_path / "medium" / "a.sfm"
    path.parent.mkdir()
    fill(path)
    subprocess.run([sys.executable, "-c", dedent(TEAR), str(path), mode], check=True)
    assert path.with_name("a.sfm" + ending).stat().st_size > 0
    path.with_name("a.sfm-shm").unlink(missing_ok=True)  # as after copying the two files that matter to a medium
    read_from_read_only_folder(path, "refused")
    with sfm.open(path) as archive:  # where it may be written, the log is worked off
        assert archive.count() == count
    assert at_rest(path)


def test_a_torn_file_in_a_writable_folder_is_not_read_as_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    subprocess.run([sys.executable, "-c", dedent(TEAR), str(path), "delete"], check=True)
    try:
        with sfm.open(path, read_only=True) as archive:
            assert archive.count() == 3
    except SfmError as error:
        assert "a.sfm" in str(error)
    with sfm.open(path) as archive:
        assert archive.count() == 3


def rehearse(path: Path, bytes_meanwhile: Callable[[], object]) -> None:
    """Save more than SQLite keeps in its cache, and be taken back."""
    before = bytes_meanwhile()
    with Archive(open_file(path, read_only=False, rehearsal=True)) as archive:
        count, noise = archive.count(), Random(3).randbytes(40 << 20)
        with archive.batch():
            file = ReceivedFile(kind=FileKind.CAPTURE, name="large", data=noise)
            archive.save(sfm.Event(serial="BE00001", recorded_at=datetime(2026, 1, 1)), files=[file])
            assert archive.count() == count + 1
            assert bytes_meanwhile() == before
        assert archive.count() == count
    assert bytes_meanwhile() == before


def test_a_dry_run_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    fill(path)
    rehearse(path, lambda: (path.read_bytes(), at_rest(path)))


def test_a_dry_run_beside_a_writer_and_behind_a_killed_one_changes_no_byte(tmp_path: Path) -> None:
    path, killed = tmp_path / "used" / "a.sfm", tmp_path / "killed"
    for folder in (path.parent, killed):
        folder.mkdir()
    fill(path)
    with sfm.open(path) as archive:
        archive.pin_encoder("blastware@1")
        rehearse(path, lambda: [beside(path, ending).read_bytes() for ending in ("", "-wal")])
        assert archive.pinned_encoder.version == 1
        for ending in ("", "-wal"):
            (killed / f"a.sfm{ending}").write_bytes(beside(path, ending).read_bytes())
    assert at_rest(path)
    rehearse(killed / "a.sfm", lambda: [(killed / f"a.sfm{ending}").read_bytes() for ending in ("", "-wal")])
    with sfm.open(killed / "a.sfm") as archive:
        assert archive.pinned_encoder.version == 1
