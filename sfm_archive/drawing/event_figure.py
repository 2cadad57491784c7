"""One event on one picture: traces or bars, spectra where asked, the compliance chart with its verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import AirblastVerdict, ChannelVerdict, airblast_of, intervals_over, verdicts_of
from sfm_archive.drawing.chart import draw_chart, outcome_colour
from sfm_archive.drawing.style import FAINT, figure_bytes, styled
from sfm_archive.drawing.traces import draw_histogram, draw_spectra, draw_traces
from sfm_archive.drawing.words import full_text, utc_text
from sfm_archive.errors import UsageError
from sfm_archive.waveforms import Curve, Outcome


def plot_event(recording: Recording, curves: Sequence[Curve], file_format: str, *, fft: bool = False) -> bytes:
    """The picture as PNG, SVG or PDF. Raises UsageError where nothing was decoded, or another format is asked for."""
    if recording.traces is None and recording.histogram is None:
        raise UsageError(f"event {recording.event_id} cannot be plotted: {recording.why_not}")
    with styled():
        figure = event_figure(recording, curves, fft=fft)
    return figure_bytes(figure, file_format, f"{recording.title} {recording.name}".strip())


def event_figure(recording: Recording, curves: Sequence[Curve], *, fft: bool) -> Figure:
    """The picture as a figure, to be drawn inside `styled`."""
    figure = Figure(figsize=(11.0, 8.2))
    grid = figure.add_gridspec(
        2, 1, height_ratios=(1.45, 1.0), hspace=0.2, left=0.075, right=0.965, top=0.91, bottom=0.065
    )
    draw_record(figure, grid[0], recording, fft=fft)
    lower = grid[1].subgridspec(1, 2, width_ratios=(1.25, 1.0), wspace=0.06)
    verdicts = verdicts_of(recording, curves)
    draw_chart(figure.add_subplot(lower[0]), recording, curves, verdicts)
    _verdict_list(figure.add_subplot(lower[1]), recording, curves, verdicts)
    name = f"{recording.event.serial}   {recording.name}   {recording.event.record_type.value}"
    figure.text(0.075, 0.965, name, fontsize=12, fontweight="bold")
    when = f"recorded {recording.event.recorded_at:%Y-%m-%d %H:%M:%S} (device-local)"
    if recording.utc.utc is not None:
        when += f"  =  {utc_text(recording)} ({recording.zone})"
    notes = "   ".join(text for _, text in recording.notes[:3])
    figure.text(0.075, 0.942, f"{when}      {notes}"[:170], fontsize=8, color=FAINT)
    figure.text(0.965, 0.965, recording.provenance.decoder, fontsize=8, color=FAINT, ha="right")
    if recording.settings.assumed:
        assumed = f"assumed: {', '.join(recording.settings.assumed)}"
        figure.text(0.965, 0.942, assumed, fontsize=7, color=FAINT, ha="right")
    return figure


def draw_record(figure: Figure, place: SubplotSpec, recording: Recording, *, fft: bool = False) -> None:
    """Traces or bars of all channels below each other, spectra to their right."""
    traces = recording.traces
    rows = 4 if traces is None else len(traces.channels)
    if fft and traces is None:
        raise UsageError(f"event {recording.event_id}: only a waveform has a spectrum; leave --fft out")
    widths = (3, 1) if fft else (1,)
    grid = place.subgridspec(rows, len(widths), hspace=0.12, wspace=0.05, width_ratios=widths)
    axes: list[Axes] = []
    for row in range(rows):
        axes.append(figure.add_subplot(grid[row, 0], sharex=axes[0] if axes else None))
    if traces is None:
        draw_histogram(axes, recording)
    else:
        draw_traces(axes, recording)
    if fft:
        spectra: list[Axes] = []
        for row in range(rows):
            spectra.append(figure.add_subplot(grid[row, 1], sharex=spectra[0] if spectra else None))
        draw_spectra(spectra, recording)


def _verdict_list(
    axis: Axes, recording: Recording, curves: Sequence[Curve], verdicts: Sequence[ChannelVerdict]
) -> None:
    axis.axis("off")
    height = 1.0
    airblast = airblast_of(recording)
    if airblast is not None:
        colour = outcome_colour(airblast.outcome)
        axis.text(0.06, height, airblast_text(airblast), fontsize=7, va="top", color=colour)
        height -= 0.075
    for curve in curves:
        axis.text(0.06, height, curve.title, fontsize=7.5, fontweight="bold", va="top")
        height -= 0.058
        for found in (v for v in verdicts if v.curve.name == curve.name):
            colour = outcome_colour(found.verdict.outcome)
            text = f"{found.channel}  {full_text(found.ppv)} at {full_text(found.frequency)}"
            axis.text(0.08, height, text, fontsize=7, va="top")
            axis.text(0.62, height, limit_text(found), fontsize=7, va="top", color=FAINT)
            axis.text(1.0, height, found.verdict.outcome.value, fontsize=7, va="top", ha="right", color=colour)
            height -= 0.05
        if recording.histogram is not None:
            text = f"{intervals_over(recording, curve):,} of {recording.histogram.size:,} intervals above it"
            axis.text(0.08, height, text, fontsize=7, va="top", color=FAINT)
            height -= 0.05
        height -= 0.02


def airblast_text(found: AirblastVerdict) -> str:
    """The verdict on the peak level in one line, with the limit that was taken."""
    against = f"{found.limit.limit_db:g} dB ({found.limit.title.partition(' or lower')[0]} high-pass), OSMRE"
    word = {Outcome.UNDECIDED: "undecided against", Outcome.EXCEEDED: "exceeds"}.get(found.outcome, "within")
    return f"Airblast {full_text(found.pspl)}: {word} {against}"


def limit_text(found: ChannelVerdict) -> str:
    """The limit that applies, a range where the frequency is one, nothing where none does."""
    low, high, unit = found.verdict.limit_low, found.verdict.limit_high, found.verdict.unit
    if low is None or high is None:
        return "no limit applies"
    return f"limit {low:.3g} {unit}" if low == high else f"limit {low:.3g}–{high:.3g} {unit}"
