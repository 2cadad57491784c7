"""Amplitude spectra of traces by the fast Fourier transform.

The amplitude of a bin is that of a sine at its frequency: 2·|X| / sum of the window, the mean and the Nyquist bin once.
Windows are periodic (a whole number of them tiles the record), as spectral analysis wants them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.waveforms.traces import Traces


class Window(StrEnum):
    """How the record is faded. RECTANGULAR not at all: sharpest, right for transients that begin and end at rest.
    HANN: 0.5 − 0.5·cos, amplitudes up to 15 % low between bins. FLAT_TOP: amplitudes within 0.1 %, five times wider
    peaks."""

    RECTANGULAR = "rectangular"
    HANN = "hann"
    FLAT_TOP = "flat-top"


_COSINES = {
    Window.RECTANGULAR: (1.0,),
    Window.HANN: (0.5, 0.5),
    # The common five-term flat top (as in SciPy and MATLAB).
    Window.FLAT_TOP: (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """k channels over m frequencies.

    `channels`, `units`: as of the traces. `window`: what was used. `frequencies`: shape (m,), Hz, from 0 to half the
    rate. `amplitudes`: shape (k, m), zero-to-peak, in each channel's unit; the first is what is left of the mean.
    """

    channels: tuple[str, ...]
    units: tuple[str, ...]
    frequencies: NDArray[np.float64]
    amplitudes: NDArray[np.float64]
    window: Window

    def dominant(self, channel: str) -> float | None:
        """The frequency of the largest amplitude, the mean left out; None where nothing moves."""
        if channel not in self.channels:
            raise UsageError(f"no channel {channel!r} here, only {', '.join(self.channels)}")
        moving = self.amplitudes[self.channels.index(channel), 1:]
        if not moving.size or not float(moving.max()) > 0:
            return None
        return float(self.frequencies[1 + int(moving.argmax())])


def spectrum_of(traces: Traces, window: Window = Window.RECTANGULAR, *, remove_mean: bool = True) -> Spectrum:
    """The amplitude spectrum of each channel over the whole record, without zero padding.

    `remove_mean`: take each channel's mean away before the window; a window smears an offset over the lowest
    frequencies. Channels in dB(L) are left out. Raises UsageError for traces without samples and for a channel with
    unusable samples, which have no spectrum.
    """
    window = Window(window)
    if not traces.size:
        raise UsageError("a spectrum needs samples; these traces have none")
    rows = [row for row, unit in enumerate(traces.units) if unit != "dB(L)"]
    if traces.unusable is not None and bool(traces.unusable[rows].any()):
        raise UsageError("a spectrum needs every sample, and some of these are no numbers that could be true")
    values = traces.samples[rows] * np.array([traces.quantum[row] for row in rows])[:, None]
    if remove_mean:
        values = values - values.mean(axis=1, keepdims=True)
    weights = window_weights(window, traces.size)
    amplitudes = np.abs(np.fft.rfft(values * weights, axis=1)) * (2.0 / float(weights.sum()))
    amplitudes[:, 0] /= 2
    if traces.size % 2 == 0 and traces.size > 1:
        amplitudes[:, -1] /= 2
    return Spectrum(
        channels=tuple(traces.channels[row] for row in rows),
        units=tuple(traces.units[row] for row in rows),
        frequencies=np.arange(traces.size // 2 + 1, dtype=np.float64) * (traces.sample_rate / traces.size),
        amplitudes=amplitudes,
        window=window,
    )


def window_weights(window: Window, size: int) -> NDArray[np.float64]:
    """The window's weights, shape (size,), periodic; all ones for fewer than three samples."""
    if size < 3:
        return np.ones(size)
    turn = 2 * np.pi * np.arange(size) / size
    weights = np.zeros(size)
    for order, factor in enumerate(_COSINES[window]):
        weights += (-1) ** order * factor * np.cos(order * turn)
    return weights
