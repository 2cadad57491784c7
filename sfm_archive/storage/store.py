"""An open archive file: one connection for each thread, and transactions that nest."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from sfm_archive.base.shell_words import command_line
from sfm_archive.base.waiting import DEFAULT_WAIT_S, OnWait, silent
from sfm_archive.errors import (
    ArchiveMoved,
    ArchiveNotFound,
    NotAnArchive,
    NotUsable,
    ReadOnlyArchive,
    SfmError,
    StorageFailed,
)
from sfm_archive.files.writing import new_file
from sfm_archive.storage import schema
from sfm_archive.storage.cells import CheckedCells
from sfm_archive.storage.connection import (
    bring_to_rest,
    connect,
    enforce_references,
    first_bytes,
    settle,
    settle_behind_the_last_writer,
    sqlite_path,
    start_rehearsing,
    start_writing,
)
from sfm_archive.storage.failures import as_sfm_error, lacks_room, translated
from sfm_archive.storage.lock_waiting import LockWait
from sfm_archive.storage.place import Identity, identity, path_of
from sfm_archive.storage.structure import check_structure
from sfm_archive.storage.tables import schema_text

_MOST_OPENINGS = 3
"""Where layers of a file system give a file another number when it is first opened for writing, the second time fits.
"""


class _Opened(NamedTuple):
    """A connection, and the process and thread that it belongs to."""

    process: int
    thread: threading.Thread
    connection: apsw.Connection


class Store:
    """The file at `path`, opened. Threads and forked processes each get a connection of their own.

    `rehearsal`: for a dry run. Every transaction is taken back, and no byte of the file changes.
    """

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        rehearsal: bool = False,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = silent,
    ) -> None:
        self.path = path
        # A thread may open its connection after the program has changed its folder.
        self._location = path.absolute()
        self.read_only = read_only
        self._keeps_nothing = rehearsal or read_only
        self.why_read_only = "the archive is open read-only"
        self._wait_s = wait_s
        self._on_wait = on_wait
        self._local = threading.local()
        self._opened: list[_Opened] = []
        self._closed = False
        self._lock = threading.Lock()
        self._file: Identity | None = None
        self._has_written = False
        self.migrated_copy: Path | None = None

    @property
    def connection(self) -> apsw.Connection:
        """This thread's connection, opened when first asked for."""
        if self._closed:
            raise StorageFailed(f"{self.path} was closed; open it again")
        local = self._local
        if getattr(local, "process", None) == os.getpid():
            held: apsw.Connection = local.connection
            return held
        lock_wait = LockWait(self.path, self._wait_s, self._on_wait)
        with translated(self.path):
            try:
                connection = self._begun(lock_wait)
            except (apsw.FullError, apsw.IOError) as error:
                if lacks_room(error) and not self._keeps_nothing:
                    with suppress(apsw.Error):
                        bring_to_rest(self._location)
                raise
        local.process, local.connection = os.getpid(), connection
        with self._lock:
            self._opened.append(_Opened(os.getpid(), threading.current_thread(), connection))
        self._close_those_of_ended_threads()
        return connection

    def _begun(self, lock_wait: LockWait) -> apsw.Connection:
        """A connection to what is an archive of this format, set up for what it is for."""
        connection = self._connected(lock_wait)
        try:
            version = schema.check_identity(connection, self.path)
            copy = schema.bring_up_to_date(connection, self._location, version, read_only=self._keeps_nothing)
            check_structure(connection, self.path, schema_text())
            CheckedCells(self.path).watch(connection)
            if self._keeps_nothing and not self.read_only:
                start_rehearsing(connection)
            elif not self.read_only:
                start_writing(connection, self._location, lock_wait)
        except BaseException:
            connection.close()
            raise
        self.migrated_copy = copy or self.migrated_copy
        return connection

    def _connected(self, lock_wait: LockWait) -> apsw.Connection:
        """A connection, sure to be to the file that the path led to before and behind the opening, and that the other
        threads have open."""
        for _ in range(_MOST_OPENINGS):
            before = identity(self._location)
            connection = connect(self._location, read_only=self.read_only, lock_wait=lock_wait)
            opened = identity(self._location)
            if opened == before == (self._file or before):
                self._file = opened
                return connection
            connection.close()
            if self._file is not None and opened != self._file:
                raise self._moved("Nothing was changed")
        raise StorageFailed(f"{self.path} was replaced by another file while it was opened; try again")

    def _check_place(self) -> None:
        """Raise ArchiveMoved where the path does not lead to the open file any more: whatever is written then, nobody
        would find it there."""
        if not self._is_in_place():
            raise self._moved("Nothing was changed")

    def _is_in_place(self) -> bool:
        return self._file is None or identity(self._location) == self._file

    def size(self) -> int:
        """Bytes of the file at the path. Raises ArchiveMoved."""
        self._check_place()
        return self._location.stat().st_size

    def _moved(self, this_change: str) -> ArchiveMoved:
        assert self._file is not None
        place = path_of(self._file)
        self._has_written = False  # it is told once
        other = ", and another file stands there now" if os.path.lexists(self._location) else ""
        if place:
            return ArchiveMoved(
                f"{self.path}: the archive was moved to {place} while it was open{other}. {this_change}; what was "
                f"saved before is in {place}. Move it back, or go on with it there"
            )
        return ArchiveMoved(
            f"{self.path}: the archive was deleted, replaced or moved to another disk while it was open{other}. "
            f"{this_change}; what was saved since it was opened may be nowhere else. Bring the file back from where it "
            "went or from a backup, then import again"
        )

    def _close_those_of_ended_threads(self) -> None:
        """A server with a thread for each request would otherwise hold more and more open files."""
        with self._lock:
            ended = [held for held in self._opened if held.process == os.getpid() and not held.thread.is_alive()]
            self._opened = [held for held in self._opened if held not in ended]
        for held in ended:
            with translated(self.path):
                held.connection.close()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return self.connection.in_transaction

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """A connection for statements that are fetched whole, with SQLite's errors translated."""
        connection = self.connection
        with translated(self.path):
            yield connection

    @property
    def due(self) -> dict[str, Callable[[], None]]:
        """What this thread's transaction still has to do before it is committed, by what it is about."""
        due: dict[str, Callable[[], None]] = self._local.due
        return due

    def do_due(self) -> None:
        """Do it now; without a transaction there is nothing."""
        due = getattr(self._local, "due", {})
        while due:
            due.pop(next(iter(due)))()

    @contextmanager
    def settled(self) -> Iterator[apsw.Connection]:
        """`reading` behind everything that is due: for what is read of the derived half."""
        with self.reading() as connection:
            self.do_due()
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[apsw.Connection]:
        """The same for statements that must all see one state of the archive, whoever writes meanwhile."""
        with self.reading() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """All or nothing, durable when the outermost one ends. Inner ones can fail and be taken back alone.

        Raises ReadOnlyArchive, Busy, ArchiveMoved, StorageFailed.
        """
        if self.read_only:
            raise ReadOnlyArchive(f"{self.path} was opened read-only; open it for writing to change it")
        connection = self.connection
        with translated(self.path):
            if connection.in_transaction:
                yield from self._nested(connection)
                return
            connection.execute("BEGIN IMMEDIATE")
            self._local.due = {}
            try:
                yield connection
                self.do_due()
                self._check_place()
                connection.execute("ROLLBACK" if self._keeps_nothing else "COMMIT")
                self._has_written = not self._keeps_nothing
            except BaseException as error:
                # A full disk or a failed write has taken the transaction back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, apsw.Error | NotUsable) and not self._is_in_place():
                    # What was saved before is in the log at the old place: the file has to hold it by itself.
                    with suppress(apsw.Error):
                        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                    raise self._moved("Nothing was changed") from error
                raise
            finally:
                self._local.due = {}

    @staticmethod
    def _nested(connection: apsw.Connection) -> Iterator[apsw.Connection]:
        connection.execute("SAVEPOINT one_event")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO one_event")
                connection.execute("RELEASE one_event")
            raise
        connection.execute("RELEASE one_event")

    def close(self) -> None:
        """Close every thread's connection. Who closes last leaves exactly one file behind. Raises ArchiveMoved where
        something was saved, and the path does not lead to it now."""
        if self._closed:
            return
        self._closed = True
        # Connections opened before a fork belong to the parent; closing them here would drop its locks.
        own = [held.connection for held in self._opened if held.process == os.getpid()]
        moved = own and self._has_written and not self._is_in_place()
        error = self._moved("It is closed now") if moved else None
        for number, connection in enumerate(own, start=1):
            if not self._keeps_nothing and number == len(own):
                with suppress(apsw.Error):
                    settle(connection)
            with translated(self.path):
                connection.close()
        if self._keeps_nothing and own:
            with suppress(apsw.Error, OSError, SfmError):
                settle_behind_the_last_writer(self._location)
        if error is not None:
            raise error


