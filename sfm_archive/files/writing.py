"""One file at a place that a person named: whole or not at all, and never instead of a different one unasked."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Self

from sfm_archive.errors import AlreadyExists
from sfm_archive.files.durable import flush, flush_folder, give_name
from sfm_archive.files.failures import make_folder, writing_to
from sfm_archive.files.folder import TargetFolder, temporary_name
from sfm_archive.files.paths import check_name
from sfm_archive.files.standing import WriteAction, in_the_way, write_action

Naming = Callable[[Path, Path], AbstractContextManager[None]]
"""What goes around giving an unfinished file (the first) its name (the second)."""


def _just_named(_unfinished: Path, _target: Path) -> AbstractContextManager[None]:
    return nullcontext()


@contextmanager
def new_file(target: Path, naming: Naming = _just_named) -> Iterator[Path]:
    """The path of an empty file to write to or to remake; it gets its name `target` when the block ends well.

    When not, it is removed, with what SQLite keeps beside a database; where the program is killed, the next one that
    makes a file in the folder does that. Nothing is ever replaced. Raises AlreadyExists, BadName, StorageFailed.
    """
    check_name(target)
    if os.path.lexists(target):
        raise _already_exists(target)
    with writing_to(target):
        unfinished = unfinished_beside(target)
    try:
        with writing_to(target):
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644))
            yield unfinished
            flush(unfinished)
            try:
                # Of two programs that make one file only one may succeed.
                with naming(unfinished, target):
                    give_name(unfinished, target)
            except FileExistsError as error:
                raise _already_exists(target) from error
            flush_folder(target.absolute().parent)
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                unfinished.with_name(f"{unfinished.name}{ending}").unlink(missing_ok=True)


def unfinished_beside(target: Path) -> Path:
    """The path for what shall get the name `target` when it is whole. What dead programs left in its folder is removed.
    Raises OSError."""
    with TargetFolder.root(target.absolute().parent) as folder:
        folder.remove_abandoned()
    return target.with_name(temporary_name())


def write_file(path: Path, data: bytes, *, overwrite: bool = False) -> bool:
    """Write a file; False where exactly these bytes stand there already.

    It appears under its name when all of it is on the disk. Raises AlreadyExists where something else stands there and
    `overwrite` is off, or where it is no plain file; BadName; StorageFailed where the system refuses.
    """
    check_name(path)
    with writing_to(path), TargetFolder.root(path.parent) as folder:
        folder.remove_abandoned()
        standing = folder.standing(path.name, len(data), hashlib.sha256(data).hexdigest())
        action = write_action(standing, overwrite=overwrite)
        if action is WriteAction.REFUSE:
            raise AlreadyExists(in_the_way(path, standing))
        if action.writes:
            if not folder.put(path.name, data, replace=action is WriteAction.REPLACE):
                raise AlreadyExists(f"{path} has appeared meanwhile; name another file, or say --overwrite")
            folder.flush_names()
    return action.writes


def make_read_only(path: Path) -> None:
    """Take the right to write a file from everybody, where the drive knows of such rights."""
    with suppress(OSError):
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)


class GrowingFile:
    """A file that is written piece by piece; the folder is made with its first piece.

    Leave it before `finish`, with an error or without, and nothing of it is left.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder: TargetFolder | None = None
        self._temporary = temporary_name()
        self._digest, self.size = hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        """Of what was written so far, which are `size` bytes."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            # An error of its own must not hide the one that matters; the next writer removes what is left.
            with suppress(OSError):
                self._folder.remove(self._temporary)
            self._folder.close()

    def add(self, data: bytes) -> None:
        """The next piece. Raises StorageFailed."""
        if self._folder is None:
            make_folder(self._path.parent)
        with writing_to(self._path):
            if self._folder is None:
                self._folder = TargetFolder.root(self._path.parent)
                self._folder.remove_abandoned()
                self._folder.write_temporary(self._temporary, data, flush=False)
            else:
                self._folder.append(self._temporary, data)
        self._digest.update(data)
        self.size += len(data)

    def finish(self, *, overwrite: bool) -> WriteAction:
        """Give it its name; what was done. Raises StorageFailed."""
        if self._folder is None:
            self.add(b"")
        assert self._folder is not None
        folder, name = self._folder, self._path.name
        with writing_to(self._path):
            action = write_action(folder.standing(name, self.size, self.sha256), overwrite=overwrite)
            if action.writes:
                folder.flush_file(self._temporary)
                if not folder.publish(self._temporary, name, replace=action is WriteAction.REPLACE):
                    return WriteAction.REFUSE
                folder.flush_names()
        return action


def _already_exists(target: Path) -> AlreadyExists:
    with suppress(OSError):
        if target.is_file() and not target.stat().st_size:
            return AlreadyExists(
                f"{target} exists already, though empty, and is not replaced. If it was cut off here, delete it and "
                "try again"
            )
    return AlreadyExists(f"{target} exists already and is not replaced; choose another name or use what is there")
