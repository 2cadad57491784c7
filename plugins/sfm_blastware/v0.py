"""blastware@0, strip: as blastware@1, but a second type tag + STRT found inside the body is cut out.

HISTORIC: what the widely used writer did on 2026-05-04, for one day (docs/facts.md, "What encoders exist").
It is here to reproduce a file written then and for nothing else; never pin it. It looks for the eight bytes of tag and
`STRT` alone, so it also removes 25 bytes of valid data where samples happen to spell them: every cut is a finding.

These bytes are released. They never change; tests/golden/ holds them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.plugins.api import (
    BODY_OFFSET,
    EVENT_HEADER,
    FILE_PREFIX,
    A5Frame,
    EncodedFile,
    Encoder,
    Event,
    Finding,
    hookimpl,
    inspect_event_file,
    survey_stream,
)

HEADER_SIZE = BODY_OFFSET
"""Bytes of a type tag and a STRT, which is what one cut removes."""


class BlastwareStrip(Encoder):
    """Every frame's content as it came, less whatever looks like a second header."""

    family = "blastware"
    version = 0
    description = "strip, historic (2026-05-04 only): sequential, and cuts what looks like a second header"

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """The event file. Raises BadFrames when there are no frames or one is too short to have content."""
        survey = survey_stream(frames)
        body = b"".join([piece.content for piece in survey.pieces])
        cuts = _second_headers(body)
        data = FILE_PREFIX + _without(body, cuts)
        # Second headers are cut here: what the survey says of them would be about a file that is not written.
        odd = tuple(finding for finding in survey.findings if finding.code != "second-header")
        return EncodedFile(data, odd + tuple(map(_cut, cuts)) + _left_by_the_cuts(data, cuts))


def _second_headers(body: bytes) -> list[int]:
    """Where the contents hold a whole second header, as offsets in them; one cut begins behind the one before."""
    found = []
    at = body.find(EVENT_HEADER, HEADER_SIZE)
    while at != -1 and at + HEADER_SIZE <= len(body):
        found.append(at)
        at = body.find(EVENT_HEADER, at + HEADER_SIZE)
    return found


def _without(body: bytes, cuts: list[int]) -> bytes:
    starts = [0, *(at + HEADER_SIZE for at in cuts)]
    return b"".join(body[start:stop] for start, stop in zip(starts, [*cuts, len(body)], strict=True))


def _cut(at: int) -> Finding:
    offset = len(FILE_PREFIX) + at
    message = (
        f"{HEADER_SIZE} bytes that look like a second event header were cut out at file offset 0x{offset:X} (counted "
        "before any cut); where samples happened to look so, valid data is lost"
    )
    return Finding(code="cut-header", message=message, start=offset, end=offset + HEADER_SIZE)


def _left_by_the_cuts(data: bytes, cuts: list[int]) -> tuple[Finding, ...]:
    """What is odd about the file because bytes are missing: its size, and a header that only the cut put together."""
    if not cuts:
        return ()
    return tuple(finding for finding in inspect_event_file(data) if finding.code in ("size", "second-header"))


@hookimpl
def sfm_encoders() -> list[BlastwareStrip]:
    """This version."""
    return [BlastwareStrip()]
