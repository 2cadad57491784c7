"""blastware@1, sequential: the prefix, then every frame's content in the order received.

What the widely used writer has done since 2026-05-05 (docs/facts.md, "What encoders exist"). It is
faithful, also to a faulty stream: over-read frames and a doubled address end up in the file. It refuses only what
that writer could not have written either, and warns of everything else.

These bytes are released. They never change; tests/golden/ holds them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.plugins.api import (
    FILE_PREFIX,
    A5Frame,
    EncodedFile,
    Encoder,
    Event,
    hookimpl,
    inspect_event_file,
    survey_stream,
)


class BlastwareSequential(Encoder):
    """Every frame's content, as it came."""

    family = "blastware"
    version = 1
    description = "sequential: every frame's content in the order received, faults included"

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """The event file. Raises BadFrames when there are no frames or one is too short to have content."""
        survey = survey_stream(frames)
        data = FILE_PREFIX + b"".join([piece.content for piece in survey.pieces])
        known = {finding.code for finding in survey.findings}
        if not known or "second-header" in known:
            return EncodedFile(data, survey.findings)
        # The survey looks at the memory that the frames should be; here they are written as they came.
        doubled = tuple(finding for finding in inspect_event_file(data) if finding.code == "second-header")
        return EncodedFile(data, survey.findings + doubled)


@hookimpl
def sfm_encoders() -> list[BlastwareSequential]:
    """This version."""
    return [BlastwareSequential()]
