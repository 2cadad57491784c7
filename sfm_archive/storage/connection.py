"""One connection to an archive, set up the same way every time. One function per setting, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import apsw

from sfm_archive.base.texts import has_lone_surrogate
from sfm_archive.errors import ReadOnlyArchive, StorageFailed
from sfm_archive.storage.failures import lacks_room
from sfm_archive.storage.left_over_logs import check_beside
from sfm_archive.storage.lock_waiting import LockWait
from sfm_archive.storage.network import is_network_path
from sfm_archive.storage.place import beside, size_of

OLDEST_SQLITE = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode under concurrent checkpoints (docs/facts.md, F35)."""

_LARGEST_VALUE = 68 * 1024 * 1024
"""64 MiB is the most that a value has before compression; what cannot be compressed grows by less than a percent."""
_CACHE_KIB = 16 * 1024
_BLOCK = 1 << 20


def check_sqlite_version(found: str | None = None) -> None:
    """Raise StorageFailed when the SQLite library is one that can corrupt archives."""
    found = apsw.sqlite_lib_version() if found is None else found
    if tuple(int(part) for part in found.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StorageFailed(
            f"SQLite {found} can corrupt an archive that two programs write to; at least {oldest} is needed. "
            "Update the package apsw"
        )


def connect(path: Path, *, read_only: bool, lock_wait: LockWait | None = None) -> apsw.Connection:
    """An open connection that has changed nothing yet: whose file it is has to be looked at first. One that shall
    write goes through `start_writing` then. Raises apsw errors; callers translate them."""
    check_sqlite_version()
    lock_wait = LockWait(path) if lock_wait is None else lock_wait
    check_beside(path, lock_wait)
    if read_only:
        connection = _open_to_read(path, lock_wait)
    else:
        connection = apsw.Connection(sqlite_path(path), flags=apsw.SQLITE_OPEN_READWRITE)
    with _closed_where_it_fails(connection):
        if not read_only:
            wait_for_others(connection, lock_wait)
            _look_first(connection)
            make_commits_durable(connection)
        distrust_the_schema(connection)
        limit_what_it_may_hold(connection)
        check_what_is_read(connection)
        keep_pages_in_memory(connection)
    return connection


def _look_first(connection: apsw.Connection) -> None:
    try:
        connection.execute("PRAGMA schema_version").fetchall()
    except apsw.CantOpenError as error:
        if connection.readonly("main"):
            # A file that was left in WAL mode needs its shared memory beside it, even for the first look.
            raise apsw.ReadOnlyError("the file and its folder can only be read") from error
        raise


@contextmanager
def _closed_where_it_fails(connection: apsw.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(apsw.Error):
            connection.close()
        raise


def sqlite_path(path: Path) -> str:
    """A path as SQLite takes it: absolute, for it has meanings of its own for `:memory:` and the empty text, and in
    UTF-8. Raises StorageFailed for a path that is not."""
    location = str(path.absolute())
    if has_lone_surrogate(location):
        raise StorageFailed(
            f"{path} cannot be opened: its path is not UTF-8, and SQLite takes no other; rename the file or folder"
        )
    return location


def first_bytes(path: Path, size: int) -> bytes:
    """The file's beginning, fewer bytes where it has fewer. Never through Python's own open: POSIX drops all locks that
    a process has on a file when it closes any handle to it, also those of a writer in another thread. SQLite's own
    file layer knows and waits; it opens no link, so that is followed here. Raises apsw.CantOpenError."""
    file = _opened(path)
    try:
        return file.xRead(size, 0)
    finally:
        file.xClose()


def blocks_of(path: Path) -> Iterator[bytes]:
    """The file's bytes in its order, by the same way."""
    file = _opened(path)
    try:
        for at in range(0, file.xFileSize(), _BLOCK):
            yield file.xRead(_BLOCK, at)
    finally:
        file.xClose()


def _opened(path: Path) -> apsw.VFSFile:
    name = sqlite_path(path.resolve() if path.is_symlink() else path)
    return apsw.VFSFile("", name, [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])


def start_writing(connection: apsw.Connection, path: Path, lock_wait: LockWait) -> None:
    """The settings of a writer. The journal mode is written into the file, so they come after the checks."""
    if connection.readonly("main"):
        # SQLite opens a file that it may not write for reading, and says so at the first write only.
        raise apsw.ReadOnlyError("the file was opened for reading only")
    enforce_references(connection)
    write_ahead(connection, path, lock_wait)
    # The first look through the log makes its shared memory. Where there is no room for it, that has to show here.
    connection.execute("PRAGMA schema_version").fetchall()


def start_rehearsing(connection: apsw.Connection) -> None:
    """The settings of one who takes everything back: nothing of it may reach the file, not even for a moment, and no
    byte of its header. What is changed stays in memory until then."""
    if connection.readonly("main"):
        raise apsw.ReadOnlyError("the file was opened for reading only")
    enforce_references(connection)
    connection.execute("PRAGMA cache_spill = OFF")
    if connection.pragma("journal_mode") == "wal":
        # Others have it open, or one of them has failed: their log is theirs to fold in.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    else:
        connection.pragma("journal_mode", "memory")


def _open_to_read(path: Path, lock_wait: LockWait) -> apsw.Connection:
    """Also where there is no room on the disk for the 32 KiB of shared memory that a log needs beside the file. Where
    no log was left, the file is brought to rest, and needs none; else the log is read without, alone."""
    try:
        return _open_read_only(path, lock_wait)
    except (apsw.FullError, apsw.IOError) as error:
        if not lacks_room(error):
            raise
    if not size_of(beside(path, "-wal")):
        with suppress(apsw.Error):
            bring_to_rest(path)
            return _open_read_only(path, lock_wait)
    connection = _open_alone(path, lock_wait)
    if size_of(beside(path, "-wal")):
        # Its program may have failed, and then it is not for a reader to change the file.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.pragma("query_only", True)
    return connection


def _open_alone(path: Path, lock_wait: LockWait) -> apsw.Connection:
    """A connection that keeps everybody else out until it is closed, and so needs no shared memory."""
    connection = apsw.Connection(sqlite_path(path), flags=apsw.SQLITE_OPEN_READWRITE)
    with _closed_where_it_fails(connection):
        wait_for_others(connection, lock_wait)
        connection.pragma("locking_mode", "exclusive")
        connection.execute("PRAGMA schema_version").fetchall()
    # What there is of it belongs to nobody now, and takes the room that is missing.
    with suppress(OSError):
        beside(path, "-shm").unlink()
    return connection


def bring_to_rest(path: Path) -> None:
    """Behind a writer that found no room for its log: go back to the rollback journal, so that readers need none
    either. Raises apsw errors where others have the file open, or there is no room for that."""
    connection = _open_alone(path, LockWait(path, 0))
    try:
        make_commits_durable(connection)
        connection.pragma("journal_mode", "delete")
    finally:
        connection.close()


def _open_read_only(path: Path, lock_wait: LockWait) -> apsw.Connection:
    """Read-only, also where SQLite may not create its shared-memory file: on read-only media nothing changes, and
    `immutable` says so to SQLite. That is only right when no unfinished log or journal lies beside the file: without
    them the file can hold half of a change."""
    connection = apsw.Connection(sqlite_path(path), flags=apsw.SQLITE_OPEN_READONLY)
    wait_for_others(connection, lock_wait)
    try:
        connection.execute("PRAGMA schema_version").fetchall()
    except (apsw.FullError, apsw.IOError):
        with suppress(apsw.Error):
            connection.close()
        raise
    except (apsw.CantOpenError, apsw.ReadOnlyError) as error:
        connection.close()
        for log in (beside(path, "-wal"), beside(path, "-journal")):
            if size_of(log):
                raise ReadOnlyArchive(
                    f"{path} was in use when its program or the power failed, or is in use now: {log.name} beside it "
                    "has to be applied first, which takes write access. Open it once for writing; where you cannot "
                    "write, copy both files together to a place where you can. If another archive was at this path "
                    f"when that happened, {log.name} is that one's: move it there first"
                ) from error
        connection = open_immutable(path)
        wait_for_others(connection, lock_wait)
    return connection


def open_immutable(path: Path) -> apsw.Connection:
    """What the file holds by itself: no lock is taken, and no log beside it is looked at."""
    location = path.resolve().as_posix()
    prefix = "" if location.startswith("/") else "/"
    return apsw.Connection(
        f"file:{prefix}{quote(location)}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )


def wait_for_others(connection: apsw.Connection, lock_wait: LockWait) -> None:
    """Another writer is normal; wait for it instead of failing."""
    connection.set_busy_handler(lock_wait)


def distrust_the_schema(connection: apsw.Connection) -> None:
    """A file may come from a stranger: nothing in its schema may run with side effects or reach SQLite's own tables."""
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)


def limit_what_it_may_hold(connection: apsw.Connection) -> None:
    """No value of an archive is larger; a hostile file cannot make SQLite spend more memory."""
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)


def check_what_is_read(connection: apsw.Connection) -> None:
    """Find cells that point outside their page when they are read, not after."""
    connection.execute("PRAGMA cell_size_check = ON")


def keep_pages_in_memory(connection: apsw.Connection) -> None:
    """A few megabytes of cache hold all of the small tables of a large archive; sorting stays off the disk."""
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")


def enforce_references(connection: apsw.Connection) -> None:
    """Rows that point to nothing must be impossible. SQLite leaves this off for every new connection."""
    connection.execute("PRAGMA foreign_keys = ON")


def make_commits_durable(connection: apsw.Connection) -> None:
    """A save that has returned survives a power cut. WAL needs FULL for that; a rollback journal needs EXTRA,
    or the deletion of the journal itself could be undone by the cut. For WAL both mean the same, and changing from
    one to the other goes through a rollback journal. On macOS every flush has to empty the drive's own cache too, as
    in `durable.flush_handle`; elsewhere the last two change nothing."""
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")


def write_ahead(connection: apsw.Connection, path: Path, lock_wait: LockWait) -> None:
    """Write-ahead log while somebody writes: one flush per commit, and readers and the writer do not wait for each
    other. Not on network drives, where the log's shared memory does not work; there the rollback journal stays."""
    wanted = "delete" if is_network_path(path) else "wal"
    with lock_wait.one_wait():
        while connection.pragma("journal_mode") != wanted:
            # SQLite asks its handler for some of the locks that this takes, and fails at once for others.
            with suppress(apsw.BusyError):
                if connection.pragma("journal_mode", wanted) == wanted:
                    return
            if not lock_wait.may_try_again():
                raise apsw.BusyError("another program holds the archive")


def settle(connection: apsw.Connection) -> None:
    """Before the last writer closes: fold the log into the file and go back to the rollback journal, so that at
    rest an archive is exactly one file that any SQLite tool opens, also from read-only media. While others have the
    archive open the file stays in use, and the last of them does it."""
    if connection.pragma("journal_mode") != "wal":
        return
    connection.set_busy_handler(None)
    with suppress(apsw.BusyError, apsw.LockedError):
        connection.pragma("journal_mode", "delete")
        return
    # The last one may be a reader, who cannot fold anything in: all that is left to it then is an empty log.
    with suppress(apsw.BusyError, apsw.LockedError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def settle_behind_the_last_writer(path: Path) -> None:
    """After a reader has closed: end what the last writer had to leave to it. A log that holds something is left alone:
    its program may have failed, and then it is not for a reader to change the file."""
    log = beside(path, "-wal")
    if not log.exists() or size_of(log):
        return
    connection = connect(path, read_only=False, lock_wait=LockWait(path, 0))
    try:
        if not connection.readonly("main"):
            settle(connection)
    finally:
        connection.close()
