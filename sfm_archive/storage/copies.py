"""Copies of a whole archive file, made while others write, and the file made as small as its content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import apsw

from sfm_archive.base.progress import Progress
from sfm_archive.errors import StorageFailed
from sfm_archive.files.failures import is_full, storage_failed
from sfm_archive.storage import archive_row, history
from sfm_archive.storage.archive_row import Counts
from sfm_archive.storage.connection import blocks_of, connect, sqlite_path
from sfm_archive.storage.failures import lacks_room, translated
from sfm_archive.storage.place import beside, size_of
from sfm_archive.storage.store import Store

_STEP_PAGES = 512
_MOST_RESTARTS = 5
_SMALL_FILE = 32 * 1024


class Snapshot(NamedTuple):
    """What a copy must hold: all counts, and the newest row of the history."""

    counts: Counts
    sequence: int
    head: str


def snapshot(connection: apsw.Connection) -> Snapshot:
    """What an archive holds now."""
    return Snapshot(archive_row.counts(connection), *history.head(connection))


def behind_the_change_before(connection: apsw.Connection, now: Snapshot) -> Snapshot:
    """What an archive held before its newest change, where that wrote nothing that is counted."""
    before = history.newest(connection, 2)[0]
    counts = now.counts._replace(history=now.counts.history - 1)
    return Snapshot(counts, before.sequence, before.sha256)


def copy_of_sealed(store: Store, copy: Path, progress: Progress) -> Snapshot | None:
    """Copy a sealed archive byte for byte, so that its sheet fits the copy as well; what it must hold.

    Nobody writes to it. Where another program left a log beside it all the same, it is copied in steps.
    """
    if size_of(beside(store.path, "-wal")):
        return copy_in_steps(store, copy, progress)
    with store.snapshot() as connection, _room_for(copy), copy.open("wb") as file:
        moment, size = snapshot(connection), store.size()
        for block in blocks_of(store.path):
            file.write(block)
            progress(file.tell(), max(size, file.tell()))
    return moment


def copy_in_steps(store: Store, copy: Path, progress: Progress) -> Snapshot | None:
    """Copy an archive through SQLite's backup, some pages at a time; others read and write meanwhile.

    With a write-ahead log the copy is of one moment, and its counts are returned. Without one, a change by another
    program makes the copy begin again, a few times, and then in one piece; where there was any, None is returned.
    Raises what SQLite raises, translated for the archive.
    """
    store.refuse_looking_back("copy it")
    connection = store.connection
    with translated(store.path), _room_for(copy):
        held = connection.pragma("journal_mode") == "wal"
        if held:
            connection.execute("BEGIN")
        try:
            moment = snapshot(connection)
            _steps(connection, copy, progress)
            unchanged = moment == snapshot(connection)
        finally:
            if held and connection.in_transaction:
                connection.execute("ROLLBACK")
    return moment if held or unchanged else None


@contextmanager
def _room_for(copy: Path) -> Iterator[None]:
    """Raise StorageFailed naming the folder where it is the copy that finds no room. A file that cannot be made on a
    full disk SQLite calls one that it cannot open, or that is read-only."""
    try:
        yield
    except OSError as error:
        raise (_no_room(copy) if is_full(error) else storage_failed(error, copy)) from error
    except (apsw.FullError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError) as error:
        if not lacks_room(error) and _takes_a_file(copy.parent):
            raise
        raise _no_room(copy) from error


def _no_room(copy: Path) -> StorageFailed:
    return StorageFailed(
        f"{copy.parent}: the disk is full; no copy was made and the archive is as it was. Free some space, or name "
        "a place on another disk"
    )


def _takes_a_file(folder: Path) -> bool:
    """Whether one more small file finds room in a folder; False only where the disk says that it is full."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(_SMALL_FILE))
            file.flush()
    except OSError as error:
        return not is_full(error)
    return True


def _steps(source: apsw.Connection, copy: Path, progress: Progress) -> None:
    target = apsw.Connection(sqlite_path(copy), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        restarts, remaining = 0, -1
        with target.backup("main", source, "main") as backup:
            while not backup.done:
                # A step waits for others as everything on the source's connection does.
                backup.step(_STEP_PAGES if restarts < _MOST_RESTARTS else -1)
                if remaining >= 0 and backup.remaining > remaining:
                    restarts += 1
                remaining = backup.remaining
                progress(max(0, backup.page_count - remaining), max(1, backup.page_count))
        # The copy is at rest: one file, in rollback mode.
        target.pragma("journal_mode", "delete")
    finally:
        target.close()


def compacted_copy(store: Store, copy: Path) -> Snapshot:
    """Write everything in order and without free pages into an empty file; what it must hold."""
    store.refuse_looking_back("copy it")
    connection = store.connection
    with translated(store.path), _room_for(copy):
        held = connection.pragma("journal_mode") == "wal"
        copy.unlink(missing_ok=True)  # SQLite wants to make it itself
        before = snapshot(connection)
        connection.execute("VACUUM INTO ?", (sqlite_path(copy),))
        after = snapshot(connection)
        if before != after or not held:
            # Somebody saved meanwhile: which of the two states it is, the copy says itself.
            copied = connect(copy, read_only=True)
            try:
                return snapshot(copied)
            finally:
                copied.close()
        return before


def compact(store: Store) -> None:
    """Write the file anew, in order and without free pages: whole or not at all. Raises Busy while others write.

    Others that read go on with what they see; the file shrinks when they are done, at the latest when a writer closes.
    """
    connection = store.connection
    with translated(store.path):
        connection.execute("VACUUM")
        if connection.pragma("journal_mode") == "wal":
            # It is done already: a reader who stays longer than we wait is no failure.
            with suppress(apsw.BusyError):
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
