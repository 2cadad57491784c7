"""Spectra: amplitudes of known sines, what has no spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.waveforms import Traces, spectrum_of


def traces(*rows, units=None, **masks):
    return Traces(
        channels=("Tran", "MicL")[: len(rows)], samples=np.array(rows, dtype=np.float64), quantum=(0.5,) * len(rows),
        units=units or ("mm/s", "Pa")[: len(rows)], sample_rate=1024, pretrigger=0, **masks,
    )  # fmt: skip


TIME = np.arange(1024) / 1024


def test_a_sine_on_a_bin_has_its_amplitude():
    found = spectrum_of(traces(6 * np.sin(2 * np.pi * 50 * TIME), 4 + 2 * np.cos(2 * np.pi * 200 * TIME)))
    assert found.frequencies[[0, 50, -1]].tolist() == [0, 50, 512]
    assert found.amplitudes[0, 50] == pytest.approx(3.0)
    assert found.amplitudes[1, [0, 200]].tolist() == pytest.approx([0.0, 1.0])
    assert found.dominant("Tran") == 50 and found.dominant("MicL") == 200
    assert found.units == ("mm/s", "Pa")


@pytest.mark.parametrize("size", [1, 2, 3, 100, 101])
def test_spectra_of_any_length_hold_the_energy_of_the_record(size):
    samples = np.random.default_rng(1).normal(size=size)
    found = spectrum_of(traces(samples))
    weights = np.full(len(found.frequencies), 0.5)
    weights[0] = 1
    if size % 2 == 0:
        weights[-1] = 1
    assert (found.amplitudes[0] ** 2 * weights).sum() == pytest.approx(np.mean(((samples - samples.mean()) / 2) ** 2))


def test_the_mean_is_left_out():
    found = spectrum_of(traces(7 + np.sin(2 * np.pi * 5 * TIME)))
    assert found.amplitudes[0, 0] == pytest.approx(0, abs=1e-12) and found.dominant("Tran") == 5


def test_a_still_channel_has_no_dominant_frequency():
    assert spectrum_of(traces(np.zeros(64))).dominant("Tran") is None


def test_what_has_no_spectrum_is_refused():
    with pytest.raises(UsageError):
        spectrum_of(traces([]))
    with pytest.raises(UsageError):
        spectrum_of(traces([1, 2], unusable=np.array([[True, False]])))
    assert spectrum_of(traces([1, 2], [90, 91], units=("mm/s", "dB(L)"))).channels == ("Tran",)
