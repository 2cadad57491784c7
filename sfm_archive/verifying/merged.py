"""The histories of other archives that are here: every whole change hashes as it says and follows the one before it."""

from __future__ import annotations

from sfm_archive.archive import Archive
from sfm_archive.model.findings import Severity
from sfm_archive.storage import history, merged_changes
from sfm_archive.storage.history import FIRST_PREVIOUS
from sfm_archive.storage.merged_changes import MergedChange
from sfm_archive.verifying.recorded_changes import COMPARE
from sfm_archive.verifying.report import Account, VerifyFinding


def check_merged_histories(archive: Archive, account: Account) -> None:
    """Follow the chain of every other archive of which changes are here, and of each of its forks."""
    with account.going_on("merged changes"), archive.store.snapshot() as connection:
        own_id = archive.info().archive_id
        withheld: dict[str, dict[int, set[str]]] = {}
        for run in merged_changes.all_withheld(connection):
            known = withheld.setdefault(run.archive_id, {})
            for number, sha256 in enumerate(run.hashes, start=run.first_number):
                known.setdefault(number, set()).add(sha256)
        for source in merged_changes.sources(connection):
            hashes = withheld.get(source.archive_id, {})
            behind: dict[int, set[str]] = {}
            for change in merged_changes.of_archive(connection, source.archive_id):
                number = change.row.sequence
                behind = {at: known for at, known in behind.items() if at >= number - 1}
                behind.setdefault(number, set()).add(change.row.sha256)
                before = behind.get(number - 1, set()) | hashes.get(number - 1, set())
                if merged_changes.fault(change):
                    _add(account, change, "was altered: it does not hash as it says", COMPARE, Severity.REFUSAL)
                elif change.whole and change.row.previous_sha256 not in {*before, FIRST_PREVIOUS}:
                    own = history.numbered(connection, [number - 1]) if source.archive_id == own_id else []
                    if not any(row.sha256 == change.row.previous_sha256 for row in own):
                        message = (
                            "the change before it is not here: it was damaged where this came from, or stayed behind"
                        )
                        _add(account, change, message, "nothing else depends on it", Severity.NOTE)


def _add(account: Account, change: MergedChange, message: str, advice: str, severity: Severity) -> None:
    account.add(
        VerifyFinding(
            code="history",
            subject=f"change {change.row.sequence} of archive {change.archive_id[:12]}…",
            message=message,
            advice=advice,
            severity=severity,
        )
    )
