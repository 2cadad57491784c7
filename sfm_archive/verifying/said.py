"""One row of the history against the rows that it says were written."""

from __future__ import annotations

from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.storage import events, integrity, row_hashes, values
from sfm_archive.storage.history import HistoryRow
from sfm_archive.verifying.report import Account, VerifyFinding

COMPARE = "compare with a backup; what the rows say before this one still holds"
RESTORE = "take it from a backup, or import it again: that adds what is missing"
_BACKUP = "take the event from a backup"


class SaidCheck:
    """Compares what a change says with what is there, from the particular to the whole."""

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account

    def check(self, row: HistoryRow, detail: dict[str, Any]) -> None:
        """Everything that one row says."""
        before = len(self._account.findings) + self._account.left_out
        event_id = row.event_id
        if "event" in detail:
            self._event(event_id, detail["event"])
        if "frames" in detail:
            self._frames(event_id, detail["frames"])
        for key in ("encoding", "encoder"):
            if key in detail:
                self._encoding(event_id, detail if key == "encoder" else detail[key], detail)
        for file in detail.get("files", ()):
            self._file(event_id, file)
        if detail.get("readings"):
            self._readings(event_id, detail["readings"])
        if len(self._account.findings) + self._account.left_out == before:
            # The particular checks name what they find; this one finds the rest, whatever column it is in.
            self._rows(row, detail)

    def _event(self, event_id: int, said: Any) -> None:
        with self._archive.store.reading() as connection:
            row = events.read(connection, event_id)
        if row is None:
            what = f"{said['serial']} {said['recorded_at_local']} {said['record_type']}"
            self._add("missing", "event", f"was received ({what}) and is not there any more", event_id, RESTORE)
            return
        for column, value in said.items():
            if getattr(row, column, value) != value:
                message = f"{column} is {getattr(row, column)!r}, received was {value!r}; its frames are checked apart"
                self._add("event", "identity", message, event_id, _BACKUP)

    def _frames(self, event_id: int, said: dict[str, Any]) -> None:
        revision = int(said["revision"])
        with self._archive.store.reading() as connection:
            found = integrity.frames_hash(connection, event_id, revision)
        subject = f"frames revision {revision}"
        if not found:
            self._add("missing", subject, "were received and are not there any more", event_id, RESTORE)
        elif found != said["sha256"]:
            message = f"are other ones than received: hash {found[:12]}…, the history says {said['sha256'][:12]}…"
            self._add("frames", subject, message, event_id, _BACKUP)

    def _encoding(self, event_id: int, said: dict[str, Any], detail: dict[str, Any]) -> None:
        if said.get("outcome") not in ("encoded", "refused"):
            return  # a plug-in failed; nothing was recorded
        revision = int(said.get("revision") or detail["frames"]["revision"])
        name = parse_encoder_name(said["encoder"])
        with self._archive.store.reading() as connection:
            found = integrity.encoding_hash(connection, event_id, revision, *name)
        subject = f"{name} of frames revision {revision}"
        if found is None:
            advice = "an export with this encoder makes and records it again; compare its hash with the history"
            self._add("missing", subject, "its record is not there any more", event_id, advice)
        elif found != said["sha256"]:
            self._add("encoding", subject, "its record is another one than the history says", event_id, COMPARE)

    def _file(self, event_id: int, said: dict[str, Any]) -> None:
        with self._archive.store.reading() as connection:
            there = integrity.has_received(connection, said["sha256"], said["kind"], said["name"])
        if not there:
            subject = f"{said['kind']} {said['name']}"
            self._add("missing", subject, "was received and is not there any more", event_id or None, RESTORE)

    def _readings(self, event_id: int, said: list[dict[str, str]]) -> None:
        with self._archive.store.reading() as connection:
            there = {(source, origin): found for source, origin, found in values.readings_of(connection, event_id)}
        for reading in said:
            found = there.get((reading["source"], reading["origin_sha256"]))
            subject = f"values of the {reading['source']}"
            again = f"read the document with the hash {reading['origin_sha256'][:12]}… again, or use a backup"
            if found is None:
                self._add("missing", subject, "were received and are not there any more", event_id, again)
            elif found != reading.get("values_sha256", found):
                message = "are other ones than were read; the document itself, frames and files are checked apart"
                self._add("values", subject, message, event_id, again)

    def _rows(self, row: HistoryRow, detail: dict[str, Any]) -> None:
        said = detail.get(row_hashes.KEY)
        if said is None:
            return  # written before rows had a hash in the history
        with self._archive.store.reading() as connection:
            found = row_hashes.rows_hash(connection, row.event_id, detail)
        if found != said and not self._is_named(row.event_id):
            self._add(
                "rows",
                f"rows of change {row.sequence}",
                f"one of them is not as it was written ({_tables(detail)}); identity and values are right, frames and "
                "files are named apart where they are damaged",
                row.event_id or None,
                "compare sfm show of the event with a backup's",
            )

    def _is_named(self, event_id: int) -> bool:
        """Whether damaged bytes of the event are a finding already: they change the hash over its rows too."""
        named = ("frames", "content", "unreadable")
        return any(finding.event_id == event_id and finding.code in named for finding in self._account.findings)

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))


def _tables(detail: dict[str, Any]) -> str:
    """Where the row may be, in words."""
    words = {
        "event": "time zone or receipt of the event",
        "names": "received names",
        "frames": "description of the frames",
        "encoding": "record of the encoding",
        "encoder": "record of the encoding",
        "files": "description of received files",
        "readings": "origin of values",
        "findings": "findings",
        "position": "the stated zone",
        "handover": "record of the hand-over",
    }
    return ", ".join(dict.fromkeys(text for key, text in words.items() if key in detail))
