"""Which rows of a wreck are sound: blobs that hash, values that the history vouches for, a history whose rows hash."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sfm_archive.archive.saving import run_encoder
from sfm_archive.errors import BadInput, EncoderNotFound, SfmError, UsageError
from sfm_archive.formats.frame_blob import FrameBlob, decompress, unpack_frames
from sfm_archive.maintaining.salvaging.old_history import OldHistory
from sfm_archive.maintaining.salvaging.report import Loss
from sfm_archive.maintaining.salvaging.wreck import Wreck
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.plugins.loading import Plugins
from sfm_archive.storage import values

Row = dict[str, Any]
BACKUP = "take it from a backup, or download it again while the unit still has it"
IMPORT = "import it again where it is still at hand"


@dataclass(slots=True)
class SoundRows:
    """The rows that go over, by table and event, and what is lost."""

    events: dict[int, Row] = field(default_factory=dict)
    of_event: dict[int, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    files: dict[int, Row] = field(default_factory=dict)
    contents: dict[str, Row] = field(default_factory=dict)
    owners: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    values: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    losses: list[Loss] = field(default_factory=list)

    def lose(self, event_id: int, subject: str, message: str, advice: str = BACKUP) -> None:
        """Note what does not go over."""
        loss = Loss(event_id=event_id, subject=subject, message=message, advice=advice)
        if loss not in self.losses:
            self.losses.append(loss)


def sound_rows(wreck: Wreck, old: OldHistory) -> SoundRows:
    """The rows of a wreck that are sound, and what is lost."""
    sound = SoundRows()
    _contents(wreck, sound)
    _events(wreck, old, sound)
    _frames(wreck, old, sound)
    _files(wreck, old, sound)
    _readings(wreck, old, sound)
    for table in ("event_name", "encoding", "finding"):
        for row in wreck.rows[table]:
            if row["event_id"] in sound.events:
                sound.of_event[row["event_id"]][table].append(row)
    for event_id in sorted(sound.events) if not old.chain_holds else ():
        if not sound.of_event[event_id]["frames"] and not any(key[0] == event_id for key in old.revisions):
            sound.lose(event_id, "frames", "none can be read, and what is left of the history records none")
    for event_id, revision in sorted(set(old.revisions) - _held_revisions(sound)):
        sound.lose(event_id, f"frames revision {revision}", "were received and cannot be read any more")
    for key, owners in sorted(old.files.items()):
        if not any((row["sha256"], row["kind"], row["name"]) == key for row in sound.files.values()):
            event_id = min(owners, default=0)
            sound.lose(event_id, f"{key[1]} {key[2]}", f"was received and is lost; SHA-256 {key[0]}", IMPORT)
    return sound


def _held_revisions(sound: SoundRows) -> set[tuple[int, int]]:
    return {(row["event_id"], row["revision"]) for held in sound.of_event.values() for row in held["frames"]}


def _contents(wreck: Wreck, sound: SoundRows) -> None:
    for row in wreck.rows["file_content"]:
        try:
            data = decompress(row["data"], row["codec"], row["size"])
        except BadInput:
            continue
        if hashlib.sha256(data).hexdigest() == row["sha256"]:
            sound.contents[row["sha256"]] = row


def _events(wreck: Wreck, old: OldHistory, sound: SoundRows) -> None:
    for row in wreck.rows["event"]:
        event_id, known = row["event_id"], old.events.get(row["event_id"])
        if known is not None and any(row[column] != value for column, value in known[0].identity().items()):
            continue  # another identity than was received: the history's counts
        if event_id not in sound.events and _is_identity(row):
            sound.events[event_id] = row
    for event_id, (identity, at_utc) in old.events.items():
        if event_id in sound.events:
            continue
        made = {"event_id": event_id, **identity.identity(), "time_zone": "unknown", "received_at_utc": at_utc}
        if _is_identity(made):
            sound.events[event_id] = made
            message = "its row is lost or altered; it was made again from the history, time zone unknown"
            sound.lose(event_id, "event", message, "state the zone again with sfm zones where it was known")


def _is_identity(row: Row) -> bool:
    try:
        checked_serial(row["serial"])
        parse_local_text(row["recorded_at_local"])
        RecordType(row["record_type"])
        int(row["start_key"] or "0", 16)
    except (UsageError, ValueError, KeyError, TypeError):
        return False
    return True


def _frames(wreck: Wreck, old: OldHistory, sound: SoundRows) -> None:
    lost = set[tuple[int, int]]()
    for row in wreck.rows["frames"]:
        key = (row["event_id"], row["revision"])
        try:
            unpack_frames(_blob(row))
        except (BadInput, TypeError) as error:
            if key not in lost:
                sound.lose(key[0], f"frames revision {key[1]}", f"are damaged: {error}")
            lost.add(key)
            continue
        if old.revisions.get(key, row["sha256"]) != row["sha256"]:
            sound.lose(key[0], f"frames revision {key[1]}", "are not those that the history records")
        elif key[0] not in sound.events:
            message = f"{row['frame_count']} frames are whole, but their event is not known"
            sound.lose(key[0], f"frames revision {key[1]}", message)
        elif not any(known["revision"] == key[1] for known in sound.of_event[key[0]]["frames"]):
            sound.of_event[key[0]]["frames"].append(row)


def _files(wreck: Wreck, old: OldHistory, sound: SoundRows) -> None:
    for row in wreck.rows["received_file"]:
        file_id = row["file_id"]
        owners = {event_id for event_id, linked in wreck.links if linked == file_id}
        owners |= old.files.get((row["sha256"], row["kind"], row["name"]), set())
        owners &= set(sound.events)
        if row["sha256"] not in sound.contents and not any(_is_made_again(sound, owner, row) for owner in owners):
            name = f"{row['kind']} {row['name']}"
            message = f"its bytes are lost or do not match their SHA-256 {row['sha256']}"
            sound.lose(min(owners, default=0), name, message, IMPORT)
        elif file_id not in sound.files:
            sound.files[file_id] = row
            for event_id in owners:
                sound.owners[event_id].add(file_id)


def _is_made_again(sound: SoundRows, event_id: int, file: Row) -> bool:
    """Whether the encoder that a file names makes it from the frames that are left; believed without it."""
    held, event = sound.of_event[event_id]["frames"], sound.events[event_id]
    if not file["reproduced_by"] or not held:
        return False
    known = Event(
        serial=event["serial"],
        recorded_at=parse_local_text(event["recorded_at_local"]),
        record_type=RecordType(event["record_type"]),
        start_key=int(event["start_key"], 16) if event["start_key"] else None,
    )
    try:
        encoder = Plugins().registry.encoder(file["reproduced_by"])
    except EncoderNotFound:
        return True
    except SfmError:
        return False
    for row in held:
        made = run_encoder(known, unpack_frames(_blob(row)), encoder)
        if made.file is not None and hashlib.sha256(made.file.data).hexdigest() == file["sha256"]:
            return True
    return False


def _blob(row: Row) -> FrameBlob:
    fields = ("format_version", "codec", "sha256", "logical_size", "frame_count", "data")
    return FrameBlob(**{name: row[name] for name in fields})


def _readings(wreck: Wreck, old: OldHistory, sound: SoundRows) -> None:
    by_reading: dict[int, list[Row]] = defaultdict(list)
    for row in wreck.rows["value"]:
        by_reading[row["reading_id"]].append(row)
    for reading in wreck.rows["reading"]:
        event_id, reading_id = reading["event_id"], reading["reading_id"]
        if event_id not in sound.events:
            continue
        key = (event_id, reading["source"], reading["origin_sha256"])
        rows = by_reading[reading_id]
        subject = f"values of the {reading['source']}"
        again = "the document is kept where it is named above; read it again or use a backup"
        try:
            found = values.values_hash(_reading(row) for row in rows)
        except ValueError as error:
            sound.lose(event_id, subject, f"are damaged: {error}", again)
            continue
        if old.readings.get(key, "") not in ("", found):
            sound.lose(event_id, subject, "are not those that the history vouches for", again)
        elif reading not in sound.of_event[event_id]["reading"]:
            sound.of_event[event_id]["reading"].append(reading)
            sound.values[reading_id] = rows
    for event_id, source, _ in set(old.readings) - {
        (row["event_id"], row["source"], row["origin_sha256"]) for row in wreck.rows["reading"]
    }:
        sound.lose(event_id, f"values of the {source}", "were received and cannot be read any more", IMPORT)


def _reading(row: Row) -> Reading:
    return Reading(
        quantity=row["quantity"],
        channel=row["channel"],
        number=row["number"],
        unit=row["unit"],
        state=ValueState(row["state"]),
        text=row["text"],
    )
