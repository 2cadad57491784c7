"""One change of the history against the rows that it wrote."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.archive import Archive
from sfm_archive.storage import events, integrity, row_hashes, values
from sfm_archive.storage.changes import (
    Change,
    EncodingWritten,
    EventWritten,
    FileWritten,
    FramesWritten,
    ReadingWritten,
)
from sfm_archive.storage.history import HistoryRow
from sfm_archive.verifying.report import Account, VerifyFinding

COMPARE = "compare with a backup; the history before this row is intact"
RESTORE = "take it from a backup, or import it again: that adds what is missing"
_BACKUP = "take the event from a backup"


class ChangeCheck:
    """Compares what a change wrote with what is there, from the particular to the whole."""

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account

    def check(self, row: HistoryRow, change: Change) -> None:
        """Everything that one change wrote."""
        before = len(self._account.findings) + self._account.left_out
        written = change.written
        for part in written:
            match part:
                case EventWritten():
                    self._event(row.event_id, part)
                case FramesWritten():
                    self._frames(row.event_id, part)
                case EncodingWritten():
                    self._encoding(row.event_id, part)
                case FileWritten():
                    self._file(row.event_id, part)
        self._readings(row.event_id, [part for part in written if isinstance(part, ReadingWritten)])
        if len(self._account.findings) + self._account.left_out == before:
            # The particular checks name what they find; this one finds the rest, whatever column it is in.
            self._rows(row, change)

    def _event(self, event_id: int, written: EventWritten) -> None:
        with self._archive.store.reading() as connection:
            row = events.read(connection, event_id)
        if row is None:
            what = f"{written.serial} {written.recorded_at_local} {written.record_type}"
            self._add("missing", "event", f"was received ({what}) and is not there any more", event_id, RESTORE)
            return
        for column, value in written.identity().items():
            found = getattr(row, column)
            if found != value:
                message = f"{column} is {found!r}, received was {value!r}; its frames are checked apart"
                self._add("event", "identity", message, event_id, _BACKUP)

    def _frames(self, event_id: int, written: FramesWritten) -> None:
        with self._archive.store.reading() as connection:
            found = integrity.frames_hash(connection, event_id, written.revision)
        subject = f"frames revision {written.revision}"
        if not found:
            self._add("missing", subject, "were received and are not there any more", event_id, RESTORE)
        elif found != written.sha256:
            message = f"are other ones than received: hash {found[:12]}…, the history says {written.sha256[:12]}…"
            self._add("frames", subject, message, event_id, _BACKUP)

    def _encoding(self, event_id: int, written: EncodingWritten) -> None:
        if not written.recorded:
            return
        with self._archive.store.reading() as connection:
            found = integrity.encoding_hash(connection, event_id, written.revision, *written.encoder)
        subject = f"{written.encoder} of frames revision {written.revision}"
        if found is None:
            advice = "an export with this encoder makes and records it again; compare its hash with the history"
            self._add("missing", subject, "its record is not there any more", event_id, advice)
        elif found != written.sha256:
            self._add("encoding", subject, "its record is not the one that the history records", event_id, COMPARE)

    def _file(self, event_id: int, written: FileWritten) -> None:
        with self._archive.store.reading() as connection:
            there = integrity.has_received(connection, written.sha256, written.kind, written.name)
        if not there:
            subject = f"{written.kind} {written.name}"
            self._add("missing", subject, "was received and is not there any more", event_id or None, RESTORE)

    def _readings(self, event_id: int, written: Sequence[ReadingWritten]) -> None:
        if not written:
            return
        with self._archive.store.reading() as connection:
            there = {(source, origin): found for source, origin, found in values.readings_of(connection, event_id)}
        for reading in written:
            found = there.get((reading.source, reading.origin_sha256))
            subject = f"values of the {reading.source}"
            again = f"read the document with the hash {reading.origin_sha256[:12]}… again, or use a backup"
            if found is None:
                self._add("missing", subject, "were received and are not there any more", event_id, again)
            elif found != (reading.values_sha256 or found):
                message = "are other ones than were read; the document itself, frames and files are checked apart"
                self._add("values", subject, message, event_id, again)

    def _rows(self, row: HistoryRow, change: Change) -> None:
        if not change.rows_sha256:
            return  # it wrote no row, or was made before rows had a hash in the history
        with self._archive.store.reading() as connection:
            found = row_hashes.rows_hash(connection, row.event_id, change)
        if found != change.rows_sha256 and not self._is_named(row.event_id):
            where = ", ".join(dict.fromkeys(part.words for part in change.written))
            self._add(
                "rows",
                f"rows of change {row.sequence}",
                f"one of them was altered ({where}); identity and values are intact, damaged frames "
                "and files are listed separately",
                row.event_id or None,
                "compare sfm show of the event with a backup's",
            )

    def _is_named(self, event_id: int) -> bool:
        """Whether damaged bytes of the event are a finding already: they change the hash over its rows too."""
        named = ("frames", "content", "unreadable")
        return any(finding.event_id == event_id and finding.code in named for finding in self._account.findings)

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))
