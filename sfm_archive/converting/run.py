"""Export of data: a folder of one file for each event, and tables of all events and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sfm_archive.analysing import Recording, recording_of
from sfm_archive.converting.ascii_text import text_name, waveform_text
from sfm_archive.converting.tables import EVENT_COLUMNS, VALUE_COLUMNS, csv_bytes, data_csv, event_row, value_rows
from sfm_archive.errors import AlreadyExists, SfmError, StorageFailed
from sfm_archive.extras import optional_packages
from sfm_archive.formats.dialects import Dialect, dialect_of
from sfm_archive.holdings import Holdings
from sfm_archive.progress import Progress, silent
from sfm_archive.results import FileKind
from sfm_archive.selection import EVERYTHING, Selection
from sfm_archive.writing import write_file


class DataFormat(StrEnum):
    """What data are written as."""

    CSV = "csv"
    PARQUET = "parquet"
    HDF5 = "hdf5"
    MINISEED = "miniseed"
    TXT = "txt"


class DataStatus(StrEnum):
    """What became of an event."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    IN_THE_WAY = "different file in the way"
    NO_DATA = "no data"


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
    `local_times`: events whose times are device-local in a format that knows UTC only.
    """

    target: str
    data_format: DataFormat
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

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "target": self.target,
            "format": self.data_format.value,
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


Writer = Callable[[Recording], bytes]
Tables = Callable[[Sequence[str], Sequence[Sequence[object]]], bytes]


def export_data(
    holdings: Holdings,
    target: Path,
    data_format: DataFormat,
    selection: Selection = EVERYTHING,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> DataReport:
    """Write the selected events below `target`: `<serial>/<recorded>_<id>.<ending>`, and tables `events` and `values`.

    As txt the files are named as Blastware pairs them, and a received report is written as it came.
    Every event has a row in `events`, also one without data. No file that is different is replaced unless `overwrite`.
    Raises UsageError where a format's packages are missing, and StorageFailed.
    """
    writers, tables, ending = _of_format(data_format)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{target} cannot be a folder ({error.strerror}); name another one") from error
    items: list[DataItem] = []
    events: list[tuple[object, ...]] = []
    values: list[tuple[object, ...]] = []
    taken: set[str] = set()
    local_times, total = 0, holdings.count(selection)
    progress(0, total)
    for row in holdings.events(selection):
        recording = recording_of(holdings, row)
        if data_format is DataFormat.TXT:
            item = _written_text(holdings, recording, target, taken, overwrite=overwrite)
        else:
            samples_only = data_format is DataFormat.MINISEED
            item = _written(recording, target, writers, overwrite=overwrite, samples_only=samples_only)
        local_times += bool(item.paths) and recording.utc.utc is None
        items.append(item)
        events.append(event_row(recording, item.paths[0] if item.paths else ""))
        values += value_rows(recording)
        progress(min(len(items), total), total)
    names: list[str] = []
    in_the_way: list[str] = []
    for name, columns, rows in (("events", EVENT_COLUMNS, events), ("values", VALUE_COLUMNS, values)):
        path = target / f"{name}.{ending}"
        try:
            write_file(path, tables(columns, rows), overwrite=overwrite)
            names.append(path.name)
        except AlreadyExists:
            in_the_way.append(path.name)
    progress(total, total)
    return DataReport(
        target=str(target),
        data_format=data_format,
        tables=tuple(names),
        tables_in_the_way=tuple(in_the_way),
        local_times=local_times if data_format is DataFormat.MINISEED else 0,
        items=tuple(items),
    )


def _of_format(data_format: DataFormat) -> tuple[dict[str, Writer], Tables, str]:
    """A writer for each ending of an event's files, the one of the tables, and the tables' ending."""
    with optional_packages(f"export as {data_format}"):
        if data_format is DataFormat.PARQUET:
            from sfm_archive.converting.columnar import data_parquet, table_parquet

            return {"parquet": data_parquet}, table_parquet, "parquet"
        if data_format is DataFormat.HDF5:
            from sfm_archive.converting.columnar import data_hdf5

            return {"h5": data_hdf5}, csv_bytes, "csv"
        if data_format is DataFormat.MINISEED:
            from sfm_archive.converting.streams import miniseed, station_xml

            return {"mseed": miniseed, "xml": station_xml}, csv_bytes, "csv"
        if data_format is DataFormat.TXT:
            return {}, csv_bytes, "csv"
    return {"csv": data_csv}, csv_bytes, "csv"


def _written_text(
    holdings: Holdings, recording: Recording, target: Path, taken: set[str], *, overwrite: bool
) -> DataItem:
    """The newest text received of Blastware as it is; else a text made of the samples. `taken`: paths of this run."""
    event_id = recording.event_id
    try:
        received = _received_text(holdings, event_id)
        if received is not None:
            data = received
        elif recording.traces is None:
            reason = recording.why_not or "a histogram has no samples; its intervals are in csv"
            return DataItem(event_id=event_id, status=DataStatus.NO_DATA, message=reason)
        else:
            data = waveform_text(recording)
    except SfmError as error:
        return DataItem(event_id=event_id, status=DataStatus.NO_DATA, message=str(error))
    path = f"{recording.event.serial}/{text_name(recording)}"
    if path in taken:
        # Two events of one name, such as in the repeated hour: the name must stay, for it pairs.
        path = f"{recording.event.serial}/{event_id}/{text_name(recording)}"
    taken.add(path)
    place = target / path
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        written = write_file(place, data, overwrite=overwrite)
    except AlreadyExists as error:
        return DataItem(event_id=event_id, status=DataStatus.IN_THE_WAY, paths=(path,), message=str(error))
    except OSError as error:
        raise StorageFailed(f"{place.parent} cannot be written ({error.strerror}); check the disk") from error
    status = DataStatus.WRITTEN if written else DataStatus.UNCHANGED
    return DataItem(event_id=event_id, status=status, paths=(path,))


def _received_text(holdings: Holdings, event_id: int) -> bytes | None:
    """The newest report that came; never one in THOR's dialect, which would be no Blastware text under its name."""
    received = [file for file in holdings.files(event_id) if file.kind == FileKind.REPORT.value]
    for file in sorted(received, key=lambda file: file.file_id, reverse=True):
        data = holdings.file_bytes(file, event_id)
        if dialect_of(data) is not Dialect.THOR:
            return data
    return None


def _written(
    recording: Recording, target: Path, writers: dict[str, Writer], *, overwrite: bool, samples_only: bool
) -> DataItem:
    event_id = recording.event_id
    if recording.traces is None and (samples_only or recording.histogram is None):
        reason = recording.why_not or "a histogram has no samples; its peaks are in the values, its intervals in csv"
        return DataItem(event_id=event_id, status=DataStatus.NO_DATA, message=reason)
    # Made of checked parts alone: a serial, a time, a number.
    folder = target / recording.event.serial
    stem = f"{recording.event.recorded_at:%Y%m%dT%H%M%S}_{event_id}"
    paths: list[str] = []
    written = False
    try:
        folder.mkdir(exist_ok=True)
        for ending, write in writers.items():
            path = folder / f"{stem}.{ending}"
            paths.append(f"{folder.name}/{path.name}")
            written = write_file(path, write(recording), overwrite=overwrite) or written
    except AlreadyExists as error:
        return DataItem(event_id=event_id, status=DataStatus.IN_THE_WAY, paths=tuple(paths), message=str(error))
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be written ({error.strerror}); check the disk") from error
    status = DataStatus.WRITTEN if written else DataStatus.UNCHANGED
    return DataItem(event_id=event_id, status=status, paths=tuple(paths))
