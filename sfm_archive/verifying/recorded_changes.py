"""One change of the history against the rows that it wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.errors import BadInput
from sfm_archive.formats.frame_blob import unpack_frames
from sfm_archive.storage import frames, history, integrity, statements
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import Encode
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.row_hashes import TABLES, FoundRow, Listed, RowsByChange, all_of, hash_under
from sfm_archive.verifying.report import Account, VerifyFinding

COMPARE = "compare with a backup; the history before this row is intact"
RESTORE = "take it from a backup, or import it again: that adds what is missing"
_ONLY_BACKUP = "take it from a backup"
_BACKUP = "take the event from a backup"

_CODES = {"event": "event", "frames": "frames", "encoding": "encoding", "reading": "values"}
"""Codes of findings about rows that are not as they were written; of other tables `rows`."""

_MOST_MOVED = 1000
"""Rows of a table that are looked at for one that carries the number of another change."""

_MISSING = {
    "event": "event",
    "event_key": "start key",
    "same_event": "that an event is another one",
    "event_name": "received name",
    "file_content": "file content",
    "received_file": "received file",
    "event_file": "link to a file",
    "reading": "values of a document",
    "finding": "what was noticed",
    "unit_time_zone": "a stated zone",
    "handover": "record of a hand-over",
    "unit_setting": "a statement of settings",
    "waiting_part": "a part of a capture",
    "unit_running": "a span in which a unit was running",
    "report_decision": "a decision whose a report is",
    "merged_change": "a change of another archive",
    "withheld_content": "that a content was withheld",
    "withheld_changes": "hashes of changes of another archive",
    "left_out": "a decision to leave a file out, or to take it again",
    "seal": "whether the archive is sealed",
    **{table: f"a statement ({table.replace('_', ' ')})" for table in statements.KINDS},
}


_ONLY_IN_BACKUPS = (
    "unit_time_zone", "handover", "left_out", "unit_setting", "report_decision", "seal", *statements.KINDS
)  # fmt: skip
"""Tables of what people said or did: no import brings their rows again."""


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
        case "same_event":
            return f"that event {row['was_event']} is event {row['event_id']}"
        case "merged_change":
            return f"change {row['number']} of archive {row['archive_id'][:12]}…"
        case "withheld_changes":
            return f"hashes of changes of archive {row['archive_id'][:12]}… from {row['first_number']} on"
        case "unit_setting":
            return f"statement {row['number']} of {row['serial']}"
        case "waiting_part":
            return f"part of the capture {_hex(row['sha256'])} at byte {row['at_byte']}"
        case "unit_running":
            return f"{row['source']} of {row['serial']} from {row['from_local']}"
        case "report_decision":
            return f"decision that {row['name']} is of event {row['event_id']}"
        case "left_out":
            return f"decision on the file {row['name'] or _hex(row['sha256'])}"
        case "seal":
            return f"that the archive is {'' if row['sealed'] == 1 else 'not '}sealed"
    if found.table in statements.KINDS:
        return f"{found.table.replace('_', ' ')} {row['number']}"
    return _MISSING.get(found.table, found.table)


class _Absent(NamedTuple):
    """A row that a change lists and that does not say it is of it. `alike`: how many such rows of its table."""

    row: HistoryRow
    change: Change
    entry: Listed
    pinned: str
    alike: int


class ChangeCheck:
    """Compares the rows that a change lists with those that say they are of it, by their hashes.

    A row that is not with its change may carry the number of another one. So what is lost, and what no change lists, is
    told by `finish`, behind the last change.

    `bytes_checked`: whether stored bytes are checked beside this, and then named there. `missing`, `unrecorded`: how
    many rows of each table were named as such.
    """

    def __init__(self, archive: Archive, account: Account, *, bytes_checked: bool) -> None:
        self._archive = archive
        self._account = account
        self._bytes_checked = bytes_checked
        self._named: set[bytes] = set()
        self._absent: list[_Absent] = []
        self._odd: list[tuple[FoundRow, int | None]] = []
        self._strays: dict[str, list[FoundRow]] = {}
        self.missing: Counter[str] = Counter()
        self.unrecorded: Counter[str] = Counter()

    @cached_property
    def _rows(self) -> RowsByChange:
        return RowsByChange(self._archive.store.connection)

    def has_named(self, found: FoundRow) -> bool:
        """Whether a finding tells of this row already."""
        return found.sha256 in self._named

    def name_unrecorded(self, found: FoundRow, event_id: int | None, message: str = "") -> None:
        """Report a row that no change lists."""
        self._named.add(found.sha256)
        self.unrecorded[found.table] += 1
        self._add("unrecorded", name_of(found), message or "the history does not record it as received", event_id)

    def finish(self) -> None:
        """Tell of the rows that were not with their change."""
        for one in self._absent:
            with self._account.going_on(f"history row {one.row.sequence}"):
                moved = self._moved(one)
                if moved is None:
                    self._lost(*one)
                else:
                    self._carries_another(one.row, moved)
        for found, event_id in self._odd:
            if not self.has_named(found):
                self.name_unrecorded(found, event_id)

    def _carries_another(self, row: HistoryRow, moved: FoundRow) -> None:
        self._named.add(moved.sha256)
        carried = moved.columns["sequence"]
        message = f"is there, but carries change {carried}; the history lists it in change {row.sequence}"
        self._add(
            _CODES.get(moved.table, "rows"), name_of(moved), message, row.event_id or None, "compare with a backup"
        )

    def unlisted(self, connection: Any, table: str) -> Iterator[FoundRow]:
        """The rows of a table that the change whose number they carry does not list, and that nothing tells of yet."""
        lists: dict[int, set[Listed]] = {}
        for found in all_of(connection, table):
            sequence = found.columns["sequence"]
            if sequence not in lists:
                rows = history.rows(connection, behind=sequence - 1, limit=1)
                lists = {sequence: {entry for row in rows if row.sequence == sequence for entry in row.listed}}
            if (table, found.sha256) not in lists[sequence] and not self.has_named(found):
                yield found

    def _moved(self, one: _Absent) -> FoundRow | None:
        """The row that would be the absent one if it carried the number of its change."""
        table = one.entry.table
        if table not in TABLES:
            return None
        if table not in self._strays:
            self._strays[table] = []
            with self._account.going_on(f"table {table}"), self._archive.store.reading() as connection:
                self._strays[table] = list(islice(self.unlisted(connection, table), _MOST_MOVED))
        for found in self._strays[table]:
            with self._archive.store.reading() as connection:
                if hash_under(connection, found, one.row.sequence) == one.entry.sha256:
                    return found
        return None

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
                alike = sum(other.table == entry.table for other in missing)
                self._absent.append(_Absent(row, change, entry, pinned, alike))
                continue
            odd.remove(altered)
            self._altered(row, change, altered)
        self._odd += [(one, one.columns.get("event_id", row.event_id or None)) for one in odd]

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
        elif entry.table in _ONLY_IN_BACKUPS:
            advice = _ONLY_BACKUP  # no file that could be imported again has them
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
        if self._bytes_checked and self._has_damaged_bytes(altered):
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
