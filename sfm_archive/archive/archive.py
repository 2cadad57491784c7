"""`Archive`: the public face. Everything of `Holdings`, and the whole operations over an archive as methods."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sfm_archive.archive.holdings import Holdings, current_actor
from sfm_archive.base.extras import optional_packages
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.version import TOOL
from sfm_archive.base.waiting import DEFAULT_WAIT_S, OnWait
from sfm_archive.base.waiting import silent as waiting_silently
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.model.selection import select
from sfm_archive.plugins.loading import Plugins
from sfm_archive.storage import archive_row, history
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.store import create_file, open_file

if TYPE_CHECKING:
    from sfm_archive.analysing import AnalysisReport
    from sfm_archive.exporting import ExportOptions, ExportReport, Handover, WrittenEvent
    from sfm_archive.importing import ImportOptions, ImportReport
    from sfm_archive.maintaining import CompactReport, CopyReport
    from sfm_archive.verifying import VerifyOptions, VerifyReport

DEFAULT_ENCODER = "blastware@2"
"""Pinned by a new archive where none is named."""


class Archive(Holdings):
    """One archive file: save, find, read and encode events; import, export and verify."""

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        encoder: str = DEFAULT_ENCODER,
        actor: str | None = None,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = waiting_silently,
    ) -> Self:
        """Make a new archive and open it for writing; `wait_s` and `on_wait` as for `open`.

        Raises AlreadyExists when something stands at the path, StorageFailed when it cannot be written,
        EncoderNotFound when the encoder to pin is not installed.
        """
        plugins = Plugins()
        pinned = plugins.registry.encoder(parse_encoder_name(encoder)).name
        target = Path(path)
        who = current_actor(actor)
        now = utc_now()
        row = archive_row.ArchiveRow(uuid.uuid4().hex, now, TOOL, str(pinned))

        def fill(connection: Any) -> None:
            archive_row.insert(connection, row)
            history.append(
                connection,
                at_utc=now,
                actor=who,
                tool=TOOL,
                action="create",
                event_id=0,
                detail={"archive_id": row.archive_id, "pinned_encoder": row.pinned_encoder},
            )

        create_file(target, fill)
        return cls(open_file(target, read_only=False, wait_s=wait_s, on_wait=on_wait), plugins, who)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        actor: str | None = None,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = waiting_silently,
    ) -> Self:
        """Open an archive.

        Every step that finds another program at work waits for at most `wait_s` seconds and then raises Busy; `on_wait`
        is called once for each wait that takes longer than half a second. Raises ArchiveNotFound, NotAnArchive,
        NewerArchive, Damaged, Busy, StorageFailed.
        """
        return cls(open_file(Path(path), read_only=read_only, wait_s=wait_s, on_wait=on_wait), actor=actor)

    # The services below are imported when first called: reading an archive does not pay for them.

    def import_from(
        self,
        *sources: str | os.PathLike[str],
        options: ImportOptions | None = None,
        progress: Progress = silent,
    ) -> ImportReport:
        """Import files and folders; see `sfm_archive.importing.import_sources`."""
        from sfm_archive.importing import import_sources

        return import_sources(self, [Path(source) for source in sources], options, progress)

    def export(
        self,
        target: str | os.PathLike[str],
        *,
        options: ExportOptions | None = None,
        progress: Progress = silent,
        **filters: Any,
    ) -> ExportReport:
        """Materialise `<serial>/<name>` below `target` for all events, or for those that the filters of
        `sfm_archive.model.selection.select` choose; see `sfm_archive.exporting.export_events`."""
        from sfm_archive.exporting import ExportOptions, export_events

        chosen = ExportOptions() if options is None else options
        return export_events(self, Path(target), select(**filters), chosen, progress)

    def export_like(
        self,
        number: int,
        target: str | os.PathLike[str],
        *,
        options: ExportOptions | None = None,
        progress: Progress = silent,
    ) -> ExportReport:
        """Make the folder of hand-over `number` again and prove it; see `sfm_archive.exporting.export_like`."""
        from sfm_archive.exporting import ExportOptions, export_like

        chosen = ExportOptions() if options is None else options
        return export_like(self, Path(target), number, chosen, progress)

    def handovers(self) -> list[Handover]:
        """The records of folders that were handed over, oldest first."""
        from sfm_archive.exporting import list_handovers

        return list_handovers(self)

    def write_as(self, event_id: int, exporter: str, folder: str | os.PathLike[str] | None = None) -> WrittenEvent:
        """One event in the format of an exporter; see `sfm_archive.exporting.write_as`."""
        from sfm_archive.exporting import write_as

        return write_as(self, event_id, exporter, None if folder is None else Path(folder))

    def analyse(self, *, progress: Progress = silent, **filters: Any) -> AnalysisReport:
        """Decode events and keep their numbers beside the reported ones; see `sfm_archive.analysing.analyse`.

        Needs the extra `waveforms`.
        """
        with optional_packages("archive.analyse", "waveforms"):
            from sfm_archive.analysing import analyse

        return analyse(self, select(**filters), progress)

    def stream(self, event: int | str) -> Any:
        """The ObsPy Stream of a waveform event, by id or file name; see `sfm_archive.tables.streams`.

        Needs the extra `obspy`. Raises EventNotFound, UsageError for an event without samples.
        """
        with optional_packages("archive.stream", "obspy"):
            from sfm_archive.tables.streams import recording_stream
        from sfm_archive.analysing import recording_of

        return recording_stream(recording_of(self, self.find(str(event))))

    def frame(self, **filters: Any) -> Any:
        """A pandas DataFrame of events, one row each, with the values that count; see `sfm_archive.tables.frames`.

        `filters` as for `events`. Needs the extra `formats`.
        """
        with optional_packages("archive.frame", "formats"):
            from sfm_archive.tables.frames import event_frame

        return event_frame(self, select(**filters))

    def verify(self, progress: Progress = silent, options: VerifyOptions | None = None) -> VerifyReport:
        """Check every stored hash and every recorded encoding; see `sfm_archive.verifying.verify`."""
        from sfm_archive.verifying import VerifyOptions, verify

        return verify(self, progress, VerifyOptions() if options is None else options)

    def backup(self, target: str | os.PathLike[str], *, progress: Progress = silent) -> CopyReport:
        """Copy the archive while others write, and prove the copy; see `sfm_archive.maintaining.backup`."""
        from sfm_archive.maintaining import backup

        return backup(self, Path(target), progress=progress)

    def seal(self, target: str | os.PathLike[str], *, progress: Progress = silent) -> CopyReport:
        """A compacted, read-only copy with its verification sheet; see `sfm_archive.maintaining.seal`."""
        from sfm_archive.maintaining import seal

        return seal(self, Path(target), progress)

    def compact(self, progress: Progress = silent) -> CompactReport:
        """Write the file anew without free pages; see `sfm_archive.maintaining.compact`."""
        from sfm_archive.maintaining import compact

        return compact(self, progress)
