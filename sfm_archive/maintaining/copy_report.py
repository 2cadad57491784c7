"""What a copy holds, and how it was proved."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.base.plain import in_json
from sfm_archive.verifying import Level, VerifyReport


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """A finished copy. `notes` are what its verification could not check (an encoder that is not installed). `sealed`:
    whether nothing is written into the copy any more."""

    path: str
    target: str
    size: int
    sha256: str
    events: int
    frame_revisions: int
    files: int
    history_length: int
    history_head: str
    sealed: bool
    verified: VerifyReport
    sheet: str = ""

    @property
    @in_json("verified")
    def level(self) -> Level:
        """How the copy was verified before it got its name."""
        return self.verified.level

    @property
    @in_json("notes")
    def notes(self) -> tuple[str, ...]:
        """What could not be checked, a sentence each."""
        return tuple(finding.message for finding in self.verified.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactReport:
    """A compacted archive: bytes before and after."""

    path: str
    size_before: int
    size: int
    history_head: str
