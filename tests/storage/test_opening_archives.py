"""Creating and opening: what is refused, in which words, and that it stays untouched."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import (
    AlreadyExists,
    ArchiveNotFound,
    BadName,
    Damaged,
    EncoderNotFound,
    NewerArchive,
    NotAnArchive,
    ReadOnlyArchive,
    SfmError,
    StorageFailed,
    UsageError,
)
from sfm_archive.storage.connection import check_sqlite_version
from sfm_archive.storage.new_archives import create_file
from sfm_archive.storage.schema import APPLICATION_ID, FORMAT_VERSION
from sfm_archive.storage.tables import schema_text

BOTH_WAYS = pytest.mark.parametrize("read_only", [False, True])


@pytest.fixture
def archive_file(tmp_path: Path) -> Path:
    """A closed archive with one event."""
    path = tmp_path / "quarry.sfm"
    event = testing.simulate_waveform(Random(1), seconds=1.0)
    with sfm.create(path) as archive:
        archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
    return path


def alter(path: Path, *statements: str) -> None:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()


def refused(path: Path, kind: type[SfmError], read_only: bool, words: str = ".") -> str:
    """Opening raises exactly this, changes no byte and leaves nothing beside the file."""
    before = (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    with pytest.raises(kind, match=words) as caught:
        sfm.open(path, read_only=read_only)
    assert type(caught.value) is kind
    after = (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    assert after == before
    text = str(caught.value)
    assert str(path) in text
    return text


def test_a_new_archive_is_one_file_with_our_marks_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "new.sfm"
    with sfm.create(path) as archive:
        info = archive.info()
    assert [entry.name for entry in tmp_path.iterdir()] == ["new.sfm"]
    header = path.read_bytes()[:100]
    assert header[68:72] == b"SFMA"
    assert int.from_bytes(header[60:64], "big") == FORMAT_VERSION == info.format_version
    assert header[18:20] == b"\x01\x01"  # rollback journal: any SQLite opens it, also from read-only media
    assert (info.events, info.history_length, info.pinned_encoder) == (0, 1, "blastware@2")
    assert re.fullmatch("[0-9a-f]{32}", info.archive_id)
    assert APPLICATION_ID == 1397116225  # as schema.sql says


def test_what_stands_at_the_path_is_never_replaced(tmp_path: Path, archive_file: Path) -> None:
    for path in (archive_file, tmp_path):
        with pytest.raises(AlreadyExists, match="exists already"):
            sfm.create(path)
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(AlreadyExists):
        sfm.create(empty)
    assert empty.stat().st_size == 0


@pytest.mark.posix("on Windows only an administrator makes links")
def test_a_link_to_nothing_is_something_at_the_path(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(AlreadyExists):
        sfm.create(tmp_path / "dangling")
    assert not (tmp_path / "nowhere").exists()


def test_nothing_is_left_of_an_archive_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="cannot be written"):
        sfm.create(tmp_path / "no folder" / "a.sfm")
    with pytest.raises(EncoderNotFound):
        sfm.create(tmp_path / "a.sfm", encoder="blastware@99")
    with pytest.raises(UsageError):
        sfm.create(tmp_path / "a.sfm", encoder="blastware")
    with pytest.raises(UsageError, match="half a character"):
        create_file(tmp_path / "a.sfm", lambda connection: connection.execute("SELECT ?", ("\udcff",)))
    assert list(tmp_path.iterdir()) == []


def test_a_path_longer_than_any_of_this_system_is_refused_in_words(tmp_path: Path) -> None:
    for open_or_create in (sfm.open, sfm.create):
        with pytest.raises(sfm.SfmError, match=r"too long|no path on Windows has more than 32,767 characters"):
            open_or_create(tmp_path / ("x" * 40_000))


def test_sqlites_own_meanings_of_names_are_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = ("a b#c%41.sfm", ":memory:", "file:x?mode=memory")
    for name in theirs:
        if sys.platform == "win32" and ":" in name:
            with pytest.raises(BadName, match="has a ':'"):
                sfm.create(name)
            continue
        with sfm.create(name) as archive:
            archive.pin_encoder("blastware@1")
        with sfm.open(name, read_only=True) as archive:
            assert str(archive.pinned_encoder) == "blastware@1"
    assert len(list(tmp_path.iterdir())) == (1 if sys.platform == "win32" else 3)


def test_a_relative_path_means_the_same_file_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Thread

    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    failures: list[BaseException] = []
    with sfm.create("a.sfm") as archive:
        monkeypatch.chdir(tmp_path / "elsewhere")

        def read() -> None:
            try:
                list(archive.events())
            except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
                failures.append(error)

        thread = Thread(target=read)
        thread.start()
        thread.join()
    assert failures == []


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound, match="sfm create"):
        sfm.open(tmp_path / "a.sfm")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="is a folder"):
        sfm.open(tmp_path)


@pytest.mark.posix("named pipes lie in no folder of Windows")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAnArchive, match="pipe"):
        sfm.open(tmp_path / "pipe")


@BOTH_WAYS
def test_an_empty_file_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "a.sfm"
    path.touch()
    refused(path, NotAnArchive, read_only, "is empty")


@BOTH_WAYS
@pytest.mark.parametrize("content", [b"hello", b"SQLite format 2\x00" + bytes(100), bytes(5000), b"x" * 5000])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, read_only: bool) -> None:
    path = tmp_path / "a.sfm"
    path.write_bytes(content)
    refused(path, NotAnArchive, read_only, "not a SQLite file")


@BOTH_WAYS
def test_another_programs_sqlite_file_is_refused_and_its_journal_mode_stays(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "their.db"
    alter(path, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")
    refused(path, NotAnArchive, read_only, "another program")
    alter(path, "PRAGMA application_id = 1195462734")
    refused(path, NotAnArchive, read_only, "another program")


@BOTH_WAYS
def test_a_blank_sqlite_file_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "blank.db"
    alter(path, "CREATE TABLE t (x)", "DROP TABLE t")
    refused(path, NotAnArchive, read_only)


@BOTH_WAYS
def test_a_newer_archive_is_refused_with_both_numbers(archive_file: Path, read_only: bool) -> None:
    alter(archive_file, f"PRAGMA user_version = {FORMAT_VERSION + 6}", "CREATE TABLE of_the_future (x)")
    text = refused(archive_file, NewerArchive, read_only)
    assert f"format version {FORMAT_VERSION + 6}" in text
    assert f"up to {FORMAT_VERSION}" in text


@BOTH_WAYS
@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_nobody_wrote_is_damage(archive_file: Path, version: int, read_only: bool) -> None:
    alter(archive_file, f"PRAGMA user_version = {version}")
    refused(archive_file, Damaged, read_only, f"format version {version}")


@BOTH_WAYS
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON event BEGIN SELECT 1; END", "trigger 't' does not belong there"),
        ("CREATE TRIGGER sqlitexstat AFTER INSERT ON event BEGIN SELECT 1; END", "trigger 'sqlitexstat' does not"),
        ("CREATE VIEW sqlite_stat AS SELECT 1", None),
        ("CREATE VIEW v AS SELECT 1", "view 'v' does not belong there"),
        ("CREATE TABLE notes (x)", "table 'notes' does not belong there"),
        ("CREATE UNIQUE INDEX i ON event (serial)", "index 'i' was added and is unique, so it can make a save fail"),
        ("CREATE INDEX i ON event (serial) WHERE serial = 'x'", "index 'i' was added and is partial"),
        ("CREATE INDEX i ON event (abs(serial))", "index 'i' was added and is on an expression"),
        ("CREATE INDEX i ON event (serial, lower(record_type))", "index 'i' was added and is on an expression"),
        ("CREATE VIRTUAL TABLE f USING fts5(x)", "does not belong there"),
        ("ALTER TABLE event ADD COLUMN note TEXT", "table 'event' was changed"),
        ("DROP TABLE finding", "table 'finding' is missing"),
        ("DROP TRIGGER history_is_never_changed", "trigger 'history_is_never_changed' is missing"),
        ("DROP VIEW current_value", "view 'current_value' is missing"),
        ("DROP INDEX event_by_time", "index 'event_by_time' is missing"),
    ],
)
def test_an_altered_structure_is_refused_by_name(
    archive_file: Path, statement: str, words: str | None, read_only: bool
) -> None:
    if words is None:
        with pytest.raises(apsw.SQLError):
            alter(archive_file, statement)  # SQLite keeps that prefix for itself
        return
    alter(archive_file, statement)
    refused(archive_file, Damaged, read_only, words)


@BOTH_WAYS
@pytest.mark.parametrize(
    "statement",
    ["CREATE INDEX i ON event (serial)", "CREATE INDEX [a browser's] ON value (text COLLATE NOCASE, unit DESC)"],
)
def test_a_plain_index_that_somebody_added_is_no_reason_to_refuse(
    archive_file: Path, statement: str, read_only: bool
) -> None:
    alter(archive_file, statement)
    with sfm.open(archive_file, read_only=read_only) as archive:
        assert len(archive.verify().damage) == 0


def rewrite(file: Path, name: str, old: str, new: str) -> None:
    """Change the text that SQLite keeps of one statement, as a program with another schema.sql would have made it."""
    connection = apsw.Connection(str(file))
    (found,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    assert old in found
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (found.replace(old, new), name))
    connection.execute("PRAGMA writable_schema = RESET")
    connection.close()


@BOTH_WAYS
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("event", "-- the unit, such as 'BE11529'", "-- the unit's serial -- or so"),
        ("event", "  event_id           INTEGER", "event_id /* -- */ INTEGER"),
        ("current_value", "SELECT", "SELECT -- what counts\n"),
        ("event", "STRICT", "strict"),
        ("event_is_never_changed", "BEGIN", "begin"),
    ],
)
def test_comments_and_blanks_may_differ(archive_file: Path, name: str, old: str, new: str, read_only: bool) -> None:
    rewrite(archive_file, name, old, new)
    with sfm.open(archive_file, read_only=read_only) as archive:
        assert len(archive.verify().damage) == 0


@BOTH_WAYS
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("event", "'monitor log', 'unknown'", "'monitor log', 'un--known'"),
        ("event", "CHECK (length(recorded_at_local) = 19)", ""),
        ("event", "CHECK (length(recorded_at_local) = 19)", "CHECK (length(recorded_at_local) = 19 OR 1)"),
        ("event", "CHECK (length(recorded_at_local) = 19)", "-- CHECK (length(recorded_at_local) = 19)\n"),
        ("event_is_never_changed", "raise(ABORT, 'rows", "raise(IGNORE); SELECT ('rows"),
        ("current_value", "WHERE place = 1", "WHERE place = 2"),
    ],
)
def test_what_acts_may_not_differ(archive_file: Path, name: str, old: str, new: str, read_only: bool) -> None:
    rewrite(archive_file, name, old, new)
    refused(archive_file, Damaged, read_only, f"{name!r} was changed")


def test_a_hostile_trigger_never_runs(archive_file: Path) -> None:
    alter(
        archive_file,
        "DROP TRIGGER event_is_never_removed",
        "CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event BEGIN DELETE FROM history; END",
    )
    refused(archive_file, Damaged, False, "trigger 'event_is_never_removed' was changed")


def test_sqlites_own_statistics_are_no_alteration(archive_file: Path) -> None:
    alter(archive_file, "ANALYZE")
    with sfm.open(archive_file) as archive:
        assert archive.count() == 1


@BOTH_WAYS
@pytest.mark.parametrize("cut", [100, 600, 4096, 9000])
def test_a_truncated_archive_is_an_error_of_ours(archive_file: Path, cut: int, read_only: bool) -> None:
    archive_file.write_bytes(archive_file.read_bytes()[:cut])
    with pytest.raises(SfmError) as caught, sfm.open(archive_file, read_only=read_only) as archive:
        for event in archive.events():
            archive.frames(event.event_id)
        archive.history()
    assert str(archive_file) in str(caught.value)


def test_reading_changes_nothing_and_writing_is_refused(archive_file: Path) -> None:
    before = archive_file.read_bytes(), archive_file.stat().st_mtime_ns
    with sfm.open(archive_file, read_only=True) as archive:
        (event,) = archive.events()
        archive.encode(event.event_id, "blastware@1")
        archive.info()
        assert sorted(archive_file.parent.iterdir()) == [archive_file]
        for change in (
            lambda: archive.save(event.event(), archive.frames(event.event_id)),
            lambda: archive.pin_encoder("blastware@1"),
            lambda: archive.attach(event.event_id, []),
        ):
            with pytest.raises(ReadOnlyArchive, match="opened read-only"):
                change()
    assert (archive_file.read_bytes(), archive_file.stat().st_mtime_ns) == before


def test_a_closed_archive_says_so(archive_file: Path) -> None:
    archive = sfm.open(archive_file)
    archive.close()
    archive.close()
    with pytest.raises(StorageFailed, match="was closed"):
        archive.info()


@pytest.mark.parametrize("version", ["3.7.0", "3.51.2", "3.9.99"])
def test_a_sqlite_that_can_corrupt_archives_is_refused(version: str) -> None:
    with pytest.raises(StorageFailed, match=re.escape(version)):
        check_sqlite_version(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.100.1", "4.0.0"])
def test_a_sound_sqlite_is_accepted(version: str) -> None:
    check_sqlite_version(version)


def test_the_schema_text_is_what_is_in_the_file(archive_file: Path) -> None:
    def objects(connection: apsw.Connection) -> frozenset[object]:
        with connection:
            return frozenset(connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall())

    fresh = apsw.Connection(":memory:")
    fresh.execute(schema_text())
    rows = objects(apsw.Connection(str(archive_file), flags=apsw.SQLITE_OPEN_READONLY))
    assert rows == objects(fresh)
    assert len(rows) > 15
