"""Where each event's settings are from, and which events rest on the documents of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sfm_archive.model.decode_settings import DecodeSettings, settings_from
from sfm_archive.model.events import RecordType
from sfm_archive.model.number_evidence import COMPARED
from sfm_archive.model.precedence import values_that_count
from sfm_archive.model.readings import Reading
from sfm_archive.model.setting_evidence import (
    NEAR,
    Key,
    UnitDocument,
    UnitDocuments,
    has_a_date,
    is_as_it_was_decoded,
    keys_asked,
    keys_told,
    near,
    with_near_documents,
    with_unit_record,
)
from sfm_archive.model.unit_settings import with_statements
from sfm_archive.storage import computed, events, readings, told_settings, unit_settings
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.told_settings import Span

_HELD_AGAINST: Final = COMPARED | {"ppv"}
"""What documents print that samples are held against."""


class Told(NamedTuple):
    """What is known of an event before its samples are decoded. `reported`: the peaks, and the numbers of
    `number_evidence.COMPARED`, that count of what documents say."""

    settings: DecodeSettings
    reported: tuple[Reading, ...]


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
        reported = values_that_count(one for one in reversed(own) if one.quantity in _HELD_AGAINST)
        found[row.event_id] = Told(settings, tuple(reported.values()))
    asked = {row.event_id: keys_asked(found[row.event_id].settings, row.record_type) for row in rows}
    lacking = [row for row in rows if asked[row.event_id] and has_a_date(row.recorded_at_local)]
    around = _nearest(
        connection,
        [_sought(row.serial, row.recorded_at_local, row.record_type, asked[row.event_id]) for row in lacking],
    )
    for row in lacking:
        if row.serial in around:
            settings, reported_of = found[row.event_id]
            told = with_near_documents(settings, around[row.serial], row.recorded_at_local, row.record_type)
            found[row.event_id] = Told(told, reported_of)
    return found


def resting_on(connection: Any, event_ids: Iterable[int]) -> set[int]:
    """Events, those given left out, whose settings the documents of some events can tell: the unit's up to the nearest
    documents before and behind each, at most 30 days away."""
    ids = set(event_ids)
    rows = [row for row in events.of_ids(connection, sorted(ids)) if has_a_date(row.recorded_at_local)]
    at = [Span(row.serial, row.recorded_at_local, row.recorded_at_local) for row in rows]
    own = _told(connection, at, in_doubt=True)  # one that has just ceased to count told them until now
    moments = [(serial, one) for serial, documents in own.items() for one in documents.values()]
    around = _nearest(
        connection,
        [_sought(serial, one.start_local, one.record_type, keys_told(one)) for serial, one in moments],
    )
    spans = {Span(serial, *around.get(serial, _NOTHING).span_of(one)) for serial, one in moments}
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


_STEPS: Final = (timedelta(hours=6), timedelta(days=4), NEAR)
"""How far the nearest documents are looked for, one after the other: a busy unit has thousands in the last one. Where
the first has none, they are few, and the last comes next."""

_NOTHING: Final = UnitDocuments(())


class _Sought(NamedTuple):
    """The nearest documents of a unit before a moment and behind it that tell settings. `first`, `last`: between which
    moments they are looked for; `spans`: what of that is still to be read. `before`, `behind`: steps that were gone."""

    serial: str
    at: str
    record_type: str
    keys: tuple[Key, ...]
    first: str
    last: str
    spans: tuple[Span, ...]
    before: int = 0
    behind: int = 0

    def further(self, known: UnitDocuments) -> _Sought | None:
        """The same one step on, to the sides where one is lacking; None where there is no more to be found. Between the
        nearest one and the moment none may be unknown, so `known` has all between `first` and `last`."""
        not_before = [key for key in self.keys if not known.has(key, self.first, self.at)]
        not_behind = [key for key in self.keys if not known.has(key, self.at, self.last)]
        end = len(_STEPS) - 1
        step = end if known is _NOTHING else 1
        before, behind = (
            min(end, self.before + step * bool(not_before)),
            min(end, self.behind + step * bool(not_behind)),
        )
        keys = tuple({*not_before, *not_behind})
        only = self.record_type if all(record_type for _, record_type in keys) else ""
        first, last = near(self.at, _STEPS[before], _STEPS[behind]) if keys else (self.first, self.last)
        spans = [Span(self.serial, first, self.first, only)] if before > self.before else []
        spans += [Span(self.serial, self.last, last, only)] if behind > self.behind else []
        if not spans:
            return None
        return _Sought(self.serial, self.at, self.record_type, keys, first, last, tuple(spans), before, behind)


def _sought(serial: str, at: str, record_type: str, keys: Iterable[Key]) -> _Sought:
    first, last = near(at, _STEPS[0], _STEPS[0])
    return _Sought(serial, at, record_type, tuple(keys), first, last, (Span(serial, first, last),))


def _nearest(connection: Any, wanted: Sequence[_Sought]) -> dict[str, UnitDocuments]:
    """By unit the documents around some moments: all up to the nearest ones to both sides."""
    documents: dict[str, dict[int, UnitDocument]] = {}
    known: dict[str, UnitDocuments] = {}
    while wanted:
        for serial, told in _told(connection, [span for one in wanted for span in one.spans]).items():
            own = documents.setdefault(serial, {})
            if not told.keys() <= own.keys():
                own.update(told)
                known[serial] = UnitDocuments(own.values())
        wanted = [more for one in wanted if (more := one.further(known.get(one.serial, _NOTHING))) is not None]
    return known


def _told(connection: Any, spans: Iterable[Span], *, in_doubt: bool = False) -> dict[str, dict[int, UnitDocument]]:
    """By unit and event, what the documents of events in some spans tell; `in_doubt`: as `told_settings.in_spans`."""
    found: dict[str, dict[int, UnitDocument]] = {}
    for one in told_settings.in_spans(connection, _merged(spans), in_doubt=in_doubt) if spans else ():
        settings = settings_from(one.values)
        if settings.told:  # else no other event can rest on it
            document = UnitDocument(one.start_local, one.record_type, settings)
            found.setdefault(one.serial, {})[one.event_id] = document
    return found


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same events in spans that do not overlap."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].serial == span.serial and span.first <= found[-1].last:
            only = span.record_type if span.record_type == found[-1].record_type else ""
            found[-1] = found[-1]._replace(last=max(found[-1].last, span.last), record_type=only)
        else:
            found.append(span)
    return found
