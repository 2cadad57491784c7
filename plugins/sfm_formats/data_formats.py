"""The formats of analysts as exporters: CSV, Parquet, HDF5, miniSEED, StationXML, and Blastware's ASCII text.

What they write is made in `sfm_archive.tables`, where `archive.stream()` has it from too. Each is imported when it
is used: loading this plug-in costs nobody the time of loading numpy, and whoever lacks a package misses one format.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.plugins.api import (
    Event,
    Reading,
    ascii_report_name,
    decoded_recording,
    hookimpl,
    is_own_text,
    looks_like_report,
)

if TYPE_CHECKING:
    from sfm_archive.plugins.api import Recording

SFM_HOOK_API = 1


class _OfRecordings(ABC):
    """An exporter that writes the decoded event. One that gets its file alone decodes that."""

    def export(self, event: Event, file: bytes | None, values: Sequence[Reading]) -> bytes:
        """The bytes. Raises BadInput, with the reason, for an event that the format cannot hold."""
        return self.export_recording(decoded_recording(event, file, values))

    @abstractmethod
    def export_recording(self, recording: Recording) -> bytes:
        """The same, of a recording."""


class Csv(_OfRecordings):
    """A tidy table."""

    name = "csv"
    extension = ".csv"
    description = "samples over time or intervals as CSV, units in the header; needs numpy"

    def export_recording(self, recording: Recording) -> bytes:
        """A header and a row for each sample or interval."""
        from sfm_archive.tables.tables import data_csv

        return data_csv(recording)


class Parquet(_OfRecordings):
    """The same table as Parquet."""

    name = "parquet"
    extension = ".parquet"
    description = "samples over time or intervals as Parquet, units in the fields' metadata; needs pyarrow"

    def export_recording(self, recording: Recording) -> bytes:
        """The table of one event, its own words in the metadata."""
        from sfm_archive.tables.parquet import data_parquet

        return data_parquet(recording)

    def export_table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        """A table of all events."""
        from sfm_archive.tables.parquet import table_parquet

        return table_parquet(titles, rows)


class Hdf5(_OfRecordings):
    """Datasets with attributes."""

    name = "hdf5"
    extension = ".h5"
    description = "samples or intervals, values and provenance as HDF5 with attributes; needs h5py"

    def export_recording(self, recording: Recording) -> bytes:
        """One file for one event."""
        from sfm_archive.tables.hdf5 import data_hdf5

        return data_hdf5(recording)


class MiniSeed(_OfRecordings):
    """Counts; what they mean stands in the StationXML."""

    name = "miniseed"
    extension = ".mseed"
    description = "the unit's counts of a waveform as miniSEED; needs ObsPy"
    beside = ("stationxml",)
    utc_only = True

    def export_recording(self, recording: Recording) -> bytes:
        """One record for each channel and block."""
        from sfm_archive.tables.streams import miniseed

        return miniseed(recording)


class StationXml(_OfRecordings):
    """What a count is in m/s or Pa."""

    name = "stationxml"
    extension = ".xml"
    description = "scale, channels and provenance of a waveform's miniSEED as StationXML; needs ObsPy"
    utc_only = True

    def export_recording(self, recording: Recording) -> bytes:
        """One inventory for one event."""
        from sfm_archive.tables.streams import station_xml

        return station_xml(recording)


class AsciiText(_OfRecordings):
    """The text beside an event file."""

    name = "txt"
    extension = ".TXT"
    description = "Blastware's ASCII text: as received, else made of what was decoded; needs numpy"

    def recognise(self, data: bytes) -> bool:
        """Whether a received report is such a text; THOR's CSV is none, and what was made here can be made again."""
        return looks_like_report(data) and not is_own_text(data)

    def file_name(self, event_file: str) -> str:
        """The name by which call-home pairs the two."""
        return ascii_report_name(event_file)

    def export_recording(self, recording: Recording) -> bytes:
        """Header, and the rows of samples or intervals."""
        from sfm_archive.tables.ascii_text import event_text

        return event_text(recording)


@hookimpl
def sfm_exporters() -> list[_OfRecordings]:
    """This package's exporters."""
    return [Csv(), Parquet(), Hdf5(), MiniSeed(), StationXml(), AsciiText()]
