"""What a salvage saved, and what it did not."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.base.plain import in_json

SAVED = ("events", "frame revisions", "received files", "readings", "encodings", "findings", "changes as evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that could not be saved, or not as it was: of which event (0: of none), what, why, and what to do."""

    event_id: int
    subject: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageReport:
    """`saved` counts what is in the new archive; `old_head` is the last row of the old history that could be read.

    `chain_holds`: that history is whole from its first row to that one. `was_sealed`: the old archive said that it is
    sealed; the new one is not.
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
    was_sealed: bool

    @property
    @in_json("lossless")
    def lossless(self) -> bool:
        """Whether nothing is known to be lost."""
        return not self.losses and self.chain_holds
