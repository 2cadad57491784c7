"""What the changes of an archive say of its being sealed, against the rows of `seal` and against each other."""

from __future__ import annotations

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import pins
from sfm_archive.storage import seals
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import CopyUnsealed, Seal
from sfm_archive.storage.history import HistoryRow
from sfm_archive.verifying.recorded_changes import COMPARE
from sfm_archive.verifying.report import Account, VerifyFinding

_SHEET = "take the sealed archive from who has it with its sheet"


class SealCheck:
    """Follows the changes in their order. Behind one that sealed only an unsealed copy goes on, which names that one.

    `sealed`: whether the last change that was seen sealed the archive.
    """

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account
        self._seal: HistoryRow | None = None
        self._told = False

    @property
    def sealed(self) -> bool:
        """As the class says."""
        return self._seal is not None

    def follow(self, row: HistoryRow, change: Change) -> None:
        """The next change, with what it says."""
        seal = self._seal
        if isinstance(change, CopyUnsealed):
            self._seal = None
            self._goes_on(row, change, seal)
        elif seal is not None and not self._told:
            self._told = True
            self._add(row, f"was written behind change {seal.sequence}, which sealed the archive", _SHEET)
        if isinstance(change, (Seal, CopyUnsealed)):
            self._says_so(row, sealed=isinstance(change, Seal))
        if isinstance(change, Seal):
            self._seal = row

    def _goes_on(self, row: HistoryRow, change: CopyUnsealed, seal: HistoryRow | None) -> None:
        named = (change.archive_id, change.history_length, change.history_head)
        if seal is None or named != (pins(self._archive.store).archive_id, seal.sequence, seal.sha256):
            message = "says that this is the copy of a sealed archive, and the change before it is not its last one"
            self._add(row, message, COMPARE)

    def _says_so(self, row: HistoryRow, *, sealed: bool) -> None:
        """A row that is lost or altered is told with the others."""
        with self._archive.store.reading() as connection:
            said = seals.said_by_change(connection, row.sequence)
        if said is not sealed and (said is not None or "seal" not in {entry.table for entry in row.listed}):
            self._add(row, "does not say what the table seal says of it", COMPARE)

    def _add(self, row: HistoryRow, message: str, advice: str) -> None:
        subject = f"history row {row.sequence}"
        self._account.add(VerifyFinding(code="seal", subject=subject, message=message, advice=advice))
