"""Many files below one folder: compared with what stands there, and written in batches.

All files of a batch are written under temporary names, then flushed at once, then named: a final name never shows a
partial file, also after a power cut, and the files of a batch share the cost of the flush. A second thread for this was
measured and left out (encoding and writing both want the interpreter, and the export became a tenth slower); so was
Linux's renameat2 (one call in place of link and unlink, and on ext4 not faster than the two).
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from errno import ENOENT
from pathlib import Path
from typing import NamedTuple, Self

from sfm_archive.files.failures import make_folder, storage_failed, writing_to
from sfm_archive.files.folder import Obstructed, TargetFolder, can_flush_file_systems, temporary_name
from sfm_archive.files.paths import checked_path, folded
from sfm_archive.files.standing import Standing, WriteAction, in_the_way, write_action

_MOST_FILES = 512
_MOST_BYTES = 16 * 1024 * 1024
_MOST_FOLDERS = 48
"""Bounds of a batch: what a power cut can cost, and open folders (macOS gives a program 256 files)."""

_WORTH_ONE_FLUSH = 8
"""From this many files on, one flush of the file system is cheaper than one for each file."""

_Folders = tuple[str, ...]


class _Waiting(NamedTuple):
    key: int
    folder: TargetFolder
    temporary: str
    name: str
    replace: bool


class OutputTree:
    """Files below `root`, which is made when the first is written; until then it need not exist.

    Paths are relative, with forward slashes, and checked (files.paths): BadName for one that is not safe everywhere.
    No link below the root is followed. Leave it without an error, and all files are there; with one, Ctrl-C included,
    unfinished files are removed and those of earlier batches stay. What killed programs left is removed from each
    folder that is looked at, also where nothing is to be written; not with `dry_run`.
    """

    def __init__(self, root: Path, *, overwrite: bool = False, dry_run: bool = False) -> None:
        self._root = root
        self._overwrite = overwrite
        self._dry_run = dry_run
        self._stack = ExitStack()
        self._open: dict[_Folders, TargetFolder] = {}
        self._written: set[_Folders] = set()
        self._cleaned: set[_Folders] = set()
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._seen: set[str] = set()
        self.too_late: dict[int, str] = {}
        """Complete when the tree is left: the key of each file that something stood in the way of after all, with a
        sentence about it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._finish_batch()
        finally:
            for waiting in self._waiting:
                # A leftover that cannot be removed now is removed by the next writer.
                with suppress(OSError):
                    waiting.folder.remove(waiting.temporary)
            self._close()

    def action(self, path: str, size: int, sha256: str) -> tuple[WriteAction, str]:
        """What is to be done with a file of this size and hash; where it is refused, with a sentence.

        Once for each file of a run: two whose paths Windows takes for one are not both written. Raises StorageFailed.
        """
        self._bound_open_folders()
        *folders, name = checked_path(path)
        if (one := folded(path)) in self._seen:
            return WriteAction.REFUSE, f"{self._root / path} is the name of two files on Windows; the first was kept"
        self._seen.add(one)
        unreadable = ""
        try:
            folder = self._folder(tuple(folders), create=False)
            standing = Standing.ABSENT if folder is None else folder.standing(name, size, sha256)
        except Obstructed as error:
            return WriteAction.REFUSE, str(error)
        except PermissionError as error:
            standing = Standing.DIFFERENT
            unreadable = f"{self._root / path} cannot be read for comparison ({error.strerror}); it was not touched"
        except OSError as error:
            raise storage_failed(error, self._root / path, "cannot be read for comparison") from error
        action = write_action(standing, overwrite=self._overwrite)
        return action, (unreadable or in_the_way(self._root / path, standing)) if action is WriteAction.REFUSE else ""

    def write(self, key: int, path: str, data: bytes, action: WriteAction) -> None:
        """Write a file as `action` said; it gets its name with its batch. `key`: the caller's own number for it.

        Raises StorageFailed for this or an earlier file.
        """
        self._bound_open_folders()
        *folders, name = checked_path(path)
        try:
            folder = self._folder_to_write(tuple(folders))
            temporary = temporary_name()
            # Listed before it is there: Ctrl-C can come between any two steps.
            self._waiting.append(_Waiting(key, folder, temporary, name, action is WriteAction.REPLACE))
            folder.write_temporary(temporary, data, flush=not can_flush_file_systems())
        except Obstructed as error:
            self.too_late[key] = str(error)
            return
        except OSError as error:
            raise storage_failed(error, self._root / path) from error
        self._bytes += len(data)
        if len(self._waiting) >= _MOST_FILES or self._bytes >= _MOST_BYTES:
            self._finish_batch()

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes, None where none stands there. Raises Obstructed, OSError."""
        *folders, name = checked_path(path)
        folder = self._folder(tuple(folders), create=False)
        return None if folder is None else folder.read(name)

    # -- folders ------------------------------------------------------------------------------------------------------

    def _folder(self, parts: _Folders, *, create: bool) -> TargetFolder | None:
        """A folder, opened once; None where it is not there and not to be made. Raises Obstructed, OSError."""
        opened = self._open.get(parts)
        if opened is not None:
            return opened
        if parts:
            parent = self._folder(parts[:-1], create=create)
            opened = None if parent is None else parent.child(parts[-1], create=create)
        else:
            if create:
                make_folder(self._root)
            with suppress(FileNotFoundError):
                opened = TargetFolder.root(self._root)
        if opened is not None:
            self._open[parts] = self._stack.enter_context(opened)
            if parts not in self._cleaned and not self._dry_run:
                self._cleaned.add(parts)
                opened.remove_abandoned()
        return opened

    def _folder_to_write(self, parts: _Folders) -> TargetFolder:
        folder = self._folder(parts, create=True)
        if folder is None:
            raise FileNotFoundError(ENOENT, "the folder vanished")
        if parts not in self._written:
            # New folders are names in those above.
            self._written.update(parts[:depth] for depth in range(len(parts) + 1))
        return folder

    def _bound_open_folders(self) -> None:
        if len(self._open) >= _MOST_FOLDERS:
            self._finish_batch()

    def _close(self) -> None:
        self._open.clear()
        self._stack.close()

    # -- batches ------------------------------------------------------------------------------------------------------

    def _finish_batch(self) -> None:
        if self._waiting:
            with writing_to(self._root):
                if can_flush_file_systems():
                    self._flush_data()
                self._give_names()
                self._flush_written()
        self._written.clear()
        self._bytes = 0
        self._close()

    def _flush_data(self) -> None:
        if len(self._waiting) >= _WORTH_ONE_FLUSH:
            self._flush_written()
            return
        for waiting in self._waiting:
            waiting.folder.flush_file(waiting.temporary)

    def _flush_written(self) -> None:
        """Make durable what was written, as far as the system can. Folders may be other disks' mount points."""
        folders = [self._open[parts] for parts in self._written]
        if can_flush_file_systems():
            for folder in {folder.device: folder for folder in folders}.values():
                folder.flush_file_system()
        else:
            for folder in folders:
                folder.flush_names()

    def _give_names(self) -> None:
        while self._waiting:
            waiting = self._waiting[-1]
            path = waiting.folder.path / waiting.name
            try:
                published = waiting.folder.publish(waiting.temporary, waiting.name, replace=waiting.replace)
                if not published:
                    waiting.folder.remove(waiting.temporary)
            except OSError as error:
                raise storage_failed(error, path) from error
            self._waiting.pop()
            if not published:
                self.too_late[waiting.key] = f"{path} appeared meanwhile; it was not touched"
