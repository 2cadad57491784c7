"""What corrections say of events, for derived rows and for outputs: beside what was recorded, never over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sfm_archive.base.texts import folded
from sfm_archive.model.correcting import AS_RECORDED, CLOCK, CORRECTED_TEXTS, ZONE, Corrected, corrected
from sfm_archive.model.readings import Reading
from sfm_archive.model.statements import shift_text
from sfm_archive.model.summaries import EventSummary
from sfm_archive.storage import statements
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def corrections_of(connection: Any, rows: Iterable[EventRow]) -> dict[int, Corrected]:
    """What holds of several events instead of what was recorded; events of which nothing is corrected are left out."""
    said = statements.corrections(connection)
    if not said:
        return {}
    of_units: dict[str, list[Any]] = {}
    of_events: dict[int, list[Any]] = {}
    for one in said:
        if one.of_event:
            of_events.setdefault(one.of_event, []).append(one)
        else:
            of_units.setdefault(one.serial, []).append(one)
    found = {}
    for row in rows:
        own = [*of_units.get(row.serial, ()), *of_events.get(row.event_id, ())]
        if own:
            answer = corrected(own, row.event_id, row.serial, row.recorded_at_local)
            if answer is not AS_RECORDED:
                found[row.event_id] = answer
    return found


def with_texts(summary: EventSummary, known: Corrected, values: Sequence[Reading]) -> EventSummary:
    """A summary of the recorded `values` with the right texts beside those that were recorded, and what is corrected
    in words. A text that was right before is not corrected."""
    typed = {one.quantity: one.text for one in values}
    changed = differing_texts(known.texts, typed)
    words = corrections_in_words(known, typed)
    columns: dict[str, Any] = {name: folded(text) for name, text in changed.items()}
    columns |= {f"recorded_{name}": folded(typed.get(name, "")) for name in changed}
    return summary._replace(shift_s=known.shift_s, corrected=" ".join(words), **columns)


def differing_texts(right: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Those of the right texts that were not recorded so, blanks apart."""
    return {
        name: right[name]
        for name in CORRECTED_TEXTS
        if name in right and right[name] != " ".join(typed.get(name, "").split())
    }


def corrections_in_words(known: Corrected, typed: Mapping[str, str]) -> dict[str, str]:
    """What is corrected, by subject: the right text, `+01:02:03` of a clock, the zone that it showed."""
    found = differing_texts(known.texts, typed)
    found |= {CLOCK: shift_text(known.shift_s)} if known.shift_s else {}
    return found | ({ZONE: known.zone} if known.zone else {})


def starts_of(archive: Archive, rows: Sequence[EventRow]) -> dict[int, datetime]:
    """When several events began, device-local, with stated corrections of their clocks."""
    with archive.store.reading() as connection:
        right = corrections_of(connection, rows)
    return {row.event_id: right.get(row.event_id, AS_RECORDED).moved(row.event().recorded_at) for row in rows}
