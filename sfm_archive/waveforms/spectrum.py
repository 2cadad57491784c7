"""Amplitude spectra of traces by the fast Fourier transform.

The amplitude of a bin is that of a sine at its frequency: 2·|X| / number of samples, the Nyquist bin once. The record
is not faded: a transient begins and ends at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.waveforms.traces import Traces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """k channels over m frequencies.

    `channels`, `units`: as of the traces. `frequencies`: shape (m,), Hz, from 0 to half the rate. `amplitudes`: shape
    (k, m), zero-to-peak, in each channel's unit; the mean is left out.
    """

    channels: tuple[str, ...]
    units: tuple[str, ...]
    frequencies: NDArray[np.float64]
    amplitudes: NDArray[np.float64]

    def dominant(self, channel: str) -> float | None:
        """The frequency of the largest amplitude, the mean left out; None where nothing moves."""
        if channel not in self.channels:
            raise UsageError(f"no channel {channel!r} here, only {', '.join(self.channels)}")
        moving = self.amplitudes[self.channels.index(channel), 1:]
        if not moving.size or not float(moving.max()) > 0:
            return None
        return float(self.frequencies[1 + int(moving.argmax())])


def spectrum_of(traces: Traces) -> Spectrum:
    """The amplitude spectrum of each channel over the whole record, without its mean and without zero padding.

    Channels in dB(L) are left out. Raises UsageError for traces without samples and for a channel with
    unusable samples, which have no spectrum.
    """
    if not traces.size:
        raise UsageError("a spectrum needs samples; these traces have none")
    rows = [row for row, unit in enumerate(traces.units) if unit != "dB(L)"]
    if traces.unusable is not None and bool(traces.unusable[rows].any()):
        raise UsageError("a spectrum needs every sample, and some of these are impossible numbers")
    values = traces.samples[rows] * np.array([traces.quantum[row] for row in rows])[:, None]
    values = values - values.mean(axis=1, keepdims=True)
    amplitudes = np.abs(np.fft.rfft(values, axis=1)) * (2.0 / traces.size)
    amplitudes[:, 0] /= 2
    if traces.size % 2 == 0 and traces.size > 1:
        amplitudes[:, -1] /= 2
    return Spectrum(
        channels=tuple(traces.channels[row] for row in rows),
        units=tuple(traces.units[row] for row in rows),
        frequencies=np.arange(traces.size // 2 + 1, dtype=np.float64) * (traces.sample_rate / traces.size),
        amplitudes=amplitudes,
    )
