"""Which files have settled: nothing of them has changed for a while. Pure: it is told what was seen, and when.

No lock says that a program is still writing. A file is taken when its size and its time of change stay the same for
the settle time, and again when they change later: what arrived torn and is completed comes twice, as what it is then.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

_UNFINISHED_ENDINGS: Final = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".!ut")
_UNFINISHED_BEGINNINGS: Final = ("~$", ".~", ".sync-", ".syncthing.")

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_TOLD_AT_TRY: Final = 3


class Seen(NamedTuple):
    """What tells two states of a file apart. `size`: bytes; `changed_ns`: its time of change, nanoseconds."""

    size: int
    changed_ns: int


class Ready(NamedTuple):
    """A file that is to be taken, and as what it was seen."""

    path: Path
    seen: Seen


class Left(NamedTuple):
    """A file that has settled and is not taken, and why."""

    path: Path
    why: str


@dataclass(slots=True)
class _File:
    """`since`: when it was first seen like this; `taken`: as what it was taken last; `tries`: how often it could not be
    read in this state; `not_before`: when to try again; `told`: whether it was said that it is left."""

    seen: Seen
    since: float
    taken: Seen | None = None
    tries: int = 0
    not_before: float = 0.0
    told: bool = False


class Settling:
    """All files that were seen. Times are of one steady clock, in seconds."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._files: dict[Path, _File] = {}

    def look(self, now: float, found: Mapping[Path, Seen | None]) -> None:
        """What was seen now; None of a file that is not there any more."""
        for path, seen in found.items():
            known = self._files.get(path)
            if seen is None:
                self._files.pop(path, None)
            elif known is None:
                self._files[path] = _File(seen, now)
            elif known.seen != seen:
                self._files[path] = _File(seen, now, known.taken)

    def forget_others(self, below: Path, found: Iterable[Path]) -> None:
        """Of a folder everything was looked at: what was not found there is gone."""
        there = set(found)
        for path in [path for path in self._in(below) if path not in there]:
            del self._files[path]

    def forget_waiting(self, below: Path) -> None:
        """A folder went away: nothing in it is waited for before it is seen again; what was taken is still known."""
        for path in [path for path in self._in(below) if self._files[path].taken != self._files[path].seen]:
            del self._files[path]

    def _in(self, folder: Path) -> list[Path]:
        start = f"{folder}{'' if str(folder).endswith(os.sep) else os.sep}"
        return [path for path in self._files if str(path).startswith(start)]

    def ready(self, now: float) -> list[Ready]:
        """Those that have settled and were not taken like this, in the order of their paths."""
        found = [
            Ready(path, one.seen)
            for path, one in self._files.items()
            if self._has_settled(one, now) and now >= one.not_before and not why_left(path, one.seen)
        ]
        return sorted(found)

    def left(self, now: float) -> list[Left]:
        """Those that have settled and are not taken for what they are; each is told once in that state."""
        found = []
        for path, one in sorted(self._files.items()):
            why = why_left(path, one.seen)
            if why and not one.told and self._has_settled(one, now):
                one.told = True
                found.append(Left(path, why))
        return found

    def _has_settled(self, one: _File, now: float) -> bool:
        return one.taken != one.seen and now - one.since >= self._settle_s

    def take(self, ready: Ready) -> None:
        """It was taken as what it was seen as; what has changed since is seen later."""
        known = self._files.get(ready.path)
        if known is not None:
            known.taken = ready.seen

    def cannot_be_read(self, path: Path, now: float) -> bool:
        """It could not be read: it is tried again behind a growing pause. Whether to say so: once, when it does not
        pass."""
        known = self._files.get(path)
        if known is None:
            return False
        known.tries += 1
        known.not_before = now + min(_FIRST_PAUSE_S * 2 ** (known.tries - 1), _LONGEST_PAUSE_S)
        return known.tries == _TOLD_AT_TRY

    def waiting(self) -> list[Path]:
        """Those that are to be looked at again: they were not taken as what they were seen as."""
        return [path for path, one in self._files.items() if one.taken != one.seen]

    def will_be_ready(self) -> bool:
        """Whether any is only waited for, and not left for what it is or told to be unreadable."""
        return any(
            one.taken != one.seen and not why_left(path, one.seen) and one.tries < _TOLD_AT_TRY
            for path, one in self._files.items()
        )


def why_left(path: Path, seen: Seen) -> str:
    """Why a file is not taken as it is, however long it stays so; '' where it is."""
    name = path.name.lower()
    if name.endswith(_UNFINISHED_ENDINGS) or name.startswith(_UNFINISHED_BEGINNINGS):
        return "its name is that of an unfinished file; it is taken when it is renamed"
    return "" if seen.size else "it is empty; it is taken when something is in it"
