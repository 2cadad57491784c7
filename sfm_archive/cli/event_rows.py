"""How events look in a list: the same columns wherever several are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.cli.output import Column, table
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.one_unit import printed_in_another_unit
from sfm_archive.model.reading_text import (
    ASSUMED_RANGE_NOTE,
    ASSUMED_RANGE_SIGN,
    CORRECTED_MEANS,
    CORRECTED_SIGN,
    DAY_UNKNOWN_NOTE,
    DAY_UNKNOWN_SIGN,
    number_text,
)
from sfm_archive.model.readings import ValueState
from sfm_archive.model.selection import Continued
from sfm_archive.model.summaries import Basis

if TYPE_CHECKING:
    from sfm_archive.archive.listing import ListedEvent
    from sfm_archive.model.readings import Reading

_COLUMNS = (
    Column("id", "event_id", number=True),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("serial", "serial"),
    Column("type", "record_type"),
    Column("name", "name"),
    Column("PPV", "ppv", number=True),
    Column("unit", "ppv_unit"),
    Column("point", "point"),
    Column("encoding", "encoding"),
    Column("level", "level"),
    Column("review", "false_trigger"),
)
_POINT, _LEVEL, _REVIEW = 7, 9, 10
_PLACED = {
    "part": (" ⇄", "⇄: crosses a border of windows: its intervals are of more than one point, or of none"),
    "perhaps": (" ⇄?", "⇄?: nothing tells when it ended; it may have crossed a border of windows"),
    "undecided": ("undecided", "undecided: the clocks repeat the hour in which it and a border of windows lie"),
}
_NOTES = {
    "≥": "≥: at least that; a limit was passed, or another channel's peak is not known",
    ASSUMED_RANGE_SIGN: ASSUMED_RANGE_NOTE,
}
_CONTINUED = {
    Continued.YES: ("← ", "←: began before that time and ran into it; PPV is of the whole event"),
    Continued.UNKNOWN: (
        "←? ",
        "←?: began before that time; nothing tells when it ended; PPV is of the whole event",
    ),
}
_RUNS_ON = "→: went on behind the time that was asked for; PPV is of the whole event"
_CORRECTED = f"{CORRECTED_SIGN}: {CORRECTED_MEANS}; sfm show has both"
_SIGNS = {Basis.AT_LEAST.value: "≥", Basis.ASSUMED.value: ASSUMED_RANGE_SIGN}
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
    Column("", "ppv_basis"),
    Column("", "ppv_at_least"),
    Column("", "level"),
    Column("", "stop_local"),
    Column("", "continued"),
    Column("", "level_why"),
    Column("", "runs_on"),
    Column("", "day_known"),
    Column("", "job"),
    Column("", "point"),
    Column("", "placed"),
    Column("", "calibration"),
    Column("", "limits"),
    Column("", "start_local"),
    Column("", "corrected"),
)


def event_table(events: Sequence[ListedEvent]) -> str:
    """The events for people; the columns of levels and reviews only where one was asked for or made. Below, what the
    signs before a peak mean."""
    left_out = set()
    if all(not event.point and not event.placed for event in events):
        left_out.add(_POINT)
    if all(event.level is None for event in events):
        left_out.add(_LEVEL)
    if all(event.false_trigger is None for event in events):
        left_out.add(_REVIEW)
    places = [place for place in range(len(_COLUMNS)) if place not in left_out]
    rows = [[cells[place] for place in places] for cells in map(_cells, events)]
    signs = {_sign(event) for event in events if event.ppv is not None}
    notes = [note for continued, (_, note) in _CONTINUED.items() if any(one.continued is continued for one in events)]
    notes += [_RUNS_ON] if any(event.runs_on for event in events) else []
    notes += [DAY_UNKNOWN_NOTE] if any(not event.day_known and event.ppv is not None for event in events) else []
    notes += [note for placed, (_, note) in _PLACED.items() if any(one.placed == placed for one in events)]
    notes += [_CORRECTED] if any(event.corrected for event in events) else []
    notes += [note for sign, note in _NOTES.items() if sign in signs]
    notes += [f"held against {limits}" for limits in dict.fromkeys(event.limits for event in events) if limits]
    notes += _calibration_note(events)
    return "\n".join([table([_COLUMNS[place] for place in places], rows), *notes])


def _calibration_note(events: Sequence[ListedEvent]) -> list[str]:
    """Only where some unit has a calibration that is stated: else every list would say the same."""
    count = Counter(event.calibration for event in events)
    overdue, unknown = count[CalibrationState.OVERDUE], count[CalibrationState.UNKNOWN]
    if not overdue and unknown == len(events):
        return []
    parts = [f"{number:,} {word}" for number, word in ((overdue, "overdue"), (unknown, "unknown")) if number]
    return [f"calibration of the unit when it recorded these: {', '.join(parts)} (sfm unit)"] if parts else []


def _sign(event: ListedEvent) -> str:
    """Before a number that is not the peak itself; `>` is printed by a document that has it."""
    passed = event.ppv is not None and event.ppv.state is ValueState.ABOVE_LIMIT
    return "" if passed else _SIGNS.get(event.ppv_basis, "")


def _peak_text(event: ListedEvent, peak: Reading) -> str:
    """Without its unit, but with what was printed in another one."""
    printed = printed_in_another_unit(peak)
    day = "" if event.day_known else DAY_UNKNOWN_SIGN
    return _sign(event) + number_text(peak) + (f" ({printed} printed)" if printed else "") + day


def _cells(event: ListedEvent) -> tuple[object, ...]:
    """Values for _COLUMNS."""
    return (
        event.event_id,
        f"{_CONTINUED.get(event.continued, ('',))[0]}{event.start_local.replace('T', ' ')}"
        f"{CORRECTED_SIGN * bool(event.corrected)}{' →' * event.runs_on}",
        event.serial,
        event.record_type,
        event.name,
        "" if event.ppv is None else _peak_text(event, event.ppv),
        "" if event.ppv is None else event.ppv.unit,
        f"{f'{event.job}/{event.point}' if event.point else ''}{_PLACED.get(event.placed, ('',))[0]}",
        event.encoding,
        f"{event.level or ''}{f': {event.level_why}' if event.level_why else ''}",
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
        event.ppv_basis,
        "" if event.ppv_at_least is None else event.ppv_at_least,
        "" if event.level is None else event.level.value,
        event.stop_local,
        event.continued.value,
        event.level_why,
        "yes" if event.runs_on else "no",
        "yes" if event.day_known else "no",
        event.job,
        event.point,
        event.placed,
        event.calibration.value,
        event.limits,
        event.start_local,
        "; ".join(f"{subject}: {text}" for subject, text in event.corrected.items()),
    )
