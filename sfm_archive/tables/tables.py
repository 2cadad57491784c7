"""Events, values and samples as tidy tables: columns with names and units, whatever they are written as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.analysing import Recording
from sfm_archive.formats.csv_text import PLAIN, CsvForm, NumberText
from sfm_archive.formats.data_tables import EVENT_COLUMNS
from sfm_archive.model.asked_level import LevelAnswer
from sfm_archive.model.correcting import CORRECTED_TEXTS
from sfm_archive.model.placing import Placed
from sfm_archive.model.selection import Continued


class Series(NamedTuple):
    """A column: its name, its unit ('' for none), and its values."""

    name: str
    unit: str
    values: NDArray[Any] | list[Any]

    @property
    def title(self) -> str:
        """The name with its unit, for headers."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


class AsSelected(NamedTuple):
    """What an event is to the selection that it is exported for.

    `level`: whether it is as loud as was asked for, None where no level was, `level_why` what leaves it undecided;
    `continued`: whether it began before the window, `runs_on` whether it went on behind it; `day_known`: False where
    nothing tells on which of its days its peaks were; `undecided_left_out`: how many events beside these the selection
    leaves out because it is undecided whether they are as loud, None where it leaves none out.
    """

    level: LevelAnswer | None
    level_why: str
    continued: Continued
    runs_on: bool
    day_known: bool
    undecided_left_out: int | None

    @property
    def cells(self) -> dict[str, object]:
        """By the names of columns."""
        return {
            "level": None if self.level is None else self.level.value,
            "level_why": self.level_why,
            "continued": self.continued.value,
            "runs_on": "yes" if self.runs_on else "no",
            "day_known": "yes" if self.day_known else "no",
            "undecided_left_out": self.undecided_left_out,
        }


def event_row(recording: Recording, data_file: str, selected: AsSelected | None = None) -> tuple[object, ...]:
    """One event for EVENT_COLUMNS; `selected`: None where it is of no selection. What was only assumed stands there
    where something was decoded with it."""
    cells: dict[str, object] = {} if selected is None else selected.cells
    notes = dict(recording.notes)
    settings, origin = recording.settings, recording.provenance
    decoded = bool(origin.decoder)
    utc, review = recording.utc.utc, recording.review
    return (
        recording.event_id,
        recording.event.serial,
        recording.event.recorded_at.isoformat(),
        recording.zone,
        None if utc is None else f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        recording.utc.certainty.value,
        recording.event.record_type.value,
        recording.name,
        settings.rate if decoded and settings.has_rate else settings.sample_rate,
        settings.pretrigger if recording.traces is not None else None,
        settings.range if decoded and settings.has_range else settings.range_in_s,
        ", ".join(recording.assumed),
        notes.get("project", ""),
        notes.get("client", ""),
        notes.get("location", ""),
        notes.get("user_name", ""),
        notes.get("general", ""),
        None if review is None or review.false_trigger is None else "yes" if review.false_trigger else "no",
        "" if review is None else review.reviewer,
        origin.source,
        origin.source_sha256,
        origin.decoder,
        cells.get("level"),
        data_file,
        recording.why_not or "; ".join(recording.warnings),
        *(cells.get(name) for name in ("continued", "runs_on", "day_known", "level_why", "undecided_left_out")),
        recording.start.isoformat(),
        corrected_text(recording),
        *(recording.recorded_as.get(name, "") for name in CORRECTED_TEXTS),
        *place_cells(recording).values(),
    )


def place_cells(recording: Recording) -> dict[str, str]:
    """At which point it was recorded, by the names of columns: in whose window it starts, how it lies to the windows
    of its unit, and all points that it is, or may be, of."""
    place = recording.place
    return {"job": place.job, "point": place.point, "placed": place.placed, "points": "; ".join(place.points)}


def corrected_text(recording: Recording) -> str:
    """What people corrected of it, and how: `project: North Quarry; clock: +01:02:03`; '' for nothing."""
    return "; ".join(f"{subject}: {text}" for subject, text in recording.corrections.items())


