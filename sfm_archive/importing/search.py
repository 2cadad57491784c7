"""Finding the files that sources name: folders are searched whole, nothing is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sfm_archive.errors import NotFound
from sfm_archive.importing.identify import serial_of_folder
from sfm_archive.importing.report import ImportItem, ItemOutcome
from sfm_archive.storage.place import identity, identity_of

_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"})
_OWN_SIDE_FILES = ("", "-wal", "-shm", "-journal")


def find_files(sources: Iterable[Path], archive: Path) -> tuple[tuple[Path, ...], tuple[ImportItem, ...]]:
    """All files that the sources name, each once, however often it is named; and items for what is not read.

    The files of each folder come in the order of their names. The archive itself and what file managers leave behind
    are left out. Links to folders are not followed, so that a ring of links cannot hold the import. Raises NotFound
    when a source does not exist.
    """
    search = _Search(archive)
    for source in sources:
        if not os.path.lexists(source):
            raise NotFound(f"{source} does not exist or its folder may not be read; nothing was imported")
        if os.path.isdir(source):  # noqa: PTH112 - Path.is_dir raises where permission is missing
            search.folder(source)
        else:
            search.file(source)
    return tuple(search.paths.values()), tuple(search.items)


class _Search:
    """What one search has found so far. Paths are kept as they were given; their absolute form makes them one."""

    def __init__(self, archive: Path) -> None:
        self.paths: dict[str, Path] = {}
        self.items: list[ImportItem] = []
        self._seen: set[str] = set()
        own = [archive.with_name(archive.name + ending) for ending in _OWN_SIDE_FILES]
        # By device and number too: the way to it may lead through links.
        self._archive_paths = {_absolute(path) for path in own}
        self._archive_files = {identity(path) for path in own} - {None}

    def folder(self, top: Path) -> None:
        """Everything in and below a folder; without recursion, which a deep tree would exhaust."""
        left = [top]
        while left:
            place = left.pop()
            try:
                with os.scandir(place) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                reason = f"the folder cannot be read: {error.strerror}. Check its permissions"
                self._settle(place, "folder", ItemOutcome.REJECTED, reason)
                continue
            below: list[Path] = []
            for entry in entries:
                path = place / entry.name
                if _is_folder(entry, follow_links=False):
                    below.append(path)
                elif _is_folder(entry, follow_links=True):
                    text = "a link to a folder is not followed; name its target to import it"
                    self._settle(path, "link", ItemOutcome.LEFT_OUT, text)
                else:
                    self.file(path)
            left += reversed(below)

    def file(self, path: Path) -> None:
        """One file, unless it was named before."""
        key = _absolute(path)
        if key in self._seen:
            return
        try:
            status = path.stat()
        except OSError as error:
            reason = f"the file cannot be read: {error.strerror}. Check that it is there and may be read"
            self._settle(path, "unreadable", ItemOutcome.REJECTED, reason)
            return
        if key in self._archive_paths or identity_of(status) in self._archive_files:
            self._settle(path, "archive", ItemOutcome.LEFT_OUT, "this is the archive that the import writes to")
        elif path.name.lower() in _LITTER or path.name.startswith(".sfm-"):
            self._settle(path, "left behind by a program", ItemOutcome.LEFT_OUT, "it holds no data of an event")
        elif not stat.S_ISREG(status.st_mode):
            reason = "this is a device, pipe or socket, not a regular file; nothing was read from it"
            self._settle(path, "unreadable", ItemOutcome.REJECTED, reason)
        else:
            self._seen.add(key)
            self.paths[key] = _in_its_folder(path)

    def _settle(self, path: Path, kind: str, outcome: ItemOutcome, message: str) -> None:
        key = _absolute(path)
        if key not in self._seen:
            self._seen.add(key)
            self.items.append(ImportItem(path=str(path), kind=kind, outcome=outcome, message=message))


def _in_its_folder(path: Path) -> Path:
    """The path with the name of its folder, where that tells the unit and is not written (`raw_s3_….bin`)."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links must stay as they are
    is_written = path.parent.name == whole.parent.name
    return path if is_written or serial_of_folder(whole.parent.name) is None else whole


def _absolute(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - links must stay as they are


def _is_folder(entry: os.DirEntry[str], *, follow_links: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow_links)
    except OSError:
        return False
