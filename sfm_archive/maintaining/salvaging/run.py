"""The salvage itself: a new archive with everything that is right, and the old history as evidence."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from sfm_archive.archive.archive import DEFAULT_ENCODER
from sfm_archive.archive.deriving import refresh_all
from sfm_archive.archive.settings import current_actor
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.base.version import TOOL
from sfm_archive.errors import ArchiveNotFound, NotAnArchive, StorageFailed, UsageError
from sfm_archive.maintaining.salvaging.old_history import OldHistory, read_old_history
from sfm_archive.maintaining.salvaging.report import SAVED, SalvageReport
from sfm_archive.maintaining.salvaging.sound_rows import Row, SoundRows, sound_rows
from sfm_archive.maintaining.salvaging.wreck import Wreck, read_wreck
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.storage import archive_row, history, row_hashes, salvaged
from sfm_archive.storage.changes import (
    BeginSalvage,
    Change,
    Create,
    EncodingWritten,
    EventWritten,
    FileWritten,
    FindingWritten,
    FramesWritten,
    KeepFile,
    ReadingWritten,
    SalvagedChange,
    SalvageEncoding,
    SalvageEvent,
    SalvageHandOver,
    StateTimeZone,
)
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.store import create_file

_LARGEST = 64 << 30
_AGAIN = "an export with this encoder makes the record again; the old history has its hash"


def salvage(damaged: Path, target: Path, *, actor: str | None = None, progress: Progress = silent) -> SalvageReport:
    """Put everything that still reads and hashes right into a new archive at `target`; the damaged file stays as it is.

    The file is read as bytes, page by page, so it may be cut off, altered anywhere, or refused by SQLite. Keys and
    times stay; the new archive has an id and a history of its own, which says where all of it comes from. Raises
    ArchiveNotFound, NotAnArchive when not one row of an archive is found, AlreadyExists, StorageFailed.
    """
    wreck = read_wreck(_bytes(damaged), _bytes(damaged.with_name(f"{damaged.name}-wal"), there=False))
    old = read_old_history(wreck)
    sound = sound_rows(wreck, old)
    if not any((sound.events, sound.files, old.changes)):
        raise NotAnArchive(f"{damaged} has no row of an sfm archive that can be read; nothing was made")
    work = _Salvage(damaged, wreck, old, sound, current_actor(actor), progress)
    create_file(target, work.fill)
    return SalvageReport(
        path=str(damaged),
        target=str(target),
        saved={what: work.saved[what] for what in SAVED},
        losses=tuple(sound.losses),
        unreadable_rows=len(wreck.unreadable),
        old_archive_id=work.old_id,
        old_length=old.head[0],
        old_head=old.head[1],
        chain_holds=old.chain_holds,
        history_head=work.head,
    )


def _bytes(path: Path, *, there: bool = True) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise StorageFailed(f"{path} is too large to be salvaged in one piece; ask for help with it")
        return path.read_bytes()
    except FileNotFoundError as error:
        if not there:
            return b""
        raise ArchiveNotFound(f"{path} does not exist; check the path") from error
    except OSError as error:
        if not there:
            return b""
        raise StorageFailed(
            f"{path} cannot be read: {error.strerror}. Copy it to a good disk first (ddrescue keeps what can be read)"
        ) from error


class _Salvage:
    """One salvage: fills a new archive inside the transaction that makes it."""

    def __init__(
        self, damaged: Path, wreck: Wreck, old: OldHistory, sound: SoundRows, actor: str, progress: Progress
    ) -> None:
        self._damaged = damaged
        self._wreck = wreck
        self._old = old
        self._sound = sound
        self._actor = actor
        self._progress = progress
        self._connection: Any = None
        self.saved: Counter[str] = Counter()
        self.head = ""
        own = wreck.rows["archive"]
        self.old_id = str(own[0]["archive_id"]) if own else ""
        self._pinned = _known_encoder(own[-1]["pinned_encoder"] if own else "")

    def fill(self, connection: Any) -> None:
        """Everything, in the order in which rows point to each other."""
        self._connection = connection
        now = utc_now()
        own = archive_row.ArchiveRow(uuid.uuid4().hex, now, TOOL, self._pinned)
        archive_row.insert(connection, own)
        self._note(Create(archive_id=own.archive_id, pinned_encoder=own.pinned_encoder), at_utc=now)
        sequence, head = self._old.head
        self._note(
            BeginSalvage(
                file=without_lone_surrogates(self._damaged.name),
                archive_id=self.old_id,
                history_length=sequence,
                history_head=head,
                chain_holds=self._old.chain_holds,
            )
        )
        kept = {row["sha256"] for row in self._sound.files.values()}
        kept |= {row["record_sha256"] for row in self._wreck.rows["handover"]}
        for sha256, content in sorted(self._sound.contents.items()):
            if sha256 in kept:
                self._take(0, "file_content", content, f"content {sha256[:12]}…")
        files = {
            file_id: row
            for file_id, row in sorted(self._sound.files.items())
            if self._take(0, "received_file", row, f"{row['kind']} {row['name']}")
        }
        self.saved["received files"] = len(files)
        owned = set[int]()
        for number, (event_id, event) in enumerate(sorted(self._sound.events.items())):
            owned |= self._event(event_id, event, files)
            self._progress(number + 1, len(self._sound.events))
        for file_id, row in files.items():
            if file_id not in owned:
                self._note(KeepFile(files=(_file(row),)))
        self._zones_and_handovers()
        self._evidence()
        refresh_all(connection)

    def _event(self, event_id: int, event: Row, files: dict[int, Row]) -> set[int]:
        """One event with everything of it; the files that it owns."""
        if not self._take(event_id, "event", event, "event"):
            return set()
        self.saved["events"] += 1
        held = self._sound.of_event[event_id]
        names = [
            str(row["name"])
            for row in sorted(held["event_name"], key=lambda row: int(row["position"]))
            if self._take(event_id, "event_name", row, f"name {row['name']}")
        ]
        owned = {file_id for file_id in self._sound.owners[event_id] if file_id in files}
        joined = [
            _file(files[file_id])
            for file_id in sorted(owned)
            if self._take(event_id, "event_file", {"event_id": event_id, "file_id": file_id}, "link to a file")
        ]
        readings = [
            self._reading(event_id, row)
            for row in held["reading"]
            if self._take(event_id, "reading", row, f"values of the {row['source']}")
        ]
        findings = [
            FindingWritten(code=row["code"], message=row["message"])
            for row in held["finding"]
            if self._take(event_id, "finding", row, f"finding {row['code']}")
        ]
        self.saved["findings"] += len(findings)
        change = SalvageEvent(
            event=EventWritten(
                serial=event["serial"],
                recorded_at_local=event["recorded_at_local"],
                start_key=event["start_key"],
                record_type=event["record_type"],
            ),
            names=tuple(names),
            files=tuple(joined),
            readings=tuple(readings),
            findings=tuple(findings),
        )
        self._note(change, event_id)
        self._frames_and_encodings(event_id, held)
        self._compare(event_id)
        return owned

    def _frames_and_encodings(self, event_id: int, held: dict[str, list[Row]]) -> None:
        revisions = set()
        for row in sorted(held["frames"], key=lambda row: int(row["revision"])):
            if self._take(event_id, "frames", row, f"frames revision {row['revision']}"):
                revisions.add(row["revision"])
                self.saved["frame revisions"] += 1
                written = FramesWritten(revision=row["revision"], sha256=row["sha256"], count=row["frame_count"])
                self._note(SalvageEvent(frames=written), event_id)
        for row in held["encoding"]:
            name = EncoderName(row["family"], row["version"])
            if row["revision"] in revisions and self._encoding(event_id, row, name):
                self.saved["encodings"] += 1
                change = SalvageEncoding(
                    encoder=str(name), revision=row["revision"], outcome=row["outcome"], sha256=row["sha256"]
                )
                self._note(change, event_id)

    def _encoding(self, event_id: int, row: Row, name: EncoderName) -> bool:
        """Take a record, if it is the one that the old history vouches for."""
        vouching = [
            (change, part)
            for _, change in self._old.of_event[event_id]
            for part in change.written
            if isinstance(part, EncodingWritten) and (part.encoder, part.revision) == (name, row["revision"])
        ]
        if any(part.sha256 != row["sha256"] for _, part in vouching):
            self._sound.lose(event_id, f"record of {name}", "is not the one that the history records", _AGAIN)
            return False
        with salvaged.on_trial(self._connection):
            if not self._take(event_id, "encoding", row, f"record of {name}"):
                return False
            if vouching and all(self._as_written(event_id, change) for change, _ in vouching):
                return True
            raise salvaged.NotProved
        self._sound.lose(event_id, f"record of {name}", "cannot be proved: what was written with it is lost", _AGAIN)
        return False

    def _compare(self, event_id: int) -> None:
        """What is there now against every change that the old history has of the event."""
        if any(loss.event_id == event_id for loss in self._sound.losses):
            return  # named already, one by one
        for sequence, change in self._old.of_event[event_id]:
            if not self._as_written(event_id, change):
                message = "one of them is lost or altered; identity, frames and values are intact"
                self._sound.lose(event_id, f"rows of change {sequence}", message, "compare with a backup")

    def _as_written(self, event_id: int, change: Change) -> bool:
        found = row_hashes.rows_hash(self._connection, event_id, change)
        return found == (change.rows_sha256 or found)

    def _reading(self, event_id: int, reading: Row) -> ReadingWritten:
        for row in self._sound.values[reading["reading_id"]]:
            self._take(event_id, "value", row, f"value {row['quantity']} {row['channel']}")
        self.saved["readings"] += 1
        source, origin = reading["source"], reading["origin_sha256"]
        known = self._old.readings.get((event_id, source, origin), "")
        return ReadingWritten(source=source, origin_sha256=origin, values_sha256=known)

    def _zones_and_handovers(self) -> None:
        for row in sorted(self._wreck.rows["unit_time_zone"], key=lambda row: (row["serial"], row["position"])):
            if self._take(0, "unit_time_zone", row, f"zone of {row['serial']}"):
                self._note(
                    StateTimeZone(serial=row["serial"], position=row["position"], before="", after=row["time_zone"])
                )
        for row in sorted(self._wreck.rows["handover"], key=lambda row: row["handover_id"]):
            name = f"record of hand-over {row['handover_id']}"
            if row["record_sha256"] not in self._sound.contents:
                self._sound.lose(0, name, "its document is lost or does not match its SHA-256", "use a backup")
            elif self._take(0, "handover", row, name):
                self._note(SalvageHandOver(handover=row["handover_id"]))

    def _evidence(self) -> None:
        """The old history, row by row, inside the new one."""
        for row in self._old.changes:
            self._note(SalvagedChange(row=tuple(row)), row.event_id if row.event_id in self._sound.events else 0)
            self.saved["changes as evidence"] += 1
        for row in self._old.altered:
            self._sound.lose(0, f"change {row.sequence}", "was altered: its hash does not fit", "compare with a backup")

    def _take(self, event_id: int, table: str, row: Row, subject: str) -> bool:
        reason = salvaged.insert(self._connection, table, row)
        if reason and "UNIQUE" not in reason:
            self._sound.lose(event_id, subject, f"its row is not one of an archive: {reason}", "use a backup")
        return not reason

    def _note(self, change: Change, event_id: int = 0, at_utc: str = "") -> None:
        self.head = history.append(
            self._connection, change, at_utc=at_utc or utc_now(), actor=self._actor, event_id=event_id
        )


def _file(row: Row) -> FileWritten:
    return FileWritten(kind=row["kind"], name=row["name"], folder=row["folder"], sha256=row["sha256"])


def _known_encoder(text: object) -> str:
    try:
        return str(parse_encoder_name(str(text)))
    except UsageError:
        return DEFAULT_ENCODER
