"""Reading what an archive holds: its numbers, frames, received files and history."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.correcting import corrections_of
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.finding import no_event, read_event
from sfm_archive.base.batches import batches
from sfm_archive.errors import BadInput, Damaged, EncodeRefused, EventNotFound, NotFound, UsageError
from sfm_archive.formats.frame_blob import FrameBlob, unpack_frames
from sfm_archive.model.correcting import AS_RECORDED
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading
from sfm_archive.model.received import ReceivedFile
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import GEO_UNITS, GeoUnit
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone
from sfm_archive.storage import (
    archive_row,
    encodings,
    events,
    extracting,
    files,
    frames,
    history,
    readings,
    same_events,
    seals,
    values,
    waiting_parts,
    zones,
)
from sfm_archive.storage.cells import damaged, read_as
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.history import HistoryRow, KeptFile
from sfm_archive.storage.schema import FORMAT_VERSION
from sfm_archive.storage.store import Store
from sfm_archive.storage.structure import foreign_indexes
from sfm_archive.storage.tables import schema_text

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.archive.results import ArchiveInfo


_FRAMES_AT_ONCE = 64
"""Events whose frames are read by one statement."""


def read_info(store: Store) -> ArchiveInfo:
    """The archive in numbers."""
    from sfm_archive.archive.results import ArchiveInfo

    with store.reading() as connection:
        row = own_row(store, connection)
        counts = archive_row.counts(connection)
        length, head = history.head(connection)
        sealed = seals.is_sealed(connection)
        added = foreign_indexes(connection, schema_text())
    with derived(store) as connection:
        unknown = events.count_unknown_peaks(connection, EVERYTHING)
    return ArchiveInfo(
        path=str(store.path),
        archive_id=row.archive_id,
        format_version=FORMAT_VERSION,
        created_at_utc=row.created_at_utc,
        created_by=row.created_by,
        pinned_encoder=row.pinned_encoder,
        pinned_decoder=row.pinned_decoder,
        events=counts.events,
        units=counts.units,
        unknown_peaks=unknown,
        frame_revisions=counts.frames,
        files=counts.files,
        waiting_files=counts.waiting_files,
        earliest=counts.earliest_local,
        latest=counts.latest_local,
        frame_bytes=counts.frame_bytes,
        stored_frame_bytes=counts.stored_frame_bytes,
        file_bytes=counts.file_bytes,
        stored_file_bytes=counts.stored_file_bytes,
        size_on_disk=store.size(),
        history_length=length,
        history_head=head,
        sealed=sealed,
        added_indexes=tuple(added),
    )


def pins(store: Store) -> archive_row.ArchiveRow:
    """The same row, with the encoder and decoder that the archive pins. Raises Damaged."""
    with store.reading() as connection:
        return own_row(store, connection)


def own_row(store: Store, connection: Any) -> archive_row.ArchiveRow:
    """The row that says which archive this is. Raises Damaged."""
    row = archive_row.read(connection)
    if row is None:
        raise Damaged(f"{store.path} has no archive row: creating it was interrupted. Create a new archive")
    for column in ("pinned_encoder", "pinned_decoder"):
        read_as(parse_encoder_name, getattr(row, column), f"{store.path}: {column} in table archive")
    return row


def read_frames(store: Store, event_id: int, revision: int | None) -> tuple[A5Frame, ...]:
    """Frames of the current revision, or of the one named. Raises EventNotFound, Damaged."""
    return unpacked(store, event_id, *_blob(store, event_id, revision))


def frames_of(store: Store, event_ids: Iterable[int]) -> Iterator[tuple[int, tuple[A5Frame, ...]]]:
    """Each event with the frames of its current revision, none where it has no frames. Raises as `read_frames`."""
    for ids in batches(event_ids, _FRAMES_AT_ONCE):
        with store.reading() as connection:
            found = frames.current_of(connection, ids)
            others = {row.event_id for row in events.of_ids(connection, [one for one in ids if one not in found])}
        for event_id in ids:
            if event_id in found:
                yield event_id, unpacked(store, event_id, *found[event_id])
            elif event_id in others:
                yield event_id, ()
            else:
                raise no_event(store, event_id)


def unpacked(store: Store, event_id: int, number: int, blob: FrameBlob) -> tuple[A5Frame, ...]:
    """The frames of a revision that was read. Raises Damaged."""
    try:
        return unpack_frames(blob)
    except BadInput as error:
        raise Damaged(
            f"{store.path}: event {event_id}, frames revision {number}: {error}. Take them from a backup"
        ) from error


def _blob(store: Store, event_id: int, revision: int | None) -> tuple[int, FrameBlob]:
    with store.reading() as connection:
        if revision is None:
            found = frames.read_current(connection, event_id)
        else:
            named = frames.read(connection, event_id, revision)
            found = None if named is None else (revision, named)
        count = len(frames.revisions(connection, event_id)) if found is None else 0
    if found is None:
        read_event(store, event_id)
        have = f"{count} revision(s)" if count else "no frames, only received files"
        number = 0 if revision is None else revision
        raise EventNotFound(f"{store.path}: event {event_id} has {have}; there is no revision {number} to read")
    return found


def names_of(store: Store, event_id: int) -> list[str]:
    """Names under which an event was received."""
    with store.reading() as connection:
        return events.names(connection, event_id)


def zone_of(store: Store, row: EventRow) -> str:
    """The zone of an event's time: as corrected, else its own, else the one stated for its unit, else 'unknown'. Raises
    Damaged for one that is none: those that are stored were checked."""
    with store.reading() as connection:
        zone = corrections_of(connection, [row]).get(row.event_id, AS_RECORDED).zone or row.time_zone
        if zone == UNKNOWN_ZONE:
            zone = zones.of_units(connection).get(row.serial, UNKNOWN_ZONE)
    try:
        return checked_zone(zone)
    except UsageError as error:
        what = f"its time zone reads as {zone!r:.60}, which this system does not know"
        raise damaged(f"{store.path}: event {row.event_id}: {what}") from error


def waiting_files(store: Store) -> list[FileRow]:
    """Files whose event is not here yet."""
    with store.reading() as connection:
        return files.waiting(connection)


def count_waiting(store: Store) -> int:
    """How many files wait for their event."""
    with store.reading() as connection:
        return files.count_waiting(connection)


def waiting_parts_of(store: Store) -> list[waiting_parts.WaitingPart]:
    """Parts of captures that wait for their events."""
    with store.reading() as connection:
        return waiting_parts.waiting(connection)


def events_of_file(store: Store, file: ReceivedFile) -> list[int]:
    """Events that exactly this file is joined to; none where it waits, or was never received."""
    from sfm_archive.archive.saving import checked_folder_name  # here: reading an archive does not pay for saving

    folder = checked_folder_name(file.folder)
    with store.reading() as connection:
        file_id = files.find(connection, file.sha256, file.kind.value, folder, file.name)
        return [] if file_id is None else files.events_of(connection, file_id)


def events_of_bytes(store: Store, sha256: str, kind: str) -> list[int]:
    """Events that a file of this kind with these bytes is joined to, under whatever names."""
    with store.reading() as connection:
        held = [file for file in files.with_bytes(connection, sha256) if file.kind == kind]
        return sorted({one for file in held for one in files.events_of(connection, file.file_id)})


def statements_of_kept_files(store: Store, waiting: Sequence[FileRow]) -> dict[int, KeptFile]:
    """What files that wait said of their event when they were kept, by id; files of which the history does not have it
    are left out."""
    with store.reading() as connection:
        found = history.statements_of_kept_files(connection, (row.sequence for row in waiting))
    return {row.file_id: found[row.sequence] for row in waiting if row.sequence in found}


def given_serials(store: Store) -> dict[str, str]:
    """The serials that users gave for captures of which parts were kept, by the captures' hashes."""
    with store.reading() as connection:
        return history.serials_of_kept_parts(connection)


