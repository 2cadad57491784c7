"""From the files of a bundle to what is to be saved of each event. Nothing here touches the archive."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sfm_archive.errors import BadFrames, BadInput, UsageError
from sfm_archive.formats.captures import CapturedEvent, read_capture
from sfm_archive.formats.event_file import MemoryDescription, describe_memory, inspect_event_file, memory_of_file
from sfm_archive.formats.events import Event, RecordType
from sfm_archive.formats.findings import Finding, Severity
from sfm_archive.formats.frames import A5Frame
from sfm_archive.formats.names import is_event_file_name
from sfm_archive.formats.readings import Reading
from sfm_archive.formats.sidecars import read_a5_sidecar
from sfm_archive.formats.streams import readable_memory, survey_stream
from sfm_archive.importing.bundles import Bundle
from sfm_archive.importing.documents import Document, sidecar_names
from sfm_archive.importing.identify import Testimony, add_name_and_folder, identify, testimony_of
from sfm_archive.importing.recognise import SourceFile
from sfm_archive.results import ReadingSet, ValueSource

NOTHING_TOLD = MemoryDescription(
    strt=None,
    record_type=RecordType.UNKNOWN,
    serial=None,
    recorded_at=None,
    stopped_at=None,
    settings={},
    findings=(),
)

_SETTING_QUANTITIES = {
    "Project": "project",
    "Client": "client",
    "User Name": "user_name",
    "Seis Loc": "location",
    "Extended Notes": "general",
}


@dataclass(slots=True, kw_only=True)
class Pending:
    """One event to be saved: who it is, its frames, and the source files that go with it."""

    event: Event
    stream: tuple[A5Frame, ...] | None = None
    frames_file: SourceFile | None = None
    event_file: SourceFile | None = None
    documents: list[Document] = field(default_factory=list)
    captures: list[SourceFile] = field(default_factory=list)
    names: tuple[str, ...] = ()
    readings: list[ReadingSet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class NotTaken(Exception):
    """The event cannot be taken; the text says why and for which files."""

    def __init__(self, reason: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(reason)
        self.findings = findings


def stored_event(
    bundle: Bundle,
    frames_file: SourceFile | None,
    event_file: SourceFile | None,
    documents: list[Document],
    serial: str | None,
) -> list[Pending]:
    """The event that an older store's files tell of, or an event file alone.

    Two are given back where the event file beside the frames is another event's (device keys are reused after an
    erase, facts/users.md F12). Documents that contradict the event are left in `documents`; those that belong to it
    are taken out. Raises NotTaken.
    """
    stream = None if frames_file is None else read_a5_sidecar(frames_file.data)
    from_frames = NOTHING_TOLD if stream is None else describe_stream(stream)
    from_file = NOTHING_TOLD if event_file is None else describe_memory(memory_of_file(event_file.data))
    if stream is not None and event_file is not None and tell_of_two_events(from_frames, from_file):
        message = f"{event_file.path.name} beside these frames is another event's; it was taken as an event of its own"
        apart = Finding(code="wrong-pair", message=message)
        pending = stored_event(bundle, frames_file, None, documents, serial)
        pending[0].findings.append(apart)
        return pending + stored_event(bundle, None, event_file, documents, serial)
    told = testimony_of(from_frames)
    _add_testimony(told, testimony_of(from_file))
    for document in documents:
        document.testify(told)
    name = event_file.path.name if event_file is not None else sidecar_names(frames_file)
    add_name_and_folder(told, name, bundle.folder.name, serial)
    try:
        event, findings = identify(told)
    except (BadInput, UsageError) as error:
        raise NotTaken(str(error), from_frames.findings + from_file.findings) from error
    described = from_frames if from_frames is not NOTHING_TOLD else from_file
    structure = () if event_file is None else inspect_event_file(event_file.data)
    pending_event = Pending(
        event=event,
        stream=stream,
        frames_file=frames_file,
        event_file=event_file,
        documents=[document for document in documents if document.belongs_to(event)],
        names=(name,) if is_kept_name(name) else (),
        findings=[*findings, *described.findings, *(structure if stream is None else ())],
    )
    for document in pending_event.documents:
        documents.remove(document)
    origin = frames_file if frames_file is not None else event_file
    if origin is not None:
        add_settings(pending_event, described, origin.sha256)
    return [pending_event]


def captured_events(
    bundle: Bundle, capture: SourceFile, beside: list[SourceFile], serial: str | None
) -> tuple[list[Pending], list[str], tuple[Finding, ...], int]:
    """Events of a raw capture, the reasons for those that cannot be taken, the capture's findings, its replies."""
    content = read_capture(capture.data)
    taken: list[Pending] = []
    refused: list[str] = []
    for captured in content.events:
        try:
            pending = _captured_event(bundle, capture, captured, serial)
        except NotTaken as error:
            refused.append(f"the event at byte {captured.offset} was not taken: {error}")
            continue
        pending.captures = [capture, *beside]
        taken.append(pending)
    return taken, refused, content.findings, content.replies


