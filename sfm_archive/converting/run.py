"""Export of data: a folder of files for each event as an exporter writes them, and tables of all events and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sfm_archive.analysing import Recording, recording_of
from sfm_archive.converting.tables import EVENT_COLUMNS, VALUE_COLUMNS, csv_bytes, event_row, value_rows
from sfm_archive.errors import (
    AlreadyExists,
    BadInput,
    Busy,
    ExporterFailed,
    NotInstalled,
    NotUsable,
    SfmError,
    StorageFailed,
    UsageError,
)
from sfm_archive.exporting.other_formats import bytes_as
from sfm_archive.exporting.plan import Placement
from sfm_archive.holdings import Holdings
from sfm_archive.progress import Progress, silent
from sfm_archive.registered import RegisteredExporter
from sfm_archive.selection import EVERYTHING, Selection
from sfm_archive.storage.events import EventRow
from sfm_archive.writing import write_file


class DataStatus(StrEnum):
    """What became of an event."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    IN_THE_WAY = "different file in the way"
    NO_DATA = "no data"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataItem:
    """One event. `paths`: its files, relative to the folder, with forward slashes."""

    event_id: int
    status: DataStatus
    paths: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What was written to `target`.

    `tables`: the tables of all events; `tables_in_the_way`: those not written because a different file stands there.
    `data_format`: name of the exporter. `local_times`: events whose times are device-local in a format that knows UTC
    only.
    """

    target: str
    data_format: str
    tables: tuple[str, ...]
    tables_in_the_way: tuple[str, ...]
    local_times: int
    items: tuple[DataItem, ...]

    @property
    def totals(self) -> dict[str, int]:
        """How many events had which status; they add up to the events selected."""
        counts = Counter(item.status for item in self.items)
        return {status.value: counts[status] for status in DataStatus}

    @property
    def in_the_way(self) -> tuple[DataItem, ...]:
        """Events not written because of a different file."""
        return tuple(item for item in self.items if item.status is DataStatus.IN_THE_WAY)

    @property
    def failed(self) -> tuple[DataItem, ...]:
        """Events on which an exporter broke, or whose stored bytes are damaged."""
        return tuple(item for item in self.items if item.status is DataStatus.FAILED)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "target": self.target,
            "format": self.data_format,
            "totals": self.totals,
            "tables": list(self.tables),
            "tables_in_the_way": list(self.tables_in_the_way),
            "local_times": self.local_times,
            "items": [
                {
                    "event_id": item.event_id,
                    "status": item.status.value,
                    "paths": list(item.paths),
                    "message": item.message,
                }
                for item in self.items
            ],
        }


def export_data(
    holdings: Holdings,
    target: Path,
    exporter: str,
    selection: Selection = EVERYTHING,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> DataReport:
    """Write the selected events below `target` as an exporter does, and tables `events` and `values`.

    Files are `<serial>/<recorded>_<id><extension>`; where an exporter names them after event files, they stand where
    `sfm export` would put those (`exporting.plan.PLACEMENT_RULE`). Exporters that it wants beside write theirs too.
    Every event has a row in `events`, also one without data. No file that is different is replaced unless `overwrite`.
    Raises NotFound for an exporter that is not installed, NotInstalled where a package of it is missing, UsageError for
    exporters that would give two files one name, StorageFailed.
    """
    first = holdings.plugins.exporter(exporter)
    exporters = (first, *(holdings.plugins.exporter(name) for name in first.beside))
    endings = [one.extension.lower() for one in exporters if not one.names_files]
    if len(set(endings)) < len(endings):
        names = " and ".join(one.name for one in exporters)
        raise UsageError(f"the exporters {names} give their files the same names; report it to their authors")
    places = _Places(holdings, exporters, selection)
    writing = _Writing(target, overwrite=overwrite)
    items: list[DataItem] = []
    events: list[tuple[object, ...]] = []
    values: list[tuple[object, ...]] = []
    local_times, total = 0, holdings.count(selection)
    progress(0, total)
    for row in holdings.events(selection):
        recording = recording_of(holdings, row)
        item = _item(holdings, row, recording, places, writing)
        local_times += bool(item.paths) and recording.utc.utc is None
        items.append(item)
        events.append(event_row(recording, item.paths[0] if item.paths else ""))
        values += value_rows(recording)
        progress(min(len(items), total), total)
    names_of_tables: list[str] = []
    in_the_way: list[str] = []
    for name, columns, rows in (("events", EVENT_COLUMNS, events), ("values", VALUE_COLUMNS, values)):
        path, data = _table(first, name, columns, rows)
        try:
            writing.put(path, data)
            names_of_tables.append(path)
        except AlreadyExists:
            in_the_way.append(path)
    progress(total, total)
    return DataReport(
        target=str(target),
        data_format=exporter,
        tables=tuple(names_of_tables),
        tables_in_the_way=tuple(in_the_way),
        local_times=local_times if first.utc_only else 0,
        items=tuple(items),
    )


class _Places:
    """Where the files of each event go. No two events share a place, whatever is selected and in whatever order."""

    def __init__(self, holdings: Holdings, exporters: Sequence[RegisteredExporter], selection: Selection) -> None:
        self.exporters = tuple(exporters)
        self._named = {
            one.name: Placement(holdings, None, selection.serials, one.file_name)
            for one in exporters
            if one.names_files
        }

    def path(self, exporter: RegisteredExporter, row: EventRow, recording: Recording) -> str:
        """Relative to the target, with forward slashes."""
        event = recording.event
        # Made of checked parts alone: a serial, a time, a number.
        stem = f"{event.recorded_at:%Y%m%dT%H%M%S}_{recording.event_id}"
        placement = self._named.get(exporter.name)
        if placement is None:
            return f"{event.serial}/{stem}{exporter.extension}"
        # An event file without a name, or with one that no folder can have, leaves the name to us.
        place = placement.place(row)
        return place.path or f"{event.serial}/{exporter.file_name(f'{event.serial}_{stem}')}"


class _Writing:
    """Files below a folder, which is made when the first of them is there to be written."""

    def __init__(self, target: Path, *, overwrite: bool) -> None:
        self._target = target
        self._overwrite = overwrite

    def put(self, path: str, data: bytes) -> bool:
        """Write one file; False where it stands there already. Raises AlreadyExists, StorageFailed."""
        place = self._target / path
        try:
            self._target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self._target} cannot be a folder ({error.strerror}); name another one") from error
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{place.parent} cannot be written ({error.strerror}); check the disk") from error
        return write_file(place, data, overwrite=self._overwrite)


def _item(holdings: Holdings, row: EventRow, recording: Recording, places: _Places, writing: _Writing) -> DataItem:
    """Make all files of an event, then write them."""
    event_id = row.event_id
    try:
        made = [(places.path(one, row, recording), bytes_as(holdings, row, one, recording)) for one in places.exporters]
    except (NotInstalled, NotUsable, Busy):
        raise
    except SfmError as error:
        refused = isinstance(error, BadInput) and not isinstance(error, ExporterFailed)
        status = DataStatus.NO_DATA if refused else DataStatus.FAILED
        return DataItem(event_id=event_id, status=status, message=str(error))
    paths: list[str] = []
    written = False
    for path, data in made:
        paths.append(path)
        try:
            written = writing.put(path, data) or written
        except AlreadyExists as error:
            return DataItem(event_id=event_id, status=DataStatus.IN_THE_WAY, paths=tuple(paths), message=str(error))
    status = DataStatus.WRITTEN if written else DataStatus.UNCHANGED
    return DataItem(event_id=event_id, status=status, paths=tuple(paths))


def _table(
    exporter: RegisteredExporter, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[str, bytes]:
    """A table's file: in the exporter's own format where it has tables, else as CSV."""
    if exporter.writes_tables:
        return f"{name}{exporter.extension}", exporter.export_table(columns, rows)
    return f"{name}.csv", csv_bytes(columns, rows)
