"""One folder of the target, held open: nothing in it is ever reached through a symbolic link.

Where the system allows it (Linux, macOS), every step is relative to the open folder, so that a folder that is
exchanged for a link meanwhile changes nothing. Elsewhere the steps use the path.
"""

from __future__ import annotations

import errno
import os
import platform
import secrets
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import file_digest
from pathlib import Path
from typing import Self

from sfm_archive.files.durable import flush_handle, give_name
from sfm_archive.files.paths import TEMPORARY_PREFIX
from sfm_archive.files.standing import Standing

# What Windows lacks is 0 there.
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BYTES = getattr(os, "O_BINARY", 0)
# Without O_NONBLOCK, a pipe that takes a file's place after the look at it would hold the program for ever.
_READ = os.O_RDONLY | _NO_FOLLOW | _BYTES | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BYTES
_APPEND = os.O_WRONLY | os.O_APPEND | _NO_FOLLOW | _BYTES
_RELATIVE = {os.open, os.stat, os.mkdir, os.rename, os.unlink, os.link} <= os.supports_dir_fd
_HOST = f"{zlib.crc32(platform.node().encode('utf-8', 'replace')):08x}"
_ABANDONED_AFTER_S = 24 * 3600.0
_SYNCHRONIZE, _NO_SUCH_PROCESS = 0x100000, 87
"""Of Windows: the right to ask whether a process has ended, and the answer where there is none."""


class Obstructed(Exception):
    """Something that is no folder stands where a folder is needed; the message is a sentence."""


