"""The first age of an event: found, in an older store's files or by an importer, and not yet known which one it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfm_archive.archive.saving import checked_file_name
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import BadFrames, BadInput
from sfm_archive.formats.blastware.event_file import (
    EVENT_HEADER,
    FILE_PREFIX,
    MemoryDescription,
    describe_memory,
    is_event_file,
    memory_of_file,
    read_opener,
    record_type_of,
    stated_in_settings,
)
from sfm_archive.formats.blastware.streams import readable_memory, survey_stream, surveyed
from sfm_archive.importing.bundles import described_name
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.importing.recognise import FoundFile, SourceKind
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.serials import checked_serial
from sfm_archive.plugins.importers import ImportedEvent

_RECORD_READER = "device-record@1"
_COMPLIANCE_READER = "compliance-record@1"
_SETTINGS_READER = "settings@1"
"""What reads a unit's 0C record, its compliance record and the settings text of an event; a corrected one gets another
version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvent:
    """What was found of one event.

    `content`: frames (surveyed), names and what else importers give. `frames_file`: the file in which the frames stood.
    `event_file`: as received, or as it lay inside of an importer's file. `captures`: the importer's file and the PC's
    side of it; none for an older store's files. `in_frames`, `in_file`: what frames and event file say of their event,
    one object where both are the same memory.
    """

    content: ImportedEvent
    frames_file: FoundFile | None
    event_file: FoundFile | None
    captures: tuple[FoundFile, ...]
    in_frames: MemoryDescription | None
    in_file: MemoryDescription | None

    @property
    def name(self) -> str:
        """The event file's name as received, or that of the file which it was read from."""
        return self.content.names[0] if self.content.names else self.captures[0].path.name

    @property
    def files(self) -> tuple[FoundFile, ...]:
        """The files that were found of it; an event file inside of an importer's file is none."""
        own = () if self.captures else (self.frames_file, self.event_file)
        return (*(file for file in own if file is not None), *self.captures)

    @property
    def descriptions(self) -> tuple[MemoryDescription, ...]:
        """What the frames say, then what the event file says beyond that."""
        both = (self.in_frames, self.in_file if self.in_file is not self.in_frames else None)
        return tuple(one for one in both if one is not None)

    @property
    def holds_two_events(self) -> bool:
        """Whether frames and event file both say when and where they were recorded, and say different things."""
        said = [(one.strt.start_key, one.recorded_at) for one in self.descriptions if one.strt and one.recorded_at]
        return len(set(said)) > 1

    def noticed(self) -> tuple[Finding, ...]:
        """What is odd about how its bytes name and date it."""
        return tuple(dict.fromkeys(finding for one in self.descriptions for finding in one.findings))

    def identity_sources(self) -> list[IdentitySource]:
        """What its own content says of its identity, in the order of weight. Raises BadSerial for an importer's serial
        that no unit has."""
        sources = []
        for one in self.descriptions:
            sources.append(IdentitySource("the settings text", serial=one.serial, record_type=one.record_type))
            start_key = None if one.strt is None else one.strt.start_key
            sources.append(IdentitySource("the footer", recorded_at=one.recorded_at, start_key=start_key))
        if self.captures:
            given, at = self.content, self.content.recorded_at
            sources.append(
                IdentitySource(
                    f"the {self.captures[0].words}",
                    None if given.serial is None else checked_serial(given.serial),
                    None if at is None else at.replace(microsecond=0),
                    given.record_type,
                    given.start_key,
                )
            )
        return sources

    def readings(self) -> tuple[ReadingSet, ...]:
        """The operator's texts (project, client, …), and the values that an importer read."""
        sets = []
        # Those of the event file count only where the frames were torn before they came.
        if self.frames_file is not None and self.in_frames is not None and self.in_frames.settings:
            sets.append(_settings(self.in_frames, self.frames_file))
        elif self.event_file is not None and self.in_file is not None:
            sets.append(_settings(self.in_file, self.event_file))
        if self.content.readings:
            sets.append(values_in(self.content, self.captures[0]))
        if self.content.unit_settings:
            sets.append(
                ReadingSet(
                    source=ValueSource.COMPLIANCE_RECORD,
                    origin_sha256=self.captures[0].sha256,
                    readings=self.content.unit_settings,
                    reader=_COMPLIANCE_READER,
                )
            )
        return tuple(one for one in sets if one.readings)


