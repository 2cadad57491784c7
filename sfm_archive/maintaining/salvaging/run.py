"""The salvage itself: a new archive with everything that is right, and the old history as evidence."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from sfm_archive.archive.settings import current_actor
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.base.version import TOOL
from sfm_archive.errors import ArchiveNotFound, NotAnArchive, StorageFailed, UsageError
from sfm_archive.maintaining.salvaging.judge import Right, Row, Told, judged, told
from sfm_archive.maintaining.salvaging.report import SAVED, SalvageReport
from sfm_archive.maintaining.salvaging.wreck import Wreck, read_wreck
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.storage import archive_row, history, row_hashes, salvaged
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.store import create_file

_DEFAULT_ENCODER = "blastware@2"
_LARGEST = 64 << 30
_AGAIN = "an export with this encoder makes the record again; the old history has its hash"


def salvage(damaged: Path, target: Path, *, actor: str | None = None, progress: Progress = silent) -> SalvageReport:
    """Put everything that still reads and hashes right into a new archive at `target`; the damaged file stays as it is.

    The file is read as bytes, page by page, so it may be cut off, altered anywhere, or refused by SQLite. Keys and
    times stay; the new archive has an id and a history of its own, which says where all of it comes from. Raises
    ArchiveNotFound, NotAnArchive when not one row of an archive is found, AlreadyExists, StorageFailed.
    """
    wreck = read_wreck(_bytes(damaged), _bytes(damaged.with_name(f"{damaged.name}-wal"), there=False))
    said = told(wreck)
    right = judged(wreck, said)
    if not any((right.events, right.files, said.changes)):
        raise NotAnArchive(f"{damaged} has no row of an sfm archive that can be read; nothing was made")
    work = _Salvage(damaged, wreck, said, right, current_actor(actor), progress)
    create_file(target, work.fill)
    return SalvageReport(
        path=str(damaged),
        target=str(target),
        saved={what: work.saved[what] for what in SAVED},
        losses=tuple(right.losses),
        unreadable_rows=len(wreck.unreadable),
        old_archive_id=work.old_id,
        old_length=said.head[0],
        old_head=said.head[1],
        chain_holds=said.chain_holds,
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

    def __init__(self, damaged: Path, wreck: Wreck, said: Told, right: Right, actor: str, progress: Progress) -> None:
        self._damaged = damaged
        self._wreck = wreck
        self._said = said
        self._right = right
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
        self._note("create", {"archive_id": own.archive_id, "pinned_encoder": own.pinned_encoder}, at_utc=now)
        sequence, head = self._said.head
        origin = {
            "file": without_lone_surrogates(self._damaged.name),
            "archive_id": self.old_id,
            "history_length": sequence,
            "history_head": head,
            "chain_holds": self._said.chain_holds,
        }
        self._note("salvage", origin)
        kept = {row["sha256"] for row in self._right.files.values()}
        kept |= {row["record_sha256"] for row in self._wreck.rows["handover"]}
        for sha256, content in sorted(self._right.contents.items()):
            if sha256 in kept:
                self._take(0, "file_content", content, f"content {sha256[:12]}…")
        files = {
            file_id: row
            for file_id, row in sorted(self._right.files.items())
            if self._take(0, "received_file", row, f"{row['kind']} {row['name']}")
        }
        self.saved["received files"] = len(files)
        owned = set[int]()
        for number, (event_id, event) in enumerate(sorted(self._right.events.items())):
            owned |= self._event(event_id, event, files)
            self._progress(number + 1, len(self._right.events))
        for file_id, row in files.items():
            if file_id not in owned:
                self._note("keep file", {"files": [_file(row)]})
        self._zones_and_handovers()
        self._evidence()

    def _event(self, event_id: int, event: Row, files: dict[int, Row]) -> set[int]:
        """One event with everything of it; the files that it owns."""
        if not self._take(event_id, "event", event, "event"):
            return set()
        self.saved["events"] += 1
        held = self._right.of_event[event_id]
        identity = {key: event[key] for key in ("serial", "recorded_at_local", "start_key", "record_type")}
        detail: dict[str, Any] = {"event": identity}
        for row in sorted(held["event_name"], key=lambda row: row["position"]):
            if self._take(event_id, "event_name", row, f"name {row['name']}"):
                detail.setdefault("names", []).append(row["name"])
        owned = {file_id for file_id in self._right.owners[event_id] if file_id in files}
        for file_id in sorted(owned):
            if self._take(event_id, "event_file", {"event_id": event_id, "file_id": file_id}, "link to a file"):
                detail.setdefault("files", []).append(_file(files[file_id]))
        for row in held["reading"]:
            if self._take(event_id, "reading", row, f"values of the {row['source']}"):
                self._reading(event_id, row, detail)
        for row in held["finding"]:
            if self._take(event_id, "finding", row, f"finding {row['code']}"):
                detail.setdefault("findings", []).append({"code": row["code"], "message": row["message"]})
                self.saved["findings"] += 1
        self._note("salvage", detail, event_id)
        revisions = set()
        for row in sorted(held["frames"], key=lambda row: row["revision"]):
            if self._take(event_id, "frames", row, f"frames revision {row['revision']}"):
                revisions.add(row["revision"])
                self.saved["frame revisions"] += 1
                said = {"revision": row["revision"], "sha256": row["sha256"], "count": row["frame_count"]}
                self._note("salvage", {"frames": said}, event_id)
        for row in held["encoding"]:
            name = f"{row['family']}@{row['version']}"
            if row["revision"] in revisions and self._encoding(event_id, row, name):
                self.saved["encodings"] += 1
                keys = ("revision", "outcome", "sha256")
                self._note("salvage", {"encoder": name, **{key: row[key] for key in keys}}, event_id)
        self._compare(event_id)
        return owned

    def _encoding(self, event_id: int, row: Row, name: str) -> bool:
        """Take a record, if it is the one that the old history vouches for."""
        key, said = (name, row["revision"]), []
        for _, detail in self._said.of_event[event_id]:
            record = detail.get("encoding", detail if "encoder" in detail else {})
            revision = record.get("revision") or detail.get("frames", {}).get("revision")
            if (record.get("encoder"), revision) == key:
                said.append(detail)
        if any(_written(detail, "encoding").get("sha256") != row["sha256"] for detail in said):
            self._right.lose(event_id, f"record of {name}", "is another one than the history says", _AGAIN)
            return False
        with salvaged.on_trial(self._connection):
            if not self._take(event_id, "encoding", row, f"record of {name}"):
                return False
            if said and all(self._as_written(event_id, detail) for detail in said):
                return True
            raise salvaged.NotProved
        self._right.lose(event_id, f"record of {name}", "cannot be proved: what was written with it is lost", _AGAIN)
        return False

    def _compare(self, event_id: int) -> None:
        """What is there now against every change that the old history tells of the event."""
        if any(loss.event_id == event_id for loss in self._right.losses):
            return  # named already, one by one
        for sequence, detail in self._said.of_event[event_id]:
            if not self._as_written(event_id, detail):
                message = "one of them is lost or not as it was written; identity, frames and values are right"
                self._right.lose(event_id, f"rows of change {sequence}", message, "compare with a backup")

    def _as_written(self, event_id: int, detail: Row) -> bool:
        written = detail.get(row_hashes.KEY)
        return written is None or row_hashes.rows_hash(self._connection, event_id, detail) == written

    def _reading(self, event_id: int, reading: Row, detail: dict[str, Any]) -> None:
        for row in self._right.values[reading["reading_id"]]:
            self._take(event_id, "value", row, f"value {row['quantity']} {row['channel']}")
        self.saved["readings"] += 1
        key = (event_id, reading["source"], reading["origin_sha256"])
        said = {"source": reading["source"], "origin_sha256": reading["origin_sha256"]}
        if self._said.readings.get(key):
            said["values_sha256"] = self._said.readings[key]
        detail.setdefault("readings", []).append(said)

    def _zones_and_handovers(self) -> None:
        for row in sorted(self._wreck.rows["unit_time_zone"], key=lambda row: (row["serial"], row["position"])):
            if self._take(0, "unit_time_zone", row, f"zone of {row['serial']}"):
                said = {"serial": row["serial"], "position": row["position"], "from": "", "to": row["time_zone"]}
                self._note("state time zone", said)
        for row in sorted(self._wreck.rows["handover"], key=lambda row: row["handover_id"]):
            name = f"record of hand-over {row['handover_id']}"
            if row["record_sha256"] not in self._right.contents:
                self._right.lose(0, name, "its document is lost or does not hash", "use a backup")
            elif self._take(0, "handover", row, name):
                self._note("salvage", {"handover": row["handover_id"]})

    def _evidence(self) -> None:
        """The old history, row by row, inside the new one."""
        for row in self._said.changes:
            self._note("salvaged change", {"row": list(row)}, row.event_id if row.event_id in self._right.events else 0)
            self.saved["changes as evidence"] += 1
        for row in self._said.altered:
            self._right.lose(0, f"change {row.sequence}", "was altered: its hash does not fit", "compare with a backup")

    def _take(self, event_id: int, table: str, row: Row, subject: str) -> bool:
        reason = salvaged.insert(self._connection, table, row)
        if reason and "UNIQUE" not in reason:
            self._right.lose(event_id, subject, f"its row is not one of an archive: {reason}", "use a backup")
        return not reason

    def _note(self, action: str, detail: dict[str, Any], event_id: int = 0, at_utc: str = "") -> None:
        self.head = history.append(
            self._connection,
            at_utc=at_utc or utc_now(),
            actor=self._actor,
            tool=TOOL,
            action=action,
            event_id=event_id,
            detail=detail,
        )


def _written(detail: Row, key: str) -> Row:
    """The record that a change wrote, by itself or with frames."""
    found = detail.get(key, detail)
    return found if isinstance(found, dict) else {}


def _file(row: Row) -> dict[str, str]:
    return {key: row[key] for key in ("kind", "name", "folder", "sha256")}


def _known_encoder(text: object) -> str:
    try:
        return str(parse_encoder_name(str(text)))
    except UsageError:
        return _DEFAULT_ENCODER