class TargetFolder:
    """A folder, open until `close`. Every OSError passes through: who knows what was being done says what it means."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def root(cls, path: Path) -> Self:
        """The target itself, which may be reached through links: where it lies is the user's choice."""
        if _RELATIVE:
            return cls(path, os.open(path, os.O_RDONLY | _DIRECTORY))
        if not stat.S_ISDIR(path.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return cls(path, None)

    def child(self, name: str, *, create: bool) -> TargetFolder | None:
        """A folder in this one; None where it is not there and not to be made. Raises Obstructed."""
        path = self.path / name
        try:
            found = self._status(name)
        except FileNotFoundError:
            if not create:
                return None
            # Another program may make it at the same moment.
            with suppress(FileExistsError):
                os.mkdir(self._at(name), dir_fd=self._descriptor)
            found = self._status(name)
        if _is_link(found):
            raise Obstructed(f"{path} is a link, and links are not followed; remove it or choose another place")
        if not stat.S_ISDIR(found.st_mode):
            raise Obstructed(f"{path} is in the way of a folder; move it or choose another place")
        if not _RELATIVE:
            return TargetFolder(path, None)
        try:
            descriptor = os.open(name, os.O_RDONLY | _DIRECTORY | _NO_FOLLOW, dir_fd=self._descriptor)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise Obstructed(f"{path} was exchanged for something else meanwhile") from error
            raise
        return TargetFolder(path, descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking --------------------------------------------------------------------------------------------------

    def standing(self, name: str, size: int, sha256: str) -> Standing:
        """What stands at a name, compared with a file of this size and hash. Opens regular files only."""
        try:
            found = self._status(name)
        except FileNotFoundError:
            return Standing.ABSENT
        if _is_link(found) or not stat.S_ISREG(found.st_mode):
            return Standing.OBSTRUCTED
        if found.st_size != size or not sha256:
            return Standing.DIFFERENT
        with os.fdopen(os.open(self._at(name), _READ, dir_fd=self._descriptor), "rb") as file:
            return Standing.SAME if file_digest(file, "sha256").hexdigest() == sha256 else Standing.DIFFERENT

    def read(self, name: str) -> bytes | None:
        """A regular file's bytes, None where none stands there."""
        try:
            if not stat.S_ISREG(self._status(name).st_mode):
                return None
            descriptor = os.open(self._at(name), _READ, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    # -- writing --------------------------------------------------------------------------------------------------

    def write_temporary(self, name: str, data: bytes, *, flush: bool) -> None:
        """Write a new file under a name of `temporary_name`; on any error, Ctrl-C included, nothing is left."""
        try:
            with self._opened(name, _CREATE) as descriptor:
                _write_all(descriptor, data)
                if flush:
                    flush_handle(descriptor)
        except BaseException:
            self.remove(name)
            raise

    def append(self, name: str, data: bytes) -> None:
        with self._opened(name, _APPEND) as descriptor:
            _write_all(descriptor, data)

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write one file durably and in one step; see `publish` for what it returns."""
        temporary = temporary_name()
        self.write_temporary(temporary, data, flush=True)
        try:
            return self.publish(temporary, name, replace=replace)
        finally:
            # An error of its own must not hide the one that matters; the next writer removes what is left.
            with suppress(OSError):
                self.remove(temporary)

    def flush_file(self, name: str) -> None:
        with self._opened(name, os.O_RDWR | _NO_FOLLOW) as descriptor:
            flush_handle(descriptor)

    def publish(self, temporary: str, name: str, *, replace: bool) -> bool:
        """Give a temporary file its final name in one step.

        Without `replace`, False when something stands there by now; it is not touched.
        """
        at, source, target = self._descriptor, self._at(temporary), self._at(name)
        if replace:
            os.replace(source, target, src_dir_fd=at, dst_dir_fd=at)
            return True
        try:
            give_name(source, target, folder=at)
        except FileExistsError:
            return False
        return True

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self._descriptor)

    def remove_abandoned(self) -> None:
        """Remove temporary files of programs that were killed: of this host's dead processes, and of long ago."""
        with os.scandir(self.path if self._descriptor is None else self._descriptor) as entries:
            found = [entry.name for entry in entries if entry.name.startswith(TEMPORARY_PREFIX)]
        for name in found:
            # What cannot be removed does no harm: no event file has such a name.
            with suppress(OSError):
                status = self._status(name)
                if stat.S_ISREG(status.st_mode) and _is_abandoned(name, status.st_mtime):
                    self.remove(name)

    def flush_names(self) -> None:
        if self._descriptor is not None:
            # Some network drives refuse to flush a folder; they have no better way.
            with suppress(OSError):
                flush_handle(self._descriptor)

    def flush_file_system(self) -> None:
        """Make everything written so far to its file system durable; see `can_flush_file_systems`."""
        function = _syncfs()
        if function is not None and self._descriptor is not None and function(self._descriptor) != 0:
            import ctypes

            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    @property
    def device(self) -> int:
        return self.path.stat().st_dev if self._descriptor is None else os.fstat(self._descriptor).st_dev

    @contextmanager
    def _opened(self, name: str, flags: int) -> Iterator[int]:
        descriptor = os.open(self._at(name), flags, 0o666, dir_fd=self._descriptor)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _at(self, name: str) -> str:
        return str(self.path / name) if self._descriptor is None else name

    def _status(self, name: str) -> os.stat_result:
        return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def temporary_name() -> str:
    """A new name for an unfinished file. It says whose it is, so that a dead program's files can be removed."""
    return f"{TEMPORARY_PREFIX}{_HOST}-{os.getpid()}-{secrets.token_hex(8)}"


def _is_link(status: os.stat_result) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return True
    # A Windows junction says that it is a folder.
    return getattr(status, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _is_abandoned(name: str, changed_at: float) -> bool:
    if time.time() - changed_at > _ABANDONED_AFTER_S:
        return True
    host, _, rest = name.removeprefix(TEMPORARY_PREFIX).partition("-")
    process = rest.partition("-")[0]
    return host == _HOST and process.isdigit() and not _may_be_running(int(process))


def _may_be_running(process: int) -> bool:
    if sys.platform == "win32":
        # os.kill would end the process instead of asking for it.
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, ctypes.c_uint32(process))
        if not handle:
            return ctypes.get_last_error() != _NO_SUCH_PROCESS
        ended: bool = kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == 0
        kernel.CloseHandle(ctypes.c_void_p(handle))
        return not ended
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def can_flush_file_systems() -> bool:
    """Whether one call makes everything written to a file system durable."""
    return _RELATIVE and _syncfs() is not None


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Linux's syncfs: one flush for a whole batch, and of one file system only (os.sync waits for every disk)."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
