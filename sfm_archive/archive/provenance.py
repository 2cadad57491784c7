"""What pages or data were made of: the state of the archive, and of each event the hashes of the bytes used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.archive.looking_back import AsOf
from sfm_archive.archive.reading import pins
from sfm_archive.base.batches import batches
from sfm_archive.base.version import TOOL
from sfm_archive.model.summaries import RULES
from sfm_archive.storage import events, files, frames, readings

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedHash:
    """`what`: what the bytes are, such as 'frames, revision 1' or 'event file M529LK44.AB0W'. `sha256`: of them."""

    what: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedEvent:
    """An event of which something stands in the output, with what was used of it."""

    event_id: int
    serial: str
    recorded_at_local: str
    name: str
    used: tuple[UsedHash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What pages or data were made of. `as_of`: the change behind which the archive was looked at, None for the newest.
    `history_length`, `history_head`: of the archive when it was read. `encoder`,
    `decoder`: that the archive pins; `rules`: version of the rules that make derived rows; `program`: with its
    version."""

    as_of: AsOf | None = None
    archive_id: str
    history_length: int
    history_head: str
    encoder: str
    decoder: str
    rules: int
    program: str
    events: tuple[UsedEvent, ...]


def provenance_of(archive: Archive, event_ids: Iterable[int]) -> Provenance:
    """Of an output in which these events stand."""
    row = pins(archive.store)
    length, head = archive.history_head()
    return Provenance(
        as_of=archive.as_of,
        archive_id=row.archive_id,
        history_length=length,
        history_head=head,
        encoder=row.pinned_encoder,
        decoder=row.pinned_decoder,
        rules=RULES,
        program=TOOL,
        events=tuple(_used(archive, sorted(set(event_ids)))),
    )


def _used(archive: Archive, event_ids: list[int]) -> Iterator[UsedEvent]:
    """The frames that count, without any the event file; and every document that counts."""
    for ids in batches(event_ids, _AT_ONCE):
        with archive.store.settled() as connection:
            rows = list(events.of_ids(connection, ids))
            of_frames = frames.hashes_of(connection, ids)
            received = files.event_files_of(connection, [one for one in ids if one not in of_frames])
            origins = readings.origins_of(connection, ids)
        for row in sorted(rows, key=lambda one: one.event_id):
            used = []
            if row.event_id in of_frames:
                revision, sha256 = of_frames[row.event_id]
                used.append(UsedHash(what=f"frames, revision {revision}", sha256=sha256))
            used += [
                UsedHash(what=f"event file {file.name}", sha256=file.sha256)
                for file in received.get(row.event_id, ())[:1]
            ]
            used += [UsedHash(what=source, sha256=sha256) for source, sha256 in origins.get(row.event_id, ())]
            yield UsedEvent(
                event_id=row.event_id,
                serial=row.serial,
                recorded_at_local=row.recorded_at_local,
                name=row.name,
                used=tuple(used),
            )
