"""Stored bytes of an event that can give samples, and its memory out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput, Damaged, SfmError
from sfm_archive.formats.blastware.event_file import memory_of_file, not_whole
from sfm_archive.formats.blastware.streams import memory_to_decode, survey_stream
from sfm_archive.formats.frame_blob import FrameBlob, unpack_frames
from sfm_archive.formats.micromate.event_file import NOT_DECODED, is_micromate_file
from sfm_archive.model.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Stored bytes of one event: a revision's frames, a received event file, or a report with samples of its own.
    `label`: for people.

    `sha256`: the identity that the archive has of them. `memory`: the event's bytes in them, where they are at hand.
    """

    label: str
    sha256: str
    blob: FrameBlob | None = None
    file: bytes | None = None
    memory: bytes | None = None
    report: Report | None = None

    @property
    def is_undecoded(self) -> bool:
        """Whether it is kept as received, and no decoder reads it."""
        return self.file is not None and is_micromate_file(self.file)


class Report(NamedTuple):
    """A report: its name, the identity that the archive has of its bytes, and what gives those a piece at a time."""

    name: str
    sha256: str
    pieces: Callable[[], Iterable[bytes]]

    def held(self) -> Report:
        """The same with its bytes in memory, as another process can have it; damage is told there."""
        try:
            data = b"".join(self.pieces())
        except SfmError as error:
            return self._replace(pieces=partial(_damaged, str(error)))
        return self._replace(pieces=partial(_in_memory, data))


def _in_memory(data: bytes) -> Iterable[bytes]:
    return (data,)


def _damaged(why: str) -> Iterable[bytes]:
    raise Damaged(why)


_WRAPPED = Finding(
    code="addresses-wrap",
    message="the addresses of the frames begin again at 0000 behind FFFF, and whether a unit counts so is not known: "
    "they are decoded in the order received",
)


def memory_from(source: Source) -> tuple[bytes, tuple[Finding, ...]]:
    """Event memory of a source, and what is unclear about it. Raises BadInput where its bytes are not a whole event,
    Damaged where they are not as recorded."""
    if source.memory is not None:
        return source.memory, ()
    if source.is_undecoded:
        raise BadInput(f"{source.label}: {NOT_DECODED}")
    if source.file is not None:
        broken = not_whole(source.file)
        if broken:
            said = sentences(finding.message for finding in broken)
            raise BadInput(f"{source.label}: {said}; numbers are computed of whole events only")
        return memory_of_file(source.file), ()
    if source.blob is None:
        raise BadInput(f"{source.label}: no bytes are there")
    try:
        frames = unpack_frames(source.blob)
    except BadInput as error:
        raise Damaged(f"{source.label}: {error}. Take them from a backup") from error
    survey = survey_stream(frames)
    memory = memory_to_decode(survey)
    if memory is None:
        codes = sorted({f.code for f in survey.findings if f.severity is not Severity.NOTE})
        raise BadInput(
            f"{source.label}: the frames are not the whole event ({', '.join(codes) or 'incomplete'}); numbers are "
            "computed of whole events only"
        )
    return memory, () if survey.whole else (_WRAPPED,)
