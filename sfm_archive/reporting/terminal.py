"""A quick look in the terminal: traces or bars in braille dots. Needs nothing but numpy."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from sfm_archive.base.counting import counted
from sfm_archive.errors import UsageError
from sfm_archive.model.magnitudes import as_level, vector_sum_of
from sfm_archive.model.peak_text import by_size
from sfm_archive.model.reading_text import ASSUMED_RANGE_NOTE, ASSUMED_RANGE_SIGN, digits, reading_text
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.reporting.event_facts import false_trigger_note, levels_note
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import ENGLISH, language
from sfm_archive.reporting.verdicts import limits_of_point, undecided_because
from sfm_archive.reporting.words import airblast_text, assumed_text, recorded_text
from sfm_archive.waveforms import spectrum_of

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_LABEL = 11
_ROWS = 4


def sketch(event: JudgedEvent, width: int, *, fft: bool) -> str:
    """Every channel, _ROWS lines each, in at most `width` columns; then the numbers that count, what the curves say of
    them, and with `fft` the dominant frequency of each channel.

    Raises UsageError where nothing was decoded, Damaged where its stored bytes are.
    """
    recording = event.recording
    columns = max(20, width - _LABEL - 1)
    lines: list[str] = []
    if recording.traces is not None:
        traces = recording.traces
        values = {name: np.nan_to_num(traces.values(name)) for name in traces.channels}
        units = dict(zip(traces.channels, traces.units, strict=True))
        mark = int(traces.pretrigger / max(1, traces.size) * columns)
        times = traces.times()
        foot = f"{times[0]:.2f} s to {times[-1]:.2f} s" + (", | trigger" if mark < columns else "")
        bars = False
    elif recording.histogram is not None:
        histogram = recording.histogram
        physical = histogram.physical(recording.settings.range, recording.settings.unit)
        values = {name: np.nan_to_num(physical[name]) for name in histogram.channels}
        units = {name: "Pa" if name == "MicL" else recording.settings.unit for name in histogram.channels}
        mark, bars = -1, True
        foot = f"{counted(histogram.size, 'interval')} from {recorded_text(recording)}"
        if recording.interval is not None:
            end = recording.start + recording.interval * histogram.size
            foot += f" to {end:%Y-%m-%d %H:%M:%S} (device-local)"
    else:
        raise recording.undecoded(f"event {recording.event_id} cannot be plotted: {recording.why_not}", UsageError)
    if fft and recording.traces is None:
        raise UsageError(f"event {recording.event_id}: only a waveform has a spectrum; leave --fft out")
    geophones = max((float(np.abs(values[name]).max(initial=0)) for name in GEO_CHANNELS if name in values), default=0)
    for name, trace in values.items():
        scale = geophones if name in GEO_CHANNELS else float(np.abs(trace).max(initial=0))
        picture = _dots(trace, columns, scale, bars=bars)
        for row, line in enumerate(picture):
            label = name if row == _ROWS // 2 - 1 else units[name] if row == _ROWS // 2 else ""
            if row == 0:
                label = f"{scale:.3g}"
            marked = 0 <= mark < columns and line[mark] == "\u2800"
            shown = f"{line[:mark]}|{line[mark + 1 :]}" if marked else line
            lines.append(f"{label:>{_LABEL - 1}} {shown}".replace("\u2800", " ").rstrip())
    lines += [" " * _LABEL + foot, "", *_numbers(event, fft=fft)]
    assumed = assumed_text(recording)
    if assumed:
        lines.append(f"{'assumed':>{_LABEL - 1}} {assumed}")
    words = language(ENGLISH)
    note = textwrap.wrap(levels_note(recording, words), max(20, width))
    note += textwrap.wrap(false_trigger_note(recording, words), max(20, width))
    return "\n".join([*lines, *_verdicts(event, max(20, width)), *note])


def _dots(trace: Any, columns: int, scale: float, *, bars: bool) -> list[str]:
    """The range of the samples behind each column of dots, as braille characters."""
    across, down = columns * 2, _ROWS * 4
    edges = np.linspace(0, len(trace), across + 1).astype(int)
    starts = np.minimum(edges[:-1], max(0, len(trace) - 1))
    high = np.maximum.reduceat(trace, starts) if len(trace) else np.zeros(across)
    low = np.zeros(across) if bars else np.minimum.reduceat(trace, starts) if len(trace) else np.zeros(across)
    scale = scale or 1.0
    if bars:
        top = np.rint((1 - high / scale) * (down - 1)).astype(int)
        bottom = np.full(across, down - 1)
    else:
        top = np.rint((1 - high / scale) / 2 * (down - 1)).astype(int)
        bottom = np.rint((1 - low / scale) / 2 * (down - 1)).astype(int)
    levels = np.arange(down)[:, None]
    lit = (levels >= top) & (levels <= bottom)
    cells = (lit.reshape(_ROWS, 4, columns, 2) * _BITS[None, :, None, :]).sum(axis=(1, 3))
    return ["".join(chr(0x2800 + int(cell)) for cell in line) for line in cells]


def _numbers(event: JudgedEvent, *, fft: bool) -> list[str]:
    recording, found = event.recording, []
    spectrum = spectrum_of(recording.traces) if fft and recording.traces is not None else None
    for channel in CHANNELS:
        parts = []
        for quantity in ("ppv", "pspl", "zc_frequency", "time_of_peak"):
            known = recording.best(quantity, channel)
            if known is None:
                continue
            # What was looked for and not found is an answer too.
            not_found = quantity == "zc_frequency" and known.state is ValueState.ABSENT
            if not_found or known.state is not ValueState.ABSENT:
                before = ASSUMED_RANGE_SIGN if quantity == "ppv" and event.rests_on_assumed_range(channel) else ""
                before += "at " if quantity == "time_of_peak" else "frequency " if not_found else ""
                parts.append(f"{before}{_value(known)}")
        dominant = spectrum.dominant(channel) if spectrum is not None and channel in spectrum.channels else None
        if dominant is not None:
            parts.append(f"dominant {digits(dominant, 'Hz')} Hz")
        if parts:
            found.append(f"{channel:>{_LABEL - 1}} {', '.join(parts)}")
    pvs = vector_sum_of(recording.values)
    if pvs is not None and pvs.state is not ValueState.ABSENT:
        found.append(f"{'PVS':>{_LABEL - 1}} {_value(pvs)}")
    if event.has_assumed_peaks:
        found.append(f"{ASSUMED_RANGE_SIGN:>{_LABEL - 1}}{ASSUMED_RANGE_NOTE.partition(':')[2]}")
    return [*found, f"{'*':>{_LABEL - 1}} computed by {recording.provenance.decoder}"]


def _value(known: Reading) -> str:
    return f"{reading_text(as_level(by_size(known)))}{'*' if known.source is ValueSource.DECODER else ''}"


def _verdicts(event: JudgedEvent, width: int) -> list[str]:
    lines = []
    for curve in event.limits.curves:
        said = [
            f"{channel} {event.channels[curve.name, channel].outcome.value}"
            for channel in GEO_CHANNELS
            if (curve.name, channel) in event.channels
        ]
        if said:
            lines.append(f"{curve.title}: {', '.join(said)}")
    of_point = limits_of_point(event, event.limits.said, language(ENGLISH))
    lines += [line for text in of_point for line in textwrap.wrap(text, width, subsequent_indent="  ")]
    if event.limits.curves:
        told = [*undecided_because(event, event.recording.settings.unit, language(ENGLISH)), event.limits.by.convention]
        lines += [line for text in told for line in textwrap.wrap(text, width, subsequent_indent="  ")]
    airblast = airblast_text(event, language(ENGLISH))
    return [*lines, airblast] if airblast else lines
