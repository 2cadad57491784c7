"""How much a verification looks at, and how long."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sfm_archive.errors import UsageError

_PART = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)


class Level(StrEnum):
    """QUICK: SQLite's own checks, references, counts, the chain of the history. FULL: every stored byte as well."""

    QUICK = "quick"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which things a full verification looks at: those whose number between 0 and 1 lies from `low` up to `high`.

    The number is drawn from the thing's key and `seed`: the parts 1/12 to 12/12 share everything out, each thing in
    exactly one, whatever is added meanwhile.
    """

    low: float = 0.0
    high: float = 1.0
    seed: str = ""
    text: str = "everything"

    @property
    def is_everything(self) -> bool:
        """Whether it has every thing."""
        return self.low <= 0.0 and self.high >= 1.0

    def takes(self, key: object) -> bool:
        """Whether the thing with this key is looked at."""
        if self.is_everything:
            return True
        digest = hashlib.sha256(f"{self.seed}\n{key}".encode("utf-8", "backslashreplace")).digest()
        return self.low <= int.from_bytes(digest[:6], "big") / (1 << 48) < self.high


EVERYTHING = Share()


def parse_part(text: str) -> Share:
    """`3/12`. Raises UsageError."""
    match = _PART.fullmatch(text.strip())
    number, of = (int(match[1]), int(match[2])) if match else (1, 0)
    if not 1 <= number <= of:
        raise UsageError(f"{text!r} is not a part; write 3/12 for the third of twelve")
    return Share(low=(number - 1) / of, high=number / of, text=f"part {number} of {of}")


def parse_sample(text: str) -> Share:
    """`5%`: another sample each time. Raises UsageError."""
    match = _PERCENT.fullmatch(text.strip())
    percent = float(match[1]) if match else 0.0
    if not 0 < percent <= 100:
        raise UsageError(f"{text!r} is not a sample; write 5% for one thing in twenty")
    return Share(high=percent / 100, seed=secrets.token_hex(8), text=f"a sample of {percent:g} %")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What to check. `max_seconds` ends a full verification early; at least one thing is checked then.

    `state` is where the place is kept at which it ended, so that `resume` goes on there. `processes`: how many look at
    the rows, 0 for as many as this machine has cores where there is enough to look at. `rows`: a quick one compares
    every row with the hash that the history has of it, and every derived row with its content, as a full one does.
    """

    level: Level = Level.FULL
    share: Share = field(default=EVERYTHING)
    max_seconds: float | None = None
    state: Path | None = None
    resume: bool = False
    processes: int = 0
    rows: bool = False

    def __post_init__(self) -> None:
        if self.processes < 0:
            raise UsageError(f"{self.processes} processes cannot work; give 1 or more, or 0 for as many as pay")
