"""What a copy holds, and how it was proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfm_archive.verifying import VerifyReport


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """A finished copy. `notes` are what its verification could not check (an encoder that is not installed)."""

    path: str
    target: str
    size: int
    sha256: str
    events: int
    frame_revisions: int
    files: int
    history_length: int
    history_head: str
    verified: VerifyReport
    sheet: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "path": self.path,
            "target": self.target,
            "size": self.size,
            "sha256": self.sha256,
            "events": self.events,
            "frame_revisions": self.frame_revisions,
            "files": self.files,
            "history_length": self.history_length,
            "history_head": self.history_head,
            "verified": self.verified.level.value,
            "notes": [finding.message for finding in self.verified.notes],
            "sheet": self.sheet,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactReport:
    """A compacted archive: bytes before and after."""

    path: str
    size_before: int
    size: int
    history_head: str

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "path": self.path,
            "size_before": self.size_before,
            "size": self.size,
            "history_head": self.history_head,
        }
