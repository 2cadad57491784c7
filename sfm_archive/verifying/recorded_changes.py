"""One change of the history against the rows that it wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.errors import BadInput
from sfm_archive.formats.frame_blob import unpack_frames
from sfm_archive.storage import frames, integrity
from sfm_archive.storage.changes import Change, Encode
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.row_hashes import FoundRow, Listed, RowsByChange
from sfm_archive.verifying.report import Account, VerifyFinding

COMPARE = "compare with a backup; the history before this row is intact"
RESTORE = "take it from a backup, or import it again: that adds what is missing"
_BACKUP = "take the event from a backup"

_CODES = {"event": "event", "frames": "frames", "encoding": "encoding", "reading": "values"}
"""Codes of findings about rows that are not as they were written; of other tables `rows`."""

_MISSING = {
    "event": "event",
    "event_key": "start key",
    "event_name": "received name",
    "file_content": "file content",
    "received_file": "received file",
    "event_file": "link to a file",
    "reading": "values of a document",
    "finding": "what was noticed",
    "unit_time_zone": "a stated zone",
    "handover": "record of a hand-over",
}


def name_of(found: FoundRow) -> str:
    """A row in words."""
    row = found.columns
    match found.table:
        case "event":
            return "event"
        case "event_name":
            return f"received name {row['name']}"
        case "frames":
            return f"frames revision {row['revision']}"
        case "received_file":
            return f"{row['kind']} {row['name']}"
        case "reading":
            return f"values of the {row['source']}"
        case "encoding":
            return f"{row['family']}@{row['version']} of frames revision {row['revision']}"
        case "finding":
            return f"finding {row['code']}"
        case "unit_time_zone":
            return f"time zone of {row['serial']}"
        case "handover":
            return f"record of hand-over {row['handover_id']}"
    return _MISSING.get(found.table, found.table)


class ChangeCheck:
    """Compares the rows that a change lists with those that say they are of it, by their hashes.

    `missing`, `unrecorded`: how many rows of each table were named as such.
    """

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account
        self._named: set[bytes] = set()
        self.missing: Counter[str] = Counter()
        self.unrecorded: Counter[str] = Counter()

    @cached_property
    def _rows(self) -> RowsByChange:
        return RowsByChange(self._archive.store.connection)

    def has_named(self, found: FoundRow) -> bool:
        """Whether a finding tells of this row already."""
        return found.sha256 in self._named

    def name_unrecorded(self, found: FoundRow, event_id: int | None) -> None:
        """Report a row that no change lists."""
        self._named.add(found.sha256)
        self.unrecorded[found.table] += 1
        self._add("unrecorded", name_of(found), "the history does not record it as received", event_id)

    def check(self, row: HistoryRow, change: Change, pinned: str) -> None:
        """Everything that one change wrote. `pinned`: the encoder that counted then, '' where that is not known."""
        with self._archive.store.reading():
            found = self._rows.rows(row.sequence, row.event_id)
        listed, there = row.listed, {(one.table, one.sha256) for one in found}
        missing = [entry for entry in listed if entry not in there]
        odd = [one for one in found if (one.table, one.sha256) not in set(listed)]
        for entry in missing:
            # A row of the same table that the change does not list is the one that was altered.
            altered = next((one for one in odd if one.table == entry.table), None)
            if altered is None:
                self._lost(row, change, entry, pinned, sum(other.table == entry.table for other in missing))
                continue
            odd.remove(altered)
            self._altered(row, change, altered)
        for one in odd:
            self.name_unrecorded(one, one.columns.get("event_id", row.event_id or None))

    def _lost(self, row: HistoryRow, change: Change, entry: Listed, pinned: str, alike: int) -> None:
        self.missing[entry.table] += 1
        event_id = row.event_id or None
        subject, message, advice = _MISSING.get(entry.table, f"row of table {entry.table}"), "", RESTORE
        if entry.table in ("frames", "encoding"):
            subject, advice = self._of_frames(row, change, entry.table, pinned), RESTORE
        if entry.table == "encoding":
            message = "its record is not there any more"
            advice = "an export with this encoder makes and records it again"
        elif entry.table == "event" and change.identity is not None:
            message = f"was received ({' '.join(change.identity[:3])}) and is not there any more"
        elif entry.table == "received_file":
            self._lost_file(row, change, alike)
            return
        self._add("missing", subject, message or "was received and is not there any more", event_id, advice)

    def _lost_file(self, row: HistoryRow, change: Change, lost: int) -> None:
        """A received file: the record of the change tells its name, where the others of that change are there."""
        with self._archive.store.reading() as connection:
            there = integrity.files_of_change(connection, row.sequence)
        left = list(change.described)
        for described in there:
            if described in left:
                left.remove(described)
        for kind, name in left if len(left) == lost else [("received", "file")]:
            subject, message = f"{kind} {name}", "was received and is not there any more"
            finding = VerifyFinding(
                code="missing", subject=subject, message=message, advice=RESTORE, event_id=row.event_id or None
            )
            if finding not in self._account.findings:
                self._account.add(finding)

    def _of_frames(self, row: HistoryRow, change: Change, table: str, pinned: str) -> str:
        """What to call a lost row of frames or of an encoding: its revision is the number of those written so far."""
        with self._archive.store.reading() as connection:
            revision = integrity.frames_rows_until(connection, row.event_id, row.sequence)
        if isinstance(change, Encode):
            pinned, revision = change.encoder, change.revision
        return f"frames revision {revision}" if table == "frames" else f"{pinned} of frames revision {revision}"

    def _altered(self, row: HistoryRow, change: Change, altered: FoundRow) -> None:
        self._named.add(altered.sha256)
        if self._has_damaged_bytes(altered):
            return  # the check of the bytes names them; they change the hash of their row too
        code, subject = _CODES.get(altered.table, "rows"), name_of(altered)
        message, advice = "was altered: the history says another hash of its row", COMPARE
        if altered.table == "event":
            subject, advice = "identity", _BACKUP
            message = f"{_differences(altered, change)}; its frames are checked apart"
        elif altered.table == "frames":
            message, advice = "are not as they were received: the history says another hash of the row", _BACKUP
        elif altered.table == "reading":
            message = "are other ones than were read; the document itself, frames and files are checked apart"
            advice = (
                f"read the document with the hash {_hex(altered.columns.get('origin_sha256'))}… again, or use a backup"
            )
        self._add(code, subject, message, row.event_id or None, advice)

    def _has_damaged_bytes(self, altered: FoundRow) -> bool:
        """Whether the bytes of frames or of a content are not those that the row itself says."""
        try:
            if altered.table == "frames":
                unpack_frames(frames.blob_of_row(altered.columns))
            elif altered.table == "file_content":
                with self._archive.store.reading() as connection:
                    return not integrity.content_hashes(connection, altered.columns["content_id"])
        except (BadInput, TypeError):
            return True
        return False

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str = COMPARE) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))


def _differences(altered: FoundRow, change: Change) -> str:
    """Which columns of an event are others than it was received with."""
    if change.identity is None:
        return "its row was altered"
    told = change.identity._asdict()
    names: Sequence[str] = [name for name in told if name in altered.columns and altered.columns[name] != told[name]]
    if not names:
        return "its row was altered"
    return "; ".join(f"{name} is {altered.columns[name]!r}, received was {told[name]!r}" for name in names)


def _hex(value: Any) -> str:
    return value.hex()[:12] if isinstance(value, bytes) else str(value)[:12]
