"""How a program learns that it waits for another one that uses the same archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DEFAULT_WAIT_S = 30.0
"""How long one step waits for other programs before it gives up with Busy."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lock: its number and the name the system has for it. `writes`: else it reads."""

    process: int
    program: str
    writes: bool

    def __str__(self) -> str:
        return f"{self.program or 'a program'} (process {self.process})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is waited for: the archive, the seconds after which Busy is raised, and who holds it, where the system
    tells (Linux does, for processes of the same machine)."""

    path: Path
    up_to_s: float
    holders: tuple[Holder, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self._who()}; waiting up to {self.up_to_s:g} s"

    def _who(self) -> str:
        if not self.holders:
            return "another program is using it"
        names = " and ".join(map(str, self.holders))
        doing = "writing" if any(holder.writes for holder in self.holders) else "reading"
        return f"{names} {'is' if len(self.holders) == 1 else 'are'} {doing}"


class OnWait(Protocol):
    """Called once for each wait that takes longer than a moment, in the thread that waits."""

    def __call__(self, wait: Wait, /) -> None:
        """An error raised here ends the wait and reaches the caller."""


def silent(wait: Wait, /) -> None:
    """An OnWait that does nothing."""
