"""Traces over time, with the trigger and each channel's peak; histograms as bars over time; spectra beside them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import MaxNLocator

from sfm_archive.analysing import Recording
from sfm_archive.drawing.style import ALARM, COLOURS, FAINT, INK
from sfm_archive.drawing.words import digits, full_text
from sfm_archive.errors import UsageError
from sfm_archive.formats.readings import CHANNELS, GEO_CHANNELS, Reading
from sfm_archive.waveforms import Traces, spectrum_of

_HIGHEST_HZ = 250.0


def draw_traces(axes: list[Axes], recording: Recording) -> None:
    """One pair of axes for each channel of the recording's traces; the geophones share a scale."""
    traces = recording.traces
    if traces is None:
        raise UsageError(f"event {recording.event_id} has no traces to draw")
    times = traces.times()
    scale = max((_largest(traces, traces.channels[row]) for row in traces.geophones), default=0.0)
    for row, channel in enumerate(traces.channels):
        axis, unit = axes[row], traces.units[row]
        values = traces.values(channel)
        axis.plot(times, values, color=COLOURS.get(channel, INK))
        half = 1.15 * (scale if channel in GEO_CHANNELS else _largest(traces, channel)) or 1.0
        axis.set_ylim(-half, half)
        axis.axvline(0.0, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        _name(axis, f"{channel}\n{unit}")
        _mark_over_range(axis, traces, row, half)
        _mark_peak(axis, recording, channel, times, values)
    if times.size:
        axes[0].set_xlim(float(times[0]), float(times[-1]))
        axes[0].annotate(
            "trigger", (0.0, 1.0), xycoords=("data", "axes fraction"), xytext=(2, 2), textcoords="offset points",
            fontsize=6.5, color=FAINT,
        )  # fmt: skip
    _aligned(axes[: len(traces.channels)])
    _only_last_labelled(axes[: len(traces.channels)], "seconds from the trigger")


def _largest(traces: Traces, channel: str) -> float:
    values = np.abs(traces.values(channel))
    return float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0


def _mark_over_range(axis: Axes, traces: Traces, row: int, half: float) -> None:
    if traces.over_range is None or not traces.over_range[row].any():
        return
    at = np.flatnonzero(traces.over_range[row])
    heights = np.clip(np.nan_to_num(traces.values(traces.channels[row])[at], nan=half), -half, half)
    axis.plot(traces.times()[at], heights, linestyle="none", marker="s", markersize=2.2, color=ALARM)
    axis.annotate(
        "OVER RANGE", (0.005, 0.93), xycoords="axes fraction", va="top", color=ALARM, fontsize=7, fontweight="bold"
    )


def _mark_peak(axis: Axes, recording: Recording, channel: str, times: Any, values: Any) -> None:
    time = recording.found("time_of_peak", channel)
    if time is None or time.number is None or recording.traces is None:
        return
    at = round(time.number * recording.traces.sample_rate) + recording.traces.pretrigger
    if not 0 <= at < len(values) or np.isnan(values[at]):
        return
    axis.plot([times[at]], [values[at]], marker="o", markersize=4, markerfacecolor="none", color=INK)
    peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
    frequency = recording.found("zc_frequency", channel)
    parts = [full_text(reading) for reading in (peak, frequency) if reading is not None and reading.number is not None]
    parts.append(f"at {digits(time.number, 's')} s")
    axis.annotate(
        "  ·  ".join(parts), (0.995, 0.94), xycoords="axes fraction", ha="right", va="top", fontsize=6.8,
        bbox={"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )  # fmt: skip


def draw_histogram(axes: list[Axes], recording: Recording) -> None:
    """One pair of axes for each channel: the peak of each stored interval as a bar over time."""
    histogram = recording.histogram
    if histogram is None:
        raise UsageError(f"event {recording.event_id} has no intervals to draw")
    values = histogram.physical(recording.settings.range, recording.settings.unit)
    edges, label = _edges(recording)
    scale = max((_top(values[name]) for name in GEO_CHANNELS), default=0.0)
    for row, channel in enumerate(CHANNELS):
        axis = axes[row]
        heights = np.nan_to_num(values[channel])
        axis.stairs(heights, edges, fill=True, color=COLOURS[channel])
        axis.set_ylim(0, 1.15 * (scale if channel in GEO_CHANNELS else _top(values[channel])) or 1.0)
        unit = "Pa" if channel == "MicL" else recording.settings.unit
        _name(axis, f"{channel}\n{unit}")
        over = histogram.over_range[row]
        if over.any():
            middles = (edges[:-1] + edges[1:])[over] / 2
            axis.plot(middles, heights[over], linestyle="none", marker="s", markersize=2.5, color=ALARM)
        peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
        frequency = recording.found("zc_frequency", channel)
        if peak is not None:
            parts = [full_text(reading) for reading in (peak, frequency) if reading is not None and _shows(reading)]
            axis.annotate(
                "  ·  ".join(parts), (0.995, 0.94), xycoords="axes fraction", ha="right", va="top", fontsize=6.8,
                color=ALARM if over.any() else INK,
                bbox={"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            )  # fmt: skip
    axes[0].set_xlim(float(edges[0]), float(edges[-1]))
    if recording.interval is not None:
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        for axis in axes[: len(CHANNELS)]:
            axis.xaxis.set_major_locator(locator)
            axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    _aligned(axes[: len(CHANNELS)])
    _only_last_labelled(axes[: len(CHANNELS)], label)


def _shows(reading: Reading) -> bool:
    return reading.number is not None or reading.state.value == "over-range"


def _top(values: Any) -> float:
    return float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0


def _edges(recording: Recording) -> tuple[Any, str]:
    size = 0 if recording.histogram is None else recording.histogram.size
    if recording.interval is None:
        return np.arange(size + 1, dtype=np.float64), "interval"
    start = float(date2num(recording.event.recorded_at))  # type: ignore[no-untyped-call]
    step = recording.interval / timedelta(days=1)
    return start + np.arange(size + 1) * step, "device-local time"


def draw_spectra(axes: list[Axes], recording: Recording) -> None:
    """The amplitude spectrum of each channel, its mean removed; the dominant frequency is marked."""
    traces = recording.traces
    if traces is None:
        raise UsageError(f"event {recording.event_id}: only a waveform has a spectrum; leave --fft out")
    spectrum = spectrum_of(traces)
    shown = spectrum.frequencies <= min(_HIGHEST_HZ, traces.sample_rate / 2)
    for row, channel in enumerate(spectrum.channels):
        axis = axes[row]
        axis.plot(spectrum.frequencies[shown], spectrum.amplitudes[row][shown], color=COLOURS.get(channel, INK))
        axis.set_ylim(bottom=0)
        axis.yaxis.tick_right()
        dominant = spectrum.dominant(channel)
        if dominant is not None:
            text = f"{digits(dominant, 'Hz')} Hz dominant"
            axis.annotate(text, (0.97, 0.94), xycoords="axes fraction", ha="right", va="top", fontsize=6.8)
    axes[0].set_xlim(0, float(spectrum.frequencies[shown][-1]))
    axes[0].set_title("amplitude spectrum", fontsize=7, color=FAINT, loc="left", pad=3)
    _only_last_labelled(axes[: len(spectrum.channels)], "Hz")


def _name(axis: Axes, text: str) -> None:
    axis.annotate(
        text, (0.0, 0.5), xycoords="axes fraction", xytext=(-30, 0), textcoords="offset points", ha="right",
        va="center", fontsize=7.5,
    )  # fmt: skip


def _aligned(axes: list[Axes]) -> None:
    for axis in axes:
        axis.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=3))


def _only_last_labelled(axes: list[Axes], label: str) -> None:
    for axis in axes[:-1]:
        axis.tick_params(labelbottom=False)
    axes[-1].set_xlabel(label, fontsize=7)
