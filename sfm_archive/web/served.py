"""The archives that are served, by the names that stand in addresses. No address leads to any other file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import is_in_memory
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import NotUsable, UsageError
from sfm_archive.model.preferences import NOTHING_PREFERRED, Preferences

WAIT_S = 5.0
"""How long a request waits for another program that is writing."""


@dataclass(frozen=True, slots=True)
class Served:
    """One archive. `name`: in addresses; `path`: where it lies; `users`: preferences of whoever serves it."""

    name: str
    path: Path
    users: Preferences = NOTHING_PREFERRED

    @contextmanager
    def reading(self) -> Iterator[Archive]:
        """The archive, opened read-only for one request: at rest nobody holds it, and what replaced it is read."""
        with Archive.open(self.path, read_only=True, wait_s=WAIT_S) as archive:
            yield archive

    @contextmanager
    def changing(self, person: str) -> Iterator[Archive]:
        """The archive, opened for the changes of a person. Raises Busy where another program writes for long."""
        with Archive.open(self.path, actor=person, wait_s=WAIT_S) as archive:
            yield archive


def served_archives(paths: Sequence[Path], users: Preferences = NOTHING_PREFERRED) -> Mapping[str, Served]:
    """The archives by name; two of one name get numbers. Raises what opening does, UsageError for one named twice, and
    NotUsable for one whose derived rows are of other rules: each request would make them anew."""
    found: dict[str, Served] = {}
    seen: dict[Path, Path] = {}
    for path in paths:
        own = path.resolve()
        if own in seen:
            raise UsageError(f"{path} is the same archive as {seen[own]}; name it once")
        seen[own] = path
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip(".-") or "archive"
        number = 2
        name = stem
        while name in found or name in RESERVED:
            name, number = f"{stem}-{number}", number + 1
        found[name] = Served(name, path.absolute(), users)
        with found[name].reading() as archive:
            if is_in_memory(archive.store):
                rebuild = command_line("sfm", "rebuild", path)
                raise NotUsable(
                    f"{path}: what lists read was made by other rules, and each page would compute it anew; "
                    f"{rebuild} brings it up to date"
                )
    return found


RESERVED = frozenset({"api", "static", "login", "logout"})
"""First parts of addresses that are no archive."""
