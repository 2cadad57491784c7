"""The texts by which groups of events are called."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.archive import Archive
from sfm_archive.archive.correcting import corrections_of
from sfm_archive.archive.reading import values_of
from sfm_archive.storage import events


def texts_that_hold(archive: Archive, event_ids: Sequence[int], quantities: Sequence[str]) -> dict[int, dict[str, str]]:
    """The texts of several events as they were typed, or corrected."""
    found = {
        event_id: {one.quantity: " ".join(one.text.split()) for one in said}
        for event_id, said in values_of(archive.store, event_ids, quantities).items()
    }
    with archive.store.reading() as connection:
        for event_id, known in corrections_of(connection, events.of_ids(connection, list(event_ids))).items():
            found[event_id] = found.get(event_id, {}) | dict(known.texts)
    return found
