"""The salvage itself: a new archive with everything that is right, and the old history as evidence."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sfm_archive.archive.archive import Archive
from sfm_archive.archive.settings import DEFAULT_ENCODER, begin, current_actor
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import quoted, without_lone_surrogates
from sfm_archive.errors import Damaged, NotAnArchive, UsageError
from sfm_archive.formats.frame_blob import CODEC, compress, unpack_frames
from sfm_archive.formats.sqlite_pages import Bytes, possible_layouts
from sfm_archive.maintaining.salvaging.file_bytes import bytes_of
from sfm_archive.maintaining.salvaging.old_history import OldHistory, read_old_history
from sfm_archive.maintaining.salvaging.own_identity import doubt_of_file, doubt_of_frames, doubt_of_name
from sfm_archive.maintaining.salvaging.readable_rows import LINKS, ReadableRows, read_rows
from sfm_archive.maintaining.salvaging.report import SAVED, SalvageReport
from sfm_archive.maintaining.salvaging.sound_rows import (
    BACKUP,
    IMPORT,
    Row,
    SoundRow,
    SoundRows,
    beginning,
    is_made_again,
    made_again,
    proves_itself,
    sound_rows,
)
from sfm_archive.model.decode_settings import DEFAULT_DECODER
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.storage import frames, salvaged
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import Create, PinDecoder, PinEncoder
from sfm_archive.storage.changes_taken_over import BeginSalvage, SalvagedChange, SalvagedRows
from sfm_archive.storage.event_identity import Identity
from sfm_archive.storage.failures import translated
from sfm_archive.storage.handovers import lost_document
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.left_over_logs import HEADER_READ, refuse_log_of_another
from sfm_archive.storage.new_archives import fill_file, new_archive_file
from sfm_archive.storage.row_hashes import FoundRow
from sfm_archive.storage.store import open_file
from sfm_archive.storage.writing import Writing
from sfm_archive.verifying.recorded_changes import name_of

COMPARE = "compare with a backup"
SEAL = "seal"
"""The table whose rows stay behind: the new archive has a history of its own, and people are to work on with it."""

_CONTENT = "file_content"
_WITH_FILE = {"calibration": "certificate", "firm": "logo"}
"""By table of statements the column with the name of a file."""

PIN = "pin the one that you use, with sfm encoders NEW --pin NAME"
_COUNTED = {
    "event": "events",
    "frames": "frame revisions",
    "received_file": "received files",
    "reading": "readings",
    "encoding": "encodings",
    "finding": "findings",
}


def salvage(damaged: Path, target: Path, *, actor: str | None = None, progress: Progress = silent) -> SalvageReport:
    """Put everything that still reads and hashes right into a new archive at `target`; the damaged file stays as it is.

    The file is read as bytes, page by page, so it may be cut off, altered anywhere, or refused by SQLite. Keys and
    times stay; the new archive has an id and a history of its own, which says where all of it comes from. It gets its
    name when all of it is on the disk. Raises ArchiveNotFound, NotAnArchive when not one row of an archive is found,
    AlreadyExists, LeftOverLog, StorageFailed.
    """
    with bytes_of(damaged) as data:
        refuse_log_of_another(damaged, data[0:HEADER_READ])
        real = damaged.resolve()  # its log lies beside the file, not beside a link to it
        with bytes_of(real.with_name(f"{real.name}-wal"), there=False) as log:
            readable, old, sound = _best_reading(data, log)
    if not any((readable.rows["event"], readable.rows["received_file"], old.changes)):
        raise NotAnArchive(f"{damaged} has no row of an sfm archive that can be read; nothing was made")
    work = _Salvage(damaged, readable, old, sound, current_actor(actor), progress)
    with new_archive_file(target) as unfinished, translated(target):
        fill_file(unfinished, work.fill)
        with Archive(open_file(unfinished, read_only=False), actor=actor) as made:
            made.store.path = target  # the name that an error is about
            made.rebuild(lambda done, total: progress(work.steps + done, work.steps + total))
    return SalvageReport(
        path=str(damaged),
        target=str(target),
        saved={what: work.saved[what] for what in SAVED},
        losses=tuple(sound.losses),
        unreadable_rows=readable.unreadable,
        old_archive_id=work.old_id,
        old_length=old.head[0],
        old_head=old.head[1],
        chain_holds=old.chain_holds,
        history_head=work.head,
        was_sealed=_last_says_sealed(readable),
    )


def _last_says_sealed(readable: ReadableRows) -> bool:
    rows = readable.rows[SEAL]
    return bool(rows) and max(rows, key=lambda row: int(row["sequence"]))["sealed"] == 1


def _best_reading(data: Bytes, log: Bytes) -> tuple[ReadableRows, OldHistory, SoundRows]:
    """Of all layouts that the file may have, what is read by the one that gives the most rows that the history vouches
    for; where it vouches for none, the most rows."""
    best: tuple[ReadableRows, OldHistory, SoundRows] | None = None
    most = (-1, -1)
    for layout in possible_layouts(data):
        readable = read_rows(data, log, layout)
        old = read_old_history(readable)
        sound = sound_rows(readable, old)
        vouched = sum(entry in sound.by_hash for row in old.changes for entry in row.listed)
        number = (vouched, sum(map(len, readable.rows.values())))
        if number > most:
            best, most = (readable, old, sound), number
    assert best is not None  # there is always a layout
    return best


class _Salvage:
    """One salvage: fills a new archive inside the transaction that makes it.

    Each change of the old history becomes one of the new archive, with the time and the person of the old one, and with
    those rows of it that are sound.
    """

    def __init__(
        self, damaged: Path, readable: ReadableRows, old: OldHistory, sound: SoundRows, actor: str, progress: Progress
    ) -> None:
        self._damaged = damaged
        self._old = old
        self._sound = sound
        self._actor = actor
        self._progress = progress
        self._connection: Any = None
        self._events: dict[int, Row] = {}
        self._keys: dict[int, int] = {}
        self._frames: dict[int, dict[int, Row]] = defaultdict(dict)
        self._contents: dict[bytes, SoundRow] = {}
        self._files: dict[int, Row] = {}
        self._revisions: Counter[int] = Counter()
        self._links: dict[int, list[int]] = {}
        self.saved: Counter[str] = Counter()
        self.head = ""
        self.steps = 0
        own = readable.rows["archive"]
        self.old_id, self._pinned = self._said_of_itself(own)

    def fill(self, connection: Any) -> None:
        """Everything, in the order in which it was written: so no row comes before one that it points to."""
        self._connection = connection
        begin(connection, *self._pinned, self._actor)
        sequence, head = self._old.head
        begun = BeginSalvage(
            file=without_lone_surrogates(self._damaged.name),
            archive_id=self.old_id,
            history_length=sequence,
            history_head=head,
            chain_holds=self._old.chain_holds,
        )
        self.head = Writing(connection).note(begun, self._actor)
        changes = {row.sequence: row for row in self._old.changes}
        numbers = sorted({*changes, *self._sound.unproved})
        self.steps = len(numbers)
        for done, number in enumerate(numbers, start=1):
            if number in changes:
                self._change(changes[number])
            else:
                self._rows_without_change(number, self._sound.unproved[number])
            self._progress(done, self.steps + 1)
        for first, last in self._old.lost:
            subject, verb = (f"change {first}", "is") if first == last else (f"changes {first} to {last}", "are")
            self._sound.lose(0, subject, f"{verb} lost, and so may be rows that nothing else tells of", COMPARE)
        for row in self._old.altered:
            self._sound.lose(0, f"change {row.sequence}", "was altered: its hash does not fit", COMPARE)
        for event_id in sorted(self._events) if not self._old.chain_holds else ():
            if not self._frames[event_id] and not self._revisions[event_id]:
                message = "none can be read, and what is left of the history records none"
                self._sound.lose(event_id, "frames", message)

    def _said_of_itself(self, own: Sequence[Row]) -> tuple[str, tuple[str, str]]:
        """The id of the damaged archive, and the encoder and decoder that it pins: what its own row says, and, where
        that is lost, the history."""
        archive_id, encoder, decoder = "", "", ""
        for row in self._old.changes:
            try:
                change = row.change()
            except Damaged:
                continue
            if isinstance(change, Create):
                archive_id, encoder, decoder = change.archive_id, change.pinned_encoder, change.pinned_decoder
            elif isinstance(change, PinEncoder):
                encoder = change.after
            elif isinstance(change, PinDecoder):
                decoder = change.after
        rows = {(str(row["archive_id"]), str(row["pinned_encoder"]), str(row["pinned_decoder"])) for row in own}
        if not rows and (self._old.lost or not encoder):
            message = "is lost; another encoder or decoder may have been pinned"
            self._sound.lose(0, "the archive's own row", message, PIN)
        if rows and (archive_id, encoder, decoder) not in rows:
            if not self._old.lost:
                message = "one that pinned the encoder or the decoder is lost or was altered"
                self._sound.lose(0, "change", message, PIN)
            archive_id, encoder, decoder = max(rows)
        return archive_id, (_known(encoder, DEFAULT_ENCODER), _known(decoder, DEFAULT_DECODER))

    def _change(self, row: HistoryRow) -> None:
        """One change of the old history, and those of its rows that hash as it says."""
        try:
            change: Change | None = row.change()
        except Damaged:
            change = None  # it goes over as evidence; its rows prove themselves by their hashes
        identity = None if change is None else change.identity
        writing = Writing(self._connection, row.at_utc)
        count = Counter(entry.table for entry in row.listed)
        met = Counter[str]()
        listed = set(row.listed)
        rows = [self._sound.by_hash.get(entry) for entry in row.listed]
        self._links = _by_file(one for one in rows if one is not None)
        for entry, known in zip(row.listed, rows, strict=True):
            if entry.table == SEAL:
                continue
            met[entry.table] += 1
            self._revisions[row.event_id] += entry.table == "frames"
            found = known
            if found is None and entry.table in ("event", "event_key"):
                found = made_again(entry.table, entry.sha256, row.event_id, row.sequence, identity)
            if found is not None:
                self._take(writing, found)
                continue
            named = () if change is None or entry.table != "received_file" else change.described
            file = " ".join(named[met[entry.table] - 1]) if len(named) == count[entry.table] else ""
            altered = self._sound.altered_of(row.sequence, entry.table, listed)
            self._lost(row.event_id, entry.table, file, altered)
        event_id = row.event_id if row.event_id in self._events else 0
        self.head = writing.note(SalvagedChange(row=tuple(row)), row.actor, event_id)
        self.saved["changes as evidence"] += 1

    def _lost(self, event_id: int, table: str, file: str, altered: Row | None) -> None:
        """A row that a change lists and that is not there; `altered`: a row of that change as it reads now, which may
        be what is left of it."""
        subject = f"frames revision {self._revisions[event_id]}" if table == "frames" else table.replace("_", " ")
        message = "its row is lost or altered"
        if table == "received_file":
            subject = file or subject
            if altered is not None:
                reads = f"{quoted(str(altered['name']))}, SHA-256 {altered['sha256'].hex()}"
                message = f"its row was altered: it reads {reads}, which the history does not vouch for"
        advice = BACKUP if table in ("event", "frames") else IMPORT
        self._sound.lose(event_id, subject, message, advice)

    def _rows_without_change(self, sequence: int, rows: Sequence[SoundRow]) -> None:
        """Rows of a change that is lost: those that prove themselves go over, under a change that says so."""
        writing = Writing(self._connection)
        event: tuple[str, ...] = ()
        self._links = _by_file(rows)
        event_id = next((row.columns["event_id"] for row in rows if "event_id" in row.columns), 0)
        for row in rows:
            if row.table == SEAL:
                continue
            reason = proves_itself(row) or self._of_another(row, event_id)
            if reason:
                subject = self._subject(row)
                self._sound.lose(event_id, subject, f"the change that wrote it is lost, and {reason}", _advice(row))
            elif not self._take(writing, row):
                continue
            elif row.table == "event":
                event = _identity(row.columns)
            elif row.table == LINKS:
                message = "its own bytes or name say that it is of this event; the change that joined it is lost"
                self._sound.lose(event_id, self._subject(row), message, COMPARE)
            elif row.table == "received_file" and row.columns["file_id"] not in self._links:
                message = "whether it belongs to an event is lost with its change"
                self._sound.lose(0, self._subject(row), message, IMPORT)
        if not writing.wrote:
            return
        message = f"change {sequence}, which wrote its rows, is lost: they are taken as they stand"
        self._sound.lose(event_id, "rows that nothing vouches for", message, COMPARE)
        owner = event_id if event_id in self._events else 0
        self.head = writing.note(SalvagedRows(change=sequence, event=event), self._actor, owner)

    def _subject(self, row: SoundRow) -> str:
        file = self._files.get(row.columns["file_id"]) if row.table == LINKS else None
        named = ("received_file", file) if file else (row.table, row.columns)
        return name_of(FoundRow(named[0], b"", named[1]))

    def _of_another(self, row: SoundRow, event_id: int) -> str:
        """Why a row that nothing vouches for is not of the event of its change, '' where nothing speaks against it. A
        file is not taken for one of the event without a word of its own: the rows of a change that is lost may be of
        two archives, which are mixed where the log of one was put into the other."""
        columns = row.columns
        if columns.get("event_id", event_id) != event_id:
            return f"it is of event {columns['event_id']}, other rows of that change are of this one"
        event = self._events.get(event_id)
        if event is None:
            return ""
        if row.table == "frames":
            return doubt_of_frames(unpack_frames(frames.blob_of_row(columns)), event)
        if row.table == "event_name":
            return doubt_of_name(columns["name"], event)
        if row.table == "reading":
            documents = [file for file in self._files.values() if file["sha256"] == columns["origin_sha256"]]
            return self._doubt_of(documents[0], event) if documents else ""
        file = self._files.get(columns["file_id"]) if row.table == LINKS else None
        if file is None:
            return ""  # it is lost, which is named
        doubt = self._doubt_of(file, event)
        return doubt and f"{doubt}; it waits for its event"

    def _doubt_of(self, file: Row, event: Row) -> str:
        if file["sha256"] not in self._contents:
            return ""  # its bytes are made of the event's frames
        return doubt_of_file(file, beginning(self._contents[file["sha256"]]), event)

    def _take(self, writing: Writing, row: SoundRow) -> bool:
        """Put a row into the new archive, if what it belongs to is there; what is not becomes a loss."""
        columns, table = row.columns, row.table
        event_id = columns.get("event_id", 0)
        subject = name_of(FoundRow(table, b"", columns))
        if table != "event" and event_id and event_id not in self._events:
            self._sound.lose(event_id, subject, "its event is not known")
            return False
        if table == "encoding" and columns["revision"] not in self._frames[event_id]:
            return False  # its frames are named
        if table == "event_file" and columns["file_id"] not in self._files:
            # What is said of the file itself names no event, or the one that brought it first.
            self._sound.lose(event_id, f"file {columns['file_id']}", "is lost, which is one of this event", IMPORT)
            return False
        if table == "received_file" and not self._has_bytes(writing, columns):
            self._sound.lose(
                0, subject, f"its bytes are lost or do not match their SHA-256 {columns['sha256'].hex()}", IMPORT
            )
            return False
        if table == "handover" and columns["kept_sha256"] and columns["kept_sha256"] not in self._contents:
            columns = self._without_kept_file(columns, subject)
        if table == "handover" and columns["record_sha256"] not in self._contents:
            columns = self._without_document(writing, columns, subject)
        if table in _WITH_FILE:
            self._name_lost_file(table, columns, subject)
        reason = salvaged.insert(writing, table, columns, row.parts)
        if reason:
            if "UNIQUE" not in reason:
                self._sound.lose(event_id, subject, f"its row is not one of an archive: {reason}", "use a backup")
            return False
        self._remember(row)
        return True

    def _without_kept_file(self, columns: Row, subject: str) -> Row:
        """A record whose PDF or picture is lost: it still says what was sent when, and the hash of each file."""
        digest = columns["kept_sha256"].hex()
        message = f"the file that it keeps, {columns['target']}, is lost or does not match its SHA-256 {digest}"
        self._sound.lose(0, subject, f"{message}; the record itself is saved", "take the file from who was sent it")
        return {**columns, "kept_sha256": None}

    def _without_document(self, writing: Writing, columns: Row, subject: str) -> Row:
        """A record whose document is lost: it still says who sent what where, when, and how many files."""
        digest = columns["record_sha256"].hex()
        message = f"its document, which lists the files, is lost or does not match its SHA-256 {digest}"
        self._sound.lose(0, subject, f"{message}; the record itself is saved", "take the document from a backup")
        text = lost_document(digest)
        stands = hashlib.sha256(text).digest()
        if stands not in self._contents:
            known = [row.columns["content_id"] for (table, _), row in self._sound.by_hash.items() if table == _CONTENT]
            number = 1 + max([*known, *(row.columns["content_id"] for row in self._contents.values())], default=0)
            row = {"content_id": number, "sequence": 0, "sha256": stands, "size": len(text), "pieces": 1}
            part = {"content_id": number, "position": 1, "codec": CODEC, "data": compress(text)}
            found = SoundRow(table=_CONTENT, columns=row, parts=(part,))
            salvaged.insert(writing, _CONTENT, row, found.parts)
            self._contents[stands] = found
        return {**columns, "record_sha256": stands}

    def _name_lost_file(self, table: str, columns: Row, subject: str) -> None:
        """Of a statement that names a file, which file is lost."""
        name, digest = columns[_WITH_FILE[table]], columns[f"{_WITH_FILE[table]}_sha256"]
        if digest and digest not in self._contents:
            message = f"its file, {name}, is lost or does not match its SHA-256 {digest.hex()}"
            advice = "state it again with the file, where that is still at hand"
            self._sound.lose(0, subject, f"{message}; the statement itself is saved", advice)

    def _remember(self, row: SoundRow) -> None:
        table, columns = row.table, row.columns
        if table in _COUNTED:
            self.saved[_COUNTED[table]] += 1
        if table == "event":
            self._events[columns["event_id"]] = columns
        elif table == "event_key":
            self._keys[columns["event_id"]] = columns["start_key"]
        elif table == "frames":
            self._frames[columns["event_id"]][columns["revision"]] = columns
        elif table == "file_content":
            self._contents[columns["sha256"]] = row
        elif table == "received_file":
            self._files[columns["file_id"]] = columns

    def _has_bytes(self, writing: Writing, file: Row) -> bool:
        if file["sha256"] in self._contents:
            return True
        return any(
            is_made_again(file, self._events[event_id], self._keys.get(event_id), list(self._frames[event_id].values()))
            for event_id in self._links.get(file["file_id"], ())
            if event_id in self._events
        )


def _by_file(rows: Iterable[SoundRow]) -> dict[int, list[int]]:
    """The events that links among these rows join each file to."""
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.table == LINKS:
            found[row.columns["file_id"]].append(row.columns["event_id"])
    return found


def _advice(row: SoundRow) -> str:
    return IMPORT if row.table in (LINKS, "received_file", "file_content") else BACKUP


def _identity(columns: Row) -> tuple[str, ...]:
    return Identity(columns["serial"], columns["recorded_at_local"], columns["record_type"], "", columns["time_zone"])


def _known(text: object, usual: str) -> str:
    try:
        return str(parse_encoder_name(str(text)))
    except UsageError:
        return usual
