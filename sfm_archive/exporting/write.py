"""Puts batches of files into the target: all of a batch under temporary names, one flush, then the final names.

A final name therefore never shows a partial file, also after a power cut, and the cost of the flush is shared by the
batch. A second thread does this while the caller makes the next batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from types import TracebackType
from typing import Self

from sfm_archive.exporting.folder import Obstructed, TargetFolder, can_flush_file_systems, storage_failed

_MOST_FILES = 512
_MOST_BYTES = 16 * 1024 * 1024
_MOST_FOLDERS = 48
"""Bounds of a batch: memory, and open folders (two levels, two batches; macOS gives a program 256 files)."""

_WORTH_ONE_FLUSH = 8
"""From this many files on, one flush of the file system is cheaper than one for each file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToWrite:
    """One file: `position` is the caller's own number for it, `replace` allows to replace a different file."""

    position: int
    folders: tuple[str, ...]
    name: str
    data: bytes
    replace: bool


Refused = Callable[[int, str], None]
"""Told the position of a file that something stood in the way of after all, and a sentence about it."""


class OpenFolders:
    """Folders below the target, opened once each."""

    def __init__(self, target: Path, *, create: bool) -> None:
        self._create = create
        self._stack = ExitStack()
        root = self._stack.enter_context(TargetFolder.root(target))
        self._open: dict[tuple[str, ...], TargetFolder | None] = {(): root}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def folder(self, parts: tuple[str, ...]) -> TargetFolder | None:
        """The folder, None where it is not there and not to be made. Raises Obstructed, OSError."""
        if parts not in self._open:
            parent = self.folder(parts[:-1])
            found = None if parent is None else parent.child(parts[-1], create=self._create)
            self._open[parts] = None if found is None else self._stack.enter_context(found)
        return self._open[parts]

    def flush(self) -> None:
        """Make durable what was written below, as far as the system can. Folders may be other disks' mount points."""
        folders = [folder for folder in self._open.values() if folder is not None]
        if can_flush_file_systems():
            for folder in {folder.device: folder for folder in folders}.values():
                folder.flush_file_system()
        else:
            for folder in folders:
                folder.flush_names()


class BatchWriter:
    """Takes files one by one and writes them in batches. Leave it with an error and unfinished files are removed."""

    def __init__(self, target: Path, refused: Refused) -> None:
        self._target = target
        self._refused = refused
        self._batch: list[ToWrite] = []
        self._bytes = 0
        self._folders: set[tuple[str, ...]] = set()
        self._cleaned: set[tuple[str, ...]] = set()
        self._stop = Flag()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sfm-export")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._submit()
                self._wait()
        finally:
            # After an error or Ctrl-C the thread stops at its next file and removes what has no final name yet.
            self._stop.set()
            self._thread.shutdown(wait=True)

    def add(self, file: ToWrite) -> None:
        """Write a file soon. Raises StorageFailed for this or an earlier file."""
        self._batch.append(file)
        self._bytes += len(file.data)
        self._folders.add(file.folders)
        if len(self._batch) >= _MOST_FILES or self._bytes >= _MOST_BYTES or len(self._folders) >= _MOST_FOLDERS:
            self._submit()

    def _submit(self) -> None:
        batch, self._batch, self._bytes, self._folders = self._batch, [], 0, set()
        self._wait()
        if batch:
            self._under_way = self._thread.submit(self._write, batch)

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def _write(self, batch: list[ToWrite]) -> None:
        flush_each = len(batch) < _WORTH_ONE_FLUSH or not can_flush_file_systems()
        waiting: list[tuple[ToWrite, TargetFolder, str]] = []
        with writing_to(self._target), OpenFolders(self._target, create=True) as folders:
            try:
                for file in batch:
                    if self._stop.is_set():
                        return
                    folder = self._folder(folders, file)
                    if folder is not None:
                        with writing_to(folder.path / file.name):
                            waiting.append((file, folder, folder.write_temporary(file.data, flush=flush_each)))
                if not flush_each:
                    folders.flush()
                self._publish(waiting)
                folders.flush()
            finally:
                for _, folder, temporary in waiting:
                    # A leftover that cannot be removed now is removed by the next export.
                    with suppress(OSError):
                        folder.remove(temporary)

    def _publish(self, waiting: list[tuple[ToWrite, TargetFolder, str]]) -> None:
        while waiting and not self._stop.is_set():
            file, folder, temporary = waiting[-1]
            with writing_to(folder.path / file.name):
                if folder.publish(temporary, file.name, replace=file.replace):
                    waiting.pop()
                    continue
                folder.remove(temporary)
            waiting.pop()
            self._refused(file.position, f"{folder.path / file.name} appeared while the export ran; it was not touched")

    def _folder(self, folders: OpenFolders, file: ToWrite) -> TargetFolder | None:
        try:
            folder = folders.folder(file.folders)
        except Obstructed as error:
            self._refused(file.position, str(error))
            return None
        if folder is not None and file.folders not in self._cleaned:
            self._cleaned.add(file.folders)
            folder.remove_abandoned()
        return folder


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Raise StorageFailed naming the path for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, path, "cannot be written") from error
