"""Spectra: amplitudes of known sines, windows, what has no spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.waveforms import Traces, Window, spectrum_of
from sfm_archive.waveforms.spectrum import window_weights


def traces(*rows, units=None, **masks):
    return Traces(
        channels=("Tran", "MicL")[: len(rows)], samples=np.array(rows, dtype=np.float64), quantum=(0.5,) * len(rows),
        units=units or ("mm/s", "Pa")[: len(rows)], sample_rate=1024, pretrigger=0, **masks,
    )  # fmt: skip


TIME = np.arange(1024) / 1024


@pytest.mark.parametrize("window", list(Window))
def test_a_sine_on_a_bin_has_its_amplitude_in_every_window(window):
    found = spectrum_of(traces(6 * np.sin(2 * np.pi * 50 * TIME), 4 + 2 * np.cos(2 * np.pi * 200 * TIME)), window)
    kept = spectrum_of(traces(4 + 0 * TIME), window, remove_mean=False)
    assert kept.amplitudes[0, 0] == pytest.approx(2.0)
    assert found.frequencies[[0, 50, -1]].tolist() == [0, 50, 512]
    assert found.amplitudes[0, 50] == pytest.approx(3.0)
    assert found.amplitudes[1, [0, 200]].tolist() == pytest.approx([0.0, 1.0])
    assert found.dominant("Tran") == 50 and found.dominant("MicL") == 200
    assert found.units == ("mm/s", "Pa")


def test_flat_top_keeps_the_amplitude_between_bins():
    found = spectrum_of(traces(2 * np.sin(2 * np.pi * 50.5 * TIME)), Window.FLAT_TOP)
    assert found.amplitudes.max() == pytest.approx(1.0, rel=2e-3)


@pytest.mark.parametrize("size", [1, 2, 3, 100, 101])
def test_spectra_of_any_length_hold_the_energy_of_the_record(size):
    samples = np.random.default_rng(1).normal(size=size)
    found = spectrum_of(traces(samples), remove_mean=False)
    weights = np.full(len(found.frequencies), 0.5)
    weights[0] = 1
    if size % 2 == 0:
        weights[-1] = 1
    assert (found.amplitudes[0] ** 2 * weights).sum() == pytest.approx(np.mean((samples / 2) ** 2))


def test_the_mean_is_taken_away_before_the_window():
    found = spectrum_of(traces(7 + np.sin(2 * np.pi * 5 * TIME)), Window.HANN)
    assert found.amplitudes[0, 0] == pytest.approx(0, abs=1e-12) and found.dominant("Tran") == 5


def test_windows_are_periodic_and_begin_at_zero():
    hann = window_weights(Window.HANN, 8)
    assert hann[0] == pytest.approx(0) and hann[4] == 1 and hann[1] == pytest.approx(hann[7])
    assert window_weights(Window.FLAT_TOP, 8)[4] == pytest.approx(1)


def test_a_still_channel_has_no_dominant_frequency():
    assert spectrum_of(traces(np.zeros(64))).dominant("Tran") is None


def test_what_has_no_spectrum_is_refused():
    with pytest.raises(UsageError):
        spectrum_of(traces([]))
    with pytest.raises(UsageError):
        spectrum_of(traces([1, 2], unusable=np.array([[True, False]])))
    assert spectrum_of(traces([1, 2], [90, 91], units=("mm/s", "dB(L)"))).channels == ("Tran",)