def read_file_pieces(archive: Archive, file: FileRow, event_id: int | None) -> Iterator[bytes]:
    """A received file in pieces; of the events that share it, an encoder is asked for `event_id` first.

    Raises Damaged, behind the last piece where only the hash is not right; NotReproduced; NotFound where it stayed
    behind when an extract was made.
    """
    with archive.store.reading() as connection:
        stored = files.content(connection, file.sha256)
        owners = files.events_of(connection, file.file_id) if stored is None else []
    if stored is not None:
        yield from _pieces(archive.store, file, stored)
        return
    if event_id is not None:
        owners.sort(key=lambda owner: owner != event_id)
    for owner in owners if file.reproduced_by else []:
        recorded = {row.revision for row in archive.encodings(owner) if row.sha256 == file.sha256}
        for row in sorted(archive.revisions(owner), key=lambda row: row.revision not in recorded):
            with suppress(EncodeRefused):  # another revision may be the one that was received as this file
                made = archive.encode(owner, file.reproduced_by, row.revision)
                if made.sha256 == file.sha256:
                    yield made.data
                    return
    with archive.store.reading() as connection:
        if extracting.is_withheld(connection, file.sha256):
            raise NotFound(
                f"{archive.path}: the bytes of {file.name} (file {file.file_id}) stayed behind when this extract was "
                "made, for they hold other events; they are in the archive that it is of (sfm history)"
            )
    raise Damaged(
        f"{archive.path}: the bytes of {file.name} (file {file.file_id}) are missing; take them from a backup"
    )


