"""Export of data: a folder of files for each event as an exporter writes them, and tables of all events and values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from sfm_archive.analysing import Recording, recordings_of
from sfm_archive.archive import Archive
from sfm_archive.archive.listing import day_not_known, level_answers, level_counts, summary_rows
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.archive.where_recorded import points_asked
from sfm_archive.base.batches import batches
from sfm_archive.base.counting import counts
from sfm_archive.base.plain import NOT_IN_JSON, in_json, key
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import (
    BadInput,
    Busy,
    ExporterFailed,
    NotInstalled,
    NotUsable,
    SfmError,
    UsageError,
)
from sfm_archive.exporting.handover import HandedFile, HandoverKind
from sfm_archive.exporting.noting import note_output, provenance_to_note
from sfm_archive.exporting.other_formats import bytes_as
from sfm_archive.exporting.plan import ExportPlace, Placement
from sfm_archive.exporting.report import NOT_NOTED, Noted
from sfm_archive.files.standing import WriteAction
from sfm_archive.files.tree import OutputTree
from sfm_archive.formats.csv_text import PLAIN, CsvForm
from sfm_archive.formats.data_tables import EVENT_COLUMNS, PEAK_COLUMNS, VALUE_COLUMNS
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts, LimitCounts
from sfm_archive.model.placing import Placed
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import GeoUnit
from sfm_archive.plugins.registry import RegisteredExporter
from sfm_archive.storage.events import EventRow
from sfm_archive.tables.peaks import peak_row
from sfm_archive.tables.table_file import TableFile
from sfm_archive.tables.tables import AsSelected, event_row, value_rows

_PAGE = 100
"""Events that are read at once, and whose rows of the tables are held."""


class DataStatus(StrEnum):
    """What became of an event."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    IN_THE_WAY = "different file in the way"
    NO_DATA = "no data"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataItem:
    """One event. `paths`: its files, relative to the folder, with forward slashes. `level`: whether it is as loud as
    was asked for, `yes` or `undecided`, None where no level was; `level_why`: what leaves it undecided, else ''."""

    event_id: int
    status: DataStatus
    paths: tuple[str, ...] = ()
    message: str = ""
    level: LevelAnswer | None = None
    level_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What was written to `target`.

    `tables`: the tables of all events; `tables_in_the_way`: those not written because a different file stands there.
    `data_format`: name of the exporter. `levels`: where a level was asked for, how many events reach it. `above`: where
    limits were asked for, what they say of all events that pass the other filters. `local_times`: events whose times
    are device-local in a format that knows UTC only. `handover`: what became of the record of this export.
    """

    target: str
    data_format: str = field(metadata=key("format"))
    tables: tuple[str, ...]
    tables_in_the_way: tuple[str, ...]
    local_times: int
    levels: LevelCounts | None
    above: LimitCounts | None
    items: tuple[DataItem, ...]
    handover: Noted = field(default=NOT_NOTED, metadata=NOT_IN_JSON)

    @property
    @in_json("handover")
    def handover_number(self) -> int | None:
        """Number of the hand-over record that says what stands in the folder now, None without one."""
        return self.handover.number or None

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], DataStatus]:
        """How many events had which status; they add up to the events selected."""
        return counts(DataStatus, (item.status for item in self.items))

    @property
    def in_the_way(self) -> tuple[DataItem, ...]:
        """Events not written because of a different file."""
        return tuple(item for item in self.items if item.status is DataStatus.IN_THE_WAY)

    @property
    def failed(self) -> tuple[DataItem, ...]:
        """Events on which an exporter broke, or whose stored bytes are damaged."""
        return tuple(item for item in self.items if item.status is DataStatus.FAILED)


def export_data(
    archive: Archive,
    target: Path,
    exporter: str,
    selection: Selection = EVERYTHING,
    *,
    overwrite: bool = False,
    csv_form: CsvForm = PLAIN,
    units: GeoUnit | None = None,
    record: bool = True,
    progress: Progress = silent,
) -> DataReport:
    """Write the selected events below `target` as an exporter does, and tables `events`, `peaks` and `values`.

    Files are `<serial>/<recorded>_<id><extension>`; where an exporter names them after event files, they stand where
    `sfm export` would put those (`exporting.plan.PLACEMENT_RULE`). Exporters that it wants beside write theirs too.
    Every event has a row in `events`, also one without data. No file that is different is replaced unless `overwrite`.
    `csv_form`: how CSV is written. `units`: of all velocities; without it each event is in those of its documents, and
    the table of peaks in that of most of the reports. `record`: an archive that is open for writing keeps a hand-over
    record, with the hash of each file. All of it is of one state of the archive. Raises NotFound for an exporter that
    is not installed, NotInstalled where a package of it is missing, UsageError for a form that it does not heed and for
    exporters that would give two files one name, StorageFailed.
    """
    first = archive.plugins.exporter(exporter)
    if csv_form != PLAIN and not first.offered.heeds_csv_form:
        able = ", ".join(one.name for one in archive.plugins.exporters if one.offered.heeds_csv_form)
        raise UsageError(f"{exporter} is not written for spreadsheets; {able} are")
    exporters = (first, *(archive.plugins.exporter(name) for name in first.offered.beside))
    endings = [one.offered.extension.lower() for one in exporters if not one.names_files]
    if len(set(endings)) < len(endings):
        names = " and ".join(one.name for one in exporters)
        raise UsageError(f"the exporters {names} give their files the same names; report it to their authors")
    places = _Places(archive, exporters, csv_form)
    items: list[DataItem] = []
    handed: dict[int, list[HandedFile]] = {}
    local_times, total = 0, archive.count(selection)
    one_unit = units or unit_of_most_reports(archive, selection)
    levels = level_counts(archive, selection)
    counted = [one.undecided for one in (levels, selection.limit_counts) if one is not None and one.left_out]
    left_out = sum(counted) if counted else None
    asked = points_asked(archive, selection)
    progress(0, total)
    with ExitStack() as stack:
        stack.enter_context(archive.store.snapshot())
        events = stack.enter_context(TableFile(target, first, "events", EVENT_COLUMNS, csv_form))
        peaks = stack.enter_context(TableFile(target, first, "peaks", PEAK_COLUMNS, csv_form))
        values = stack.enter_context(TableFile(target, first, "values", VALUE_COLUMNS, csv_form))
        with OutputTree(target, overwrite=overwrite) as tree:
            for page in batches(archive.events(selection), _PAGE):
                of_events: list[tuple[object, ...]] = []
                of_peaks: list[tuple[object, ...]] = []
                of_values: list[tuple[object, ...]] = []
                answers = level_answers(archive, selection, [row.event_id for row in page])
                places.of_page(page)
                summaries = summary_rows(archive, [row.event_id for row in page])
                at_points = measured_of(archive, page, (), selection)
                of_unknown_day = day_not_known(archive, page, summaries)
                for row, recording in zip(page, recordings_of(archive, page, units), strict=True):
                    level, why = answers.get(row.event_id, (None, ""))
                    made, handed[len(items)] = _item(archive, row, recording, places, tree, len(items))
                    measured, peaks_at, told = _at_points_asked(recording, at_points[row.event_id], asked)
                    message = "; ".join(text for text in (made.message, told) if text)
                    item = replace(made, level=level, level_why=why, message=message)
                    items.append(item)
                    local_times += bool(item.paths) and recording.utc.utc is None
                    summary = summaries[row.event_id]
                    selected = AsSelected(
                        level=level,
                        level_why=why,
                        continued=selection.continued(summary.start_local, summary.stop_local),
                        runs_on=selection.runs_on(summary.stop_local),
                        day_known=row.event_id not in of_unknown_day,
                        undecided_left_out=left_out,
                    )
                    path = item.paths[0] if item.paths else ""
                    of_events.append(event_row(recording, path, selected))
                    of_peaks.append(peak_row(recording, measured, one_unit, selected, peaks_at))
                    of_values += value_rows(recording)
                    progress(min(len(items), total), total)
                events.add(of_events)
                peaks.add(of_peaks)
                values.add(of_values)
        for position, message in tree.too_late.items():
            items[position] = replace(items[position], status=DataStatus.IN_THE_WAY, message=message)
            handed[position] = []
        finished = {table.path: table.finish(overwrite=overwrite) for table in (events, peaks, values)}
        handed[len(items)] = [
            _handed(first, table.path, table.sha256, table.size, 0, finished[table.path])
            for table in (events, peaks, values)
            if finished[table.path] is not WriteAction.REFUSE
        ]
        made_of = provenance_to_note(archive, (item.event_id for item in items))
    progress(total, total)
    noted = NOT_NOTED
    if record:
        noted = note_output(
            archive,
            HandoverKind.DATA,
            target,
            {"selection": selection.as_dict(), "format": exporter, "units": units, "csv_form": csv_form._asdict()},
            [file for some in handed.values() for file in some],
            made_of,
            without_file=[
                {"event_id": item.event_id, "status": item.status} for at, item in enumerate(items) if not handed[at]
            ],
        )
    return DataReport(
        target=str(target),
        data_format=exporter,
        tables=tuple(path for path, done in finished.items() if done is not WriteAction.REFUSE),
        tables_in_the_way=tuple(path for path, done in finished.items() if done is WriteAction.REFUSE),
        local_times=local_times if first.offered.utc_only else 0,
        levels=levels,
        above=selection.limit_counts,
        items=tuple(items),
        handover=noted,
    )


def _at_points_asked(
    recording: Recording, measured: Measured, asked: frozenset[str] | None
) -> tuple[Measured, str, str]:
    """What the table of peaks has of an event: what was recorded of it at the points asked for, these points where it
    is of others too, and a sentence on that. `measured`: as far as that is known."""
    place = recording.place
    if asked is None or asked.issuperset(place.points):
        return recording.measured, "", ""
    if measured.unsplit or place.placed == Placed.UNDECIDED:
        why = "nothing tells what of it was recorded at the points asked for: its row of peaks is of all of it"
        return recording.measured, "", why
    here = "; ".join(point for point in place.points if point in asked)
    only = f"its row of peaks is of {here} alone, its file and its values are of all of it"
    return measured, here, only if measured.cut else ""


class _Places:
    """Where the files of each event go, and how CSV in them is written. No two events share a place, whatever is
    selected and in whatever order."""

    def __init__(self, archive: Archive, exporters: Sequence[RegisteredExporter], csv_form: CsvForm) -> None:
        self.exporters, self.csv_form = tuple(exporters), csv_form
        self._placements = {one.name: Placement(archive, None, one.file_name) for one in exporters if one.names_files}
        self._named: dict[str, dict[int, ExportPlace]] = {}

    def of_page(self, rows: Sequence[EventRow]) -> None:
        """Find the places of some events; those of the last ones are let go."""
        for exporter, placement in self._placements.items():
            found = placement.of_events(rows)
            self._named[exporter] = {row.event_id: place for row, place in zip(rows, found, strict=True)}

    def path(self, exporter: RegisteredExporter, row: EventRow, recording: Recording) -> str:
        """Relative to the target, with forward slashes."""
        event = recording.event
        # Made of checked parts alone: a serial, a time, a number.
        stem = f"{event.recorded_at:%Y%m%dT%H%M%S}_{recording.event_id}"
        named = self._named.get(exporter.name)
        if named is None:
            return f"{event.serial}/{stem}{exporter.offered.extension}"
        # An event file without a name, or with one that no folder can have, leaves the name to us.
        return named[row.event_id].path or f"{event.serial}/{exporter.file_name(f'{event.serial}_{stem}')}"


def _item(
    archive: Archive, row: EventRow, recording: Recording, places: _Places, tree: OutputTree, position: int
) -> tuple[DataItem, list[HandedFile]]:
    """Make all files of an event, then write them; and those that stand there now."""
    event_id = row.event_id
    try:
        made = [
            (places.path(one, row, recording), bytes_as(archive, row, one, recording, places.csv_form))
            for one in places.exporters
        ]
        status, message, handed = _write(tree, position, event_id, places.exporters, made)
    except (NotInstalled, NotUsable, Busy):
        raise
    except SfmError as error:
        refused = isinstance(error, BadInput) and not isinstance(error, ExporterFailed)
        failed = DataStatus.NO_DATA if refused else DataStatus.FAILED
        return DataItem(event_id=event_id, status=failed, message=str(error)), []
    paths = tuple(path for path, _ in made)
    message = message or "; ".join(recording.warnings)
    return DataItem(event_id=event_id, status=status, paths=paths, message=message), handed


def _write(
    tree: OutputTree,
    position: int,
    event_id: int,
    exporters: Sequence[RegisteredExporter],
    made: Sequence[tuple[str, bytes]],
) -> tuple[DataStatus, str, list[HandedFile]]:
    """Write the files of one event, each at its path: all of them, or none where one is in the way; then with a
    sentence. Raises BadName for a path that no folder can have, StorageFailed.
    """
    handed, actions = [], []
    for exporter, (path, data) in zip(exporters, made, strict=True):
        sha256 = hashlib.sha256(data).hexdigest()
        action, message = tree.action(path, len(data), sha256)
        if action is WriteAction.REFUSE:
            return DataStatus.IN_THE_WAY, message, []
        actions.append(action)
        handed.append(_handed(exporter, path, sha256, len(data), event_id, action))
    for action, (path, data) in zip(actions, made, strict=True):
        if action.writes:
            tree.write(position, path, data, action)
    status = DataStatus.WRITTEN if any(action.writes for action in actions) else DataStatus.UNCHANGED
    return status, "", handed


def _handed(
    exporter: RegisteredExporter, path: str, sha256: str, size: int, event_id: int, action: WriteAction
) -> HandedFile:
    return HandedFile(
        path=path, sha256=sha256, size=size, event_id=event_id, source=exporter.name, revision=0, frames_sha256="",
        distribution=exporter.source.distribution, distribution_version=exporter.source.distribution_version,
        made=action.writes,
    )  # fmt: skip
