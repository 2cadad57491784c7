"""From what an importer read to what is to be saved of each event: one way for every importer, shipped or not."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.archive.saving import checked_file_name
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.blastware.event_file import inspect_event_file
from sfm_archive.importing.bundles import Bundle
from sfm_archive.importing.events import (
    FramesFile,
    NotTaken,
    Pending,
    add_settings_of,
    describe_stored,
    descriptions_of,
    is_kept_name,
)
from sfm_archive.importing.identify import Testimony, add_statement, identify
from sfm_archive.importing.recognise import Kind, SourceFile
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.serials import checked_serial
from sfm_archive.plugins.importers import ImportedEvent

_TOLD_TIME_ALREADY = "time-contradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What becomes of one source file.

    `refused`: the reasons for events that cannot be taken. `without_events`: what to say where the file holds none.
    """

    pending: tuple[Pending, ...]
    refused: list[str]
    findings: tuple[Finding, ...]
    without_events: str


def imported_events(bundle: Bundle, source: SourceFile, beside: list[SourceFile], serial: str | None) -> Taken:
    """The events that the file's importer reads. Raises BadInput where it cannot be read, or the importer fails."""
    assert source.importer is not None
    content = source.importer.read(source.data, source.path.name)
    pending: list[Pending] = []
    refused: list[str] = []
    for number, imported in enumerate(content.events, start=1):
        try:
            one = _imported_event(bundle, source, imported, serial)
        except NotTaken as error:
            place = imported.place or f"number {number}"
            refused.append(f"the event {place} was not taken: {error}")
            continue
        one.captures = [source, *beside]
        pending.append(one)
    return Taken(
        pending=tuple(pending),
        refused=refused,
        findings=source.findings + content.findings,
        without_events=content.without_events,
    )


def _imported_event(bundle: Bundle, source: SourceFile, imported: ImportedEvent, serial: str | None) -> Pending:
    """Raises NotTaken."""
    frames_file = FramesFile(source, imported.frames) if imported.frames else None
    try:
        names = tuple(checked_file_name(name) for name in imported.names)
        event_file = _event_file(source, imported, names)
        stored = describe_stored(frames_file, event_file)
        if len(stored.apart()) > 1:
            raise BadInput("its frames tell of another event than its event file")
        told = Testimony(start_key=imported.start_key)
        for description in descriptions_of(stored):
            told.add_content(description)
        told.record_types.append(imported.record_type)
        who = f"the {source.words}"
        add_statement(told.serials, who, None if imported.serial is None else checked_serial(imported.serial))
        at = imported.recorded_at
        add_statement(told.times, who, None if at is None else at.replace(microsecond=0))
        told.add_surroundings(names[0] if names else source.path.name, bundle.folder.name, serial)
        event, findings = identify(told)
    except (BadInput, UsageError) as error:
        raise NotTaken(str(error)) from error
    if any(finding.code == _TOLD_TIME_ALREADY for finding in imported.findings):
        findings = [finding for finding in findings if finding.code != _TOLD_TIME_ALREADY]
    noticed = dict.fromkeys(finding for description in descriptions_of(stored) for finding in description.findings)
    if event_file is not None and frames_file is None:
        findings += inspect_event_file(event_file.data)
    pending = Pending(
        event=event,
        stream=imported.frames or None,
        event_file=event_file,
        is_inside=event_file is not None,
        names=tuple(name for name in names if is_kept_name(name, event)),
        findings=[*findings, *noticed, *imported.findings],
    )
    add_settings_of(pending, stored)
    if imported.readings:
        origin = ValueSource(imported.readings_source)
        pending.readings.append(ReadingSet(source=origin, origin_sha256=source.sha256, readings=imported.readings))
    return pending


def _event_file(source: SourceFile, imported: ImportedEvent, names: tuple[str, ...]) -> SourceFile | None:
    if imported.file is None:
        return None
    return SourceFile(source.path.with_name(names[0] if names else source.path.name), imported.file, Kind.EVENT_FILE)
