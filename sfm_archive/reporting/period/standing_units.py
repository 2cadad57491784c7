"""Which units stood at the points of a job in a period, and what is known of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from sfm_archive.archive.calibrations import calibrations_of, register_of
from sfm_archive.base.batches import batches
from sfm_archive.model.calibrations import CalibrationState, calibration_on, printed_day
from sfm_archive.model.decode_settings import RANGE_WORDS
from sfm_archive.model.families import family_of
from sfm_archive.model.magnitudes import as_level
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.reporting.period.report import ReportedUnit, StatedSettings, StoodAt
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.reporting.period.stated_clocks import clocks_of
from sfm_archive.storage import statements, told_settings, unit_settings
from sfm_archive.storage.told_settings import Span

_PRINTED = ("firmware", "calibration")
_SETTINGS = ("geo_trigger_level", "mic_trigger_level", "geo_range", "sample_rate")
_SECOND = timedelta(seconds=1)
_AT_ONCE = 1000


def units_of(scope: Scope, events: Mapping[int, EventAtPoint]) -> Iterator[ReportedUnit]:
    """By serial. `events`: of the period."""
    windows = _windows(scope)
    register = register_of(scope.archive)
    printed, settings = _printed(scope, events), _settings(scope, windows)
    clocks = clocks_of(scope, windows, events)
    states: dict[str, Counter[CalibrationState]] = {}
    for page in batches(events.items(), _AT_ONCE):
        starts = {event_id: (one.row.serial, one.whole.summary.start_local) for event_id, one in page}
        for event_id, answer in calibrations_of(scope.archive, starts, register).items():
            states.setdefault(starts[event_id][0], Counter())[answer.state] += 1
    for serial, own in windows.items():
        lines = printed.get(serial, {})
        line = max(lines.get("calibration", ()), key=printed_day, default="")
        days = _first(scope, own), _last(scope, own)
        first, last = (calibration_on(day, register.get(serial, ()), line) for day in days)
        numbers = {answer.number for answer in (first, last)}
        counts = states.get(serial, Counter())
        yield ReportedUnit(
            serial=serial,
            family=family_of(serial).name,
            models=lines.get("firmware", ()),
            trigger_levels=lines.get("geo_trigger_level", ()),
            air_trigger_levels=lines.get("mic_trigger_level", ()),
            ranges=lines.get("geo_range", ()),
            sample_rates=lines.get("sample_rate", ()),
            stated_settings=tuple(settings.get(serial, ())),
            clocks=tuple(clocks.get(serial, ())),
            printed=lines.get("calibration", ()),
            calibration_first=first,
            calibration_last=last,
            valid=counts[CalibrationState.VALID],
            overdue=counts[CalibrationState.OVERDUE],
            unknown=counts[CalibrationState.UNKNOWN],
            certificates=tuple(
                one.certificate for one in register.get(serial, ()) if one.number in numbers and one.certificate
            ),
            windows=tuple(
                StoodAt(
                    window=one.number,
                    point=one.point,
                    point_name=scope.name_of(one.point),
                    from_local=one.from_local,
                    until_local=one.until_local,
                    decided_by=one.decided_by,
                )
                for one in own
            ),
        )


def _windows(scope: Scope) -> dict[str, list[UnitWindow]]:
    """Those at points of the job that reach into the period, by unit."""
    since, until = local_text(scope.since), local_text(scope.until)
    numbers = {point.number for point in scope.points}
    with scope.archive.store.reading() as connection:
        known = statements.that_count(connection, UnitWindow).values()
    found: dict[str, list[UnitWindow]] = {}
    for one in sorted(known, key=lambda one: (one.serial, one.from_local)):
        if one.point in numbers and one.from_local < until and (not one.until_local or one.until_local > since):
            found.setdefault(one.serial, []).append(one)
    return found


def _first(scope: Scope, windows: list[UnitWindow]) -> str:
    return max(windows[0].from_local, local_text(scope.since))[:10]


def _last(scope: Scope, windows: list[UnitWindow]) -> str:
    ends = [parse_local_text(one.until_local) if one.until_local else scope.until for one in windows]
    return (min(max(ends), scope.until) - _SECOND).date().isoformat()


def _settings(scope: Scope, windows: Mapping[str, list[UnitWindow]]) -> dict[str, list[StatedSettings]]:
    """What people state of the units' settings for times in which they stood there in the period."""
    found: dict[str, list[StatedSettings]] = {}
    with scope.archive.store.reading() as connection:
        stated = unit_settings.that_count(connection, windows)
    for serial, rows in stated.items():
        since = max(windows[serial][0].from_local, local_text(scope.since))
        until = min(windows[serial][-1].until_local or "~", local_text(scope.until))
        for one in sorted(rows, key=lambda row: (row.from_local, row.number)):
            if (one.until_local or "~") <= since or one.from_local >= until:
                continue
            in_s = RANGE_WORDS.get(one.geo_range)
            held = Reading(quantity="geo_range", number=in_s, unit="in/s")
            found.setdefault(serial, []).append(
                StatedSettings(
                    sample_rate=f"{one.sample_rate} sps" if one.sample_rate else "",
                    geo_range="" if in_s is None else reading_text(in_unit(held, scope.unit)),
                    from_local=one.from_local, until_local=one.until_local, decided_by=one.decided_by,
                )
            )  # fmt: skip
    return found


def _printed(scope: Scope, events: Mapping[int, EventAtPoint]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Of each unit the different lines that documents of these events tell, by quantity, in the order of the events;
    settings in the report's unit."""
    moments: dict[str, list[str]] = {}
    for one in events.values():
        moments.setdefault(one.row.serial, []).append(one.row.recorded_at_local)
    spans = [Span(serial, min(own), max(own)) for serial, own in moments.items()]
    with scope.archive.store.settled() as connection:
        told = told_settings.in_spans(connection, spans, (*_PRINTED, *_SETTINGS)) if spans else []
    found: dict[str, dict[str, dict[str, None]]] = {}
    for each in sorted(told, key=lambda one: (one.start_local, one.event_id)):
        if each.event_id not in events:
            continue
        first = {value.quantity: value for value in reversed(each.values)}
        for quantity, value in first.items():
            if value.state is ValueState.ABSENT or not value.text.strip():
                continue
            text = " ".join(value.text.split())
            if quantity in _SETTINGS:
                text = reading_text(as_level(in_unit(value, scope.unit)))
            found.setdefault(each.serial, {}).setdefault(quantity, {})[text] = None
    return {serial: {name: tuple(texts) for name, texts in own.items()} for serial, own in found.items()}
