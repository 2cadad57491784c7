"""Traces over time, with the trigger and each channel's peak; histograms as bars over time; spectra beside them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import MaxNLocator

from sfm_archive.analysing import Recording
from sfm_archive.errors import UsageError
from sfm_archive.model.reading_text import digits, reading_text
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK, draw_lines
from sfm_archive.reporting.words import peak_interval
from sfm_archive.waveforms import Traces, spectrum_of

_HIGHEST_HZ = 250.0


def draw_traces(axes: list[Axes], recording: Recording) -> None:
    """One pair of axes for each channel of the recording's traces; the geophones share a scale.

    What is said of a channel stands above its axes, where it lies over no sample.
    """
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
    shown = axes[: len(traces.channels)]
    if times.size:
        axes[0].set_xlim(float(times[0]), float(times[-1]) if times.size > 1 else float(times[0]) + 1)
        if times[0] <= 0 <= times[-1]:
            axes[0].annotate(
                "trigger", (0.0, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
                fontsize=6.8, color=FAINT, ha="center" if times[0] < 0 else "left",
            )  # fmt: skip
    for axis in shown:
        axis.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 5, 10]))
    _levelled(shown)
    _only_last_labelled(shown, f"seconds from the trigger   ({_divisions(shown, traces)})")


def _divisions(axes: list[Axes], traces: Traces) -> str:
    """What one division of the grid is, as event reports say it."""
    parts = [f"{_division(axes[0].xaxis)} s"]
    if traces.geophones:
        row = traces.geophones[0]
        parts.append(f"geophones {_division(axes[row].yaxis)} {traces.units[row]}")
    if "MicL" in traces.channels:
        row = traces.row("MicL")
        parts.append(f"microphone {_division(axes[row].yaxis)} {traces.units[row]}")
    return f"a division: {', '.join(parts)}"


def _division(axis: Axis) -> str:
    ticks = axis.get_major_locator()()
    return f"{ticks[1] - ticks[0]:.3g}" if len(ticks) > 1 else "–"


def _largest(traces: Traces, channel: str) -> float:
    values = np.abs(traces.values(channel))
    return float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0


def _mark_over_range(axis: Axes, traces: Traces, row: int, half: float) -> None:
    if traces.over_range is None or not traces.over_range[row].any():
        return
    at = np.flatnonzero(traces.over_range[row])
    heights = np.clip(np.nan_to_num(traces.values(traces.channels[row])[at], nan=half), -half, half)
    axis.plot(traces.times()[at], heights, linestyle="none", marker="s", markersize=2.2, color=ALARM)


def _mark_peak(axis: Axes, recording: Recording, channel: str, times: Any, values: Any) -> None:
    peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
    time = recording.found("time_of_peak", channel)
    if peak is None or time is None or recording.traces is None:
        return
    if time.number is None or peak.state is ValueState.ABSENT or peak.number == 0:
        why = "no peak: a sample is impossible" if np.isnan(values).any() else "no reading above zero"
        _say(axis, [why], over_range=False)
        return
    at = round(time.number * recording.traces.sample_rate) + recording.traces.pretrigger
    if 0 <= at < len(values) and not np.isnan(values[at]):
        axis.plot([times[at]], [values[at]], marker="o", markersize=4, markerfacecolor="none", color=INK)
    _say_peak(axis, peak, recording.found("zc_frequency", channel), f"at {digits(time.number, 's')} s")


def _say_peak(axis: Axes, peak: Reading, frequency: Reading | None, when: str) -> None:
    over_range = peak.state is ValueState.OVER_RANGE
    parts = [f"{'■ ' if over_range else ''}{reading_text(peak)}"]
    if frequency is not None and frequency.number is not None:
        parts.append(reading_text(frequency))
    _say(axis, [*parts, when] if when else parts, over_range=over_range)


def _say(axis: Axes, parts: list[str], *, over_range: bool) -> None:
    """A line at the right end above the axes."""
    axis.annotate(
        "  ·  ".join(parts), (1.0, 1.0), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
        ha="right", fontsize=6.8, color=ALARM if over_range else INK,
        fontweight="bold" if over_range else "normal",
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
        axis.set_ylim(0, 1.1 * (scale if channel in GEO_CHANNELS else _top(values[channel])) or 1.0)
        unit = "Pa" if channel == "MicL" else recording.settings.unit
        _name(axis, f"{channel}\n{unit}")
        middles = (edges[:-1] + edges[1:]) / 2
        over = histogram.over_range[row]
        if over.any():
            axis.plot(middles[over], heights[over], linestyle="none", marker="s", markersize=2.5, color=ALARM)
        peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
        found = peak_interval(recording, channel)
        if found is None or peak is None or peak.state is ValueState.ABSENT:
            _say(axis, ["no reading above zero" if found is None else "no peak"], over_range=False)
            continue
        axis.plot(
            [middles[found.place]], [heights[found.place]], marker="o", markersize=4, markerfacecolor="none", color=INK
        )
        when = f"{found.start:%m-%d} {found.clock}" if found.start else f"interval {found.place + 1:,}"
        _say_peak(axis, peak, recording.found("zc_frequency", channel), when)
    axes[0].set_xlim(float(edges[0]), float(edges[-1]))
    for axis in axes[: len(CHANNELS)]:
        if recording.interval is None:
            axis.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
            continue
        locator = AutoDateLocator(minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    _levelled(axes[: len(CHANNELS)])
    _only_last_labelled(axes[: len(CHANNELS)], label)


def _top(values: Any) -> float:
    return float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0


def _edges(recording: Recording) -> tuple[Any, str]:
    size = 0 if recording.histogram is None else recording.histogram.size
    if recording.interval is None:
        return np.arange(size + 1, dtype=np.float64), "number of the stored interval"
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
        axis.annotate(
            f"amplitude, {spectrum.units[row]}", (0.0, 1.0), xycoords="axes fraction", xytext=(0, 3),
            textcoords="offset points", fontsize=6.8, color=FAINT,
        )  # fmt: skip
        dominant = spectrum.dominant(channel)
        if dominant is not None:
            text = f"{digits(dominant, 'Hz')} Hz dominant"
            _say(axis, [text], over_range=False)
        axis.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes[0].set_xlim(0, float(spectrum.frequencies[shown][-1]) or 1.0)
    _only_last_labelled(axes[: len(spectrum.channels)], "frequency, Hz")


def _name(axis: Axes, text: str) -> None:
    axis.annotate(
        text, (0.0, 0.5), xycoords="axes fraction", xytext=(-34, 0), textcoords="offset points", ha="right",
        va="center", fontsize=7.5,
    )  # fmt: skip


def _levelled(axes: list[Axes]) -> None:
    for axis in axes:
        inches = axis.bbox.height / axis.figure.dpi
        # Low axes have room for fewer numbers.
        most = max(2, min(5, int(inches * 9)))
        axis.yaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10], min_n_ticks=2))


def _only_last_labelled(axes: list[Axes], label: str) -> None:
    """Axes that share their times: the lowest has the numbers, all have the lines."""
    ticks = axes[-1].xaxis.get_majorticklocs()
    for axis in axes[:-1]:
        # Each tick is half a dozen objects; a line is all of it that shows.
        axis.xaxis.set_visible(False)
        draw_lines(axis, upright=ticks)
    axes[-1].set_xlabel(label, fontsize=7)
