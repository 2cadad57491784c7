"""From the files of a bundle to what is to be saved of each event. Nothing here touches the archive."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sfm_archive.archive.saving import computed_name
from sfm_archive.errors import BadFrames, BadInput, UsageError
from sfm_archive.formats.blastware.event_file import (
    EVENT_HEADER,
    FILE_PREFIX,
    MemoryDescription,
    describe_memory,
    inspect_event_file,
    is_event_file,
    memory_of_file,
    read_strt,
    record_type_of,
    stated_in_settings,
)
from sfm_archive.formats.blastware.names import is_event_file_name
from sfm_archive.formats.blastware.streams import readable_memory, survey_stream
from sfm_archive.importing.bundles import Bundle, described_name, without_copy_mark
from sfm_archive.importing.documents import Document
from sfm_archive.importing.identify import Testimony, identify
from sfm_archive.importing.recognise import SourceFile
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueSource

NOTHING_TOLD = MemoryDescription(
    strt=None,
    record_type=RecordType.UNKNOWN,
    serial=None,
    recorded_at=None,
    stopped_at=None,
    settings={},
    findings=(),
)


@dataclass(frozen=True, slots=True)
class FramesFile:
    """A frames sidecar, read once: the file and the frames in it."""

    source: SourceFile
    stream: tuple[A5Frame, ...]


@dataclass(slots=True, kw_only=True)
class Pending:
    """One event to be saved: who it is, its frames, and the source files that go with it.

    `captures`: the file that an importer read it from, then the PC's side. `is_inside`: the event file lay inside of
    that one, and is no file that was found.
    """

    event: Event
    stream: tuple[A5Frame, ...] | None = None
    frames_file: SourceFile | None = None
    event_file: SourceFile | None = None
    is_inside: bool = False
    documents: list[Document] = field(default_factory=list)
    captures: list[SourceFile] = field(default_factory=list)
    names: tuple[str, ...] = ()
    readings: list[ReadingSet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class NotTaken(Exception):
    """The event cannot be taken; the text says why. `findings`: what was noticed about its bytes."""

    def __init__(self, reason: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(reason)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Stored:
    """What an older store holds of one event: a frames sidecar, an event file or both, and what their bytes tell."""

    frames_file: FramesFile | None
    event_file: SourceFile | None
    from_frames: MemoryDescription
    from_file: MemoryDescription
    finding: Finding | None = None

    def apart(self) -> list[Stored]:
        """Itself; or two, where the event file beside the frames is another event's.

        Device keys are reused after an erase, and names repeat (docs/facts.md, F12, F29).
        """
        frames_file, event_file = self.frames_file, self.event_file
        if frames_file is None or event_file is None or not _tell_of_two_events(self.from_frames, self.from_file):
            return [self]
        message = f"{event_file.path.name} beside these frames is another event's; it was taken as an event of its own"
        apart = Finding(code="wrong-pair", message=message)
        return [
            Stored(frames_file, None, self.from_frames, NOTHING_TOLD, apart),
            Stored(None, event_file, NOTHING_TOLD, self.from_file),
        ]


def describe_stored(frames_file: FramesFile | None, event_file: SourceFile | None) -> Stored:
    """Read what frames and event file tell of their event."""
    from_frames = NOTHING_TOLD
    memory: bytes | None = None
    if frames_file is not None:
        memory, from_frames = describe_stream(frames_file.stream)
    if event_file is None:
        return Stored(frames_file, None, from_frames, NOTHING_TOLD)
    if not is_event_file(event_file.data):
        return Stored(frames_file, event_file, from_frames, _describe_scrambled(event_file.data[len(FILE_PREFIX) :]))
    memory_in_file = memory_of_file(event_file.data)
    # Usually it is the very same memory, which is not read a second time.
    from_file = from_frames if memory_in_file == memory else describe_memory(memory_in_file)
    return Stored(frames_file, event_file, from_frames, from_file)


def stored_event(bundle: Bundle, stored: Stored, documents: list[Document], serial: str | None) -> Pending:
    """The event that an older store's files tell of, or an event file alone.

    Documents that belong to the event are taken out of `documents`; those that contradict it are left there.
    Raises NotTaken.
    """
    frames_file, event_file, descriptions = stored.frames_file, stored.event_file, descriptions_of(stored)
    told = Testimony()
    for description in descriptions:
        told.add_content(description)
    for document in documents:
        document.testify(told)
    name = _name_of(stored)
    told.add_surroundings(name, bundle.folder.name, serial)
    noticed = tuple(dict.fromkeys(finding for description in descriptions for finding in description.findings))
    try:
        event, findings = identify(told)
    except (BadInput, UsageError) as error:
        raise NotTaken(str(error), noticed) from error
    findings += noticed
    if event_file is not None and frames_file is None:
        findings += inspect_event_file(event_file.data)
    if stored.finding is not None:
        findings.append(stored.finding)
    pending = Pending(
        event=event,
        stream=None if frames_file is None else frames_file.stream,
        frames_file=None if frames_file is None else frames_file.source,
        event_file=event_file,
        documents=[document for document in documents if document.belongs_to(event)],
        names=(name,) if is_kept_name(name, event) else (),
        findings=findings,
    )
    documents[:] = [document for document in documents if document not in pending.documents]
    add_settings_of(pending, stored)
    return pending


def describe_stream(stream: tuple[A5Frame, ...]) -> tuple[bytes | None, MemoryDescription]:
    """The memory in frames as far as it can be read, and what it tells; nothing where frames cannot be read."""
    try:
        survey = survey_stream(stream)
    except BadFrames:
        return None, NOTHING_TOLD
    memory = readable_memory(survey)
    return memory, replace(describe_memory(memory), strt=survey.strt)


def is_kept_name(name: str, event: Event) -> bool:
    """Whether a received name is used for exports: one that Blastware knows, or any where none can be computed."""
    return is_event_file_name(name) or name.lower().endswith(".mlg") or not computed_name(event)


def descriptions_of(stored: Stored) -> list[MemoryDescription]:
    """What the frames tell, then what the event file tells beyond that."""
    both = (stored.from_frames, stored.from_file)
    return [both[0]] if both[0] is both[1] else [told for told in both if told is not NOTHING_TOLD]


def add_settings_of(pending: Pending, stored: Stored) -> None:
    """The settings in the frames; those in the event file where the frames were torn before they came."""
    if stored.frames_file is not None and stored.from_frames.settings:
        _add_settings(pending, stored.from_frames, stored.frames_file.source)
    elif stored.event_file is not None:
        _add_settings(pending, stored.from_file, stored.event_file)


def _describe_scrambled(memory: bytes) -> MemoryDescription:
    """What a file tells whose writer put frames into it as they came, the first of them not in front."""
    start = max(0, memory.find(EVENT_HEADER))
    return replace(describe_memory(memory), strt=read_strt(memory, start), record_type=record_type_of(memory[start:]))


def _name_of(stored: Stored) -> str:
    """The event file's name, or the one that the sidecar's name holds."""
    if stored.event_file is not None:
        return without_copy_mark(stored.event_file.path.name)
    if stored.frames_file is None:
        return ""
    return described_name(without_copy_mark(stored.frames_file.source.path.name))


def _tell_of_two_events(one: MemoryDescription, other: MemoryDescription) -> bool:
    """Whether both say when and where they were recorded, and say different things."""
    if one.strt is None or other.strt is None or one.recorded_at is None or other.recorded_at is None:
        return False
    return (one.strt.start_key, one.recorded_at) != (other.strt.start_key, other.recorded_at)


def _add_settings(pending: Pending, description: MemoryDescription, origin: SourceFile) -> None:
    """The operator's texts (project, client, …) as values, so that events can be found by them."""
    readings = tuple(
        Reading(quantity=quantity, text=text) for quantity, text in stated_in_settings(description.settings).items()
    )
    if readings:
        pending.readings.append(ReadingSet(source=ValueSource.SETTINGS, origin_sha256=origin.sha256, readings=readings))
