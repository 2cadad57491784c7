"""A SQLite VFS that passes everything through to the disk and reports it to a `Disk` model.

SQLite's own files go through the VFS. Files that Python makes, renames, removes or syncs go through `os`, whose
functions are watched while recording. The program under test runs as always: with real locks, real shared memory and
any number of connections; `power_cuts` asks the model afterwards what each cut would have left.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw

from sfm_archive.selftest.disk import Disk, Variant

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

    def take_up(self, name: str) -> None:
        """Note what Python has written to a file of its own: not when, but before it is synced or gets a name."""
        held = self.disk.after_cut(self.now, Variant.EVERYTHING)[name]
        data = (self.folder / name).read_bytes()
        if held != data:
            number = self.disk.number(name)
            self.disk.write(number, name, 0, data)
            if len(data) < len(held):
                self.disk.truncate(number, name, len(data))

    def check_complete(self) -> None:
        """Raise Unrecorded unless the model's files are those of the folder."""
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
        # SQLite's own VFS (unixOpen) opens journals to be made where they are not there, and syncs the folder when such
        # a handle is synced for the first time, also where another connection has made the file a moment before.
        self._sync_folder = bool(flags[0] & apsw.SQLITE_OPEN_CREATE and flags[0] & _JOURNALS)

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
    real_open, real_unlink, real_rename, real_replace, real_link, real_fsync = (
        os.open,
        os.unlink,
        os.rename,
        os.replace,
        os.link,
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

    def watched_naming(real: Callable[..., None], note: Callable[[str, str], None]) -> Callable[..., None]:
        def named(old: Any, new: Any, **more: Any) -> None:
            before, after = inside(old), inside(new)
            known = before is not None and after is not None and before in disk
            if known and before is not None:
                recorder.take_up(before)
            real(old, new, **more)
            if known and before is not None and after is not None:
                note(before, after)

        return named

    def watched_fsync(handle: Any) -> None:
        real_fsync(handle)
        found = os.fstat(handle if isinstance(handle, int) else handle.fileno())
        if os.path.samestat(found, recorder.folder.stat()):
            disk.sync_folder()
        for path in recorder.folder.iterdir():
            if path.name in disk and os.path.samestat(found, path.stat()):
                recorder.take_up(path.name)
                disk.sync(disk.number(path.name), path.name)

    with (
        patch.object(os, "open", watched_open),
        patch.object(os, "unlink", watched_unlink),
        patch.object(os, "remove", watched_unlink),
        patch.object(os, "rename", watched_naming(real_rename, disk.rename)),
        patch.object(os, "replace", watched_naming(real_replace, disk.rename)),
        patch.object(os, "fsync", watched_fsync),
        patch.object(os, "link", watched_naming(real_link, disk.link)),
    ):
        yield
