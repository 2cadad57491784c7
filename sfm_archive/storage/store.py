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
    SealedArchive,
    SfmError,
    StorageFailed,
)
from sfm_archive.storage import history, schema, seals
from sfm_archive.storage.cells import CheckedCells
from sfm_archive.storage.connection import (
    bring_to_rest,
    connect,
    first_bytes,
    settle,
    settle_behind_the_last_writer,
    start_rehearsing,
    start_writing,
)
from sfm_archive.storage.failures import as_sfm_error, lacks_room, translated
from sfm_archive.storage.left_over_logs import left_behind
from sfm_archive.storage.lock_waiting import LockWait
from sfm_archive.storage.looking_back import Moment, look_back, moment_of, writing_in_memory
from sfm_archive.storage.moved import Head, Held, fold_in, is_in_place, is_log_at, reads_its_own, told
from sfm_archive.storage.place import Identity, beside, identity
from sfm_archive.storage.structure import check_structure
from sfm_archive.storage.tables import schema_text

_MOST_OPENINGS = 3
"""Where layers of a file system give a file another number when it is first opened for writing, the second time fits.
"""


class _Opened(NamedTuple):
    """A connection, the process and thread that it belongs to, and which file its log is."""

    process: int
    thread: threading.Thread
    connection: apsw.Connection
    log: Identity | None


class Store:
    """The file at `path`, opened. Threads and forked processes each get a connection of their own.

    `rehearsal`: for a dry run. Every transaction is taken back, and no byte of the file changes. `as_of`: the change
    behind which it is looked at, in words of `moment_of`; such a store is only read.
    """

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        rehearsal: bool = False,
        as_of: str | None = None,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = silent,
    ) -> None:
        self.path = path
        # A thread may open its connection after the program has changed its folder.
        self._location = path.absolute()
        self.read_only = read_only or as_of is not None
        self._keeps_nothing = rehearsal or self.read_only
        self.why_read_only = "the archive is open read-only"
        self._asked_as_of = as_of
        self.as_of: Moment | None = None
        self._fill: Callable[[], None] | None = None
        self._wait_s = wait_s
        self._on_wait = on_wait
        self._local = threading.local()
        self._opened: list[_Opened] = []
        self._closed = False
        self._lock = threading.Lock()
        self._file: Identity | None = None
        self._has_written = False
        self._saved: Head | None = None
        self.migrated_copy: Path | None = None

    @property
    def connection(self) -> apsw.Connection:
        """This thread's connection, opened when first asked for."""
        if self._closed:
            raise StorageFailed(f"{self.path} was closed; open it again")
        local = self._local
        if getattr(local, "process", None) == os.getpid():
            held: _Opened = local.opened
            return held.connection
        lock_wait = LockWait(self.path, self._wait_s, self._on_wait)
        with translated(self.path):
            try:
                connection = self._begun(lock_wait)
            except (apsw.FullError, apsw.IOError) as error:
                if lacks_room(error) and not self._keeps_nothing:
                    with suppress(apsw.Error):
                        bring_to_rest(self._location)
                raise
        log = identity(beside(self._location, "-wal"))
        local.process, local.opened = os.getpid(), _Opened(os.getpid(), threading.current_thread(), connection, log)
        with self._lock:
            self._opened.append(local.opened)
        self._close_those_of_ended_threads()
        self._filled(local.opened)
        return connection

    def fill_with(self, fill: Callable[[], None]) -> None:
        """Have every connection that looks back fill its derived half, this thread's now."""
        _ = self.connection
        self._fill = fill
        self._filled(self._local.opened)

    def _filled(self, opened: _Opened) -> None:
        if self._fill is None:
            return
        connection, local = opened.connection, self._local
        try:
            with translated(self.path), writing_in_memory(connection):
                local.filling = True
                connection.execute("BEGIN")
                self._fill()
                connection.execute("COMMIT")
        except BaseException:
            # Half of it must answer nobody.
            local.process = None
            with self._lock:
                self._opened.remove(opened)
            self._end(opened)
            raise
        finally:
            local.filling = False

    def _begun(self, lock_wait: LockWait) -> apsw.Connection:
        """A connection to what is an archive of this format, set up for what it is for."""
        connection = self._connected(lock_wait)
        try:
            version = schema.check_identity(connection, self.path)
            copy = schema.bring_up_to_date(connection, self._location, version, read_only=self._keeps_nothing)
            check_structure(connection, self.path, schema_text())
            CheckedCells(self.path).watch(connection)
            if not self.read_only:
                self._refuse_sealed(connection)
            if self._asked_as_of is not None:
                self.as_of = self.as_of or moment_of(connection, self.path, self._asked_as_of)
                look_back(connection, self.as_of)
                self.why_read_only = f"the archive is open as of change {self.as_of.sequence}"
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
            if self._file is not None and before != self._file:
                raise self._moved("Nothing was changed")
            connection = connect(self._location, read_only=self.read_only, lock_wait=lock_wait)
            opened = identity(self._location)
            if opened == before == (self._file or before):
                self._file = opened
                return connection
            connection.close()
        raise StorageFailed(f"{self.path} was replaced by another file while it was opened; try again")

    def _held(self, opened: _Opened | None) -> Held:
        assert self._file is not None
        return Held(self._file, opened.log if opened else None, self._saved)

    def _is_in_place(self, opened: _Opened) -> bool:
        """Whether the path leads to the open file: whatever is written else, nobody would find it there."""
        return is_in_place(self._location, self._held(opened))

    def size(self) -> int:
        """Bytes of the file at the path. Raises ArchiveMoved."""
        _ = self.connection
        if not self._is_in_place(self._local.opened):
            raise self._moved("Nothing was changed", self._local.opened)
        return self._location.stat().st_size

    def _moved(self, this_change: str, opened: _Opened | None = None) -> ArchiveMoved:
        """What was saved before is in the log at the old place: the file has to hold it by itself."""
        self._has_written = False  # it is told once
        held = self._held(opened)
        folded = opened is not None and fold_in(opened.connection, self._location, held)
        return told(self.path, self._location, held, this_change, folded=folded)

    def _close_those_of_ended_threads(self) -> None:
        """A server with a thread for each request would otherwise hold more and more open files."""
        with self._lock:
            ended = [held for held in self._opened if held.process == os.getpid() and not held.thread.is_alive()]
            self._opened = [held for held in self._opened if held not in ended]
        for held in ended:
            self._end(held)

    def _end(self, opened: _Opened, *, settles: bool = False) -> None:
        """Close a connection. `settles`: it is the last one, and leaves no log to what is at the path now."""
        connection, held = opened.connection, self._held(opened)
        if not self._is_in_place(opened):
            folded = fold_in(connection, self._location, held)
            settles = settles and folded and is_log_at(self._location, held)
            if not folded:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        if settles:
            with suppress(apsw.Error):
                settle(connection)
        with translated(self.path):
            connection.close()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return self.connection.in_transaction

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """A connection for statements that are fetched whole, with SQLite's errors translated. Raises ArchiveMoved
        where they would read another archive's log over this file."""
        connection = self.connection
        opened: _Opened = self._local.opened
        if not connection.in_transaction and not reads_its_own(self._location, self._held(opened)):
            raise self._moved("Nothing was read", opened)
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
        connection = self.connection
        if self.read_only and not getattr(self._local, "filling", False):
            self._refuse_sealed(connection)
            self.refuse_looking_back("change it")
            raise ReadOnlyArchive(f"{self.path} was opened read-only; open it for writing to change it")
        with translated(self.path):
            if connection.in_transaction:
                yield from self._nested(connection)
                return
            connection.execute("BEGIN IMMEDIATE")
            opened: _Opened = self._local.opened
            self._local.due = {}
            try:
                # Before anything is written: without a log, that makes a journal at the path, which is another's then.
                self._stay(opened)
                yield connection
                self.do_due()
                self._stay(opened)
                saved = history.head(connection)
                connection.execute("ROLLBACK" if self._keeps_nothing else "COMMIT")
                if not self._keeps_nothing:
                    self._has_written, self._saved = True, saved
            except BaseException as error:
                # A full disk or a failed write has taken the transaction back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, apsw.Error | NotUsable) and not self._is_in_place(opened):
                    raise self._moved("Nothing was changed", opened) from error
                raise
            finally:
                self._local.due = {}

    def refuse_looking_back(self, step: str) -> None:
        """Raise ReadOnlyArchive where the archive is looked at as it was. `step`: what needs all of it."""
        if self.as_of is not None:
            raise ReadOnlyArchive(
                f"{self.path} is open as of change {self.as_of.sequence}, to be read; open it as it is now to {step}"
            )

    @property
    def sealed(self) -> bool:
        """Whether the archive is sealed."""
        with self.reading() as connection:
            return seals.is_sealed(connection)

    def refuse_sealed(self) -> None:
        """Raise SealedArchive where it is: for what would write into the file, before it begins."""
        with self.reading() as connection:
            self._refuse_sealed(connection)

    def _refuse_sealed(self, connection: apsw.Connection) -> None:
        if seals.is_sealed(connection):
            step = command_line("sfm", "backup", "--unsealed", self.path, "NEW")
            raise SealedArchive(f"{self.path} is sealed, nothing is written into it; {step} makes a copy to work on")

    def _stay(self, opened: _Opened) -> None:
        if not self._is_in_place(opened):
            raise ArchiveMoved(f"{self.path} was moved")  # told in full when the transaction is taken back

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
        own = [held for held in self._opened if held.process == os.getpid()]
        in_place = all(map(self._is_in_place, own))
        error = None if in_place or not self._has_written else self._moved("It is closed now", own[-1])
        for number, held in enumerate(own, start=1):
            self._end(held, settles=not self._keeps_nothing and number == len(own))
        if self._keeps_nothing and own and in_place:
            with suppress(apsw.Error, OSError, SfmError):
                settle_behind_the_last_writer(self._location)
        if error is not None:
            raise error


