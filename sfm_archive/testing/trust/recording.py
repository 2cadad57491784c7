"""A SQLite VFS that passes everything through to the disk and tells a `Disk` model what it did.

SQLite's own files go through the VFS. Files that Python makes, renames, removes or syncs go through `os`, whose
functions are watched while recording. The program under test runs as always: with real locks, real shared memory and
any number of connections; `power_cuts` asks the model afterwards what each cut would have left.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import apsw

from sfm_archive.testing.trust.disk import Disk

_JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL
_SHARED_MEMORY = "-shm"


def normal_vfs() -> str:
    """The system's own VFS."""
    return "win32" if os.name == "nt" else "unix"


def files_in(folder: Path) -> dict[str, bytes]:
    """A folder's files as they are, without SQLite's shared memory, which no power cut leaves behind."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.endswith(_SHARED_MEMORY)
    }


class Unrecorded(AssertionError):
    """The folder does not hold what was recorded: something wrote past the recorder."""


class Recorder:
    """What is done to the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.disk = Disk(files_in(folder))

    @property
    def now(self) -> int:
        """How many operations there were until now."""
        return len(self.disk.steps)

    def inside(self, path: Any) -> str | None:
        """The name of a file of this folder, None for any other."""
        if not isinstance(path, str | os.PathLike):
            return None
        full = Path(os.fsdecode(path)).absolute()
        return full.name if full.parent.resolve() == self.folder else None

    def check_complete(self) -> None:
        """Raise Unrecorded unless the model's files are those of the folder."""
        from sfm_archive.testing.trust.disk import Variant

        model = self.disk.after_cut(self.now, Variant.EVERYTHING)
        real = files_in(self.folder)
        if model != real:
            differ = sorted({*model, *real} - {name for name in model if model[name] == real.get(name)})
            raise Unrecorded(f"{self.folder}: {', '.join(differ)}")


class _RecordedFile(apsw.VFSFile):
    def __init__(self, recorder: Recorder, name: Any, flags: list[int], known: str) -> None:
        disk = recorder.disk
        is_new = known not in disk
        super().__init__(normal_vfs(), name, flags)
        self._disk = disk
        self._name = known
        self._number = disk.create(known) if is_new else disk.number(known)
        # SQLite's own VFS syncs the folder when a journal that it has made is synced for the first time.
        self._sync_folder = bool(is_new and flags[0] & _JOURNALS)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's names
        super().xWrite(data, offset)
        self._disk.write(self._number, self._name, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.truncate(self._number, self._name, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.sync(self._number, self._name)
        if self._sync_folder:
            self._disk.sync_folder()
            self._sync_folder = False


class _RecordingVFS(apsw.VFS):
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        super().__init__(f"recording-{id(recorder)}", normal_vfs(), makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        known = self._recorder.inside(path)
        if known is None:
            return apsw.VFSFile(normal_vfs(), name, flags)
        return _RecordedFile(self._recorder, name, flags, known)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        known = self._recorder.inside(filename)
        if known is not None and known in self._recorder.disk:
            self._recorder.disk.delete(known)
            if syncdir:
                self._recorder.disk.sync_folder()


@contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """Record what is done to the files of a folder. Connections opened inside must be closed inside."""
    recorder = Recorder(folder)
    vfs = _RecordingVFS(recorder)
    try:
        with _watched_os(recorder):
            yield recorder
    finally:
        vfs.unregister()


@contextmanager
def _watched_os(recorder: Recorder) -> Iterator[None]:
    disk, inside = recorder.disk, recorder.inside
    real_open, real_unlink, real_rename, real_replace, real_fsync = (
        os.open,
        os.unlink,
        os.rename,
        os.replace,
        os.fsync,
    )

    def watched_open(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        handle = real_open(path, flags, *rest, **more)
        name = inside(path)
        if name is not None and flags & os.O_CREAT and name not in disk:
            disk.create(name)
        return handle

    def watched_unlink(path: Any, **more: Any) -> None:
        real_unlink(path, **more)
        name = inside(path)
        if name is not None and name in disk:
            disk.delete(name)

    def watched_rename(real: Callable[..., None]) -> Callable[..., None]:
        def rename(old: Any, new: Any, **more: Any) -> None:
            real(old, new, **more)
            before, after = inside(old), inside(new)
            if before is not None and after is not None and before in disk:
                disk.rename(before, after)

        return rename

    def watched_fsync(handle: Any) -> None:
        real_fsync(handle)
        found = os.fstat(handle if isinstance(handle, int) else handle.fileno())
        if os.path.samestat(found, recorder.folder.stat()):
            disk.sync_folder()
        for path in recorder.folder.iterdir():
            if path.name in disk and os.path.samestat(found, path.stat()):
                disk.sync(disk.number(path.name), path.name)

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise Unrecorded("hard links are not part of the model")

    with (
        patch.object(os, "open", watched_open),
        patch.object(os, "unlink", watched_unlink),
        patch.object(os, "remove", watched_unlink),
        patch.object(os, "rename", watched_rename(real_rename)),
        patch.object(os, "replace", watched_rename(real_replace)),
        patch.object(os, "fsync", watched_fsync),
        patch.object(os, "link", refused),
    ):
        yield
