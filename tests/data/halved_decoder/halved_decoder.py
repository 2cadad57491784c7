"""A second decoder, as another package offers it: half of every count of the one that ships."""

from __future__ import annotations

from dataclasses import replace

from sfm_archive.plugins.api import Decoder, StatedSettings, hookimpl
from sfm_archive.waveforms import DecodedEvent, decode_event


class Halved(Decoder):
    """Waveforms at half their size."""

    family = "halved"
    version = 1
    description = "half of every count"

    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        """What waveform@1 gives, with counts of half the size."""
        found = decode_event(
            memory,
            sample_rate=stated.sample_rate,
            pretrigger=stated.pretrigger,
            samples=stated.samples,
            intervals=stated.intervals,
            interval_s=stated.interval_s,
        )
        if found.waveform is None:
            return found
        return replace(found, waveform=replace(found.waveform, counts=found.waveform.counts // 2))


@hookimpl
def sfm_decoders() -> list[Halved]:
    """The one."""
    return [Halved()]
