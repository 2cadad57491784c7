"""The exporters that ship with sfm-archive: the event file itself, and the values that count as CSV."""

from __future__ import annotations

from sfm_archive.plugins.api import BadInput, ExportedEvent, Exporter, hookimpl

SFM_HOOK_API = 1

COLUMNS = ("serial", "recorded_at_local", "quantity", "channel", "number", "unit", "state", "text", "source")


class BlastwareFile(Exporter):
    """The bytes that `sfm export` writes."""

    name = "blastware"
    extension = ""
    description = "the event file itself, as Blastware opens it"

    def file_name(self, event_file: str) -> str:
        """Its own name: Blastware knows a file by it."""
        return event_file

    def export(self, exported: ExportedEvent) -> bytes:
        """The file. Raises BadInput for an event that has none."""
        event, file = exported.event, exported.file
        if file is None:
            raise BadInput(f"{event.serial} {event.recorded_at}: no event file was received, and none can be made")
        return file


class ValuesTable(Exporter):
    """One line for each value, with its unit, its state and where it comes from."""

    name = "ascii-values"
    extension = ".csv"
    description = "the values that count, as CSV in UTF-8: one line each, with unit, state and source"
    heeds_csv_form = True

    def export(self, exported: ExportedEvent) -> bytes:
        """A header line and the values. A number is written so that reading it gives the same number again."""
        start = (exported.event.serial, exported.event.recorded_at.isoformat())
        rows = [
            (*start, one.quantity, one.channel, one.number, one.unit, one.state, one.text, one.source)
            for one in exported.values
        ]
        return exported.csv_form.encoded([COLUMNS, *rows], beginning=True)


@hookimpl
def sfm_exporters() -> list[Exporter]:
    """This package's exporters."""
    return [BlastwareFile(), ValuesTable()]
