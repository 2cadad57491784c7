"""What pages of whole numbers tell: links that no change vouches for any more, and how far the history went.

Rows of `event_file` look like those of four indexes, and so do those of its own index like another one's. A page is of
one table or index, so the rows on it that the history vouches for, and those that it contradicts, tell which.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

Link = tuple[int, ...]
"""Event, file, change."""

_Pages = Mapping[int, list[tuple[int, ...]]]


def agreeing_links(numbers: _Pages, vouched: Collection[Link], known: Collection[int]) -> set[Link]:
    """Links of changes that are lost, where the table and its index agree.

    `numbers`: rows of whole numbers by page. `vouched`: links that the history vouches for; `known`: its changes. A
    page is of the table where every row of a known change is vouched for, and there is one; it is of the index where
    at least half of its pairs are of such links.
    """
    pairs = {(file_id, event_id) for event_id, file_id, _ in vouched}
    indexed = set[tuple[int, ...]]()
    for rows in numbers.values():
        own = [row for row in rows if len(row) == 2]
        if len(own) == len(rows) and 2 * sum(row in pairs for row in own) >= len(own):
            indexed.update(own)
    found = set[Link]()
    for rows in numbers.values():
        if any(len(row) != 3 for row in rows):
            continue
        checked = [row for row in rows if row[2] in known]
        if checked and all(row in vouched for row in checked):
            found.update(row for row in rows if row[2] not in known and (row[1], row[0]) in indexed)
    return found


def newest_indexed_change(numbers: _Pages, events: Mapping[int, int]) -> int:
    """The greatest number of a change in the index of the history by event, 0 where no page of it can be told.

    `events`: the event of each change that is known. Rows of that index are event, change, change.
    """
    newest = 0
    for rows in numbers.values():
        if any(len(row) != 3 or row[1] != row[2] for row in rows):
            continue
        checked = [row for row in rows if row[1] in events]
        if checked and all(events[row[1]] == row[0] for row in checked):
            newest = max(newest, *(row[1] for row in rows))
    return newest
