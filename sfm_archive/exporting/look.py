"""The folders below the target, opened once each, and what stands in them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sfm_archive.exporting.plan import Place
from sfm_archive.files.folder import Obstructed, Standing, TargetFolder, can_flush_file_systems, storage_failed

_MOST_OPEN = 48


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
        self.close()

    def close(self) -> None:
        """Close them all."""
        self._stack.close()

    def folder(self, parts: tuple[str, ...]) -> TargetFolder | None:
        """The folder, None where it is not there and not to be made. Raises Obstructed, OSError."""
        if parts not in self._open:
            parent = self.folder(parts[:-1])
            found = None if parent is None else parent.child(parts[-1], create=self._create)
            self._open[parts] = None if found is None else self._stack.enter_context(found)
        return self._open[parts]

    def __len__(self) -> int:
        return len(self._open)

    def flush(self) -> None:
        """Make durable what was written below, as far as the system can. Folders may be other disks' mount points."""
        folders = [folder for folder in self._open.values() if folder is not None]
        if can_flush_file_systems():
            for folder in {folder.device: folder for folder in folders}.values():
                folder.flush_file_system()
        else:
            for folder in folders:
                folder.flush_names()


class Looking:
    """Looks at places in the target, with a bounded number of folders open. The target need not exist."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._folders: OpenFolders | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def at(self, place: Place, size: int, sha256: str) -> tuple[Standing, str]:
        """What stands at a place, compared with a file of this size and hash; and a sentence for the case that it is
        in the way.
        """
        try:
            folder = self._folder(place.folders)
            standing = Standing.NOTHING if folder is None else folder.standing(place.name, size, sha256)
        except Obstructed as error:
            return Standing.OBSTACLE, str(error)
        except PermissionError as error:
            path = self._target / place.path
            return Standing.DIFFERENT, f"{path} cannot be read for comparison ({error.strerror}); it was not touched"
        except OSError as error:
            raise storage_failed(error, self._target / place.path, "cannot be read for comparison") from error
        if standing in (Standing.NOTHING, Standing.SAME):
            return standing, ""
        path = self._target / place.path
        if standing is Standing.OBSTACLE:
            return standing, f"{path} is a link or no plain file, and was not touched; move it or export somewhere else"
        return standing, f"{path} is another file than the event's; move it, or replace it with --overwrite"

    def _folder(self, parts: tuple[str, ...]) -> TargetFolder | None:
        if self._folders is not None and len(self._folders) > _MOST_OPEN:
            self._close()
        if self._folders is None:
            try:
                self._folders = OpenFolders(self._target, create=False)
            except FileNotFoundError:
                # A dry run into a folder that is still to be made.
                return None
        return self._folders.folder(parts)

    def _close(self) -> None:
        folders, self._folders = self._folders, None
        if folders is not None:
            folders.close()
