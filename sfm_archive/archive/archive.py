"""`Archive`: one open archive, as programs, plug-ins' commands, services and the command line see it.

The methods are thin: the work is done by the modules beside this one, and whole operations by the services.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sfm_archive.archive import deriving, finding, listing, looking_back, noticed, reading, reviewing, settings
from sfm_archive.archive.listing import ListedEvent, ReviewedEvent
from sfm_archive.archive.looking_back import AsOf
from sfm_archive.base.checked_arguments import checked_calls
from sfm_archive.base.extras import optional_packages
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.waiting import DEFAULT_WAIT_S, OnWait
from sfm_archive.base.waiting import silent as waiting_silently
from sfm_archive.model.decode_settings import DEFAULT_DECODER
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.events import event_from_object
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading
from sfm_archive.model.received import ReceivedFile
from sfm_archive.model.selection import EVERYTHING, Selection, select
from sfm_archive.storage import encodings, events, files, frames, same_events
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.frames import FramesRow
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.store import Store, open_file

if TYPE_CHECKING:
    from sfm_archive.analysing import AnalyseOptions, AnalysisReport
    from sfm_archive.archive.deriving import RebuildReport
    from sfm_archive.archive.describing import EventDescription
    from sfm_archive.archive.results import ArchiveInfo, EventFile, Saved
    from sfm_archive.exporting import ExportOptions, ExportReport, Handover, WholeHandover, WrittenEvent
    from sfm_archive.importing import ImportOptions, ImportReport, WaitingFile
    from sfm_archive.maintaining import CompactReport, CopyReport
    from sfm_archive.maintaining.reencoding import ReencodeOptions, ReencodeReport
    from sfm_archive.plugins.loading import Plugins
    from sfm_archive.plugins.registry import PluginRegistry
    from sfm_archive.verifying import VerifyOptions, VerifyReport

Place = str | os.PathLike[str]
"""A file or folder, as text or as a path."""


@checked_calls
class Archive:
    """One archive file. Each thread that uses it gets a connection of its own."""

    def __init__(self, store: Store, plugins: Plugins | None = None, actor: str | None = None) -> None:
        self._store = store
        self._plugins = plugins
        self._actor = settings.current_actor(actor)

    @classmethod
    def create(
        cls,
        path: Place,
        *,
        encoder: str = settings.DEFAULT_ENCODER,
        decoder: str = DEFAULT_DECODER,
        actor: str | None = None,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = waiting_silently,
    ) -> Self:
        """Make a new archive and open it for writing; `wait_s` and `on_wait` as for `open`. Raises AlreadyExists,
        StorageFailed, and NotFound when the encoder or decoder to pin is not installed."""
        plugins, target, who = settings.installed_plugins(), Path(path), settings.current_actor(actor)
        pins = plugins.registry.encoder(encoder).name, plugins.registry.decoder(decoder).name
        settings.create_archive(target, *pins, who)
        return cls(open_file(target, read_only=False, wait_s=wait_s, on_wait=on_wait), plugins, who)

    @classmethod
    def open(
        cls,
        path: Place,
        *,
        read_only: bool = False,
        as_of: int | str | date | None = None,
        actor: str | None = None,
        wait_s: float = DEFAULT_WAIT_S,
        on_wait: OnWait = waiting_silently,
        progress: Progress = silent,
    ) -> Self:
        """Open an archive. Every step that finds another program at work waits for at most `wait_s` seconds and then
        raises Busy; `on_wait` is called once for each wait that takes longer than half a second. `as_of`: the number or
        hash of a change, or a day in UTC; it is read as it was behind that. Raises ArchiveNotFound, NotAnArchive,
        NewerArchive, Damaged, Busy, StorageFailed, and NotFound for a change that is not there."""
        as_of = None if as_of is None else str(as_of)
        store = open_file(Path(path), read_only=read_only, as_of=as_of, wait_s=wait_s, on_wait=on_wait)
        return looking_back.made_ready(cls(store, actor=actor), progress)

    @property
    def path(self) -> Path:
        """Where the archive lies."""
        return self._store.path

    @property
    def read_only(self) -> bool:
        """Whether it was opened so."""
        return self._store.read_only

    @property
    def as_of(self) -> AsOf | None:
        """The change behind which it is looked at, None for all of it."""
        return looking_back.as_of(self._store)

    @property
    def actor(self) -> str:
        """Who makes the changes, as the history will say."""
        return self._actor

    @property
    def store(self) -> Store:
        """The open file, for services that check or copy it."""
        return self._store

    @property
    def plugins(self) -> PluginRegistry:
        """What is installed."""
        self._plugins = self._plugins or settings.installed_plugins()
        return self._plugins.registry

    def close(self) -> None:
        """Close it; the last writer leaves exactly one file behind."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def info(self) -> ArchiveInfo:
        """The archive in numbers."""
        return reading.read_info(self._store)

    @property
    def pinned_encoder(self) -> EncoderName:
        """The encoder used where none is named."""
        return parse_encoder_name(reading.pins(self._store).pinned_encoder)

    @property
    def pinned_decoder(self) -> EncoderName:
        """The decoder that computes numbers of samples."""
        return parse_encoder_name(reading.pins(self._store).pinned_decoder)

    def events(self, selection: Selection = EVERYTHING, **filters: Any) -> Iterator[EventRow]:
        """Events of a selection, or of the filters of `select` (`serial="BE11529", since="2026-05"`)."""
        with deriving.derived(self._store) as connection:
            yield from events.select(connection, _chosen(selection, filters))

    def count(self, selection: Selection = EVERYTHING, *, up_to: int | None = None, **filters: Any) -> int:
        """How many events a selection has; where it has more than `up_to`, only one more than that."""
        with deriving.derived(self._store) as connection:
            return events.count(connection, _chosen(selection, filters), up_to)

    def unknown_peaks(self, selection: Selection = EVERYTHING, **filters: Any) -> int:
        """Of how many events of a selection no peak is known."""
        with deriving.derived(self._store) as connection:
            return events.count_unknown_peaks(connection, _chosen(selection, filters))

    def listing(self, selection: Selection = EVERYTHING, **filters: Any) -> Iterator[ListedEvent]:
        """Events as `sfm list` shows them: with name, greatest peak, state of the encoding and review."""
        return listing.list_events(self, _chosen(selection, filters))

    def describe(self, event: int | str) -> EventDescription:
        """Everything about one event, by id or file name, as `sfm show` prints it. Raises as `find`."""
        from sfm_archive.archive import describing

        return describing.describe_event(self, event)

    def event(self, event_id: int) -> EventRow:
        """One event. Raises EventNotFound."""
        return finding.read_event(self._store, event_id)

    def find(self, text: str) -> EventRow:
        """The event meant by an id or by an event file's name, received or computed, whatever its case. Raises
        EventNotFound, or UsageError with the ids where several events share the name."""
        return finding.find_event(self._store, text)

    def time_zones(self) -> dict[str, str]:
        """Time zones that people stated for units' clocks, by serial."""
        return reading.time_zones(self._store)

    def frames(self, event_id: int, revision: int | None = None) -> tuple[A5Frame, ...]:
        """Frames of the current revision, or of the one named. Raises EventNotFound, Damaged."""
        return reading.read_frames(self._store, event_id, revision)

    def frames_of(self, event_ids: Iterable[int]) -> Iterator[tuple[int, tuple[A5Frame, ...]]]:
        """Many events with their frames, a few read at a time; no frames where there are none. Raises as `frames`."""
        return reading.frames_of(self._store, event_ids)

    def revisions(self, event_id: int) -> list[FramesRow]:
        """All revisions of an event's frames, oldest first, without their bytes."""
        return self._read(frames.revisions, event_id)

    def files(self, event_id: int) -> list[FileRow]:
        """Files received of an event, in the order of receipt."""
        return self._read(files.of_event, event_id)

    def file_bytes(self, file: FileRow, event_id: int | None = None) -> bytes:
        """A received file, byte for byte; its hash is checked. Raises Damaged, NotReproduced."""
        return b"".join(self.file_pieces(file, event_id))

    def file_pieces(self, file: FileRow, event_id: int | None = None) -> Iterator[bytes]:
        """The same in pieces, in bounded memory; the hash is checked behind the last one."""
        return reading.read_file_pieces(self, file, event_id)

    def values(self, event_id: int) -> list[Reading]:
        """The values that count for an event."""
        return reading.current_values(self._store, event_id)

    def reviews(self, selection: Selection = EVERYTHING, **filters: Any) -> list[ReviewedEvent]:
        """What people decided about the events of a selection; events that nobody reviewed are left out."""
        return listing.list_reviews(self, _chosen(selection, filters))

    def findings(self, event_id: int) -> list[Finding]:
        """What was noticed about an event when it was received, but for what a decision (`sfm join`) answers."""
        return self._read(noticed.findings_that_hold, event_id)

    def encodings(self, event_id: int) -> list[EncodingRow]:
        """What each encoder made of each revision."""
        return self._read(encodings.of_event, event_id)

    def history(self, event_id: int | None = None, limit: int | None = None) -> list[HistoryRow]:
        """Every change, oldest first; of one event where asked, and only the newest ones with a limit."""
        return reading.read_history(self._store, event_id, limit)

    def broken_history(self) -> str | None:
        """The first row of the history that does not follow from the one before it, and why; None if all do."""
        return reading.broken_history(self._store)

    def history_head(self) -> tuple[int, str]:
        """Number and hash of the newest change; noted elsewhere, it proves later that nothing before it was altered."""
        return reading.history_head(self._store)

    def _read(self, query: Callable[[Any, int], list[Any]], event_id: int) -> list[Any]:
        with self._store.reading() as connection:
            return query(connection, *same_events.counting(connection, [event_id]))

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many saves in one durable transaction. Each save inside is still all or nothing by itself."""
        with self._store.transaction():
            yield

    def save(
        self,
        event: Any,
        frames: Iterable[Any] | None = None,
        *,
        serial: str | None = None,
        names: Sequence[str] = (),
        files: Sequence[ReceivedFile] = (),
        readings: Sequence[ReadingSet] = (),
        findings: Sequence[Finding] = (),
        time_zone: str = "unknown",
    ) -> Saved:
        """Save one event with everything received of it, in one transaction.

        `event`: an Event, or any object with the older library's attribute names. `frames`: A5Frames, or objects or
        dicts with their six fields; None for an event known only by its files. The same event with the same content
        changes nothing; with other frames it gets a new revision. Raises BadSerial, BadFrames, UsageError, Busy,
        ReadOnlyArchive, StorageFailed; nothing is saved then.
        """
        from sfm_archive.archive import encoding

        parts = {"names": tuple(names), "files": tuple(files), "readings": tuple(readings), "findings": tuple(findings)}
        return encoding.save(self, event_from_object(event, serial), frames, time_zone=time_zone, **parts)

    def attach(
        self,
        event_id: int,
        received: Sequence[ReceivedFile],
        readings: Sequence[ReadingSet] = (),
        findings: Sequence[Finding] = (),
    ) -> bool:
        """Join files, their values and what was noticed to an event; False when all of it was there already."""
        from sfm_archive.archive import saving

        return saving.attach(self, event_id, received, readings, findings)

    def encode(self, event_id: int, encoder: str | EncoderName | None = None, revision: int | None = None) -> EventFile:
        """The event file that an encoder makes, the pinned one where none is named, checked against what it made before
        and recorded the first time. Raises EventNotFound, EncoderNotFound, EncodeRefused, and NotReproduced when the
        bytes are not those recorded."""
        from sfm_archive.archive import encoding

        return encoding.encode_event(self, event_id, encoder, revision)

    def rebuild(self, progress: Progress = silent, *, dry_run: bool = False) -> RebuildReport:
        """Make anew what lists and filters read, in one transaction. Raises ReadOnlyArchive, Busy, StorageFailed."""
        return deriving.rebuild(self, progress, dry_run=dry_run)

    def pin_encoder(self, encoder: str | EncoderName) -> None:
        """Use another encoder from now on. Raises EncoderNotFound: an archive must not pin what is not installed."""
        settings.pin_encoder(self, encoder, self._actor)

    def state_time_zone(self, serial: str, time_zone: str) -> bool:
        """Say which zone a unit's clock shows (IANA name, or 'unknown'), for its events that came without one of their
        own; False when that was stated already. Raises BadSerial, UsageError."""
        return settings.state_time_zone(self._store, serial, time_zone, self._actor)

    def review(self, event_id: int, *, false_trigger: bool, notes: str, reviewer: str = "") -> bool:
        """Record what a person decided about an event; False where that is what counts already. A later one counts
        before it. `notes`: why; `reviewer`: the actor where none is named. Raises EventNotFound, UsageError."""
        decision = reviewing.Decision(false_trigger, reviewer or self._actor, notes)
        return reviewing.keep_decision(self._store, event_id, decision, self._actor)

    # Services, imported when first called: reading does not pay for them. Those of many events take the same filters.

    def import_from(
        self, *sources: Place, options: ImportOptions | None = None, progress: Progress = silent
    ) -> ImportReport:
        """Import files and folders; every file found is accounted for. Raises NotFound, UsageError, Busy."""
        from sfm_archive.importing import import_sources

        return import_sources(self, [Path(source) for source in sources], options, progress)

    def waiting(self) -> list[WaitingFile]:
        """Received files whose event is not here yet, with the reason as it is now, in the order of receipt."""
        from sfm_archive.importing import list_waiting

        return list_waiting(self)

    def export(
        self,
        target: Place,
        selection: Selection = EVERYTHING,
        *,
        like: int | None = None,
        options: ExportOptions | None = None,
        progress: Progress = silent,
        **filters: Any,
    ) -> ExportReport:
        """Write events' files below `target` as `<serial>/<name>`; with `like` the folder of that hand-over again, and
        prove it. Raises EncoderNotFound, NotFound, StorageFailed; see `sfm_archive.exporting`."""
        from sfm_archive.exporting import ExportOptions, export_events, export_like

        chosen = ExportOptions() if options is None else options
        if like is not None:
            return export_like(self, Path(target), like, chosen, progress)
        return export_events(self, Path(target), _chosen(selection, filters), chosen, progress)

    def handovers(self) -> list[Handover]:
        """The records of what was handed over, oldest first; `find_handovers` chooses among them."""
        from sfm_archive.exporting import list_handovers

        return list_handovers(self)

    def handover(self, number: int) -> WholeHandover:
        """One of these records, with each of its files. Raises NotFound, Damaged."""
        from sfm_archive.exporting import whole_handover

        return whole_handover(self, number)

    def write_as(self, event_id: int, exporter: str, folder: Place | None = None) -> WrittenEvent:
        """One event in the format of an exporter, in `folder` too where one is given; nothing is replaced. Raises
        NotFound, BadInput, NotInstalled, AlreadyExists, StorageFailed."""
        from sfm_archive.exporting import write_as

        return write_as(self, event_id, exporter, None if folder is None else Path(folder))

    def analyse(
        self,
        selection: Selection = EVERYTHING,
        *,
        options: AnalyseOptions | None = None,
        progress: Progress = silent,
        **filters: Any,
    ) -> AnalysisReport:
        """Hold documents against what the samples give; missing numbers are computed. See `sfm analyse`."""
        with optional_packages("archive.analyse", "waveforms"):
            from sfm_archive.analysing import AnalyseOptions, analyse

        return analyse(self, _chosen(selection, filters), progress, options or AnalyseOptions())

    def stream(self, event: int | str) -> Any:
        """The ObsPy Stream of a waveform event, by id or name (extra `obspy`). Raises EventNotFound, UsageError."""
        with optional_packages("archive.stream", "obspy"):
            from sfm_archive.tables.streams import recording_stream
        from sfm_archive.analysing import recording_of

        return recording_stream(recording_of(self, self.find(str(event))))

    def frame(self, selection: Selection = EVERYTHING, **filters: Any) -> Any:
        """A pandas DataFrame of events, one row each, with the values that count. Needs the extra `formats`."""
        with optional_packages("archive.frame", "formats"):
            from sfm_archive.tables.data_frame import event_frame

        return event_frame(self, _chosen(selection, filters))

    def reencode(
        self,
        encoder: str | EncoderName,
        selection: Selection = EVERYTHING,
        *,
        options: ReencodeOptions | None = None,
        progress: Progress = silent,
        **filters: Any,
    ) -> ReencodeReport:
        """Run an encoder over events and compare its files with the pinned one's; the pin stays. Raises
        EncoderNotFound, ReadOnlyArchive, Busy."""
        from sfm_archive.maintaining.reencoding import ReencodeOptions, reencode

        return reencode(self, encoder, _chosen(selection, filters), options or ReencodeOptions(), progress)

    def verify(self, progress: Progress = silent, options: VerifyOptions | None = None) -> VerifyReport:
        """Check every stored hash and every recorded encoding. Raises Busy, UsageError."""
        from sfm_archive.verifying import VerifyOptions, verify

        return verify(self, progress, VerifyOptions() if options is None else options)

    def backup(
        self, target: Place, *, quick: bool = False, unsealed: bool = False, progress: Progress = silent
    ) -> CopyReport:
        """Copy the archive while others write, and prove the copy; see `sfm_archive.maintaining.backup`. Nothing is
        replaced. Raises AlreadyExists, StorageFailed, Busy, Damaged, UsageError."""
        from sfm_archive.maintaining import backup

        return backup(self, Path(target), quick=quick, unsealed=unsealed, progress=progress)

    def seal(self, target: Place, *, progress: Progress = silent) -> CopyReport:
        """A compacted, sealed copy with its verification sheet. Raises as `backup`, and SealedArchive."""
        from sfm_archive.maintaining import seal

        return seal(self, Path(target), progress)

    def compact(self, progress: Progress = silent) -> CompactReport:
        """Write the file anew without free pages. Raises Damaged, Busy, ReadOnlyArchive, StorageFailed."""
        from sfm_archive.maintaining import compact

        return compact(self, progress)


def _chosen(selection: Selection, filters: dict[str, Any]) -> Selection:
    return select(**filters) if filters else selection
