"""A SQLite VFS on which any operation can fail: with an input/output error, or because the disk is full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import apsw

from sfm_archive.selftest.recording import normal_vfs

_Result = TypeVar("_Result")


class Failure(StrEnum):
    """What goes wrong. With the lasting ones nothing works any more from there on, until the disk is back."""

    ERROR = "an input/output error"
    ERRORS = "input/output errors from there on"
    FULL = "disk full once"
    STAYS_FULL = "disk full from there on"

    @property
    def lasts(self) -> bool:
        """Whether later operations fail as well."""
        return self in (Failure.ERRORS, Failure.STAYS_FULL)

    @property
    def full(self) -> bool:
        """Whether only what needs room can fail."""
        return self in (Failure.FULL, Failure.STAYS_FULL)


_CODES = {
    "open": apsw.SQLITE_CANTOPEN,
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "size": apsw.SQLITE_IOERR_FSTAT,
    "lock": apsw.SQLITE_IOERR_LOCK,
    "delete": apsw.SQLITE_IOERR_DELETE,
    "look": apsw.SQLITE_IOERR_ACCESS,
}
_NEEDS_ROOM = frozenset({"write"})


_BLOCK = 4096


def _blocks(size: int) -> int:
    return -(-size // _BLOCK)


class Faults:
    """Counts operations once armed, and lets the chosen one fail; or lets every file grow until the room is used up."""

    def __init__(self) -> None:
        self.failed = ""
        self._left = -1
        self._failure: Failure | None = None
        self._room: int | None = None

    def leave_room(self, kib: int) -> None:
        """From now on the disk has so much left, in blocks of 4 KiB. What is freed can be used again."""
        self.failed, self._room = "", kib * 1024 // _BLOCK

    def change_size(self, file: Any, before: int, after: int) -> None:
        """A file is about to have another size. Raises apsw.FullError where there is no room for it."""
        if self._room is None:
            return
        more = _blocks(after) - _blocks(before)
        if more > self._room:
            self.failed = self.failed or f"{Path(str(file)).name} grew by {more} blocks"
            raise apsw.exception_for(apsw.SQLITE_FULL)
        self._room -= more

    def arm(self, number: int, failure: Failure) -> None:
        """Let the operation with this number fail, counted from now; 0 is the next one."""
        self.failed, self._left, self._failure = "", number, failure

    def disarm(self) -> None:
        """The disk is well again."""
        self._failure = self._room = None

    def perhaps(self, operation: str, file: Any, do: Callable[[], _Result]) -> _Result:
        """Do it, or fail."""
        failure = self._failure
        if failure is None or (failure.full and operation not in _NEEDS_ROOM):
            return do()
        self._left -= 1
        if self._left == -1 or (self._left < -1 and failure.lasts):
            path = file.filename() if isinstance(file, apsw.URIFilename) else str(file)
            self.failed = self.failed or f"{operation} {Path(path).name}"
            raise apsw.exception_for(apsw.SQLITE_FULL if failure.full else _CODES[operation])
        return do()


class _FailingFile(apsw.VFSFile):
    def __init__(self, faults: Faults, name: Any, flags: list[int]) -> None:
        super().__init__(normal_vfs(), name, flags)
        self._faults = faults
        # The name that SQLite hands over is only good until this returns.
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else name

    def excepthook(self, *_: object) -> bool:
        """SQLite goes on without the result; so does the trial."""
        return True

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's names
        return self._faults.perhaps("read", self._name, lambda: super(_FailingFile, self).xRead(amount, offset))

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        size = super().xFileSize()
        self._faults.change_size(self._name, size, max(size, offset + len(data)))
        self._faults.perhaps("write", self._name, lambda: super(_FailingFile, self).xWrite(data, offset))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._faults.change_size(self._name, super().xFileSize(), newsize)
        self._faults.perhaps("truncate", self._name, lambda: super(_FailingFile, self).xTruncate(newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._faults.perhaps("sync", self._name, lambda: super(_FailingFile, self).xSync(flags))

    def xFileSize(self) -> int:  # noqa: N802
        return self._faults.perhaps("size", self._name, super().xFileSize)

    def xLock(self, level: int) -> None:  # noqa: N802
        self._faults.perhaps("lock", self._name, lambda: super(_FailingFile, self).xLock(level))


class _FailingVFS(apsw.VFS):
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        super().__init__(f"failing-{id(faults)}", normal_vfs(), makedefault=True)

    def excepthook(self, *_: object) -> bool:
        """As for files."""
        return True

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return self._faults.perhaps("open", name, lambda: _FailingFile(self._faults, name, flags))

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        size = Path(filename).stat().st_size if Path(filename).exists() else 0
        self._faults.perhaps("delete", filename, lambda: super(_FailingVFS, self).xDelete(filename, syncdir))
        self._faults.change_size(filename, size, 0)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        return self._faults.perhaps("look", pathname, lambda: super(_FailingVFS, self).xAccess(pathname, flags))


@contextmanager
def failing_disk() -> Iterator[Faults]:
    """New connections work on a disk that fails on demand. Those opened inside must be closed inside."""
    faults = Faults()
    vfs = _FailingVFS(faults)
    try:
        yield faults
    finally:
        faults.disarm()
        vfs.unregister()
