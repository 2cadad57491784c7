"""Verify: does the archive still hold, bit for bit, what was put in?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfm_archive.formats.findings import Severity
from sfm_archive.holdings import Holdings
from sfm_archive.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFinding:
    """One thing that is wrong, or (with severity NOTE) could not be checked.

    `code` is a stable word for programs. `subject` names what is meant: `frames revision 1`, `file M529LKIQ.7M0W`,
    `history row 17`. `message` says what is damaged and what is still good, `advice` is one line of what to do.
    """

    code: str
    subject: str
    message: str
    advice: str
    event_id: int | None = None
    severity: Severity = Severity.REFUSAL

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values for JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "event_id": self.event_id,
            "subject": self.subject,
            "message": self.message,
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The whole verification. `checked` counts each kind of thing that was looked at, damaged ones included."""

    path: str
    findings: tuple[VerifyFinding, ...]
    checked: dict[str, int]
    history_head: str

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged; notes do not count."""
        return not self.damage

    @property
    def damage(self) -> tuple[VerifyFinding, ...]:
        """Findings that are more than a note."""
        return tuple(finding for finding in self.findings if finding.severity is not Severity.NOTE)

    @property
    def notes(self) -> tuple[VerifyFinding, ...]:
        """What was not checked, and why."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.NOTE)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "path": self.path,
            "ok": self.ok,
            "checked": dict(self.checked),
            "history_head": self.history_head,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def verify(holdings: Holdings, progress: Progress = silent) -> VerifyReport:
    """Check everything; goes on behind damage and reports each damaged thing. Changes nothing."""
    raise NotImplementedError
