"""Whether pieces of an event that came in several captures can be of one download: what each says of unit and time.

Start keys are used again after an erase, and every unit begins at the same one, so addresses that fit prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sfm_archive.base.counting import counted
from sfm_archive.errors import BadFrames
from sfm_archive.formats.blastware.event_file import MemoryDescription, describe_memory
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.formats.blastware.streams import StreamSurvey, readable_memory, survey_stream
from sfm_archive.importing.identify import serial_of_folder
from sfm_archive.importing.parts import everything_in
from sfm_archive.importing.recognise import FoundFile
from sfm_archive.model.events import Event
from sfm_archive.model.findings import JOINED_CAPTURES, NOT_TO_ITS_END, Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.serials import is_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile

_RECEIVED = re.compile(r"raw_(?:s3|rx)_(\d{8}_\d{6})\b.*", re.ASCII | re.IGNORECASE)


def received_at(name: str) -> datetime | None:
    """When a capture was received, by the clock of the computer that named it; None where its name does not say."""
    match = _RECEIVED.fullmatch(name)
    try:
        return None if match is None else datetime.strptime(match[1], "%Y%m%d_%H%M%S")
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Frames of an event as one capture has them. `file`: the capture; `whole_file`: all that was read of it; `given`:
    the serial that its user gave, None where nobody did."""

    file: FoundFile
    content: ImportedEvent
    whole_file: ImportedFile
    given: str | None = None

    @cached_property
    def says(self) -> MemoryDescription:
        """What its own frames say."""
        survey = survey_stream(self.content.frames)
        if survey.opener is not None:
            return describe_memory(readable_memory(survey))
        return describe_memory(b"".join(logical_frame(frame).content for frame in self.content.frames))

    @property
    def name(self) -> str:
        return self.file.path.name

    @cached_property
    def recorded_at(self) -> datetime | None:
        """By its footer, else by the 0C record that belongs to it."""
        return self.says.recorded_at or self.content.recorded_at

    @cached_property
    def serial(self) -> str | None:
        """The unit by its own frames, else by its folder, else by what else the capture holds: one download is of one
        unit. Where nothing tells it, as it was given."""
        own = self.says.serial or self.content.serial or serial_of_folder(self.file.path.parent.name)
        if own is not None:
            return own
        told = {span.serial for span in self.whole_file.ran if is_serial(span.serial)}
        for one in everything_in(self.whole_file):
            told |= {said for said in (one.serial, _serial_in(one.frames)) if said is not None}
        return told.pop() if len(told) == 1 else self.given

    def times_of_records(self, start_key: int) -> set[datetime]:
        """The times in the 0C records of this key that belong to no event of the capture."""
        records = (one for one in self.whole_file.parts if not one.frames and one.start_key == start_key)
        return {one.recorded_at.replace(microsecond=0) for one in records if one.recorded_at is not None}

    def contradicts(self, start_key: int, recorded_at: datetime, ended_at: datetime) -> str:
        """Why it cannot be of the event with this key that was recorded then; '' where it can. No event is downloaded
        before its end, which its header names."""
        received = received_at(self.name)
        if received is not None and received < ended_at:
            what = f"began {local_text(recorded_at)}" if received < recorded_at else f"ended {local_text(ended_at)}"
            return f"{self.name} was received {local_text(received)} by its name, and the event {what}"
        records = self.times_of_records(start_key)
        if records and recorded_at not in records:
            return (
                f"{self.name} has the 0C record of an event of this key of {local_text(min(records))}, and the event "
                f"is of {local_text(recorded_at)}"
            )
        return ""


def contradiction(start_key: int, serial: str | None, recorded_at: datetime | None, pieces: Sequence[Piece]) -> str:
    """Why pieces are not of one event, in words; '' where nothing says so. `serial`, `recorded_at`: of the archive's
    event that they would be of, None where none is there yet."""
    units = {} if serial is None else {serial: "the event"}
    times = {} if recorded_at is None else {recorded_at: "the event"}
    for piece in pieces:
        if piece.serial is not None:
            units.setdefault(piece.serial, piece.name)
        if piece.recorded_at is not None:
            times.setdefault(piece.recorded_at, piece.name)
    if len(units) > 1:
        return "these are of two units: " + " and ".join(f"{name} of {unit}" for unit, name in units.items())
    if len(times) > 1:
        return "these are of two events: " + " and ".join(f"{who} of {local_text(at)}" for at, who in times.items())
    for at in times:
        stops = (piece.says.stopped_at for piece in pieces if piece.says.recorded_at == at)
        ended_at = max((at, *(stop for stop in stops if stop is not None)))
        return next(filter(None, (piece.contradicts(start_key, at, ended_at) for piece in pieces)), "")
    return ""


def does_not_decode(survey: StreamSurvey) -> str:
    """Why frames that are all of an event are not of one, in words, where its samples break off: those of two events
    rarely go on where they were put together. '' where they do not, and where frames are missing."""
    from sfm_archive.waveforms.decode import decode_event  # numpy is loaded where something is joined, and only there

    if not survey.whole or survey.memory is None:
        return ""
    broken = [found for found in decode_event(survey.memory).findings if found.code in NOT_TO_ITS_END]
    return f"put together they do not decode to their end: {broken[0].message}" if broken else ""


def joined_finding(names: Sequence[str], pieces: Sequence[Piece], shared: int, event: Event | None = None) -> Finding:
    """The finding for an event that was put together of these captures. `pieces`: those of them that are known as
    such; `shared`: frames that two of them have; `event`: the one of the archive that they were joined to, whose unit
    and time the other captures told."""
    told = []
    are_all = len(pieces) == len(names) or event is not None
    units = {one.serial for one in pieces} | ({event.serial} if event is not None else set())
    times = {one.recorded_at for one in pieces} | ({event.recorded_at} if event is not None else set())
    if shared:
        told.append(f"{counted(shared, 'frame')} that two of them have alike")
    if are_all and len(units) == 1 and pieces[0].serial is not None:
        told.append(f"their unit, {pieces[0].serial}")
    if are_all and len(times) == 1 and pieces[0].recorded_at:
        told.append(f"their time, {local_text(pieces[0].recorded_at)}")
    by = ", and by ".join(["the addresses of its frames", *told])
    message = f"the event was put together of {counted(len(names), 'capture')}, {_listed(names)}, by {by}"
    if told:
        return Finding(code=JOINED_CAPTURES, severity=Severity.NOTE, message=message)
    message += (
        "; nothing else shows that they are of one download, so no number of these frames counts until a file comes "
        "that has all of them: download the event again"
    )
    return Finding(code=JOINED_CAPTURES, message=message)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _serial_in(frames: Sequence[A5Frame]) -> str | None:
    try:
        return describe_memory(readable_memory(survey_stream(frames))).serial if frames else None
    except BadFrames:
        return None
