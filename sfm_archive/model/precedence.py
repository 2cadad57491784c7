"""Which of several values counts, for values that are in no archive yet.

The rule itself stands in schema.sql, in the view `current_value`, and what an archive holds is read there. This is the
same rule for what was just decoded; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sfm_archive.model.readings import DECIDED_QUANTITIES, Reading, ValueSource, ValueState

SOURCES: Final = (
    ValueSource.PROGRAM,
    ValueSource.DEVICE_RECORD,
    ValueSource.REPORT,
    ValueSource.SIDECAR,
    ValueSource.DECODER,
    ValueSource.SETTINGS,
    ValueSource.COMPLIANCE_RECORD,
)
"""In the order in which they count."""


def source_rank(source: ValueSource | None) -> int:
    """The place of a source in SOURCES; behind all of them without one."""
    return SOURCES.index(source) if source in SOURCES else len(SOURCES)


def rank(source: ValueSource | None, state: ValueState) -> tuple[int, int]:
    """The value of the smallest rank counts; why, says the view."""
    if state is ValueState.OVER_RANGE:
        return 1, source_rank(source)
    if state is not ValueState.ABSENT:
        return 2, source_rank(source)
    return (3 if source is ValueSource.DECODER else 4), source_rank(source)


def values_that_count(readings: Iterable[Reading]) -> dict[tuple[str, str], Reading]:
    """Of one event's readings, oldest first, the one that counts for each quantity and channel.

    Of each source the newest counts, even where an older one says more: it was corrected. Several reports of one event
    in an archive come in an order of content instead (`archive.report_order`).
    """
    newest = {
        (reading.quantity, reading.channel, reading.source): reading
        for reading in readings
        if reading.source is not ValueSource.PROGRAM or reading.quantity in DECIDED_QUANTITIES
    }
    found: dict[tuple[str, str], Reading] = {}
    for (quantity, channel, source), reading in newest.items():
        known = found.get((quantity, channel))
        if known is None or rank(source, reading.state) < rank(known.source, known.state):
            found[quantity, channel] = reading
    return found
