"""Finding the files that sources name: folders are searched whole, nothing is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sfm_archive.errors import NotFound
from sfm_archive.importing.report import ImportItem, Outcome

_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"})
_OWN_SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Found:
    """Files to read, sorted by folder and name, and items for what cannot or need not be read."""

    paths: tuple[Path, ...]
    items: tuple[ImportItem, ...]


def find_files(sources: Iterable[Path], archive: Path) -> Found:
    """All files that the sources name, each once, however often it is named.

    The archive itself and what file managers leave behind are left out. Links to folders are not followed, so that a
    ring of links cannot hold the import. Raises NotFound when a source does not exist.
    """
    paths: dict[Path, None] = {}
    items: list[ImportItem] = []
    own = {os.path.normcase(os.path.abspath(archive))}  # noqa: PTH100 - links must stay as they are
    own |= {path + ending for path in list(own) for ending in _OWN_SIDE_FILES}

    def take(path: Path) -> None:
        if os.path.normcase(os.path.abspath(path)) in own:  # noqa: PTH100
            items.append(_item(path, "archive", Outcome.LEFT_OUT, "this is the archive that is being filled"))
        elif path.name.lower() in _LITTER or path.name.startswith(".sfm-"):
            items.append(_item(path, "left behind by a program", Outcome.LEFT_OUT, "holds nothing of an event"))
        else:
            problem = _not_readable_as_file(path)
            if problem:
                items.append(_item(path, "unreadable", Outcome.REJECTED, problem))
            else:
                paths[path] = None

    for source in sources:
        if not os.path.lexists(source):
            raise NotFound(f"{source} does not exist; nothing was imported. Check the path")
        if source.is_dir():
            _search(source, take, items)
        else:
            take(source)
    return Found(tuple(paths), tuple(items))


def _search(folder: Path, take: object, items: list[ImportItem]) -> None:
    assert callable(take)

    def unreadable(error: OSError) -> None:
        reason = f"the folder cannot be read: {error.strerror}. Check its permissions"
        items.append(_item(Path(error.filename or folder), "folder", Outcome.REJECTED, reason))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in list(folders):
            if (Path(place) / name).is_symlink():
                folders.remove(name)
                text = "a link to a folder is not followed; name its target to import it"
                items.append(_item(Path(place) / name, "link", Outcome.LEFT_OUT, text))
        for name in sorted(names):
            take(Path(place) / name)


def _not_readable_as_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"the file cannot be read: {error.strerror}. Check that it is there and may be read"
    return "" if stat.S_ISREG(mode) else "this is not a regular file; nothing was read from it"


def _item(path: Path, kind: str, outcome: Outcome, message: str) -> ImportItem:
    return ImportItem(path=str(path), kind=kind, outcome=outcome, message=message)
