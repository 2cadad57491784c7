"""Many things looked at together: which of them are right in every respect.

What is not among these is looked at alone (`frames`, `recorded_changes`, `derived`), which says what is wrong with it;
so nothing here needs to. Any process can do it, on a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sfm_archive.archive import Archive, saving
from sfm_archive.archive.deriving import NO_SAMPLES, FromSamples, from_samples, stored_from_samples, summaries_of
from sfm_archive.errors import NotUsable, SfmError
from sfm_archive.formats.frame_blob import unpack_frames
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.summaries import RULES
from sfm_archive.storage import encodings, events, frames, history, summaries
from sfm_archive.storage.integrity import FRAMES_KEYS, HISTORY_KEYS, SUMMARY_KEYS, Key
from sfm_archive.storage.place import Identity, identity
from sfm_archive.storage.row_hashes import RowsByChange
from sfm_archive.verifying.report import CANNOT_BE_READ

AT_ONCE = 100
"""Things looked at together: much is read by one statement, and no other program waits for it."""


@dataclass(slots=True)
class Sound:
    """The keys of what is right. Of frames also: how many encodings were made again, event, encoder and hash of each
    that gave bytes, and how many revisions have none by the pinned encoder."""

    keys: set[Key] = field(default_factory=set)
    encodings: int = 0
    reproduced: list[tuple[int, EncoderName, bytes]] = field(default_factory=list)
    without_record: int = 0


class Page(NamedTuple):
    """What to look at: keys of `subject`, a subject of `integrity.Keys`."""

    subject: str
    keys: list[Key]


class SoundCheck:
    """Looks at pages of one archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._rows: RowsByChange | None = None
        self._checks: dict[str, Callable[[Sequence[Key]], Sound]] = {
            FRAMES_KEYS.subject: self._frames,
            HISTORY_KEYS.subject: self._changes,
            SUMMARY_KEYS.subject: self._summaries,
        }

    def page(self, page: Page) -> Sound:
        """What of a page is right; nothing where something of it cannot be read."""
        if not page.keys:
            return Sound()
        try:
            return self._checks[page.subject](page.keys)
        except (SfmError, *CANNOT_BE_READ):
            return Sound()

    def _frames(self, keys: Sequence[Key]) -> Sound:
        """Revisions whose bytes have their hash, and of which every record of an encoder is made again."""
        archive, sound = self._archive, Sound()
        pinned = archive.pinned_encoder
        ids = sorted({event_id for event_id, _ in keys})
        with archive.store.reading() as connection:
            blobs = frames.of_keys(connection, keys)
            rows = {row.event_id: row.event() for row in events.of_ids(connection, ids)}
            records: dict[Key, list[encodings.EncodingRow]] = {}
            for record in encodings.of_events(connection, ids):
                records.setdefault((record.event_id, record.revision), []).append(record)
        for key in keys:
            event_id, revision = key
            own, made_again = records.get(key, []), []
            stream = unpack_frames(blobs[key])
            for record in own:
                encoder = archive.plugins.encoder(record.encoder)
                made = saving.encoding_row(event_id, revision, saving.run_encoder(rows[event_id], stream, encoder))
                if (made.outcome, made.sha256, made.size) != (record.outcome, record.sha256, record.size):
                    break
                if record.encoded:
                    made_again.append((event_id, encoder.name, bytes.fromhex(record.sha256)))
            else:
                sound.keys.add(key)
                sound.encodings += len(own)
                sound.reproduced += made_again
                sound.without_record += all(record.encoder != pinned for record in own)
        return sound

    def _changes(self, keys: Sequence[Key]) -> Sound:
        """Changes whose rows are those that they list."""
        numbers = [sequence for (sequence,) in keys]
        with self._archive.store.reading() as connection:
            if self._rows is None:
                self._rows = RowsByChange(connection)
            changes = history.rows(connection, behind=numbers[0] - 1, limit=len(numbers))
            wanted = {change.sequence: change for change in changes if change.sequence in set(numbers)}
            found = self._rows.of_changes([(one.sequence, one.event_id) for one in wanted.values()])
        return Sound({(number,) for number, change in wanted.items() if sorted(change.listed) == sorted(found[number])})

    def _summaries(self, keys: Sequence[Key]) -> Sound:
        """Events whose derived rows are those that the content gives."""
        ids = [event_id for (event_id,) in keys]
        with self._archive.store.snapshot() as connection:
            stored = summaries.of_events(connection, ids, of_the_file=True)
            made = summaries_of(connection, ids)
            numbers, decoded = stored_from_samples(connection, ids), from_samples(self._archive, ids)
        return Sound(
            {
                (event_id,)
                for event_id in ids
                if event_id in stored
                and stored[event_id].rules == RULES
                and made.get(event_id) == stored[event_id]
                and decoded.get(event_id, NO_SAMPLES) == numbers[event_id]
                and _is_decoded(numbers[event_id])
            }
        )


def _is_decoded(stored: FromSamples) -> bool:
    """Whether a decoder was there, where there are samples."""
    return stored.numbers is None or stored.numbers.decoder != ""


_of_this_process: list[SoundCheck] = []
"""In a process that was started: its own."""


def start(path: str, same: Identity) -> None:
    """Before the first page of a process: it opens the archive itself. Raises NotUsable for another file there."""
    archive = Archive.open(path, read_only=True)
    if identity(archive.path) != same:
        raise NotUsable(f"{path} is another file meanwhile; verify again")
    _of_this_process[:] = [SoundCheck(archive)]


def page_there(page: Page) -> Sound:
    """A page, in a process that was started."""
    return _of_this_process[0].page(page)
