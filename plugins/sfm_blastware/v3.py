"""blastware@3, healing: blastware@2's rule, and where that refuses, the same rule without the frames proved wrong.

A frame is left out, whole, when one of these holds; no byte is ever made up or moved:

- It brings the event's own header (tag and STRT with the event's keys) at another address than the start, or it begins
  with any event's header whose STRT names another address: the 0x1000 fault of old downloads, in the variant where the
  echo says 0x1000 (docs/facts.md, "The walk").
- Its length or its checksum does not fit, and a frame of which both fit brings other bytes for an address.
- It is no A5 frame, or too short to hold a header: it brings none of the event's memory.

What is left must then be the whole event: a gap is refused with its address range, and so are two frames that
disagree with nothing to tell which is right. Wherever blastware@2 encodes, the bytes are the same. So a faulty
download heals when the stream also brings the right content: repeated frames, or a download that was started again.

These bytes are released. They never change; tests/golden/ holds them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.plugins.api import (
    FILE_PREFIX,
    A5Frame,
    BadFrames,
    EncodedFile,
    Encoder,
    EncodeRefused,
    Event,
    Finding,
    StreamSurvey,
    hookimpl,
    survey_stream,
)
from sfm_blastware.healing import heal

_REFUSED = ("no-header", "gap", "unequal-duplicate", "second-header")


class BlastwareHealing(Encoder):
    """The event's memory, whole or not at all, from the frames that can be right."""

    family = "blastware"
    version = 3
    description = "healing: as blastware@2, and leaves out frames proved wrong where the stream brings the right ones"

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """The event file.

        Raises EncodeRefused where also the frames that can be right are not the whole event; BadFrames when there are
        no frames or none is long enough to have content.
        """
        try:
            survey = survey_stream(frames)
            if survey.memory is not None and not _reasons_to_refuse(survey):
                return EncodedFile(FILE_PREFIX + survey.memory, survey.findings)
        except BadFrames:
            survey = None
        kept, left_out = heal(frames)
        if survey is None or left_out:
            healed = survey_stream(kept)
            findings = _findings(survey, healed, left_out)
        else:
            healed, findings = survey, survey.findings
        reasons = _reasons_to_refuse(healed)
        if healed.memory is None or reasons:
            raise EncodeRefused("; ".join(finding.message for finding in reasons), findings)
        return EncodedFile(FILE_PREFIX + healed.memory, findings)


def _reasons_to_refuse(survey: StreamSurvey) -> list[Finding]:
    return [finding for finding in survey.findings if finding.code in _REFUSED]


_OF_THE_WHOLE = frozenset((*_REFUSED, "missing-footer"))
"""Codes about the event put together; all others are about single frames."""


def _findings(survey: StreamSurvey | None, healed: StreamSurvey, left_out: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What is odd about the frames as received, which of them were left out, and what is odd about the event.

    Numbers of frames are those of the stream as received, except where no survey of all of it was possible.
    """
    about_frames = healed if survey is None else survey
    return (
        *(finding for finding in about_frames.findings if finding.code not in _OF_THE_WHOLE),
        *left_out,
        *(finding for finding in healed.findings if finding.code in _OF_THE_WHOLE),
    )


@hookimpl
def sfm_encoders() -> list[BlastwareHealing]:
    """This version."""
    return [BlastwareHealing()]
