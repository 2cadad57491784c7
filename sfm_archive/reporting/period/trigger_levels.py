"""At which level a unit waited for a trigger, as documents tell it: what its silence says of a blast rests on that.

A document that is of the moment tells it: a monitoring reply, or the report of a histogram that ran then. Else the unit
had the level that the reports of its events before and behind tell, where both tell the same one. Beyond that it is not
known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from sfm_archive.archive.coverage import as_documents_say
from sfm_archive.model.magnitudes import as_level
from sfm_archive.model.one_unit import in_unit, printed_in_another_unit
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import Reading, ValueState, read_value
from sfm_archive.model.running import Running
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.units import VELOCITIES_MM_S, GeoUnit
from sfm_archive.model.velocities import whole_nm_s
from sfm_archive.storage import told_settings
from sfm_archive.storage.blasts import RanSpans
from sfm_archive.storage.told_settings import Span

_GEO = re.compile(r"Geo:\s*(?P<level>[^\t;,]+)")
_GEO_LEVEL, _MIC_LEVEL = "geo_trigger_level", "mic_trigger_level"


class TriggerLevel(NamedTuple):
    """`number`: nm/s of the geophones, dB(L) of the microphone; None where it is not known. `text`: as it is printed;
    `said`: what tells it, or why it is not known."""

    number: float | None
    text: str
    said: str


class _Told(NamedTuple):
    """What the report of an event tells, from its start to its stop."""

    start_local: str
    stop_local: str
    event_id: int
    reading: Reading


class TriggerLevels:
    """Of some units, each looked up once. `connection`: one that reads derived rows; `unit`: of the texts."""

    def __init__(self, connection: Any, ran: RanSpans, unit: GeoUnit) -> None:
        self._connection, self._ran, self._unit = connection, ran, unit
        self._told: dict[tuple[str, str], list[_Told]] = {}
        self._replies: dict[str, list[Running]] = {}

    def geophones(self, serial: str, moment_local: str) -> TriggerLevel:
        """At a moment of its corrected clock."""
        moment = parse_local_text(moment_local)
        if serial not in self._replies:
            self._replies[serial] = as_documents_say(self._connection, serial, "", "")
        for one in self._replies[serial]:
            said = _GEO.search(one.text)
            if one.since <= moment <= one.until and said is not None:
                number, unit, state = read_value(said["level"])
                reading = Reading(quantity=_GEO_LEVEL, number=number, unit=unit, state=state, text=said["level"])
                level = _level(reading, one.source, self._unit)
                if level.number is not None:
                    return level
        return self._by_events(serial, moment_local, _GEO_LEVEL)

    def microphone(self, serial: str, moment_local: str) -> TriggerLevel:
        """The same."""
        return self._by_events(serial, moment_local, _MIC_LEVEL)

    def _by_events(self, serial: str, moment_local: str, quantity: str) -> TriggerLevel:
        told = self._of_unit(serial, quantity)
        behind = bisect_right(told, moment_local, key=lambda one: one.start_local)
        before, after = told[:behind][-1:], told[behind : behind + 1]
        if before and moment_local <= before[0].stop_local:
            return _level(before[0].reading, f"report of event {before[0].event_id}", self._unit)
        if not before or not after:
            return TriggerLevel(None, "", "no document tells its trigger level")
        said = f"reports of the events around it, {before[0].event_id} and {after[0].event_id}"
        first, second = (_level(one.reading, said, self._unit) for one in (before[0], after[0]))
        ids = f"{before[0].event_id} and {after[0].event_id}"
        if first.number is None or first.number != second.number:
            texts = f"{first.text or 'none'} and {second.text or 'none'}"
            return TriggerLevel(None, "", f"reports of the events around it, {ids}, tell trigger levels of {texts}")
        return first

    def _of_unit(self, serial: str, quantity: str) -> Sequence[_Told]:
        if (serial, quantity) not in self._told:
            found = told_settings.in_spans(self._connection, [Span(serial, "", "~")], (quantity,))
            lasted = {one.event_id: one for one in self._ran.of_unit(serial) if one.event_id}
            own = [
                _Told(span.start_local, span.until_local, one.event_id, one.values[0])
                for one in found
                if (span := lasted.get(one.event_id)) is not None
            ]
            self._told[serial, quantity] = sorted(own, key=lambda one: (one.start_local, one.event_id))
        return self._told[serial, quantity]


def _level(reading: Reading, said: str, unit: GeoUnit) -> TriggerLevel:
    """In this unit; what it was told as in the other one stands before what tells it."""
    if reading.quantity == _GEO_LEVEL:
        text, own = reading_text(in_unit(reading, unit)), reading_text(reading)
        printed = printed_in_another_unit(in_unit(reading, unit))
        if printed:
            text, said = text.removesuffix(f" ({printed} printed)"), f"{own} as told; {said}"
        return TriggerLevel(_nm_s(reading), text, said)
    level = as_level(reading)
    is_known = level.state is ValueState.OK and level.number is not None and level.unit == "dB(L)"
    return TriggerLevel(level.number if is_known else None, reading_text(level), said)


def _nm_s(reading: Reading) -> int | None:
    if reading.number is None or reading.state is not ValueState.OK or reading.unit not in VELOCITIES_MM_S:
        return None
    return whole_nm_s(abs(reading.number), reading.unit, at_least=True)
