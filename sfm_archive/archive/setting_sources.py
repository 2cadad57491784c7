"""Where each event's settings are from, and which events rest on the documents of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sfm_archive.model.decode_settings import DecodeSettings, settings_from
from sfm_archive.model.events import RecordType
from sfm_archive.model.precedence import values_that_count
from sfm_archive.model.readings import Reading
from sfm_archive.model.setting_evidence import (
    UnitDocument,
    UnitDocuments,
    has_a_date,
    is_as_it_was_decoded,
    near,
    with_near_documents,
    with_unit_record,
)
from sfm_archive.model.unit_settings import with_statements
from sfm_archive.storage import computed, events, readings, told_settings, unit_settings
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.told_settings import Span


class Told(NamedTuple):
    """What is known of an event before its samples are decoded. `peaks`: those that count of what documents say."""

    settings: DecodeSettings
    peaks: tuple[Reading, ...]


def settings_of(connection: Any, rows: Sequence[EventRow]) -> dict[int, Told]:
    """How each event is decoded, in the order in which evidence counts: its own documents, what people state of its
    unit, the compliance record of its capture, the unit's documents near it. What its samples tell comes behind, when
    they are decoded."""
    documents = readings.that_tell_settings(connection, [row.event_id for row in rows])
    statements = unit_settings.that_count(connection, [row.serial for row in rows])
    found: dict[int, Told] = {}
    for row in rows:
        own = documents.get(row.event_id, [])
        stated = statements.get(row.serial, ())
        settings = with_statements(settings_from(own), stated, row.recorded_at_local, RecordType(row.record_type))
        settings = with_unit_record(settings, own)
        peaks = values_that_count(one for one in reversed(own) if one.quantity == "ppv")
        found[row.event_id] = Told(settings, tuple(peaks.values()))
    lacking = [row for row in rows if found[row.event_id].settings.not_told and has_a_date(row.recorded_at_local)]
    around = _documents(connection, [Span(row.serial, *near(row.recorded_at_local)) for row in lacking])
    for row in lacking:
        if row.serial in around:
            settings, peaks_of = found[row.event_id]
            told = with_near_documents(settings, around[row.serial], row.recorded_at_local, row.record_type)
            found[row.event_id] = Told(told, peaks_of)
    return found


def resting_on(connection: Any, event_ids: Iterable[int]) -> set[int]:
    """Events, those given left out, whose settings the documents of some events can tell: the unit's up to the nearest
    documents before and behind each, at most 30 days away."""
    ids = set(event_ids)
    rows = [row for row in events.of_ids(connection, sorted(ids)) if has_a_date(row.recorded_at_local)]
    at = [Span(row.serial, row.recorded_at_local, row.recorded_at_local) for row in rows]
    own = _told(connection, at, in_doubt=True)  # one that has just ceased to count told them until now
    moments = [(serial, one) for serial, documents in own.items() for one in documents]
    around = _documents(connection, [Span(serial, *near(one.start_local)) for serial, one in moments])
    nothing = UnitDocuments(())
    spans = {Span(serial, *around.get(serial, nothing).span_of(one)) for serial, one in moments}
    return told_settings.events_in(connection, sorted(spans)) - ids if spans else set()


def that_rest_otherwise(connection: Any, event_ids: Sequence[int]) -> list[int]:
    """Of several events those with samples whose settings are told otherwise, or by something else, than when they were
    decoded: nothing else of another event's document can change their rows."""
    stored = computed.of_events(connection, event_ids)
    rows = [row for row in events.of_ids(connection, list(event_ids)) if row.event_id in stored]
    now = settings_of(connection, rows)
    return [
        row.event_id
        for row in rows
        if not is_as_it_was_decoded(now[row.event_id].settings, stored[row.event_id].readings(row.event_id))
    ]


def _documents(connection: Any, spans: Sequence[Span]) -> dict[str, UnitDocuments]:
    return {serial: UnitDocuments(found) for serial, found in _told(connection, spans).items()}


def _told(connection: Any, spans: Sequence[Span], *, in_doubt: bool = False) -> dict[str, list[UnitDocument]]:
    """By unit, what the documents of events in some spans tell; `in_doubt`: as `told_settings.in_spans`."""
    found: dict[str, list[UnitDocument]] = {}
    for one in told_settings.in_spans(connection, _merged(spans), in_doubt=in_doubt) if spans else ():
        settings = settings_from(one.values)
        if settings.told:  # else no other event can rest on it
            document = UnitDocument(one.start_local, one.record_type, settings)
            found.setdefault(one.serial, []).append(document)
    return found


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same events in spans that do not overlap."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].serial == span.serial and span.first <= found[-1].last:
            found[-1] = found[-1]._replace(last=max(found[-1].last, span.last))
        else:
            found.append(span)
    return found
