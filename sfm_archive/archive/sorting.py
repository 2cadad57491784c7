"""A page of a list of events, sorted by any of its columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.archive.deriving import derived
from sfm_archive.archive.listing import ListedEvent, list_events, names_of_points
from sfm_archive.model.list_order import Behind, Order
from sfm_archive.model.selection import Selection
from sfm_archive.storage import sorted_events

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


class ListedPage(NamedTuple):
    """Events of a list, in its order. `last`: where the next page begins, None where nothing follows."""

    events: tuple[ListedEvent, ...]
    last: Behind | None


def listed_page(
    archive: Archive, selection: Selection, order: Order, size: int, behind: Behind | None = None
) -> ListedPage:
    """At most `size` events of a selection, its limit apart, from behind a place on; greatest values first where it is
    `newest_first`. Events of a million cost what those of a thousand do where an index has the order."""
    names = {number: "/".join(parts) for number, parts in names_of_points(archive).items()}
    with derived(archive.store) as connection:
        places = sorted_events.page(connection, selection, order, behind, size + 1, names)
    shown = places[:size]
    ids = tuple(one.event_id for one in shown)
    listed = {}
    if ids:
        listed = {one.event_id: one for one in list_events(archive, replace(selection, event_ids=ids, limit=None))}
    # An event that was taken back meanwhile is in no list any more.
    events = tuple(listed[event_id] for event_id in ids if event_id in listed)
    return ListedPage(events, shown[-1] if len(places) > size else None)
