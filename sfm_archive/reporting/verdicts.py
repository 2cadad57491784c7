"""The table beside a compliance chart: what every curve says of every geophone, and the airblast. It is the key of
the chart too."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.limits.curves import Curve, Outcome
from sfm_archive.limits.verdicts import AirblastVerdict, ChannelVerdict, airblast_on, worst
from sfm_archive.model.reading_text import NOT_AVAILABLE, NOT_RECORDED, OVER_RANGE, number_text
from sfm_archive.model.readings import GEO_CHANNELS, ValueSource, ValueState
from sfm_archive.reporting.chart import line_colour, line_dashes
from sfm_archive.reporting.lettering import text_width
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK, MARKERS
from sfm_archive.reporting.words import airblast_text
from sfm_archive.waveforms import DECODER

_LARGEST = 7.0
_LABEL = 12.0
_COUNT_LABEL = 13.0
_CURVE_LINES = 2.35
_OTHER_LINES = 6.6
_LINE_PER_POINT = 0.46
"""mm from line to line for each point of letter size."""


def lines_needed(curves: Sequence[Curve]) -> float:
    """How many lines the table has, for who leaves room for it."""
    return _OTHER_LINES + _CURVE_LINES * len(curves)


def limit_sources(curves: Sequence[Curve]) -> str:
    """Where the limits come from, how they run between their points, and what is particular about them."""
    told = dict.fromkeys((curve.source, curve.interpolation.value, curve.note) for curve in curves)
    texts = []
    for source, interpolation, note in told:
        inside = f"{interpolation} between the points{f'; {note}' if note else ''}"
        texts.append(f"{source} ({inside})" if source else f"own limits ({inside})")
    return f"Limits: {'. '.join(texts)}."


def outcome_colour(outcome: Outcome) -> str:
    """Red for exceeded, faint for what is no verdict."""
    return {Outcome.EXCEEDED: ALARM, Outcome.WITHIN: INK}.get(outcome, FAINT)


def outcome_text(verdicts: Sequence[ChannelVerdict]) -> str:
    """The worst outcome of an event in a few words: with the channel and curve that show it most, and how many more."""
    outcome = worst(verdicts)
    if outcome is None:
        return "–"
    if outcome not in (Outcome.EXCEEDED, Outcome.UNDECIDED):
        return outcome.value
    found = [one for one in verdicts if one.verdict.outcome is outcome]
    # A peak that is no number, over range above all, shows it more than any that is one.
    most = max(found, key=lambda one: math.inf if one.verdict.ratio is None else one.verdict.ratio)
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{outcome.value}: {most.channel}, {most.curve.label}{more}"


def draw_verdicts(
    page: Page,
    recording: Recording,
    curves: Sequence[Curve],
    verdicts: Sequence[ChannelVerdict],
    box: Box,
) -> None:
    """The table in this box; letters shrink where many curves need the room."""
    left, top, right, bottom = box
    size = min(_LARGEST, (bottom - top) / lines_needed(curves) / _LINE_PER_POINT)
    step = size * _LINE_PER_POINT
    label = _LABEL if recording.histogram is None else _COUNT_LABEL
    width = (right - left - label) / len(GEO_CHANNELS)
    ends = {channel: right - width * (2 - at) for at, channel in enumerate(GEO_CHANNELS)}
    y = top
    if not verdicts:
        page.text(left, y, "no velocities to compare", size=size, colour=FAINT)
        y += step * 1.4
    else:
        y = _compared(page, verdicts, left, y, ends, size)
    for place, curve in enumerate(curves if verdicts else ()):
        page.sample(left, y - size * 0.13, colour=line_colour(place), dashes=line_dashes(place))
        _shrunk(page, left + 9, y, curve.title, right - left - 9, size, INK, bold=True)
        y += step
        _count(page, recording, curve, left, y, size, verdicts[0].verdict.unit)
        for found in (v for v in verdicts if v.curve.name == curve.name):
            _cell(page, found, ends[found.channel], y, width - 1, size)
        y += step * (_CURVE_LINES - 1)
    airblast = airblast_on(recording.values)
    if airblast is not None:
        _shrunk(page, left, y, airblast_text(airblast), right - left, size, outcome_colour(airblast.outcome))
        y += step * 1.2
    notes = _notes(recording, verdicts, airblast)
    if notes:
        page.paragraph(left, y, notes, most=right - left, size=min(size, 6.0), lines=2)


def _compared(
    page: Page, verdicts: Sequence[ChannelVerdict], left: float, y: float, ends: dict[str, float], size: float
) -> float:
    """Which peaks are compared at which frequencies; where the next line would be."""
    step = size * _LINE_PER_POINT
    first = {found.channel: found for found in reversed(verdicts)}
    unit = next((found.ppv.unit for found in first.values()), "")
    page.text(left, y + step, f"PPV, {unit}", size=size - 0.5, colour=FAINT)
    page.text(left, y + 2 * step, "ZC, Hz", size=size - 0.5, colour=FAINT)
    for channel, found in first.items():
        end = ends[channel]
        over = any(v.verdict.outcome is Outcome.EXCEEDED for v in verdicts if v.channel == channel)
        page.text(end, y, channel, size=size, bold=True, align="right")
        x = end - text_width(channel, size, bold=True) - 2.2
        page.sample(x, y - size * 0.12, colour=COLOURS[channel], mark=MARKERS[channel])
        marks = "*" if found.ppv.source is ValueSource.DECODER else ""
        colour = ALARM if found.ppv.state is ValueState.OVER_RANGE else INK
        page.text(end, y + step, number_text(found.ppv) + marks, size=size, colour=colour, align="right", bold=over)
        marks = "*" if found.frequency.source is ValueSource.DECODER else ""
        # Without a source there was none to find: no unit, no person and no decoder.
        text = number_text(found.frequency) + marks if found.frequency.source else NOT_RECORDED
        page.text(end, y + 2 * step, text, size=size, align="right")
    return y + 3.4 * step


def _count(page: Page, recording: Recording, curve: Curve, left: float, y: float, size: float, unit: str) -> None:
    """Before the limits of a curve: of a histogram, how many stored intervals are above it."""
    if recording.histogram is None:
        page.text(left, y, f"limit, {unit}", size=size - 0.5, colour=FAINT)
        return
    over = intervals_over(recording, curve)
    text = f"{over:,} of {recording.histogram.size:,}"
    _shrunk(page, left, y, text, _COUNT_LABEL, size - 0.5, ALARM if over else FAINT)


def _cell(page: Page, found: ChannelVerdict, end: float, y: float, most: float, size: float) -> None:
    """The limit that applies, a range where the frequency is one, and the outcome."""
    limits = (found.verdict.limit_low, found.verdict.limit_high)
    limit = "–".join(dict.fromkeys(f"{one:.3g}" for one in limits if one is not None))
    word = found.verdict.outcome.value
    wide = text_width(f"{limit}  {word}", size)
    size = min(size, size * most / wide) if wide else size
    page.text(end, y, word, size=size, colour=outcome_colour(found.verdict.outcome), align="right")
    if limit:
        page.text(end - text_width(f"{word}n", size), y, limit, size=size, colour=FAINT, align="right")


def _shrunk(
    page: Page, x: float, y: float, text: str, most: float, size: float, colour: str, *, bold: bool = False
) -> None:
    """A line in smaller letters where it would not fit; a user's own title can be any length, and is cut then."""
    wide = text_width(text, size, bold=bold)
    smaller = size if wide <= most else min(size, max(5.2, size * most / wide))
    page.text(x, y, text, size=smaller, colour=colour, bold=bold, most=most + 0.2)


def _notes(recording: Recording, verdicts: Sequence[ChannelVerdict], airblast: AirblastVerdict | None) -> str:
    sources = {source for found in verdicts for source in (found.ppv.source, found.frequency.source)}
    states = {found.frequency.state for found in verdicts}
    notes = []
    if ValueSource.DECODER in (*sources, None if airblast is None else airblast.pspl.source):
        notes.append(f"* computed by {DECODER}")
    if recording.histogram is not None:
        notes.append("dots: stored intervals, n of N above the curve")
    absent = {bool(v.frequency.source) for v in verdicts if v.frequency.state is ValueState.ABSENT}
    if absent:
        words = [word for sourced, word in ((True, NOT_AVAILABLE), (False, NOT_RECORDED)) if sourced in absent]
        notes.append(f"dotted level: frequency {' or '.join(words)}")
    if ValueState.ABOVE_LIMIT in states or ValueState.BELOW_THRESHOLD in states:
        notes.append("→ ← above, below that frequency")
    if any(found.ppv.state is ValueState.OVER_RANGE for found in verdicts):
        notes.append(f"↑ {OVER_RANGE}: at least that much")
    return "; ".join(notes)
