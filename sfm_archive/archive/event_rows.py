"""How events look in a list: the same columns wherever several are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.base.columns import Column
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.peak_text import peak_text, sign_notes
from sfm_archive.model.reading_text import CORRECTED_MEANS, CORRECTED_SIGN, DAY_UNKNOWN_NOTE
from sfm_archive.model.selection import Continued

if TYPE_CHECKING:
    from sfm_archive.archive.listing import ListedEvent

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
_CONTINUED = {
    Continued.YES: ("← ", "←: began before that time and ran into it; PPV is of the whole event"),
    Continued.UNKNOWN: (
        "←? ",
        "←?: began before that time; nothing tells when it ended; PPV is of the whole event",
    ),
}
_RUNS_ON = "→: went on behind the time that was asked for; PPV is of the whole event"
_CORRECTED = f"{CORRECTED_SIGN}: {CORRECTED_MEANS}; sfm show has both"
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


class EventRows(NamedTuple):
    """Events as a list shows them. `columns`: those of levels and reviews only where one was asked for or made; `rows`:
    the texts of each event; `notes`: what the signs before a peak mean, and what is to be said of all."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[str, ...]


def event_rows(events: Sequence[ListedEvent]) -> EventRows:
    """The events for people."""
    left_out = set()
    if all(not event.point and not event.placed for event in events):
        left_out.add(_POINT)
    if all(event.level is None for event in events):
        left_out.add(_LEVEL)
    if all(event.false_trigger is None for event in events):
        left_out.add(_REVIEW)
    places = [place for place in range(len(_COLUMNS)) if place not in left_out]
    rows = tuple(tuple(cells[place] for place in places) for cells in map(_cells, events))
    notes = [note for continued, (_, note) in _CONTINUED.items() if any(one.continued is continued for one in events)]
    notes += [_RUNS_ON] if any(event.runs_on for event in events) else []
    notes += [DAY_UNKNOWN_NOTE] if any(not event.day_known and event.ppv is not None for event in events) else []
    notes += [note for placed, (_, note) in _PLACED.items() if any(one.placed == placed for one in events)]
    notes += [_CORRECTED] if any(event.corrected for event in events) else []
    notes += sign_notes((event.ppv, event.ppv_basis) for event in events)
    notes += [f"held against {limits}" for limits in dict.fromkeys(event.limits for event in events) if limits]
    notes += _calibration_note(events)
    return EventRows(tuple(_COLUMNS[place] for place in places), rows, tuple(notes))


def _calibration_note(events: Sequence[ListedEvent]) -> list[str]:
    """Only where some unit has a calibration that is stated: else every list would say the same."""
    count = Counter(event.calibration for event in events)
    overdue, unknown = count[CalibrationState.OVERDUE], count[CalibrationState.UNKNOWN]
    if not overdue and unknown == len(events):
        return []
    parts = [f"{number:,} {word}" for number, word in ((overdue, "overdue"), (unknown, "unknown")) if number]
    return [f"calibration of the unit when it recorded these: {', '.join(parts)} (sfm unit)"] if parts else []


def _cells(event: ListedEvent) -> tuple[object, ...]:
    """Values for _COLUMNS."""
    return (
        event.event_id,
        f"{_CONTINUED.get(event.continued, ('',))[0]}{event.start_local.replace('T', ' ')}"
        f"{CORRECTED_SIGN * bool(event.corrected)}{' →' * event.runs_on}",
        event.serial,
        event.record_type,
        event.name,
        "" if event.ppv is None else peak_text(event.ppv, event.ppv_basis, with_unit=False, day_known=event.day_known),
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