@contextmanager
def new_archive_file(target: Path) -> Iterator[Path]:
    """`new_file` for an archive, that is only made where SQLite can open it. Raises as that does, and StorageFailed."""
    sqlite_path(target)
    with new_file(target) as unfinished:
        yield unfinished


def create_file(path: Path, fill: Callable[[apsw.Connection], None]) -> None:
    """A new archive file: the schema and, in the same transaction, what `fill` writes, or no file at all.

    It is made beside its place and gets its name when it is whole, so that a program or a power supply that fails
    meanwhile leaves no half archive under the name. Raises AlreadyExists when something stands at the path,
    StorageFailed when the folder does not allow it.
    """
    with new_archive_file(path) as unfinished, translated(path):
        fill_file(unfinished, fill)


def fill_file(unfinished: Path, fill: Callable[[apsw.Connection], None]) -> None:
    """The same in a file of `new_archive_file`, for what has more to do before it gets its name. Raises apsw errors."""
    connection = connect(unfinished, read_only=False)
    try:
        enforce_references(connection)
        connection.execute("BEGIN IMMEDIATE")
        schema.create_schema(connection)
        fill(connection)
        connection.execute("COMMIT")
    finally:
        connection.close(True)


def open_file(
    path: Path,
    *,
    read_only: bool,
    rehearsal: bool = False,
    wait_s: float = DEFAULT_WAIT_S,
    on_wait: OnWait = silent,
) -> Store:
    """Open an archive file and check that it is one. `on_wait` hears of every wait for other programs.

    Raises ArchiveNotFound, NotAnArchive, NewerArchive, Damaged, Busy, StorageFailed.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise ArchiveNotFound(
            f"{path} does not exist; make a new archive with {command_line('sfm', 'create', path)}"
        ) from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Check its permissions") from error
    if stat.S_ISDIR(mode):
        raise NotAnArchive(f"{path} is a folder, not an archive; to read it, import it into an archive")
    if not stat.S_ISREG(mode):
        raise NotAnArchive(f"{path} is a device or pipe, not an archive; it was not touched")
    try:
        start = first_bytes(path, 16)
    except apsw.CantOpenError as error:
        raise StorageFailed(f"{path} cannot be read: permission denied. Check its permissions") from error
    except apsw.Error as error:
        raise as_sfm_error(error, path) from error
    if not start:
        raise NotAnArchive(
            f"{path} is empty, not an archive; it was not touched. If making an archive was cut off here, "
            f"delete it and run {command_line('sfm', 'create', path)}"
        )
    if start != b"SQLite format 3\x00":
        raise NotAnArchive(
            f"{path} is not a SQLite file, so not an sfm archive; it was not touched. Is it the right path?"
        )
    store = Store(path, read_only=read_only, rehearsal=rehearsal, wait_s=wait_s, on_wait=on_wait)
    try:
        _ = store.connection
    except BaseException:
        store.close()
        raise
    return store
