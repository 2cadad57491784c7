"""Which event is meant by a name, by a moment, or by what a person typed."""

from __future__ import annotations

from datetime import datetime

from sfm_archive.base.texts import has_lone_surrogate
from sfm_archive.errors import BadName, EventNotFound, UsageError
from sfm_archive.formats.blastware.names import NameStyle, decode_event_file_name, event_file_name
from sfm_archive.formats.micromate.names import micromate_file_name, micromate_name
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.families import MICROMATE, family_of
from sfm_archive.model.serials import serial_number
from sfm_archive.model.timestamps import local_text
from sfm_archive.storage import events, files
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.store import Store


def read_event(store: Store, event_id: int) -> EventRow:
    """One event. Raises EventNotFound."""
    with store.reading() as connection:
        row = events.read(connection, event_id)
    if row is None:
        raise no_event(store, event_id)
    return row


def no_event(store: Store, event_id: int) -> EventNotFound:
    """The error for an id that no event has."""
    return EventNotFound(f"{store.path} holds no event {event_id}; sfm list shows what it holds")


def find_event(store: Store, text: str) -> EventRow:
    """The event meant by an id or a name; see `Archive.find`."""
    cleaned = text.strip()
    if cleaned.isascii() and cleaned.isdigit():
        if len(cleaned) < 19:
            return read_event(store, int(cleaned))
        found = []
    else:
        found = ids_by_name(store, cleaned)
    if not found:
        raise EventNotFound(f"{store.path} holds no event {text!r}; sfm list shows what it holds")
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise UsageError(f"{store.path}: {len(found)} events share the name {text}: give one of the ids {ids}")
    return read_event(store, found[0])


def ids_by_name(store: Store, name: str) -> list[int]:
    """Events that were received under a name or would get it by the rule of their family of units, in either style.

    A name that ends in `W` is no histogram's and one that ends in `H` no waveform's; without a suffix it is either's.
    """
    if has_lone_surrogate(name):
        return []  # no archive holds such a text, and SQLite could not even be asked
    with store.reading() as connection:
        found = events.ids_by_name(connection, name)
        own = micromate_name(name)
        if own is not None:
            second = events.at(connection, local_text(own.recorded_at))
            types = (RecordType.UNKNOWN, own.record_type)
            same = (row.event_id for row in second if row.serial == own.serial and RecordType(row.record_type) in types)
            return sorted({*found, *same})
        try:
            decoded = decode_event_file_name(name)
        except BadName:
            return found
        second = events.at(connection, local_text(decoded.recorded_at))
    possible = (RecordType.UNKNOWN, decoded.suggested_record_type)
    computed = [
        row.event_id
        for row in second
        if serial_number(row.serial) == decoded.serial_number
        and (not decoded.suffix or RecordType(row.record_type) in possible)
    ]
    return sorted({*found, *computed})


def ids_paired(store: Store, *names: str) -> list[int]:
    """Events of the reports whose names point to an event file of one of these names, upper case."""
    with store.reading() as connection:
        return sorted({one for name in names for one in files.events_paired(connection, name)})


def ids_at(store: Store, serial: str, recorded_at: datetime) -> list[int]:
    """Events of one unit at one device-local second."""
    with store.reading() as connection:
        second = events.at(connection, local_text(recorded_at))
    return [row.event_id for row in second if row.serial == serial]


def name_of(row: EventRow, style: NameStyle | None = None) -> str:
    """The name of an event's file: as received, else the computed call-home name; computed where `style` says.

    '' where the AB0T rule has no name for this serial or time.
    """
    if style is None and row.name:
        return row.name
    return computed_name(row.event(), NameStyle.CALL_HOME if style is None else style)


def computed_name(event: Event, style: NameStyle = NameStyle.CALL_HOME) -> str:
    """The event's name by the rule of its family of units, '' where there is none for its serial or time."""
    if family_of(event.serial) is MICROMATE:
        return micromate_file_name(event.serial, event.recorded_at, event.record_type)
    try:
        return event_file_name(event.serial, event.recorded_at, event.record_type, style)
    except BadName:
        return ""
