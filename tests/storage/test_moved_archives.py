"""An archive that is moved, deleted or replaced while it is open: nobody hears "saved" of what is not at the path."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import sfm_archive as sfm
from sfm_archive.selftest.power_cuts import on_a_network_drive
from sfm_archive.selftest.work import job

pytestmark = pytest.mark.posix("Windows lets nobody move, delete or replace a file that is open")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    path = tmp_path / "site" / "quarry.sfm"
    with sfm.create(path) as archive:
        job("before").save(archive)
    return path


def moved(path: Path) -> Path:
    return path.rename(path.with_name("elsewhere.sfm"))


def moved_with_its_folder(path: Path) -> Path:
    return path.parent.rename(path.parent.with_name("other site")) / path.name


def moved_and_another_made(path: Path) -> Path:
    there = path.rename(path.with_name("elsewhere.sfm"))
    path.write_bytes(b"another file")
    return there


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    other = path.with_name("new.tmp")
    other.write_bytes(path.read_bytes())
    other.replace(path)


WAYS = {
    way.__name__: way for way in (moved, moved_with_its_folder, moved_and_another_made, deleted, replaced)
}  # fmt: skip
Way = Callable[[Path], Path | None]


def events_of(path: Path) -> int:
    """Read as at rest: from the file alone, without a log beside it."""
    copy = path.with_name("copy of it alone.sfm")
    copy.write_bytes(path.read_bytes())
    with sfm.open(copy, read_only=True) as archive:
        assert archive.verify().ok
        return archive.count()


def tells_where(error: Exception, path: Path, there: Path | None) -> bool:
    words = [
        str(path),
        str(there) if there else "deleted, replaced or moved to another disk",
        "import again" if not there else "Move it back",
    ]
    return all(word in str(error) for word in words)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_save_does_not_return(path: Path, way: Way) -> None:
    archive = sfm.open(path)
    assert job("first").save(archive).created
    there = way(path)
    with pytest.raises(sfm.ArchiveMoved) as raised:
        job("second").save(archive)
    assert tells_where(raised.value, path, there) and "Nothing was changed" in str(raised.value)
    if there is not None:
        assert events_of(there) == 2, "what was saved before is in the file at once, not in a log at the old place"
    archive.close()
    if there is not None:
        assert events_of(there) == 2
        with sfm.open(there) as again:
            assert job("second").save(again).created


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_closing_tells_what_happened_behind_the_last_save(path: Path, way: Way) -> None:
    archive = sfm.open(path)
    with archive.batch():
        job("first").save(archive)
        job("second").save(archive)
    there = way(path)
    with pytest.raises(sfm.ArchiveMoved) as raised:
        archive.close()
    assert tells_where(raised.value, path, there)
    if there is not None:
        assert events_of(there) == 3
    archive.close()


def test_who_only_looked_is_not_bothered(path: Path) -> None:
    with sfm.open(path) as archive, sfm.open(path, read_only=True) as reader:
        there = moved(path)
        assert archive.count() == reader.count() == 1
        with pytest.raises(sfm.ArchiveMoved):
            archive.info()
    assert events_of(there) == 1


def test_a_file_that_is_moved_back_is_the_same_again(path: Path) -> None:
    with sfm.open(path) as archive:
        there = moved(path)
        with pytest.raises(sfm.ArchiveMoved):
            job("first").save(archive)
        there.rename(path)
        assert job("first").save(archive).created
    assert events_of(path) == 2


def test_another_thread_does_not_open_what_stands_there_now(path: Path) -> None:
    import threading

    told: list[BaseException] = []

    def save() -> None:
        try:
            job("first").save(archive)
        except sfm.SfmError as error:
            told.append(error)

    with sfm.open(path) as archive:
        there = moved(path)
        with sfm.create(path.with_name("other.sfm")) as other:
            pass
        other.path.rename(path)
        thread = threading.Thread(target=save)
        thread.start()
        thread.join()
        assert [type(error) for error in told] == [sfm.ArchiveMoved]
    assert events_of(there) == 1


def test_without_a_log_too(path: Path) -> None:
    with on_a_network_drive(), sfm.open(path) as archive:
        job("first").save(archive)
        there = moved(path)
        with pytest.raises(sfm.ArchiveMoved):
            job("second").save(archive)
        assert events_of(there) == 2


def test_a_link_leads_to_the_archive_until_it_leads_to_another(path: Path, tmp_path: Path) -> None:
    with sfm.create(tmp_path / "other.sfm"):
        pass
    link = tmp_path / "current.sfm"
    link.symlink_to(path)
    store = sfm.open(path).store  # opened by its own name: what a link leads to is all that is asked here
    store.path = link
    store._location = link
    with store.transaction():
        pass
    link.unlink()
    link.symlink_to(tmp_path / "other.sfm")
    with pytest.raises(sfm.ArchiveMoved, match=r"moved to .*quarry\.sfm"), store.transaction():
        pass
    store.close()


def test_a_copy_rescues_what_was_deleted_while_the_program_goes_on(path: Path, tmp_path: Path) -> None:
    with sfm.open(path) as archive:
        job("first").save(archive)
        deleted(path)
        with pytest.raises(sfm.ArchiveMoved):
            job("second").save(archive)
        archive.backup(tmp_path / "rescued.sfm")
    assert events_of(tmp_path / "rescued.sfm") == 2


HOLDER = """
    import sys
    import apsw
    connection = apsw.Connection(sys.argv[1])
    connection.pragma("journal_mode", "wal")
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_an_import_ends_with_exit_code_6(path: Path, tmp_path: Path) -> None:
    """It waits for another writer; then the archive is moved, and the other one ends."""
    (tmp_path / "R.TXT").write_bytes(job("first").report.data)
    importing = [sys.executable, "-m", "sfm_archive", "import", str(path), str(tmp_path / "R.TXT")]
    holder = subprocess.Popen(
        [sys.executable, "-c", dedent(HOLDER), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder, subprocess.Popen(importing, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as command:
        try:
            assert holder.stdout is not None and command.stderr is not None
            assert holder.stdout.readline() == "held\n"
            assert "waiting" in command.stderr.readline()
            there = moved(path)
            holder.communicate("\n")
            told = command.communicate(timeout=60)[1]
        finally:
            holder.kill()
            command.kill()
    assert command.returncode == 6, told
    assert f"Error: {path}: the archive was moved to {there} while it was open. Nothing was changed" in told
    assert events_of(there) == 1