def open_file(
    path: Path,
    *,
    read_only: bool,
    rehearsal: bool = False,
    as_of: str | None = None,
    wait_s: float = DEFAULT_WAIT_S,
    on_wait: OnWait = silent,
) -> Store:
    """Open an archive file and check that it is one. `on_wait` hears of every wait for other programs. `as_of`: as for
    `Store`; raises UsageError and NotFound as `moment_of`.

    Raises ArchiveNotFound, NotAnArchive, NewerArchive, Damaged, Busy, StorageFailed.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        step = left_behind(path) or f"make a new archive with {command_line('sfm', 'create', path)}"
        raise ArchiveNotFound(f"{path} does not exist; {step}") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Check its permissions") from error
    if stat.S_ISDIR(status.st_mode):
        raise NotAnArchive(f"{path} is a folder, not an archive; to read it, import it into an archive")
    if not stat.S_ISREG(status.st_mode):
        raise NotAnArchive(f"{path} is a device or pipe, not an archive; it was not touched")
    try:
        # Of a file without a size nothing is read: what Linux shows in /proc may be waited for without end.
        start = first_bytes(path, 16) if status.st_size else b""
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
    store = Store(path, read_only=read_only, rehearsal=rehearsal, as_of=as_of, wait_s=wait_s, on_wait=on_wait)
    try:
        _ = store.connection
    except BaseException:
        store.close()
        raise
    return store