def _captured_event(bundle: Bundle, capture: SourceFile, captured: CapturedEvent, serial: str | None) -> Pending:
    description = describe_stream(captured.frames)
    told = testimony_of(description)
    told.start_key = captured.strt.start_key
    if captured.record is not None:
        told.times.append(("the 0C record", captured.record.recorded_at))
    add_name_and_folder(told, capture.path.name, bundle.folder.name, serial)
    try:
        event, findings = identify(told)
    except (BadInput, UsageError) as error:
        raise NotTaken(str(error)) from error
    if captured.record is not None:
        # The capture's own findings say it already.
        findings = [finding for finding in findings if finding.code != "time-contradiction"]
    pending = Pending(
        event=event, stream=captured.frames, findings=[*findings, *description.findings, *captured.findings]
    )
    add_settings(pending, description, capture.sha256)
    if captured.record is not None and captured.record.readings:
        pending.readings.append(
            ReadingSet(
                source=ValueSource.DEVICE_RECORD, origin_sha256=capture.sha256, readings=captured.record.readings
            )
        )
    return pending


def describe_stream(stream: tuple[A5Frame, ...]) -> MemoryDescription:
    """What frames tell of their event; nothing where they cannot be read."""
    try:
        survey = survey_stream(stream)
    except BadFrames:
        return NOTHING_TOLD
    description = describe_memory(readable_memory(survey))
    return replace(description, strt=survey.strt)


def tell_of_two_events(one: MemoryDescription, other: MemoryDescription) -> bool:
    """Whether both say when and where they were recorded, and say different things."""
    if one.strt is None or other.strt is None or one.recorded_at is None or other.recorded_at is None:
        return False
    return (one.strt.start_key, one.recorded_at) != (other.strt.start_key, other.recorded_at)


def add_settings(pending: Pending, description: MemoryDescription, origin_sha256: str) -> None:
    """The operator's texts (project, client, …) as values, so that events can be found by them."""
    readings = tuple(
        Reading(quantity=quantity, text=description.settings[label])
        for label, quantity in _SETTING_QUANTITIES.items()
        if description.settings.get(label)
    )
    if readings:
        pending.readings.append(ReadingSet(source=ValueSource.SETTINGS, origin_sha256=origin_sha256, readings=readings))


def is_kept_name(name: str) -> bool:
    """Whether a received name is one that Blastware knows: others are not used for exports."""
    return is_event_file_name(name) or name.lower().endswith(".mlg")


def compared(pending: Pending, made: bytes | None, made_by: str) -> Finding | None:
    """How the received event file compares with what the encoder makes of the frames; None where they are equal."""
    file = pending.event_file
    if file is None or pending.stream is None or made == file.data:
        return None
    if made is None:
        return Finding(
            code="not-encodable",
            message=f"{made_by} refuses these frames; {file.path.name} is kept as received and exported so",
        )
    offset = first_difference(made, file.data)
    return Finding(
        code="differs-from-encoder",
        message=f"{file.path.name} has {len(file.data)} bytes, {made_by} makes {len(made)}; they first differ at "
        f"offset 0x{offset:X}. It is kept as received and exported so",
        severity=Severity.WARNING,
        start=offset,
        end=offset + 1,
    )


def first_difference(one: bytes, other: bytes) -> int:
    """Offset of the first byte that differs, the shorter length where one begins with the other."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _add_testimony(told: Testimony, other: Testimony) -> None:
    """What the event file's memory adds to what the frames' memory tells; equal statements are not repeated."""
    told.serials += [item for item in other.serials if item not in told.serials]
    told.times += [item for item in other.times if item not in told.times]
    told.record_types += other.record_types
    if told.start_key is None:
        told.start_key = other.start_key
