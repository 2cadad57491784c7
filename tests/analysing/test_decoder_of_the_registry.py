"""What an archive decodes with is found through the registry: another decoder of the name is used, none is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfm_archive import Archive
from sfm_archive.analysing import AnalyseOptions, analyse, recording_of
from sfm_archive.errors import NotFound
from sfm_archive.plugins.contracts import Decoder
from sfm_archive.plugins.loading import Plugins, load_plugins
from sfm_archive.storage.store import open_file


class Halving(Decoder):
    """Gives half of every count."""

    family, version, description = "waveform", 1, "for tests"

    def decode(self, memory, stated):
        found = load_plugins().decoder("waveform@1").decode(memory, stated)
        if found.waveform is None:
            return found
        return replace(found, waveform=replace(found.waveform, counts=found.waveform.counts // 2))


@pytest.fixture
def opened_with(made):
    """The archive, with these decoders alone."""

    def opening(*decoders):
        plugins, registry = Plugins(), load_plugins()
        plugins.registry = replace(registry, decoders=decoders)
        return Archive(open_file(made.path, read_only=True), plugins)

    return opening


def test_the_decoder_that_is_installed_is_the_one_that_decodes(made, opened_with):
    (shipped,) = load_plugins().decoders
    with opened_with(shipped) as usual, opened_with(replace(shipped, offered=Halving())) as halved:
        for event_id, event in made.events.items():
            right, half = recording_of(usual, event_id), recording_of(halved, event_id)
            if event.motion is not None:
                assert (half.sampled().samples == right.sampled().samples // 2).all()
                assert half.computed != right.computed


def test_without_its_plugin_nothing_is_decoded_and_the_sentence_says_so(opened_with):
    with opened_with() as archive:
        for job in (lambda: recording_of(archive, 1), lambda: analyse(archive, options=AnalyseOptions(store=False))):
            with pytest.raises(NotFound, match=r"decoder waveform@1 is not installed \(installed: none\)"):
                job()
        assert archive.event(1).serial == "BE11529"
