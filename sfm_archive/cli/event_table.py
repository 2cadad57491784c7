"""How events look in a list: the same columns wherever several are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.archive.event_rows import event_rows
from sfm_archive.cli.output import table

if TYPE_CHECKING:
    from sfm_archive.archive.listing import ListedEvent


def event_table(events: Sequence[ListedEvent]) -> str:
    """The events for people; below, what the signs before a peak mean."""
    shown = event_rows(events)
    return "\n".join([table(shown.columns, shown.rows), *shown.notes])
