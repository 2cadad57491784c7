"""Another decoder for all computed numbers: what would change, and the change itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import AT_ONCE, from_samples, keep_from_samples, refresh, stored_from_samples
from sfm_archive.archive.doubts import keep_doubts
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import ReadOnlyArchive
from sfm_archive.model.number_changes import ChangesByQuantity, QuantityChange, number_changes
from sfm_archive.model.selection import EVERYTHING
from sfm_archive.storage import archive_row, events
from sfm_archive.storage.changes import PinDecoder
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDecoderReport:
    """What another decoder changed, or would where `dry_run`.

    `before`, `after`: the decoders. `events`: those with samples, decoded again; `changed`: of how many of them a
    number or a peak of a day is another; `numbers`: how many numbers are. `quantities`: by how much.
    """

    path: str
    before: str
    after: str
    dry_run: bool
    events: int
    changed: int
    numbers: int
    quantities: tuple[QuantityChange, ...]


def pin_decoder(
    archive: Archive, decoder: str, progress: Progress = silent, *, dry_run: bool = False
) -> PinDecoderReport:
    """Compute all numbers with another decoder from now on, in one transaction. With `dry_run` nothing is changed, and
    the archive may be open read-only.

    Raises NotFound where it is not installed: an archive must not pin what nobody can run. ReadOnlyArchive, Busy.
    """
    registered = archive.plugins.decoder(decoder)
    if archive.read_only and not dry_run:
        raise ReadOnlyArchive(f"{archive.path} was opened read-only; open it for writing to pin {registered.name}")
    opened: AbstractContextManager[Any] = archive.store.reading() if dry_run else archive.store.transaction()
    decoded = changed = numbers = 0
    differing = ChangesByQuantity()
    with opened as connection:
        before, after = str(archive.pinned_decoder), str(registered.name)
        if before != after and not dry_run:
            archive_row.pin_decoder(connection, after)
            Writing(connection).note(PinDecoder(before=before, after=after), archive.actor)
        ids = events.sorted_ids(connection, EVERYTHING) if before != after else []
        progress(0, len(ids))
        for some in batches(ids, AT_ONCE) if not dry_run else ():
            keep_doubts(archive, connection, some)
        for number, some in enumerate(batches(ids, AT_ONCE)):
            stored = stored_from_samples(connection, some)
            made = from_samples(archive, some, registered)
            other = {event_id: found for event_id, found in made.items() if found != stored[event_id]}
            if not dry_run:
                keep_from_samples(connection, other)
                refresh(connection, other)
            for event_id, found in other.items():
                changes = number_changes(stored[event_id].readings(event_id), found.readings(event_id))
                differing.add(event_id, changes)
                numbers += len(changes)
                changed += bool(changes) or found.days != stored[event_id].days
            decoded += sum(found.numbers is not None and found.numbers.decoder == after for found in made.values())
            progress(min((number + 1) * AT_ONCE, len(ids)), len(ids))
    return PinDecoderReport(
        path=str(archive.path),
        before=before,
        after=after,
        dry_run=dry_run,
        events=decoded,
        changed=changed,
        numbers=numbers,
        quantities=differing.quantities,
    )