def value_rows(recording: Recording) -> list[tuple[object, ...]]:
    """Every value of every source for VALUE_COLUMNS."""
    place = recording.place
    at_point = place.job, place.point, place.placed
    return [
        (recording.event_id, r.quantity, r.channel, r.number, r.unit, r.state.value, r.text, r.source, *at_point)
        for r in (*recording.reported, *recording.computed)
    ]


def data_columns(recording: Recording) -> list[Series]:
    """Samples over time, or a histogram's intervals, each with its point where windows of its unit are stated. Raises
    BadInput, with the reason, where nothing was decoded,
    Damaged where its stored bytes are.

    A value that no unit measures is NaN; one at the rail stands as recorded and is true in its channel's `over_range`:
    the motion was at least that.
    """
    traces, histogram = recording.traces, recording.histogram
    if traces is not None:
        columns = [Series("time", "s", traces.times())]
        columns += [
            Series(name, unit, traces.values(name)) for name, unit in zip(traces.channels, traces.units, strict=True)
        ]
        over = np.zeros(traces.samples.shape, dtype=bool) if traces.over_range is None else traces.over_range
        return [*columns, *_over_range(traces.channels, over)]
    if histogram is None:
        raise recording.undecoded(recording.why_not)
    unit = recording.settings.unit
    values, frequencies = histogram.physical(recording.settings.range, unit), histogram.frequencies()
    columns = [Series("interval", "", histogram.index)]
    if recording.interval is not None:
        columns.append(Series("start_local", "", _starts(recording, recording.interval, histogram.size)))
    if recording.place.of_unit_with_windows:
        columns.append(Series("point", "", _points(recording, histogram.size)))
    for row, name in enumerate(histogram.channels):
        columns.append(Series(name, "Pa" if name == "MicL" else unit, values[name]))
        columns.append(Series(f"{name}_frequency", "Hz", frequencies[row]))
    bounds = [
        Series(f"{name}_{what}", "", row)
        for what, rows in histogram.bounds().items()
        for name, row in zip(histogram.channels, rows, strict=True)
    ]
    return [*columns, *_over_range(histogram.channels, histogram.over_range & ~histogram.impossible), *bounds]


def _over_range(channels: Sequence[str], over: NDArray[np.bool_]) -> list[Series]:
    return [Series(f"{name}_over_range", "", row) for name, row in zip(channels, over, strict=True)]


def _starts(recording: Recording, interval: timedelta, size: int) -> list[str]:
    start = recording.start
    return [(start + interval * number).isoformat(timespec="seconds") for number in range(size)]


def _points(recording: Recording, size: int) -> list[str]:
    """JOB/POINT of each interval by its start; `undecided` where nothing tells when it starts."""
    place = recording.place
    if recording.interval is not None:
        return [place.name_from(start) for start in _starts(recording, recording.interval, size)]
    known = len(place.spans) == 1
    return [place.name_from(recording.start.isoformat()) if known else Placed.UNDECIDED.value] * size


def metadata_of(recording: Recording) -> dict[str, Any]:
    """What a file of one event says about itself: texts, and numbers as numbers; what is not known is left out."""
    row = dict(zip(EVENT_COLUMNS, event_row(recording, ""), strict=True))
    of_no_archive = ("event_id", 0)
    return {name: value for name, value in row.items() if value not in (None, "") and (name, value) != of_no_archive}


def data_csv(recording: Recording, form: CsvForm = PLAIN) -> bytes:
    """The data of one event as CSV, units in the header."""
    columns = data_columns(recording)
    cells = [_cells(column.values) for column in columns]
    return form.encoded([[column.title for column in columns], *zip(*cells, strict=True)], beginning=True)


def _cells(values: NDArray[Any] | list[Any]) -> list[str]:
    if isinstance(values, list):
        return [str(value) for value in values]
    if values.dtype.kind == "f":
        return [NumberText("" if value != value else f"{value:.9g}") for value in values.tolist()]
    return [str(value).lower() if values.dtype.kind == "b" else NumberText(value) for value in values.tolist()]
