"""The conformance suite for decoders, for plug-in authors: what docs/writing-a-plugin.md asks of one, as tests.

    class TestMyDecoder(DecoderConformance):
        decoder = MyDecoder()

An archive computes its numbers inside the transaction of a save, and again at every full verification: so the same
bytes must give the same counts for ever, and no bytes may stop it. This module needs pytest and numpy.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from sfm_archive.errors import BadInput
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.plugins.contracts import Decoder, StatedSettings
from sfm_archive.testing.conformance import events

if TYPE_CHECKING:
    from sfm_archive.waveforms import DecodedEvent

_STATED = (
    StatedSettings(),
    StatedSettings(sample_rate=2048.0, pretrigger=512, samples=100),
    StatedSettings(intervals=3.0, interval_s=60.0),
)


class DecoderConformance:
    """Subclass it in a test module, under a name that begins with `Test`, and set `decoder`."""

    decoder: ClassVar[Decoder]

    def test_its_name_follows_the_rules(self) -> None:
        """family@version, as archives keep it beside the numbers."""
        assert isinstance(self.decoder, Decoder), "it is no object of a subclass of sfm_archive.plugins.api.Decoder"
        family, version = self.decoder.family, self.decoder.version
        assert isinstance(version, int) and not isinstance(version, bool), f"version is {version!r}, not a whole number"
        assert parse_encoder_name(f"{family}@{version}") == (family, version)
        assert self.decoder.description.isprintable() and self.decoder.description.strip(), "it describes itself"

    @pytest.mark.parametrize("stated", _STATED, ids=("nothing stated", "a rate stated", "intervals stated"))
    def test_the_same_memory_gives_the_same_samples(self, stated: StatedSettings) -> None:
        """Deterministic: a verification decodes again and compares."""
        for event in events():
            first, again = self._decoded(event.memory, stated), self._decoded(event.memory, stated)
            assert (first is None) == (again is None), "it refuses only now and then"
            if first is None or again is None:
                continue
            assert first.is_sound and again.is_sound, "counts are no int32 of four channels, or a finding is none"
            assert first.findings == again.findings
            for one, other in zip(_arrays(first), _arrays(again), strict=True):
                assert np.array_equal(one, other)

    def test_damaged_memory_is_decoded_or_refused_and_nothing_else(self) -> None:
        """BadInput is the one refusal; an archive holds damaged bytes too."""
        random = Random(20260507)
        for event in events():
            memory = event.memory
            at = random.randrange(len(memory))
            for data in (
                b"",
                memory[:20],
                memory[: len(memory) // 2],
                memory[:at] + random.randbytes(40) + memory[at:],
            ):
                found = self._decoded(data, StatedSettings())
                assert found is None or found.is_sound

    def _decoded(self, memory: bytes, stated: StatedSettings) -> DecodedEvent | None:
        try:
            return self.decoder.decode(memory, stated)
        except BadInput as error:
            assert str(error).strip(), "a refusal says why"
            return None


def _arrays(found: DecodedEvent) -> list[Any]:
    wave, histogram = found.waveform, found.histogram
    arrays: list[Any] = [] if wave is None else [wave.counts]
    return arrays if histogram is None else [*arrays, histogram.index, histogram.peaks, histogram.half_periods]
