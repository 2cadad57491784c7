"""Logs that stay at a path when their archive goes: they get into no other file, and nothing that they hold is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.selftest.power_cuts import on_a_network_drive
from sfm_archive.selftest.work import job
from sfm_archive.storage import left_over_logs
from sfm_archive.storage.new_archives import new_archive_file
from sfm_archive.storage.store import open_file

SAVER = """
    import sys
    import sfm_archive as sfm
    from sfm_archive.selftest.work import job
    with sfm.open(sys.argv[1]) as archive:
        for number in range(3):
            job(f"killed {number}").save(archive)
        print("saved", flush=True)
        sys.stdin.readline()
        job("killed 3").save(archive)
"""


@contextmanager
def saver(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has saved three events, and has the archive open; at a line from here it saves one and ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", dedent(SAVER), str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "saved\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive of one event."""
    path = tmp_path / "older.sfm"
    with sfm.create(path) as archive:
        job("older").save(archive)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quarry.sfm"


@pytest.fixture
def broken(path: Path) -> Path:
    """An archive that was moved away from `path` behind a killed writer, whose log is still there."""
    with sfm.create(path) as archive:
        job("before").save(archive)
    with saver(path):
        pass
    assert log_of(path).stat().st_size
    return path.rename(path.with_name("broken.sfm"))


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def events_of(path: Path) -> int:
    with sfm.open(path) as archive:
        assert archive.verify().ok
        return archive.count()


def create(_: Path, path: Path) -> None:
    sfm.create(path).close()


def backup(older: Path, path: Path) -> None:
    with sfm.open(older, read_only=True) as archive:
        archive.backup(path)


def seal(older: Path, path: Path) -> None:
    with sfm.open(older, read_only=True) as archive:
        archive.seal(path)


def salvaged(older: Path, path: Path) -> None:
    salvage(older, path)


MAKERS = {maker.__name__: maker for maker in (create, backup, seal, salvaged)}
Maker = Callable[[Path, Path], None]


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_no_new_archive_gets_a_log_of_another(broken: Path, older: Path, path: Path, maker: Maker) -> None:
    log = log_of(path).read_bytes()
    with pytest.raises(sfm.LeftOverLog) as raised:
        maker(older, path)
    said = str(raised.value)
    assert said.startswith(f"{path} was not made: quarry.sfm-wal is left over there") and "Move it" in said
    assert raised.value.exit_code == 6
    assert not path.exists() and log_of(path).read_bytes() == log
    assert not [file for file in path.parent.iterdir() if file.name.startswith(".sfm-")]

    log_of(path).rename(log_of(broken))
    assert events_of(broken) == 4, "what the sentence says to do brings back everything that was saved"
    with pytest.raises(sfm.LeftOverLog, match=r"quarry\.sfm-shm lies there"):
        maker(older, path)
    path.with_name("quarry.sfm-shm").unlink()
    maker(older, path)
    assert path.exists()


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_nor_a_journal_of_another(older: Path, path: Path, maker: Maker) -> None:
    journal = path.with_name("quarry.sfm-journal")
    journal.write_bytes(b"of a writer on a network drive")
    with pytest.raises(sfm.LeftOverLog, match=r"quarry\.sfm-journal is left over there"):
        maker(older, path)
    assert not path.exists() and journal.read_bytes() == b"of a writer on a network drive"


