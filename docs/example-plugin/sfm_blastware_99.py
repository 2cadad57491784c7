"""blastware@99, strict: the whole event, and only where every frame's checksum proves it.

An example: blastware@2 writes a file of damaged frames and warns; this one refuses them. Released; these bytes never
change.
"""

from collections.abc import Sequence

from sfm_archive.plugins.api import (
    FILE_PREFIX,
    A5Frame,
    EncodedFile,
    Encoder,
    EncodeRefused,
    Event,
    hookimpl,
    survey_stream,
)

REFUSED = {"no-header", "gap", "unequal-duplicate", "second-header", "length", "checksum", "unchecked"}


class BlastwareStrict(Encoder):
    family = "blastware"
    version = 99
    description = "strict: the whole event, and only where every frame's checksum proves it"

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        survey = survey_stream(frames)
        reasons = [finding.message for finding in survey.findings if finding.code in REFUSED]
        if survey.memory is None or reasons:
            raise EncodeRefused("; ".join(reasons), survey.findings)
        return EncodedFile(FILE_PREFIX + survey.memory, survey.findings)


@hookimpl
def sfm_encoders() -> list[BlastwareStrict]:
    return [BlastwareStrict()]
