"""What a reader must know of events beside their numbers: which began outside the period, and whose report prints a
failed sensor check."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import summary_rows
from sfm_archive.archive.reading import values_of
from sfm_archive.reporting.period.blast_cells import CellsOfBlast

_FAILED = "failed"


def events_outside(blasts: Sequence[CellsOfBlast], in_period: Collection[int]) -> dict[int, str]:
    """Events that blasts of the period are measured by and that are no events of the period, with the blast as people
    name it, else its number."""
    return {
        event_id: one.blast.name or str(one.blast.number)
        for one in blasts
        for cell in one.cells
        for event_id in cell.events
        if event_id not in in_period
    }


def notes_on_outside(archive: Archive, outside: Mapping[int, str]) -> Iterator[str]:
    """That they count for their blast alone."""
    for event_id, summary in sorted(summary_rows(archive, list(outside)).items()) if outside else ():
        yield (
            f"event {event_id} began {summary.start_local.replace('T', ' ')}, outside the period: it counts for blast "
            f"{outside[event_id]}, and is not among the period's events and largest values"
        )


def notes_on_sensor_checks(archive: Archive, serials: Mapping[int, str]) -> Iterator[str]:
    """By unit and channels the events whose report prints a failed check. `serials`: of events, by id."""
    found: dict[tuple[str, str], list[int]] = {}
    for event_id, readings in values_of(archive.store, list(serials), ("test_results",)).items() if serials else ():
        failed = sorted({one.channel for one in readings if one.text.strip().lower().startswith(_FAILED)})
        if failed:
            found.setdefault((serials[event_id], ", ".join(failed)), []).append(event_id)
    for (serial, channels), ids in sorted(found.items()):
        of_events = ", ".join(map(str, ids))
        yield f"{serial}: a failed sensor check is printed ({channels}) by the report of event {of_events}"