@pytest.mark.parametrize(
    "moment",
    [
        "before the name is given",
        pytest.param("when it is given", marks=pytest.mark.posix("Windows lets nobody move a file that is open")),
    ],
)
@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_log_that_comes_late_takes_the_name_away_again(
    path: Path, moment: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = path.with_name(f"{path.name}{ending}")
    if moment == "when it is given":
        looked = iter((False, False))
        look = left_over_logs._lying_beside

        def look_then_appear(target: Path) -> Path | None:
            if next(looked, True):
                late.write_bytes(b"late")
            return look(target)

        monkeypatch.setattr(left_over_logs, "_lying_beside", look_then_appear)
    with pytest.raises(sfm.LeftOverLog, match=f"quarry.sfm{ending} is left over"), new_archive_file(path) as unfinished:
        apsw.Connection(str(unfinished)).execute("CREATE TABLE t (x)")
        if moment != "when it is given":
            late.write_bytes(b"late")
    assert sorted(file.name for file in path.parent.iterdir()) == [late.name]


def test_what_is_there_already_is_told_first(older: Path) -> None:
    log_of(older).write_bytes(b"")
    with pytest.raises(sfm.AlreadyExists):
        sfm.create(older)


def test_a_missing_archive_whose_log_is_there_is_not_made_anew(broken: Path, path: Path) -> None:
    with pytest.raises(sfm.ArchiveNotFound, match=r"quarry\.sfm-wal is there, the log of an archive that was at this"):
        sfm.open(path)
    broken.rename(path)
    assert events_of(path) == 4


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_was_copied_to_the_path_gets_no_log_of_another(
    broken: Path, older: Path, path: Path, read_only: bool
) -> None:
    """As somebody does who puts a backup in the place of an archive, with cp."""
    log = log_of(path).read_bytes()
    path.write_bytes(older.read_bytes())
    with pytest.raises(sfm.LeftOverLog, match=r"quarry\.sfm was not opened: quarry\.sfm-wal beside it is the log of"):
        sfm.open(path, read_only=read_only)
    assert path.read_bytes() == older.read_bytes() and log_of(path).read_bytes() == log
    with pytest.raises(sfm.LeftOverLog):
        salvage(path, path.with_name("salvaged.sfm"))
    log_of(path).rename(log_of(broken))
    assert events_of(broken) == 4
    assert events_of(path) == 1


def test_what_a_killed_writer_left_in_place_is_taken_over(broken: Path, path: Path) -> None:
    broken.rename(path)
    with sfm.open(path, read_only=True) as archive:
        assert archive.count() == 4
    assert events_of(path) == 4


def test_verify_finds_a_log_of_another_that_nothing_tells_apart(older: Path, path: Path, broken: Path) -> None:
    """Both in use when their programs failed: then SQLite applies the log, and nothing beforehand shows it."""
    with saver(older):
        pass
    path.write_bytes(older.read_bytes())
    try:
        with sfm.open(path, read_only=True) as archive:
            assert not archive.verify().ok
    except sfm.Damaged:
        pass


KILLED_ON_A_NETWORK_DRIVE = """
    import os, sys
    import sfm_archive as sfm
    from sfm_archive.selftest.power_cuts import on_a_network_drive
    from sfm_archive.selftest.work import job
    with on_a_network_drive():
        archive = sfm.open(sys.argv[1])
        with archive.batch():
            archive.store.connection.execute("PRAGMA cache_size = 2")
            for number in range(20):
                job(f"killed {number}").save(archive)
            os.kill(os.getpid(), 9)
"""


@pytest.mark.posix("signals")
def test_verify_finds_a_journal_of_another_and_who_reads_is_told_first(path: Path, older: Path) -> None:
    with sfm.create(path) as archive:
        for number in range(3):
            job(f"before {number}").save(archive)
    subprocess.run([sys.executable, "-c", dedent(KILLED_ON_A_NETWORK_DRIVE), str(path)], check=False, timeout=60)
    journal = path.with_name("quarry.sfm-journal")
    assert journal.stat().st_size
    there = path.rename(path.with_name("broken.sfm"))
    path.write_bytes(older.read_bytes())
    with pytest.raises(sfm.ReadOnlyArchive, match=r"quarry\.sfm-journal is that one's: move it there first"):
        sfm.open(path, read_only=True)
    assert path.read_bytes() == older.read_bytes()
    kept = journal.read_bytes()
    try:
        with sfm.open(path) as archive:
            assert not archive.verify().ok
    except sfm.Damaged:
        pass
    there.with_name("broken.sfm-journal").write_bytes(kept)
    assert events_of(there) == 3, "with its own journal it is as it was before the batch"


@pytest.mark.posix("Windows lets nobody move a file that is open")
class TestBesideAnOpenWriter:
    """W has an archive open at the path, which is moved; what comes to the path is another file."""

    def test_none_is_made_at_the_path_until_it_ends(self, path: Path, older: Path) -> None:
        sfm.create(path).close()
        with saver(path) as process:
            there = path.rename(path.with_name("moved.sfm"))
            with pytest.raises(sfm.LeftOverLog):
                backup(older, path)
            _, told = process.communicate("\n", timeout=60)
        assert process.returncode and f"moved to {there} while it was open. Nothing was changed" in told
        assert f"what was saved before is in {there}" in told
        backup(older, path)
        assert (events_of(there), events_of(path)) == (3, 1)

    @pytest.mark.parametrize("network", [False, True])
    def test_moved_with_its_log_it_leaves_the_new_one_alone(self, path: Path, older: Path, network: bool) -> None:
        if network:
            with on_a_network_drive():
                self._moved_with_its_log(path, older)
        else:
            self._moved_with_its_log(path, older)

    def _moved_with_its_log(self, path: Path, older: Path) -> None:
        sfm.create(path).close()
        writer = sfm.open(path)
        job("first").save(writer)
        there = path.rename(path.with_name("moved.sfm"))
        for ending in ("-wal", "-shm"):
            if (beside := path.with_name(f"{path.name}{ending}")).exists():
                beside.rename(there.with_name(f"{there.name}{ending}"))
        backup(older, path)
        with saver(path) as process:  # the new one at the path has a writer, and a log, of its own
            with pytest.raises(sfm.ArchiveMoved, match=f"what was saved before is in {there}"):
                job("second").save(writer)
            writer.close()
            _, told = process.communicate("\n", timeout=60)
            assert process.returncode == 0, told
        assert (events_of(there), events_of(path)) == (1, 5)

    @pytest.mark.parametrize("how", ["copied", "renamed"])
    def test_what_is_put_there_by_other_means_is_opened_when_it_has_ended(
        self, path: Path, older: Path, how: str
    ) -> None:
        sfm.create(path).close()
        writer = sfm.open(path)
        job("first").save(writer)
        there = path.rename(path.with_name("moved.sfm"))
        (path.with_name("new").write_bytes(older.read_bytes()), path.with_name("new").rename(path))
        if how == "copied":
            path.write_bytes(older.read_bytes())
        with pytest.raises(sfm.LeftOverLog):
            sfm.open(path)
        with pytest.raises(sfm.ArchiveMoved, match=f"what was saved before is in {there}"):
            job("second").save(writer)
        writer.close()
        assert (events_of(there), events_of(path)) == (1, 1)

    def test_nobody_opens_it_at_its_new_place_without_the_log(self, path: Path) -> None:
        """What the first saves, and what another would save there, would overwrite each other."""
        sfm.create(path).close()
        with saver(path) as process:
            there = path.rename(path.with_name("moved.sfm"))
            for read_only in (True, False):
                with pytest.raises(sfm.Busy, match="has this archive open under another name"):
                    sfm.open(there, read_only=read_only, wait_s=0.1)
            process.communicate("\n", timeout=60)
        assert events_of(there) == 3

    @pytest.mark.parametrize("rehearsal", [False, True])
    def test_who_reads_it_reads_nothing_of_the_new_one(self, path: Path, older: Path, rehearsal: bool) -> None:
        """Without a log of its own, SQLite would read the new one's log over the moved file."""
        with sfm.create(path) as archive:
            for number in range(5):
                job(f"moved {number}").save(archive)
        store = open_file(path, read_only=not rehearsal, rehearsal=rehearsal)
        with sfm.Archive(store) as reader:
            assert reader.count() == 5
            there = path.rename(path.with_name("moved.sfm"))
            assert reader.count() == 5
            backup(older, path)
            assert reader.count() == 5
            with saver(path), pytest.raises(sfm.ArchiveMoved, match=f"moved to {there} while it was open, and another"):
                reader.count()
        assert (events_of(there), events_of(path)) == (5, 4)

    def test_a_copy_over_it_is_noticed(self, path: Path, older: Path) -> None:
        """cp onto the path writes into the open file itself: it is the same file, with another content."""
        sfm.create(path).close()
        writer = sfm.open(path)
        job("first").save(writer)
        path.write_bytes(older.read_bytes())
        with pytest.raises(
            sfm.ArchiveMoved, match="another file was copied over the archive while it was open"
        ) as told:
            job("second").save(writer)
        assert str(log_of(path)) in str(told.value)
        writer.close()
        assert path.read_bytes() == older.read_bytes(), "what was copied stays as it is"
        with pytest.raises(sfm.LeftOverLog):
            sfm.open(path)
        log_of(path).unlink()
        assert events_of(path) == 1

    def test_closing_tells_of_a_copy_over_it(self, path: Path, older: Path) -> None:
        sfm.create(path).close()
        writer = sfm.open(path)
        job("first").save(writer)
        path.write_bytes(older.read_bytes())
        with pytest.raises(sfm.ArchiveMoved, match="another file was copied over"):
            writer.close()
        assert path.read_bytes() == older.read_bytes()


def _pipe(found: Path) -> None:
    os.mkfifo(found)


def _folder(found: Path) -> None:
    found.mkdir()


def _link_to_nothing(found: Path) -> None:
    found.symlink_to("nothing")


def _link_to_a_file(found: Path) -> None:
    found.with_name("notes").write_text("mine")
    found.symlink_to("notes")


@pytest.mark.posix("named pipes and links")
@pytest.mark.parametrize("make", [_pipe, _folder, _link_to_nothing, _link_to_a_file])
@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
def test_what_is_no_file_beside_an_archive_is_refused_before_anything_is_written(older, ending, make):
    """SQLite waits for a pipe, and meets the others when it has changed the header."""
    found = older.with_name(older.name + ending)
    make(found)
    held = older.read_bytes()
    for arguments in (["list"], ["zones"], ["verify"], ["review", "1", "--false-trigger", "--reason", "a truck"]):
        ran = subprocess.run(
            [sys.executable, "-m", "sfm_archive", arguments[0], str(older), *arguments[1:]],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert ran.returncode == 6, (arguments, ran.stderr)
        assert f"{found.name} beside it is a " in ran.stderr and "Nothing was changed" in ran.stderr
        assert older.read_bytes() == held
    if make is not _link_to_a_file:
        assert salvage(older, older.with_name("saved.sfm")).lossless, "which looks at nothing but files"
    assert found.is_symlink() or found.exists()
    found.rmdir() if found.is_dir() else found.unlink()
    with sfm.open(older) as archive:
        assert len(list(archive.events())) == 1
