"""The decoder waveform@1, by which archives decode: `sfm_archive.waveforms.decode_event`. Needs numpy when used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfm_archive.plugins.api import Decoder, StatedSettings, hookimpl

if TYPE_CHECKING:
    from sfm_archive.plugins.api import DecodedEvent

SFM_HOOK_API = 1


class Waveform(Decoder):
    """Waveforms as counts, histograms as intervals."""

    family = "waveform"
    version = 1
    description = "waveforms and histograms of a MiniMate Plus; needs numpy"

    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        """What is in the memory; never raises for its bytes, UsageError for settings that cannot be."""
        # Loading the plug-in must cost nobody the time of loading numpy.
        from sfm_archive.waveforms import decode_event

        return decode_event(
            memory,
            sample_rate=stated.sample_rate,
            pretrigger=stated.pretrigger,
            samples=stated.samples,
            intervals=stated.intervals,
            interval_s=stated.interval_s,
        )


@hookimpl
def sfm_decoders() -> list[Waveform]:
    """The one decoder."""
    return [Waveform()]
