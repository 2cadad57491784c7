"""SQLite's errors as this project's: every one names the archive and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sfm_archive.errors import Busy, Damaged, NotAnArchive, ReadOnlyArchive, SfmError, StorageFailed, UsageError

BACKUP = (
    "Keep the file as it is: sfm verify says what else is damaged, sfm salvage saves what is intact; take the rest "
    "from a backup"
)
"""What to do about a damaged archive."""

REBUILT = "sfm rebuild makes it again, sfm verify says what else is damaged"
"""What to do about a damaged row of the derived half."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise this project's error for each of SQLite's that a user can meet."""
    try:
        yield
    except apsw.Error as error:
        raise as_sfm_error(error, path) from error
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{path}: a text holds half a character (a lone surrogate), which no archive can store; "
            "nothing was changed. Give it in UTF-8"
        ) from error
    except UnicodeDecodeError as error:
        # SQLite hands texts over unchecked; what this project wrote is UTF-8.
        raise Damaged(f"{path} is damaged: a text in it is not UTF-8 ({error.reason}). {BACKUP}") from error


_NO_SHARED_MEMORY = frozenset({apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP, apsw.SQLITE_IOERR_SHMOPEN})
_NOT_READ = frozenset(
    {apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS, apsw.SQLITE_IOERR_DATA}
)
_OF_THE_SYSTEM = (
    apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError,
    apsw.AuthError, apsw.NoMemError, apsw.InterruptError, apsw.ThreadingViolationError, apsw.ConnectionClosedError,
)  # fmt: skip


def _code(error: apsw.Error) -> int:
    """SQLite's extended result code, 0 for an error that apsw raises itself."""
    code: int = getattr(error, "extendedresult", 0)
    return code


def lacks_room(error: apsw.Error) -> bool:
    """Whether the disk is full. That its 32 KiB of shared memory cannot be made, SQLite calls an input/output error."""
    return isinstance(error, apsw.FullError) or _code(error) in _NO_SHARED_MEMORY


def says_damage(error: BaseException | None) -> bool:
    """Whether an error of SQLite speaks of what is stored; not of a full disk, of other programs, or of what the
    system does not allow. A stored byte that the medium does not give back is damage too."""
    if isinstance(error, apsw.IOError):
        return _code(error) in _NOT_READ
    return isinstance(error, apsw.Error) and not isinstance(error, _OF_THE_SYSTEM)


def as_sfm_error(error: apsw.Error, path: Path) -> SfmError:
    """The error that says what SQLite's means for the archive at `path`."""
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return Busy(
            f"{path}: another program is writing to this archive and did not finish in time; nothing was changed. "
            "Try again when it is done, or wait longer with --wait"
        )
    if isinstance(error, apsw.NotADBError):
        return NotAnArchive(f"{path} is not a SQLite file; it was not touched. Is it the right path?")
    if isinstance(error, apsw.SQLError) and "JSON" in str(error):
        # The statements are right, and these two are the tables whose JSON they look into.
        return Damaged(f"{path} is damaged: a row of table event_computed or event_peaks holds {error}. {REBUILT}")
    if isinstance(error, apsw.SQLError) and str(error) == "integer overflow":
        return Damaged(f"{path} is damaged: a size in it is larger than any that a program writes. {BACKUP}")
    if isinstance(error, apsw.CorruptError):
        return Damaged(f"{path} is damaged: {error}. {BACKUP}")
    if lacks_room(error):
        return StorageFailed(
            f"{path}: the disk is full; the last change was undone and nothing is half-written. "
            "Free some space and try again"
        )
    if isinstance(error, apsw.ReadOnlyError):
        return ReadOnlyArchive(
            f"{path} cannot be written (read-only file, folder or medium); nothing was changed. "
            "Copy it to a place you may write to"
        )
    if isinstance(error, apsw.CantOpenError):
        return StorageFailed(
            f"{path} cannot be opened: {error}. Check that the folder exists and may be read and written"
        )
    if isinstance(error, apsw.PermissionsError | apsw.AuthError):
        return StorageFailed(f"{path}: permission was refused by the system ({error})")
    if isinstance(error, apsw.IOError):
        quota = " Is your share of the disk used up?" if _code(error) == apsw.SQLITE_IOERR_WRITE else ""
        return StorageFailed(
            f"{path}: reading or writing failed ({error}); the last change was undone.{quota} "
            "Check the disk and the connection to it, then run sfm verify"
        )
    if isinstance(error, apsw.ThreadingViolationError):
        return StorageFailed(f"{path}: one connection was used by two threads at once; open the archive in each thread")
    return StorageFailed(f"{path}: SQLite says {type(error).__name__}: {error}")
