"""Which of several values of one quantity counts: the one rule, for every output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sfm_archive.model.readings import Reading, ValueSource, ValueState

SOURCES: Final = (
    ValueSource.DEVICE_RECORD,
    ValueSource.REPORT,
    ValueSource.PROGRAM,
    ValueSource.SIDECAR,
    ValueSource.SETTINGS,
    ValueSource.DECODER,
)
"""In the order in which they count; the view current_value in schema.sql has the same order."""

_LAST: Final = len(SOURCES) + 1


def source_rank(source: ValueSource | None) -> int:
    """The place of a source in SOURCES; behind all of them without one."""
    return len(SOURCES) if source is None else SOURCES.index(source)


def rank(source: ValueSource | None, state: ValueState) -> int:
    """The value of the smallest rank counts.

    Over range comes first, whoever reported it: a number of another source is then the rail, or wrong. A document's
    "there is none" comes last, behind whatever a decoder found. Before anything else that was reported a decoder's
    answer never comes.
    """
    place = source_rank(source)
    if state is ValueState.ABSENT:
        return _LAST if source is ValueSource.DECODER else _LAST + 1 + place
    if state is ValueState.OVER_RANGE and source is not ValueSource.DECODER:
        return place - _LAST
    return place


def values_that_count(readings: Iterable[Reading]) -> dict[tuple[str, str], Reading]:
    """Of one event's readings, oldest first, the one that counts for each quantity and channel.

    Of each source the newest counts, even where an older one says more: it was corrected.
    """
    newest = {(reading.quantity, reading.channel, reading.source): reading for reading in readings}
    found: dict[tuple[str, str], Reading] = {}
    for (quantity, channel, source), reading in newest.items():
        known = found.get((quantity, channel))
        if known is None or rank(source, reading.state) < rank(known.source, known.state):
            found[quantity, channel] = reading
    return found
