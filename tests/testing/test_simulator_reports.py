"""The text that the simulator prints beside an event: states at the rails."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.model.readings import ValueState
from sfm_archive.testing import ascii_report, simulate_waveform, synthetic_motion
from sfm_archive.waveforms import decode_event, quantities_of


@pytest.mark.parametrize(
    ("count", "state"), [(2047, ValueState.OVER_RANGE), (-2048, ValueState.OVER_RANGE), (2046, ValueState.OK)]
)
def test_report_and_decoder_agree_on_a_microphone_at_its_rail(count, state):
    motion = synthetic_motion(Random(3), seconds=1.0, loudness="quiet")
    motion = replace(motion, micl=[*motion.micl[:-1], count])
    event = simulate_waveform(Random(3), motion=motion)
    header = read_report_header(ascii_report(event, file_name="M529LK44.AB0"))
    printed = next(reading for reading in header.readings if reading.quantity == "pspl")
    decoded = decode_event(event.memory).waveform
    computed = next(reading for reading in quantities_of(decoded.traces()) if reading.quantity == "pspl")
    assert (printed.state, computed.state) == (state, state)
    assert printed.text == ("OORANGE" if state is ValueState.OVER_RANGE else "148.2 dB(L)")
