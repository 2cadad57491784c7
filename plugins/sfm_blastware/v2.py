"""blastware@2, address-mapped: each content at the address its frame echoes, from start key to end key exactly.

The rule (docs/facts.md, "What encoders exist"): equal duplicates are accepted, unequal ones refused;
content outside [start, end) is left out; a gap is refused with its address range. A second header in the body is
refused as well, since Blastware does not open such a file. On a well-formed stream the bytes equal blastware@1's.

These bytes are released. They never change; tests/golden/ holds them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.plugins.api import (
    FILE_PREFIX,
    A5Frame,
    EncodedFile,
    Encoder,
    EncodeRefused,
    Event,
    Finding,
    StreamSurvey,
    hookimpl,
    survey_stream,
)


class BlastwareAddressMapped(Encoder):
    """The event's memory, whole or not at all."""

    family = "blastware"
    version = 2
    description = "address-mapped: exactly the event's memory; refuses what cannot be a whole event"

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """The event file.

        Raises EncodeRefused for a stream without an event header, with a gap, with frames that disagree, or with a
        second header in the body; BadFrames when there are no frames or one is too short to have content.
        """
        survey = survey_stream(frames)
        reasons = _reasons_to_refuse(survey)
        if survey.memory is None or reasons:
            raise EncodeRefused("; ".join(finding.message for finding in reasons), survey.findings)
        return EncodedFile(FILE_PREFIX + survey.memory, survey.findings)


def _reasons_to_refuse(survey: StreamSurvey) -> list[Finding]:
    refused = ("no-header", "gap", "unequal-duplicate", "second-header")
    return [finding for finding in survey.findings if finding.code in refused]


@hookimpl
def sfm_encoders() -> list[BlastwareAddressMapped]:
    """This version."""
    return [BlastwareAddressMapped()]
