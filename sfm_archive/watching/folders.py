"""The watched folders as the file system shows them: what is in them, and whether they are there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sfm_archive.errors import NotFound
from sfm_archive.importing.report import ImportItem
from sfm_archive.importing.search import find_files
from sfm_archive.storage.network import is_network_path
from sfm_archive.watching.settling import Seen


class Turn(StrEnum):
    """What happened to a folder since it was looked for last."""

    AWAY = "away"
    BACK = "back"
    ANOTHER = "another"
    """Another folder stands at its path: a drive was taken off the folder at which it was mounted, or put there."""


@dataclass(slots=True)
class _Folder:
    """`on_network`: there the numbers of folders may be other ones at any time, and only the device says which it
    is."""

    path: Path
    on_network: bool
    identity: tuple[int, int] | None

    def identified(self) -> tuple[int, int] | None:
        """What tells it from another one at its path; None where there is none that can be listed."""
        found = _identity(self.path)
        return (found[0], 0) if found is not None and self.on_network else found


class Folders:
    """The folders that are watched. `archive`: the file that is never taken from them, with what lies beside it."""

    def __init__(self, folders: Sequence[Path], archive: Path) -> None:
        self._archive = archive.absolute()
        self._folders: list[_Folder] = []
        for path in dict.fromkeys(Path(os.path.abspath(folder)) for folder in folders):  # noqa: PTH100 - links stay
            one = _Folder(path, is_network_path(path), None)
            one.identity = one.identified()
            if one.identity is None:
                raise NotFound(f"{path} is no folder that is there, or may not be read; nothing is watched")
            self._folders.append(one)

    @property
    def there(self) -> list[Path]:
        """Those that were there when they were looked for last."""
        return [one.path for one in self._folders if one.identity is not None]

    @property
    def any_on_network(self) -> bool:
        """Whether the system shows one to lie on a network drive, which tells of no changes that others make."""
        return any(one.on_network for one in self._folders)

    def turns(self) -> list[tuple[Path, Turn]]:
        """Look for each folder: what has happened to it, where anything has."""
        found = []
        for one in self._folders:
            before, one.identity = one.identity, one.identified()
            if before == one.identity:
                continue
            turn = Turn.AWAY if one.identity is None else Turn.BACK if before is None else Turn.ANOTHER
            found.append((one.path, turn))
        return found

    def everything(self, folder: Path) -> tuple[dict[Path, Seen | None], tuple[ImportItem, ...]] | None:
        """Every file in a folder, and what could not be looked into; None where the folder went away meanwhile."""
        try:
            paths, items = find_files([folder], self._archive)
        except NotFound:
            return None
        found = {path: seen for path in paths if (seen := seen_at(path)) is not None}
        # Of a drive that went away in the middle only a part was found.
        return (dict(found), items) if _identity(folder) is not None else None

    def files_at(self, paths: Iterable[Path]) -> dict[Path, Seen | None]:
        """What is at paths of which something was heard: files, all of a folder that came, None where nothing is."""
        found: dict[Path, Seen | None] = {}
        for path in paths:
            found[path] = None
            with suppress(NotFound):
                for file in find_files([path], self._archive)[0]:
                    found[file] = seen_at(file)
        return found


def seen_at(path: Path) -> Seen | None:
    """A file as it is now; None where it is not there, or cannot be asked."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return Seen(status.st_size, status.st_mtime_ns)


def why_unreadable(path: Path) -> str:
    """What the system says where a file cannot be read now, as while a program of Windows keeps it to itself; '' where
    it can."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one at its path; None where there is none that can be listed."""
    try:
        with os.scandir(folder) as listing:
            next(listing, None)
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
