"""How events look in a list: the same columns wherever several are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.cli.output import Column, table
from sfm_archive.model.reading_text import number_text

if TYPE_CHECKING:
    from sfm_archive.archive.listing import ListedEvent

COLUMNS = (
    Column("id", "event_id", number=True),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("serial", "serial"),
    Column("type", "record_type"),
    Column("name", "name"),
    Column("PPV", "ppv", number=True),
    Column("unit", "ppv_unit"),
    Column("encoding", "encoding"),
    Column("review", "false_trigger"),
)
_REVIEWED = {None: "", True: "false trigger", False: "no false trigger"}
CSV_COLUMNS = (
    Column("", "event_id"),
    Column("", "recorded_at_local"),
    Column("", "time_zone"),
    Column("", "serial"),
    Column("", "record_type"),
    Column("", "name"),
    Column("", "ppv"),
    Column("", "ppv_unit"),
    Column("", "ppv_channel"),
    Column("", "ppv_state"),
    Column("", "encoding"),
    Column("", "false_trigger"),
)


def event_table(events: Sequence[ListedEvent]) -> str:
    """The events for people; the column of reviews only where one was reviewed."""
    reviewed = any(event.false_trigger is not None for event in events)
    shown = len(COLUMNS) if reviewed else len(COLUMNS) - 1
    return table(COLUMNS[:shown], (_cells(event)[:shown] for event in events))


def _cells(event: ListedEvent) -> tuple[object, ...]:
    """Values for COLUMNS."""
    return (
        event.event_id,
        event.recorded_at_local.replace("T", " "),
        event.serial,
        event.record_type,
        event.name,
        "" if event.ppv is None else number_text(event.ppv),
        "" if event.ppv is None else event.ppv.unit,
        event.encoding,
        _REVIEWED[event.false_trigger],
    )


def csv_cells(event: ListedEvent) -> tuple[object, ...]:
    """Values for CSV_COLUMNS."""
    peak = event.ppv
    last = ("", "", "", "") if peak is None else (event.ppv_number, peak.unit, peak.channel, peak.state.value)
    return (
        event.event_id,
        event.recorded_at_local,
        event.time_zone,
        event.serial,
        event.record_type,
        event.name,
        *last,
        event.encoding,
        {None: "", True: "yes", False: "no"}[event.false_trigger],
    )
