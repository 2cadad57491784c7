"""Puts files into the target in batches: all of a batch under temporary names, one flush, then the final names.

A final name therefore never shows a partial file, also after a power cut, and the files of a batch share the cost of
the flush. A second thread for this was measured and left out: encoding and writing both want the interpreter, and the
export became a tenth slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from types import TracebackType
from typing import Self

from sfm_archive.exporting.look import OpenFolders
from sfm_archive.files.folder import (
    Obstructed,
    TargetFolder,
    can_flush_file_systems,
    storage_failed,
    temporary_name,
)

_MOST_FILES = 512
_MOST_BYTES = 16 * 1024 * 1024
_MOST_FOLDERS = 48
"""Bounds of a batch: what a power cut can cost, and open folders (macOS gives a program 256 files)."""

_WORTH_ONE_FLUSH = 8
"""From this many files on, one flush of the file system is cheaper than one for each file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToWrite:
    """One file: `position` is the caller's own number for it, `replace` allows to replace a different file."""

    position: int
    folders: tuple[str, ...]
    name: str
    replace: bool


Refused = Callable[[int, str], None]
"""Told the position of a file that something stood in the way of after all, and a sentence about it."""


class BatchWriter:
    """Takes files one by one. Leave it with an error, Ctrl-C included, and unfinished files are removed."""

    def __init__(self, target: Path, refused: Refused) -> None:
        self._target = target
        self._refused = refused
        self._folders: OpenFolders | None = None
        self._waiting: list[tuple[ToWrite, TargetFolder, str]] = []
        self._bytes = 0
        self._cleaned: set[tuple[str, ...]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish_batch()
        finally:
            for _, folder, temporary in self._waiting:
                # A leftover that cannot be removed now is removed by the next export.
                with suppress(OSError):
                    folder.remove(temporary)
            if self._folders is not None:
                self._folders.close()

    def add(self, file: ToWrite, data: bytes) -> None:
        """Write a file; it gets its name with its batch. Raises StorageFailed for this or an earlier file."""
        try:
            folder = self._folder(file.folders)
            temporary = temporary_name()
            # Listed before it is there: Ctrl-C can come between any two steps.
            self._waiting.append((file, folder, temporary))
            folder.write_temporary(temporary, data, flush=not can_flush_file_systems())
        except Obstructed as error:
            self._refused(file.position, str(error))
            return
        except OSError as error:
            path = self._target.joinpath(*file.folders, file.name)
            raise storage_failed(error, path, "cannot be written") from error
        self._bytes += len(data)
        open_folders = 0 if self._folders is None else len(self._folders)
        if len(self._waiting) >= _MOST_FILES or self._bytes >= _MOST_BYTES or open_folders >= _MOST_FOLDERS:
            self._finish_batch()

    def _folder(self, parts: tuple[str, ...]) -> TargetFolder:
        if self._folders is None:
            self._folders = OpenFolders(self._target, create=True)
        folder = self._folders.folder(parts)
        if folder is None:
            raise FileNotFoundError(ENOENT, "the folder vanished")
        if parts not in self._cleaned:
            self._cleaned.add(parts)
            folder.remove_abandoned()
        return folder

    def _finish_batch(self) -> None:
        if self._folders is None:
            return
        with writing_to(self._target):
            if can_flush_file_systems():
                self._flush_data(self._folders)
            self._publish()
            self._folders.flush()
        self._folders.close()
        self._folders, self._bytes = None, 0

    def _flush_data(self, folders: OpenFolders) -> None:
        if len(self._waiting) >= _WORTH_ONE_FLUSH:
            folders.flush()
            return
        for _, folder, temporary in self._waiting:
            folder.flush_file(temporary)

    def _publish(self) -> None:
        while self._waiting:
            file, folder, temporary = self._waiting[-1]
            try:
                published = folder.publish(temporary, file.name, replace=file.replace)
                if not published:
                    folder.remove(temporary)
            except OSError as error:
                raise storage_failed(error, folder.path / file.name, "cannot be written") from error
            self._waiting.pop()
            if not published:
                path = folder.path / file.name
                self._refused(file.position, f"{path} appeared while the export ran; it was not touched")


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Raise StorageFailed naming the path for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, path, "cannot be written") from error
