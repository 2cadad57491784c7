"""The formats of analysts as exporters: CSV, Parquet, HDF5, miniSEED, StationXML, and Blastware's ASCII text.

What they write is made in `sfm_archive.tables`, where `archive.stream()` has it from too. Each is imported when it
is used: loading this plug-in costs nobody the time of loading numpy, and whoever lacks a package misses one format.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.plugins.api import ExportedEvent, Exporter, ascii_report_name, hookimpl, is_own_text, looks_like_report

SFM_HOOK_API = 1


class Csv(Exporter):
    """A tidy table."""

    name = "csv"
    extension = ".csv"
    description = "samples over time or intervals as CSV, units in the header; needs numpy"
    heeds_csv_form = True

    def export(self, exported: ExportedEvent) -> bytes:
        """A header and a row for each sample or interval."""
        from sfm_archive.tables.tables import data_csv

        return data_csv(exported.recording(), exported.csv_form)


class Parquet(Exporter):
    """The same table as Parquet."""

    name = "parquet"
    extension = ".parquet"
    description = "samples over time or intervals as Parquet, units in the fields' metadata; needs pyarrow"

    def export(self, exported: ExportedEvent) -> bytes:
        """The table of one event, its own words in the metadata."""
        from sfm_archive.tables.parquet import data_parquet

        return data_parquet(exported.recording())

    def export_table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        """A table of all events."""
        from sfm_archive.tables.parquet import table_parquet

        return table_parquet(titles, rows)


class Hdf5(Exporter):
    """Datasets with attributes."""

    name = "hdf5"
    extension = ".h5"
    description = "samples or intervals, values and provenance as HDF5 with attributes; needs h5py"

    def export(self, exported: ExportedEvent) -> bytes:
        """One file for one event."""
        from sfm_archive.tables.hdf5 import data_hdf5

        return data_hdf5(exported.recording())


class MiniSeed(Exporter):
    """Counts; what they mean stands in the StationXML."""

    name = "miniseed"
    extension = ".mseed"
    description = "the unit's counts of a waveform as miniSEED; needs ObsPy"
    beside = ("stationxml",)
    utc_only = True

    def export(self, exported: ExportedEvent) -> bytes:
        """One record for each channel and block."""
        from sfm_archive.tables.streams import miniseed

        return miniseed(exported.recording())


class StationXml(Exporter):
    """What a count is in m/s or Pa."""

    name = "stationxml"
    extension = ".xml"
    description = "scale, channels and provenance of a waveform's miniSEED as StationXML; needs ObsPy"
    utc_only = True

    def export(self, exported: ExportedEvent) -> bytes:
        """One inventory for one event."""
        from sfm_archive.tables.streams import station_xml

        return station_xml(exported.recording())


class AsciiText(Exporter):
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

    def export(self, exported: ExportedEvent) -> bytes:
        """Header, and the rows of samples or intervals."""
        from sfm_archive.tables.ascii_text import event_text

        return event_text(exported.recording())


@hookimpl
def sfm_exporters() -> list[Exporter]:
    """This package's exporters."""
    return [Csv(), Parquet(), Hdf5(), MiniSeed(), StationXml(), AsciiText()]
