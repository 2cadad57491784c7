"""The decoder that ships passes the suite that strangers' decoders are asked to pass; broken ones fail it."""

from __future__ import annotations

from random import Random

import pytest

from sfm_archive.plugins.contracts import Decoder, StatedSettings
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing.decoder_conformance import DecoderConformance
from sfm_archive.waveforms import DecodedEvent, decode_event


class TestWaveform(DecoderConformance):
    decoder = load_plugins().decoder("waveform@1").offered


class Raising(Decoder):
    family, version, description = "raising", 1, "for tests"

    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        raise IndexError(len(memory))


class Drawing(Decoder):
    family, version, description = "drawing", 1, "for tests"
    random = Random(1)

    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        return decode_event(memory[: self.random.randrange(len(memory))])


def suite_of(decoder: Decoder) -> DecoderConformance:
    return type("Suite", (DecoderConformance,), {"decoder": decoder})()


def test_a_decoder_that_breaks_or_draws_its_answer_fails() -> None:
    with pytest.raises(IndexError):
        suite_of(Raising()).test_damaged_memory_is_decoded_or_refused_and_nothing_else()
    with pytest.raises(AssertionError):
        suite_of(Drawing()).test_the_same_memory_gives_the_same_samples(StatedSettings())
