"""The bytes of a file that may be damaged, cut off, still written to, or no file at all: read where they are looked at.

They are read and not mapped: a mapped file that gets shorter, or whose disk fails, ends the process on the spot.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from sfm_archive.base.regular_files import open_file
from sfm_archive.errors import ArchiveNotFound, NotAnArchive, StorageFailed
from sfm_archive.formats.sqlite_pages import PAGE_SIZES, Bytes

_SMALLEST = min(PAGE_SIZES)
_BLOCK = 1 << 20


@contextmanager
def bytes_of(path: Path, *, there: bool = True) -> Iterator[Bytes]:
    """A file's bytes; none of a file that need not be `there` and is not.

    Raises ArchiveNotFound, StorageFailed, and NotAnArchive for a pipe, a device, and what is too short for an archive.
    """
    try:
        status = path.stat()
        if not there and (not stat.S_ISREG(status.st_mode) or not status.st_size):
            yield b""
            return
        if not stat.S_ISREG(status.st_mode):
            raise NotAnArchive(f"{path} is a folder, device or pipe, not an archive; nothing was made")
        if status.st_size < _SMALLEST:
            raise NotAnArchive(f"{path} is shorter than a page of an sfm archive; nothing was made")
        file = open_file(path)
    except FileNotFoundError as error:
        if there:
            raise ArchiveNotFound(f"{path} does not exist; check the path") from error
        yield b""
        return
    except OSError as error:
        raise _not_read(path, error) from error
    with file:
        yield _FileBytes(path, file, status.st_size)


class _FileBytes:
    """An open file as a sequence of bytes, as long as it was when it was opened.

    Raises StorageFailed where the disk fails, and where the file is shorter by now.
    """

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path, self._file, self._size = path, file, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, step = part.indices(self._size)
        if step == 1:
            return self._read(start, max(0, stop - start))
        # One byte of each page, by every size that a page may have: the file is read once for all of them.
        assert (start, stop) == (0, self._size) and step % _SMALLEST == 0, part
        return self._first_bytes[:: step // _SMALLEST]

    @cached_property
    def _first_bytes(self) -> bytes:
        """The first byte of each page of the smallest size."""
        blocks = range(0, self._size, _BLOCK)
        return b"".join(self._read(at, min(_BLOCK, self._size - at))[::_SMALLEST] for at in blocks)

    def _read(self, at: int, size: int) -> bytes:
        try:
            self._file.seek(at)
            found = self._file.read(size)
        except OSError as error:
            raise _not_read(self._path, error) from error
        if len(found) < size:
            raise StorageFailed(
                f"{self._path} became shorter while it was read, so another program writes to it; nothing was made. "
                "Salvage a copy of it"
            )
        return found


def _not_read(path: Path, error: OSError) -> StorageFailed:
    return StorageFailed(
        f"{path} cannot be read: {error.strerror or error}. Check its permissions; where the disk fails, copy it to a "
        "good one first (ddrescue keeps what can be read)"
    )
