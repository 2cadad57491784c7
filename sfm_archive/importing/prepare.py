"""Reading a bundle's files and making ready what is to be saved; nothing here writes to the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sfm_archive.errors import BadInput
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.sidecars import read_a5_sidecar
from sfm_archive.holdings import Holdings
from sfm_archive.importing.bundles import Bundle
from sfm_archive.importing.documents import read_document
from sfm_archive.importing.events import NotTaken, Pending, captured_events, stored_event
from sfm_archive.importing.recognise import Kind, SourceFile, read_source
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.importing.save import Ready, make_ready
from sfm_archive.plugins import RegisteredEncoder

_ARRAYS_LEFT_OUT = "arrays are computed again from the frames; the file is not kept"
_MANIFEST_LEFT_OUT = "a list of hashes; it holds nothing of an event"
_PC_ALONE = "bytes from the PC only help beside the unit's own capture (raw_s3_… or raw_rx_…); none lies beside it"


@dataclass(slots=True, kw_only=True)
class Prepared:
    """One bundle, read: items that are settled, events to save, and documents to place when all events are in.

    `capture`: the capture file whose item depends on what becomes of its events; with the reasons for those that were
    not taken, and its own findings.
    """

    files: int
    size: int = 0
    items: list[ImportItem] = field(default_factory=list)
    pending: list[Ready] = field(default_factory=list)
    loose: list[Path] = field(default_factory=list)
    captures: list[tuple[SourceFile, list[str], tuple[Finding, ...]]] = field(default_factory=list)

    def outcomes(self) -> list[ImportItem]:
        """Items for the files of the events, now that those are saved."""
        results = [result for ready in self.pending for result in ready.done]
        items: dict[Path, ImportItem] = {}
        for result in results:
            for path, item in result.items.items():
                items[path] = _merged(items[path], item) if path in items else item
        for capture, reasons, findings in self.captures:
            if capture.path in items:
                items[capture.path] = _with_reasons(items[capture.path], reasons, findings)
        return list(items.values())


class Preparer:
    """Makes bundles ready with the archive's pinned encoder, looked up once."""

    def __init__(self, holdings: Holdings, serial: str | None) -> None:
        self._encoder: RegisteredEncoder = holdings.plugins.encoder(holdings.pinned_encoder)
        self._others = [other for other in holdings.plugins.encoders if other.name != self._encoder.name]
        self._serial = serial

    def prepare(self, bundle: Bundle) -> Prepared:
        """Read a bundle's files and prepare its events. Never raises for what the files hold."""
        prepared = Prepared(files=len(bundle.paths))
        by_kind: dict[Kind, list[SourceFile]] = {}
        for path in bundle.paths:
            source = read_source(path)
            prepared.size += len(source.data)
            by_kind.setdefault(source.kind, []).append(source)
        self._settle(by_kind, prepared)
        self._captures(bundle, by_kind, prepared)
        self._stored(bundle, by_kind, prepared)
        return prepared

    def _settle(self, by_kind: dict[Kind, list[SourceFile]], prepared: Prepared) -> None:
        prepared.items += [_item(s, Outcome.REJECTED, s.problem) for s in by_kind.get(Kind.UNUSABLE, ())]
        prepared.items += [_item(s, Outcome.LEFT_OUT, _ARRAYS_LEFT_OUT) for s in by_kind.get(Kind.ARRAYS, ())]
        prepared.items += [_item(s, Outcome.LEFT_OUT, _MANIFEST_LEFT_OUT) for s in by_kind.get(Kind.MANIFEST, ())]
        if Kind.CAPTURE not in by_kind:
            prepared.items += [_item(s, Outcome.REJECTED, _PC_ALONE) for s in by_kind.get(Kind.PC_CAPTURE, ())]

    def _captures(self, bundle: Bundle, by_kind: dict[Kind, list[SourceFile]], prepared: Prepared) -> None:
        beside = by_kind.get(Kind.PC_CAPTURE, [])
        for number, capture in enumerate(by_kind.get(Kind.CAPTURE, ())):
            # With two captures of one time the PC's side goes with the first.
            taken, refused, findings, replies = captured_events(
                bundle, capture, beside if number == 0 else [], self._serial
            )
            if not taken:
                reason = "; ".join(refused) or f"{replies} replies of a unit, but no event among them; nothing to keep"
                prepared.items.append(_item(capture, Outcome.REJECTED, reason, findings))
                if number == 0:
                    prepared.items += [_item(source, Outcome.REJECTED, _PC_ALONE) for source in beside]
                continue
            prepared.captures.append((capture, refused, findings))
            self._ready(taken, prepared)

    def _stored(self, bundle: Bundle, by_kind: dict[Kind, list[SourceFile]], prepared: Prepared) -> None:
        frames_files = self._readable(by_kind.get(Kind.FRAMES_SIDECAR, []), prepared)
        event_files = by_kind.get(Kind.EVENT_FILE, [])
        documents = [read_document(s) for kind in (Kind.REPORT, Kind.JSON_SIDECAR) for s in by_kind.get(kind, ())]
        # Usually one of each. On systems that tell A from a there can be more; they are paired in order.
        for number in range(max(len(frames_files), len(event_files))):
            frames_file = frames_files[number] if number < len(frames_files) else None
            event_file = event_files[number] if number < len(event_files) else None
            try:
                taken = stored_event(bundle, frames_file, event_file, documents, self._serial)
            except NotTaken as error:
                for source in (frames_file, event_file):
                    if source is not None:
                        prepared.items.append(_item(source, Outcome.REJECTED, str(error), error.findings))
                continue
            self._ready(taken, prepared)
        prepared.loose += [document.source.path for document in documents]

    def _readable(self, sources: list[SourceFile], prepared: Prepared) -> list[SourceFile]:
        readable = []
        for source in sources:
            try:
                read_a5_sidecar(source.data)
            except BadInput as error:
                prepared.items.append(_item(source, Outcome.REJECTED, str(error)))
            else:
                readable.append(source)
        return readable

    def _ready(self, taken: Iterable[Pending], prepared: Prepared) -> None:
        prepared.pending += [make_ready(pending, self._encoder, self._others) for pending in taken]


def _item(source: SourceFile, outcome: Outcome, message: str, findings: tuple[Finding, ...] = ()) -> ImportItem:
    return ImportItem(
        path=str(source.path), kind=source.kind.value, outcome=outcome, message=message, findings=findings
    )


_WEIGHT = {outcome: place for place, outcome in enumerate((Outcome.NEW, Outcome.REVISED, Outcome.JOINED))}


def _merged(one: ImportItem, other: ImportItem) -> ImportItem:
    """One item for a file that went to several events: the weightiest outcome."""
    first, _ = sorted((one, other), key=lambda item: _WEIGHT.get(item.outcome, len(_WEIGHT)))
    return ImportItem(
        path=first.path,
        kind=first.kind,
        outcome=first.outcome,
        event_ids=tuple(sorted({*one.event_ids, *other.event_ids})),
        message="; ".join(dict.fromkeys(text for text in (one.message, other.message) if text)),
        findings=tuple(dict.fromkeys(one.findings + other.findings)),
    )


def _with_reasons(item: ImportItem, reasons: list[str], findings: tuple[Finding, ...]) -> ImportItem:
    not_taken = tuple(Finding(code="event-not-taken", message=reason) for reason in reasons)
    return ImportItem(
        path=item.path,
        kind=item.kind,
        outcome=item.outcome,
        event_ids=item.event_ids,
        message="; ".join([text for text in (item.message,) if text] + reasons),
        findings=item.findings + findings + not_taken,
    )
