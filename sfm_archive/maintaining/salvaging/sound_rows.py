"""Which readable rows are sound: those that the history vouches for by their hash, and, where it is lost, those whose
bytes prove themselves."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sfm_archive.archive.saving import run_encoder
from sfm_archive.errors import BadInput, EncoderNotFound, SfmError, UsageError
from sfm_archive.formats.frame_blob import decompress_at_most, unpack_frames
from sfm_archive.maintaining.salvaging.links import agreeing_links
from sfm_archive.maintaining.salvaging.old_history import OldHistory
from sfm_archive.maintaining.salvaging.readable_rows import LINKS, ReadableRows
from sfm_archive.maintaining.salvaging.report import Loss
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.plugins.loading import Plugins
from sfm_archive.storage import files, frames, row_hashes
from sfm_archive.storage.event_identity import Identity
from sfm_archive.storage.tables import schema_text, tables

Row = dict[str, Any]
BACKUP = "take it from a backup, or download it again while the unit still has it"
IMPORT = "import it again where it is still at hand"

_MOST_ALIKE = 64
"""Events of one unit, second and kind that a lost one is looked for among."""

_MOST_PIECES = 64
"""Of a content's, read for what they say of its event: all of the longest event file, a report's header many times."""

_PARTS = {"reading": ("value", "reading_id"), "file_content": ("file_piece", "content_id")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRow:
    """One row to take, with the rows of another table that are written with it."""

    table: str
    columns: Row
    parts: tuple[Row, ...] = ()


@dataclass(slots=True)
class SoundRows:
    """The readable rows by their hash, and by the change that is lost, where it is; and what is lost of them."""

    by_hash: dict[tuple[str, bytes], SoundRow] = field(default_factory=dict)
    of_changes: dict[tuple[int, str], list[SoundRow]] = field(default_factory=lambda: defaultdict(list))
    unproved: dict[int, list[SoundRow]] = field(default_factory=lambda: defaultdict(list))
    losses: dict[Loss, None] = field(default_factory=dict)

    def altered_of(self, sequence: int, table: str, listed: Collection[row_hashes.Listed]) -> Row | None:
        """A readable row of a change that the change does not list, each once: one of those that it lists, altered."""
        rows = self.of_changes.get((sequence, table), [])
        while rows:
            found = rows.pop(0)
            if (table, hash_of(found)) not in listed:
                return found.columns
        return None

    def lose(self, event_id: int, subject: str, message: str, advice: str = BACKUP) -> None:
        """Note what does not go over."""
        self.losses[Loss(event_id=event_id, subject=subject, message=message, advice=advice)] = None


def sound_rows(readable: ReadableRows, old: OldHistory) -> SoundRows:
    """Every readable row that a change can list, hashed; and those of changes that are lost."""
    sound = SoundRows()
    known = {row.sequence for row in old.changes}
    links: dict[tuple[int, ...], SoundRow] = {}
    parts = {table: _by_number(readable, *of) for table, of in _PARTS.items()}
    for table in row_hashes.TABLES:
        for columns in readable.rows[table]:
            own = tuple(parts[table].get(next(iter(columns.values())), ())) if table in parts else ()
            row = SoundRow(table=table, columns=columns, parts=own)
            sound.by_hash[table, hash_of(row)] = row
            if table == LINKS:
                links[tuple(columns.values())] = row
            elif columns["sequence"] not in known:
                sound.unproved[columns["sequence"]].append(row)
            elif table == "received_file":
                sound.of_changes[columns["sequence"], table].append(row)
    listed = {entry.sha256 for change in old.changes for entry in change.listed if entry.table == LINKS}
    vouched = {link for link, row in links.items() if hash_of(row) in listed}
    for link in sorted(agreeing_links(readable.numbers, vouched, known)):
        sound.unproved[link[2]].append(links[link])
    return sound


def _by_number(readable: ReadableRows, table: str, column: str) -> dict[int, list[Row]]:
    """Rows of another table by the number of the row that they are written with, in the order in which it is hashed.

    Where SQLite has left an older copy of a row that does not read the same, the whole is not proved.
    """
    found: dict[int, list[Row]] = defaultdict(list)
    for row in readable.rows[table]:
        found[row[column]].append(row)
    own = tables(schema_text())[table]
    for rows in found.values():
        rows.sort(key=lambda row: [list(row.values())[place] for place in own.key])
    return found


def hash_of(row: SoundRow) -> bytes:
    """The hash that a change lists a row by."""
    if row.table not in _PARTS:
        return row_hashes.row_hash(row.table, list(row.columns.values()))
    parts = [[value for name, value in part.items() if name != _PARTS[row.table][1]] for part in row.parts]
    return row_hashes.row_hash(row.table, list(row.columns.values()), parts)


def made_again(table: str, sha256: bytes, event_id: int, sequence: int, identity: Identity | None) -> SoundRow | None:
    """A lost row of `event` or `event_key`, made of what its change says; None where that does not give its hash."""
    if identity is None:
        return None
    if table == "event_key":
        keys = {"event_id": event_id, "sequence": sequence, "start_key": _key(identity.start_key)}
        row = SoundRow(table=table, columns=keys)
        return row if hash_of(row) == sha256 else None
    for ordinal in range(1, _MOST_ALIKE):
        columns = {
            "event_id": event_id,
            "sequence": sequence,
            "serial": identity.serial,
            "recorded_at_local": identity.recorded_at_local,
            "record_type": identity.record_type,
            "ordinal": ordinal,
            "time_zone": identity.time_zone,
        }
        row = SoundRow(table=table, columns=columns)
        if hash_of(row) == sha256:
            return row
    return None


def _key(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1


def proves_itself(row: SoundRow) -> str:
    """Why a row that nothing vouches for cannot be believed, '' where it can: its bytes hash, its words are words."""
    columns = row.columns
    try:
        match row.table:
            case "event":
                checked_serial(columns["serial"])
                parse_local_text(columns["recorded_at_local"])
                RecordType(columns["record_type"])
            case "frames":
                unpack_frames(frames.blob_of_row(columns))
            case "file_content":
                data = b"".join(decompress_at_most(part["data"], part["codec"], files.PIECE_SIZE) for part in row.parts)
                if hashlib.sha256(data).digest() != columns["sha256"] or len(row.parts) != columns["pieces"]:
                    return "its bytes do not match their SHA-256"
            case "encoding" | "same_event" | "withheld_content":
                return "it cannot be proved"
    except (BadInput, UsageError, ValueError, TypeError) as error:
        return str(error)
    return ""


def beginning(content: SoundRow) -> bytes:
    """The first bytes of a content that is sound, of anything but a very long one all of it: what tells whose it is."""
    parts = content.parts[:_MOST_PIECES]
    return b"".join(decompress_at_most(part["data"], part["codec"], files.PIECE_SIZE) for part in parts)


def is_made_again(file: Row, event: Mapping[str, Any], start_key: int | None, held: Sequence[Row]) -> bool:
    """Whether the encoder that a file names makes it from the frames that are left; believed without it."""
    if not file["reproduced_by"] or not held:
        return False
    known = Event(
        serial=event["serial"],
        recorded_at=parse_local_text(event["recorded_at_local"]),
        record_type=RecordType(event["record_type"]),
        start_key=start_key,
    )
    try:
        encoder = Plugins().registry.encoder(file["reproduced_by"])
    except EncoderNotFound:
        return True
    except SfmError:
        return False
    for row in held:
        made = run_encoder(known, unpack_frames(frames.blob_of_row(row)), encoder)
        if made.file is not None and hashlib.sha256(made.file.data).digest() == file["sha256"]:
            return True
    return False