def found_event(
    content: ImportedEvent,
    frames_file: FoundFile | None,
    event_file: FoundFile | None,
    captures: tuple[FoundFile, ...] = (),
) -> FoundEvent:
    """Read what frames and event file say of their event."""
    frames = surveyed(content.frames)
    memory, in_frames = _describe_frames(frames) if frames else (None, None)
    in_file = None
    if event_file is not None and not is_event_file(event_file.data):
        in_file = _describe_scrambled(event_file.data[len(FILE_PREFIX) :])
    elif event_file is not None:
        memory_in_file = memory_of_file(event_file.data)
        # Usually it is the very same memory, which is not read a second time.
        in_file = in_frames if memory_in_file == memory else describe_memory(memory_in_file)
    return FoundEvent(
        content=replace(content, frames=frames),
        frames_file=frames_file,
        event_file=event_file,
        captures=captures,
        in_frames=in_frames,
        in_file=in_file,
    )


def stored_events(
    frames_file: FoundFile | None, frames: tuple[A5Frame, ...], event_file: FoundFile | None
) -> list[FoundEvent]:
    """The event of an older store's files: a frames sidecar, an event file or both.

    Two events where the event file beside the frames is another event's: device keys are reused after an erase, and
    names repeat (docs/facts.md, F12, F29).
    """
    path = event_file.path if event_file is not None else frames_file.path if frames_file is not None else None
    assert path is not None
    name = without_copy_mark(path.name)
    content = ImportedEvent(names=(name if event_file is not None else described_name(name),), frames=frames)
    both = found_event(content, frames_file, event_file)
    if event_file is None or not both.holds_two_events:
        return [both]
    message = f"{event_file.path.name} beside these frames belongs to another event and was imported as such"
    (alone,) = stored_events(frames_file, frames, None)
    marked = replace(alone.content, findings=(Finding(code="wrong-pair", message=message),))
    return [replace(alone, content=marked), *stored_events(None, (), event_file)]


def imported_event(content: ImportedEvent, file: FoundFile, beside: tuple[FoundFile, ...]) -> FoundEvent:
    """The event that an importer read from a file. `beside`: the PC's side of that file.

    Raises UsageError for a name that no file can have, BadInput where frames and event file are of two events.
    """
    for name in content.names:
        checked_file_name(name)
    event_file = None
    if content.file is not None:
        path = file.path.with_name(content.names[0]) if content.names else file.path
        event_file = FoundFile(path, content.file, SourceKind.EVENT_FILE)
    found = found_event(content, file if content.frames else None, event_file, (file, *beside))
    if found.holds_two_events:
        raise BadInput("its frames are of another event than its event file")
    return found


def _describe_frames(frames: tuple[A5Frame, ...]) -> tuple[bytes | None, MemoryDescription | None]:
    """The memory in frames as far as it can be read, and what it says; nothing where frames cannot be read."""
    try:
        survey = survey_stream(frames)
    except BadFrames:
        return None, None
    memory = readable_memory(survey)
    return memory, replace(describe_memory(memory), strt=survey.opener)


def _describe_scrambled(memory: bytes) -> MemoryDescription:
    """What a file says whose writer put frames into it as they came, the first of them not in front."""
    start = max(0, memory.find(EVENT_HEADER))
    return replace(describe_memory(memory), strt=read_opener(memory, start), record_type=record_type_of(memory[start:]))


def values_in(content: ImportedEvent, file: FoundFile) -> ReadingSet:
    """The values that an importer read of an event in a file."""
    source = ValueSource(content.readings_source)
    reader = _RECORD_READER if source is ValueSource.DEVICE_RECORD else ""
    return ReadingSet(source=source, origin_sha256=file.sha256, readings=content.readings, reader=reader)


def _settings(description: MemoryDescription, origin: FoundFile) -> ReadingSet:
    """The operator's texts as values, so that events can be found by them."""
    texts = stated_in_settings(description.settings)
    readings = tuple(Reading(quantity=quantity, text=text) for quantity, text in texts.items())
    return ReadingSet(
        source=ValueSource.SETTINGS, origin_sha256=origin.sha256, readings=readings, reader=_SETTINGS_READER
    )
