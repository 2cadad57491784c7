"""Reading a bundle's files and making ready what is to be saved; nothing here writes to the archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.archive.saving import completed_event, prepare_frames
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.older_store.sidecars import read_a5_sidecar
from sfm_archive.importing.bundles import Bundle, described_name
from sfm_archive.importing.compare import compared
from sfm_archive.importing.documents import Document, read_document
from sfm_archive.importing.events import (
    FramesFile,
    NotTaken,
    Pending,
    Stored,
    describe_stored,
    stored_event,
)
from sfm_archive.importing.imported import imported_events
from sfm_archive.importing.items import item_of, merged, with_reasons
from sfm_archive.importing.monitor_logs import is_monitor_log, kept_because
from sfm_archive.importing.recognise import Kind, SourceFile, read_source, shown_to
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.importing.save import Ready
from sfm_archive.model.findings import Finding
from sfm_archive.plugins.registry import RegisteredEncoder

_LEFT_OUT = {
    Kind.ARRAYS: "arrays are computed again from the frames; the file is not kept",
    Kind.OWN_TEXT: "sfm-archive made this text of samples that it decoded, so it tells nothing that its event does not "
    "and is no evidence of it; the file is not kept. Import the event, or the text that Blastware exports",
    Kind.OWN_TABLE: "sfm-archive made this table beside exported data; it holds nothing that an archive does not",
    Kind.MANIFEST: "a list of hashes; it holds nothing of an event",
}
_PC_ALONE = "bytes from the PC only help beside the unit's own capture (raw_s3_… or raw_rx_…); none lies beside it"


@dataclass(slots=True, kw_only=True)
class Prepared:
    """One bundle, read: items that are settled, events to save, and documents to place when all events are in.

    `unattached`: files to keep without an event, each with the reason. `imported`: files that importers read, whose
    items depend on what becomes of their events; with the reasons for those not taken, and their own findings.
    """

    files: int
    size: int = 0
    items: list[ImportItem] = field(default_factory=list)
    pending: list[Ready] = field(default_factory=list)
    unattached: list[tuple[SourceFile, str]] = field(default_factory=list)
    loose: list[Path] = field(default_factory=list)
    imported: list[tuple[SourceFile, list[str], tuple[Finding, ...]]] = field(default_factory=list)

    def outcomes(self) -> list[ImportItem]:
        """Items for the files of the events, now that those are saved."""
        items: dict[str, ImportItem] = {}
        for ready in self.pending:
            for item in ready.items:
                items[item.path] = merged(items[item.path], item) if item.path in items else item
        for source, reasons, findings in self.imported:
            path = str(source.path)
            items[path] = with_reasons(items[path], reasons, findings)
        return list(items.values())


class Preparer:
    """Makes bundles ready with the archive's pinned encoder, looked up once."""

    def __init__(self, archive: Archive, serial: str | None) -> None:
        self._encoder: RegisteredEncoder = installed_encoder(archive, archive.pinned_encoder)
        others = (other for other in archive.plugins.encoders if other.name != self._encoder.name)
        self._newest_first = sorted(others, key=lambda other: other.name, reverse=True)
        self._importers = archive.plugins.importers
        self._serial = serial

    def prepare(self, bundle: Bundle) -> Prepared:
        """Read a bundle's files and prepare its events. Never raises for what the files hold."""
        prepared = Prepared(files=len(bundle.paths))
        by_kind: dict[Kind, list[SourceFile]] = {kind: [] for kind in Kind}
        for path in bundle.paths:
            source = shown_to(self._importers, read_source(path))
            prepared.size += len(source.data)
            by_kind[source.kind].append(source)
        prepared.items += [item_of(source, Outcome.REJECTED, source.problem) for source in by_kind[Kind.UNUSABLE]]
        for kind, message in _LEFT_OUT.items():
            prepared.items += [item_of(source, Outcome.LEFT_OUT, message) for source in by_kind[kind]]
        self._imported(bundle, by_kind[Kind.IMPORTED], by_kind[Kind.PC_CAPTURE], prepared)
        documents = [read_document(source) for kind in (Kind.REPORT, Kind.JSON_SIDECAR) for source in by_kind[kind]]
        frames_files = _frames_files(by_kind[Kind.FRAMES_SIDECAR], prepared)
        for frames_file, event_file in paired(frames_files, by_kind[Kind.EVENT_FILE]):
            for stored in describe_stored(frames_file, event_file).apart():
                self._stored(bundle, stored, documents, prepared)
        prepared.loose += [document.source.path for document in documents]
        return prepared

    def _imported(
        self, bundle: Bundle, sources: list[SourceFile], pc_sides: list[SourceFile], prepared: Prepared
    ) -> None:
        kept_pc_sides = False
        for source in sources:
            # With two captures of one time the PC's side goes with the first that has an event.
            beside = [] if kept_pc_sides else pc_sides
            try:
                taken = imported_events(bundle, source, beside, self._serial)
            except BadInput as error:
                prepared.items.append(item_of(source, Outcome.REJECTED, str(error), findings=source.findings))
                continue
            refused = taken.refused
            ready: list[Ready] = []
            for pending in taken.pending:
                try:
                    ready.append(self._ready(pending))
                except (BadInput, UsageError) as error:
                    refused.append(f"the event {pending.event.recorded_at} was not taken: {error}")
            if not ready:
                reason = "; ".join(refused) or taken.without_events
                prepared.items.append(item_of(source, Outcome.REJECTED, reason, findings=taken.findings))
                continue
            kept_pc_sides = True
            prepared.imported.append((source, refused, taken.findings))
            prepared.pending += ready
        if not kept_pc_sides:
            prepared.items += [item_of(source, Outcome.REJECTED, _PC_ALONE) for source in pc_sides]

    def _stored(self, bundle: Bundle, stored: Stored, documents: list[Document], prepared: Prepared) -> None:
        frames_source = None if stored.frames_file is None else stored.frames_file.source
        try:
            prepared.pending.append(self._ready(stored_event(bundle, stored, documents, self._serial)))
        except NotTaken as error:
            for source in (frames_source, stored.event_file):
                if source is None:
                    continue
                if is_monitor_log(source):
                    prepared.unattached.append((source, kept_because(error)))
                else:
                    prepared.items.append(item_of(source, Outcome.REJECTED, str(error), findings=error.findings))

    def _ready(self, pending: Pending) -> Ready:
        """Pack, encode and compare. Raises BadInput for more frames than an event can have."""
        if pending.stream is None:
            return Ready(pending=pending, prepared=None)
        pending.event = completed_event(pending.event, pending.stream)
        prepared = prepare_frames(pending.event, pending.stream, self._encoder)
        pending.findings += compared(pending, prepared.encoding, self._newest_first)
        return Ready(pending=pending, prepared=prepared)


def paired(
    frames_files: list[FramesFile], event_files: list[SourceFile]
) -> list[tuple[FramesFile | None, SourceFile | None]]:
    """Sidecars and event files that belong together: usually one of each.

    There are more where a folder holds copies, or names that differ only by case: equal names first, the rest in order.
    """
    pairs: list[tuple[FramesFile | None, SourceFile | None]] = []
    by_name = {event_file.path.name: event_file for event_file in event_files}
    left: list[FramesFile] = []
    for frames_file in frames_files:
        event_file = by_name.pop(described_name(frames_file.source.path.name), None)
        if event_file is None:
            left.append(frames_file)
        else:
            pairs.append((frames_file, event_file))
    return [*pairs, *zip_longest(left, by_name.values())]


def _frames_files(sources: list[SourceFile], prepared: Prepared) -> list[FramesFile]:
    """The sidecars that can be read; an item for each of the others."""
    readable = []
    for source in sources:
        try:
            readable.append(FramesFile(source, read_a5_sidecar(source.data)))
        except BadInput as error:
            prepared.items.append(item_of(source, Outcome.REJECTED, str(error)))
    return readable
