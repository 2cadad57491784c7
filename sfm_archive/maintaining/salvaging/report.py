"""What a salvage saved, and what it did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SAVED = ("events", "frame revisions", "received files", "readings", "encodings", "findings", "changes as evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that did not go over, or not as it was: of which event (0: of none), what, why, and what to do."""

    event_id: int
    subject: str
    message: str
    advice: str

    def as_dict(self) -> dict[str, Any]:
        """The loss as plain values for JSON."""
        return {
            "event_id": self.event_id,
            "subject": self.subject,
            "message": self.message,
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageReport:
    """`saved` counts what is in the new archive; `old_head` is the last row of the old history that could be read.

    `chain_holds`: that history is whole from its first row to that one.
    """

    path: str
    target: str
    saved: dict[str, int]
    losses: tuple[Loss, ...]
    unreadable_rows: int
    old_archive_id: str
    old_length: int
    old_head: str
    chain_holds: bool
    history_head: str

    @property
    def lossless(self) -> bool:
        """Whether nothing is known to be lost."""
        return not self.losses and self.chain_holds

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "path": self.path,
            "target": self.target,
            "lossless": self.lossless,
            "saved": dict(self.saved),
            "unreadable_rows": self.unreadable_rows,
            "old_archive_id": self.old_archive_id,
            "old_length": self.old_length,
            "old_head": self.old_head,
            "chain_holds": self.chain_holds,
            "history_head": self.history_head,
            "losses": [loss.as_dict() for loss in self.losses],
        }
