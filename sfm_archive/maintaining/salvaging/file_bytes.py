"""The bytes of a file that may be damaged, cut off, still written to, or no file at all: read where they are looked at.

They are read and not mapped: a mapped file that gets shorter, or whose disk fails, ends the process on the spot.
"""

from __future__ import annotations

import errno
import os
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
        assert step == 1, part
        return self._read(start, max(0, stop - start))

    def first_bytes(self, page_size: int) -> Iterator[tuple[int, bytes]]:
        """One byte of each page outside of the file's holes: how many pages lie before, and those of pages in a row."""
        step = page_size // _SMALLEST
        for before, found in self._first_of_smallest:
            first = -(-before // step)  # the first page of this size that begins here
            yield first, found[first * step - before :: step]

    @cached_property
    def _first_of_smallest(self) -> list[tuple[int, bytes]]:
        """The first bytes of pages of the smallest size, by which every other can be told: the file is read once."""
        parts: list[tuple[int, bytes]] = []
        for start, stop in self._held():
            first = -(-start // _SMALLEST)
            blocks = range(first * _SMALLEST, stop, _BLOCK)
            found = b"".join(self._read(at, min(_BLOCK, stop - at))[::_SMALLEST] for at in blocks)
            parts.append((first, found))
        return parts

    def _held(self) -> list[tuple[int, int]]:
        """The stretches of the file that are no holes, from where to where; all of it where the system tells none."""
        seek_data, seek_hole = getattr(os, "SEEK_DATA", None), getattr(os, "SEEK_HOLE", None)
        if seek_data is None or seek_hole is None:
            return [(0, self._size)]
        handle, parts, at = self._file.fileno(), list[tuple[int, int]](), 0
        before = os.lseek(handle, 0, os.SEEK_CUR)
        try:
            while at < self._size:
                start = os.lseek(handle, at, seek_data)
                at = min(os.lseek(handle, start, seek_hole), self._size)
                parts.append((start, at))
        except OSError as error:
            if error.errno != errno.ENXIO:  # which says that only a hole is left
                return [(0, self._size)]
        finally:
            os.lseek(handle, before, os.SEEK_SET)  # where the reader of the file believes it to be
        return parts

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
