"""Logs beside a path that are not of the file there, and files whose log is elsewhere.

SQLite knows a log by its name alone: what is called `<name>-wal` or `<name>-journal` it applies to whatever file has
the name. So a log that stayed behind when its archive went would be applied to the next one at its path.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sfm_archive.errors import Busy, LeftOverLog, StorageFailed
from sfm_archive.storage.lock_waiting import LockWait
from sfm_archive.storage.place import beside, identity, size_of

HEADER_READ = 20
"""Bytes of a file's beginning that say whose a log beside it is."""

_LOG, _JOURNAL, _MEMORY = "-wal", "-journal", "-shm"
_ROLLBACK, _WRITE_AHEAD = b"\1\1", b"\2\2"
_MAGIC = b"SQLite format 3\x00"
_MODE = slice(18, HEADER_READ)
"""Where a file's header says how it is changed (https://sqlite.org/fileformat.html): the archive's own writers write it
before they make a log, and again when they have removed it."""


def refuse_left_over(target: Path) -> None:
    """Raise LeftOverLog where something lies beside the path of a new archive that is still to be named: it can only be
    of an archive that was at this path before. Where another program named one meanwhile, it is that one's, and the
    name is taken."""
    found = _lying_beside(target)
    if found is not None and not os.path.lexists(target):
        raise LeftOverLog(_left_over(target, found))


def _lying_beside(target: Path) -> Path | None:
    endings = (_LOG, _JOURNAL, _MEMORY)
    return next((found for found in (beside(target, ending) for ending in endings) if os.path.lexists(found)), None)


def left_behind(path: Path) -> str:
    """What to do where an archive is missing and its log is there; '' without one."""
    for found in (beside(path, _LOG), beside(path, _JOURNAL)):
        if os.path.lexists(found):
            return f"{found.name} is there, the log of an archive that was at this path. {_next_step(found)}"
    return ""


def refuse_what_is_no_log(path: Path, called: Path) -> None:
    """Before a file is opened: raise StorageFailed where something that is no regular file has the name of what SQLite
    keeps beside it. For a pipe SQLite would wait for ever, and a folder or a link it meets when the file's header says
    already that there is a log. `called`: how the user names the file."""
    for ending in (_LOG, _JOURNAL, _MEMORY):
        found = beside(path, ending)
        try:
            kind = found.lstat().st_mode
        except OSError:
            continue
        if not stat.S_ISREG(kind):
            what = "folder" if stat.S_ISDIR(kind) else "link" if stat.S_ISLNK(kind) else "pipe, socket or device"
            raise StorageFailed(
                f"{called} was not opened: {found.name} beside it is a {what}, and what has this name is SQLite's own "
                "file, which it keeps while the archive is in use. Nothing was changed. "
                f"Move {found} elsewhere, and try again"
            )


def check_beside(path: Path, lock_wait: LockWait) -> None:
    """Before a file is opened: raise LeftOverLog where a log beside it is not its own, StorageFailed where it is no
    file, and Busy where programs that have it open have their log elsewhere. Raises apsw errors."""
    refuse_what_is_no_log(path, lock_wait.path)
    with lock_wait.one_wait():
        while not _is_sound_beside(path, lock_wait.path):
            # Who opens it just now has the file a moment before the log, who closes it a moment longer.
            if not lock_wait.may_try_again():
                raise Busy(
                    f"{lock_wait.path}: another program has this archive open under another name, and what it has "
                    "saved is in a log there: the file was moved, or has two names. Nothing was changed. "
                    "Have that program end, which puts the log into the file, and try again"
                )


def _is_sound_beside(path: Path, called: Path) -> bool:
    """False where somebody has the file open and no log lies beside it. Raises LeftOverLog. `called`: how the user
    names the file."""
    try:
        with _locked(path) as file:
            mode = file.xRead(HEADER_READ, 0)[_MODE]
            if os.path.lexists(beside(path, _LOG)):
                if mode == _ROLLBACK:
                    raise LeftOverLog(_of_another(path, called))
                return True
            return mode != _WRITE_AHEAD or not _is_open_elsewhere(file)
    except apsw.BusyError:
        # Somebody has it for himself, and so has what lies beside it: opening it waits for him.
        return True


def refuse_log_of_another(path: Path, start: bytes) -> None:
    """Raise LeftOverLog where a log lies beside a file whose beginning says that it has none. For who reads the file
    past SQLite, with what was read of it before: a header that is damaged says nothing."""
    log = beside(path, _LOG)
    if start.startswith(_MAGIC) and start[_MODE] == _ROLLBACK and log.is_file() and size_of(log):
        raise LeftOverLog(_of_another(path, path))


def is_overwritten(path: Path, start: bytes) -> bool:
    """Whether a file that is open for writing, with a write-ahead log, begins with what only another one has.
    `start`: its first bytes."""
    return os.path.lexists(beside(path, _LOG)) and start[_MODE] != _WRITE_AHEAD


@contextmanager
def _locked(path: Path) -> Iterator[apsw.VFSFile]:
    """The file, while nobody can turn it from one way of being changed to the other. Raises apsw.BusyError."""
    # What may only be read is opened so.
    file = apsw.VFSFile("", str(path.resolve()), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE, 0])
    try:
        file.xLock(apsw.SQLITE_LOCK_SHARED)
        try:
            yield file
        finally:
            file.xUnlock(apsw.SQLITE_LOCK_NONE)
    finally:
        file.xClose()


def _is_open_elsewhere(file: apsw.VFSFile) -> bool:
    """Whether somebody has the locked file open: whoever has, with a write-ahead log, holds a shared lock."""
    if os.name == "nt":
        return False  # nobody can move a file there that is open
    try:
        file.xLock(apsw.SQLITE_LOCK_EXCLUSIVE)
    except apsw.BusyError:
        return True
    except apsw.Error:
        return False  # it may only be read
    return False


@contextmanager
def named_alone(unfinished: Path, target: Path) -> Iterator[None]:
    """Around giving a new archive its name: until it is sure that nothing lies beside it, nobody can open it. Where
    something has appeared, the name is taken away again. Raises LeftOverLog, apsw errors."""
    refuse_left_over(target)
    if os.name == "nt":
        # No open file gets another name there: so none has to be locked, and no log of an open one appears meanwhile.
        yield
        return
    made = identity(unfinished)
    with _locked(unfinished) as file:
        file.xLock(apsw.SQLITE_LOCK_EXCLUSIVE)
        yield
        found = _lying_beside(target)
        if found is not None:
            if identity(target) == made:
                target.unlink()
            raise LeftOverLog(_left_over(target, found))


def _left_over(target: Path, found: Path) -> str:
    if found.name.endswith(_MEMORY):
        return (
            f"{target} was not made: {found.name} lies there, of a program that has, or had, an archive of this name "
            f"open. It holds no events. Have that program end, move {found} elsewhere, and try again"
        )
    return (
        f"{target} was not made: {found.name} is left over there, the log of an archive that was at this path. It may "
        f"hold events, and SQLite would put them into the new file. {_next_step(found)}"
    )


def _of_another(path: Path, called: Path) -> str:
    found = beside(path, _LOG)
    return (
        f"{called} was not opened: {found.name} beside it is the log of another archive that was at this path. It may "
        f"hold events, and SQLite would put them into this file. Nothing was changed. {_next_step(found)}"
    )


def _next_step(found: Path) -> str:
    ending = found.name[found.name.rindex("-") :]
    return (
        f"Move it beside its archive, as that one's name with {ending} behind it, and open that archive, which takes "
        f"it over; or, if nobody wants what it holds, move it elsewhere. Then try again"
    )
