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

from sfm_archive.errors import AlreadyExists, ArchiveNotFound, NotAnArchive, ReadOnlyArchive, StorageFailed
from sfm_archive.storage import schema
from sfm_archive.storage.connection import DEFAULT_WAIT_S, connect, settle, start_writing
from sfm_archive.storage.failures import as_sfm_error, translated


class _Opened(NamedTuple):
    """A connection, and the process and thread that it belongs to."""

    process: int
    thread: threading.Thread
    connection: apsw.Connection


class Store:
    """The file at `path`, opened. Threads and forked processes each get a connection of their own."""

    def __init__(self, path: Path, *, read_only: bool, wait_s: float = DEFAULT_WAIT_S) -> None:
        self.path = path
        # A thread may open its connection after the program has changed its folder.
        self._location = path.absolute()
        self.read_only = read_only
        self._wait_s = wait_s
        self._local = threading.local()
        self._opened: list[_Opened] = []
        self._closed = False
        self._lock = threading.Lock()
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
        with translated(self.path):
            connection = connect(self._location, read_only=self.read_only, wait_s=self._wait_s)
            try:
                version = schema.check_identity(connection, self.path)
                copy = schema.bring_up_to_date(connection, self._location, version, read_only=self.read_only)
                schema.check_schema(connection, self.path)
                if not self.read_only:
                    start_writing(connection, self._location, self._wait_s)
            except BaseException:
                connection.close()
                raise
        self.migrated_copy = copy or self.migrated_copy
        local.process, local.connection = os.getpid(), connection
        with self._lock:
            self._opened.append(_Opened(os.getpid(), threading.current_thread(), connection))
        self._close_those_of_ended_threads()
        return connection

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

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """All or nothing, durable when the outermost one ends. Inner ones can fail and be taken back alone.

        Raises ReadOnlyArchive, Busy, StorageFailed.
        """
        if self.read_only:
            raise ReadOnlyArchive(f"{self.path} was opened read-only; open it for writing to change it")
        connection = self.connection
        with translated(self.path):
            if connection.in_transaction:
                yield from self._nested(connection)
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk or a failed write has taken the transaction back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

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
        """Close every thread's connection. The last writer leaves exactly one file behind."""
        if self._closed:
            return
        self._closed = True
        # Connections opened before a fork belong to the parent; closing them here would drop its locks.
        own = [held.connection for held in self._opened if held.process == os.getpid()]
        for number, connection in enumerate(own, start=1):
            if not self.read_only and number == len(own):
                with suppress(apsw.Error):
                    settle(connection)
            with translated(self.path):
                connection.close()


def create_file(path: Path, fill: Callable[[apsw.Connection], None], *, wait_s: float = DEFAULT_WAIT_S) -> None:
    """A new archive file: the schema and, in the same transaction, what `fill` writes, or no file at all.

    Raises AlreadyExists when something stands at the path, StorageFailed when the folder does not allow it.
    """
    try:
        # Claim the name first: two programs that create one archive must not both succeed.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644))
    except FileExistsError as error:
        raise AlreadyExists(
            f"{path} exists already; choose another name or work with the archive that is there"
        ) from error
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be created: {error.strerror}. Check the folder and its permissions"
        ) from error
    connection: apsw.Connection | None = None
    try:
        connection = connect(path, read_only=False, wait_s=wait_s)
        start_writing(connection, path, wait_s)
        connection.execute("BEGIN IMMEDIATE")
        schema.create_schema(connection)
        fill(connection)
        connection.execute("COMMIT")
        settle(connection)
        connection.close()
    except BaseException as error:
        if connection is not None:
            connection.close(True)
        for leftover in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)
        if isinstance(error, apsw.Error):
            raise as_sfm_error(error, path) from error
        raise


def open_file(path: Path, *, read_only: bool, wait_s: float = DEFAULT_WAIT_S) -> Store:
    """Open an archive file and check that it is one.

    Raises ArchiveNotFound, NotAnArchive, NewerArchive, Damaged, Busy, StorageFailed.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise NotAnArchive(f"{path} is a device or pipe, not an archive; it was not touched")
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError as error:
        raise ArchiveNotFound(f"{path} does not exist; make a new archive with sfm create {path}") from error
    except IsADirectoryError as error:
        raise NotAnArchive(f"{path} is a folder, not an archive; to read it, import it into an archive") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Check its permissions") from error
    if not start:
        raise NotAnArchive(f"{path} is empty, not an archive; it was not touched")
    if start != b"SQLite format 3\x00":
        raise NotAnArchive(
            f"{path} is not a SQLite file, so not an sfm archive; it was not touched. Is it the right path?"
        )
    store = Store(path, read_only=read_only, wait_s=wait_s)
    try:
        _ = store.connection
    except BaseException:
        store.close()
        raise
    return store