def _pieces(store: Store, file: FileRow, stored: files.Content) -> Iterator[bytes]:
    """The file's bytes a piece at a time. Raises Damaged, behind the last one where only the hash is not right."""
    digest = hashlib.sha256()
    try:
        with store.reading() as connection:
            for piece in files.read_content(connection, stored):
                digest.update(piece)
                yield piece
    except BadInput as error:
        raise Damaged(f"{store.path}: {file.name} (file {file.file_id}): {error}. Take it from a backup") from error
    if digest.hexdigest() != file.sha256:
        raise Damaged(
            f"{store.path}: {file.name} (file {file.file_id}) does not match its SHA-256. Take it from a backup"
        )


def values_of(store: Store, event_ids: Sequence[int], quantities: Sequence[str]) -> dict[int, list[Reading]]:
    """The values that count for several events, of some quantities only; events without any are left out."""
    with store.settled() as connection:
        return values.current_of(connection, event_ids, quantities)


def current_values(store: Store, event_id: int) -> list[Reading]:
    """The values that count for one event."""
    with store.settled() as connection:
        return values.current(connection, *same_events.counting(connection, [event_id]))


def readings_of(store: Store, event_ids: Sequence[int], *, in_doubt: bool = False) -> dict[int, list[ReadingSet]]:
    """Every document's values of several events, whether they count or not, oldest first; events without any are
    left out. `in_doubt`: also reports that do not count for their event."""
    with store.reading() as connection:
        return readings.of_events(connection, event_ids, in_doubt=in_doubt)


def current_encodings(store: Store, event_ids: Sequence[int], encoder: EncoderName) -> dict[int, EncodingRow]:
    """For several events, what one encoder made of the current revision, where that is recorded."""
    with store.reading() as connection:
        return encodings.current_of(connection, event_ids, encoder)


def read_history(store: Store, event_id: int | None, limit: int | None) -> list[HistoryRow]:
    """Changes, oldest first; of one event where asked, and only the newest ones with a limit."""
    found: list[HistoryRow] = []
    with store.reading() as connection:
        if limit is not None:
            return history.newest(connection, limit, event_id=event_id)
        while page := history.rows(connection, behind=found[-1].sequence if found else 0, event_id=event_id):
            found += page
    return found


def read_change(store: Store, sequence: int) -> HistoryRow | None:
    """One change by its number."""
    with store.reading() as connection:
        found = history.rows(connection, behind=sequence - 1, limit=1)
    return found[0] if found and found[0].sequence == sequence else None


def history_head(store: Store) -> tuple[int, str]:
    """Number and hash of the newest change."""
    with store.reading() as connection:
        return history.head(connection)


def time_zones(store: Store) -> dict[str, str]:
    """Zones that people stated for units' clocks, by serial."""
    with store.reading() as connection:
        return zones.of_units(connection)


def broken_history(store: Store) -> str | None:
    """The first row of the history that does not follow from the one before it, and why; None if all do."""
    expected, previous = 1, history.FIRST_PREVIOUS
    with store.reading() as connection:
        while page := history.rows(connection, behind=expected - 1):
            for row in page:
                fault = history.fault(row, expected, previous)
                if fault is not None:
                    return f"history row {row.sequence}: {fault}"
                expected, previous = row.sequence + 1, row.sha256
    return None


def unit_of_most_reports(archive: Archive, selection: Selection) -> GeoUnit:
    """The unit of velocity in which the reports of most of these events print; in/s where as many or none do."""
    with derived(archive.store) as connection:
        found = events.units_of_reports(connection, selection)
    return max(GEO_UNITS, key=lambda unit: found[unit])  # in/s is the first


def unit_of_site_reports(archive: Archive, of_site: Selection | None) -> GeoUnit:
    """The unit of velocity in which most reports of a site print; where none do, most of all the archive; where there
    is no report at all, mm/s."""
    with derived(archive.store) as connection:
        for selection in (of_site, EVERYTHING):
            found = Counter[str]() if selection is None else events.units_of_reports(connection, selection)
            if any(found[unit] for unit in GEO_UNITS):
                return max(GEO_UNITS, key=lambda unit: found[unit])
    return "mm/s"
