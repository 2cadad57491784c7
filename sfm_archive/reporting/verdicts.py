"""The table beside a compliance chart: what every curve says of every geophone, and the airblast. It is the key of
the chart too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.outcomes import ASSUMPTIONS, Cause, Judgement, Outcome
from sfm_archive.limits.verdicts import Limits
from sfm_archive.model.events import RecordType
from sfm_archive.model.peak_text import by_size
from sfm_archive.model.peak_text import peak_text as greatest_peak_text
from sfm_archive.model.reading_text import (
    ASSUMED_RANGE_NOTE,
    ASSUMED_RANGE_SIGN,
    DAY_UNKNOWN_NOTE,
    DAY_UNKNOWN_SIGN,
    NOT_AVAILABLE,
    number_text,
)
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.selection import Continued
from sfm_archive.model.summaries import Basis
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.chart import line_colour, line_dashes
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.lettering import line_height, text_width
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK, MARKERS
from sfm_archive.reporting.words import airblast_text

_LARGEST = 7.0
_SMALLEST = 5.2
_BETWEEN = 1.5
"""mm at least between two columns."""

_CURVE_LINES = 3.35
_OTHER_LINES = 8.6
_LINE_PER_POINT = 0.46
"""mm from line to line for each point of letter size."""

_NOTE_SIZE = 6.0


def lines_needed(curves: Sequence[Curve]) -> float:
    """How many lines the table has, for who leaves room for it."""
    return _OTHER_LINES + _CURVE_LINES * len(curves)


def limit_sources(limits: Limits, words: Language) -> str:
    """Where the limits come from, how they run between their points, what is particular about them, and by which
    convention they were applied."""
    if not limits.curves:
        return words.says("Limits: none of velocity. Airblast: {limit}.", limit=words.told(limits.airblast_text))
    told = dict.fromkeys((curve.source, curve.interpolation.value, curve.note) for curve in limits.curves)
    texts = []
    for source, interpolation, note in told:
        between = words.says("{how} between the points", how=words.known(interpolation))
        inside = f"{between}{f'; {words.known(note)}' if note else ''}"
        texts.append(f"{words.known(source) if source else words.says('own limits')} ({inside})")
    return words.says(
        "Limits: {texts}. Verdicts: {convention}; every interval of a histogram counts.",
        texts=". ".join(texts), convention=words.reason(limits.by.convention),
    )  # fmt: skip


def outcome_colour(outcome: Outcome) -> str:
    """Red for exceeded, faint for what is no verdict."""
    return {Outcome.EXCEEDED: ALARM, Outcome.WITHIN: INK}.get(outcome, FAINT)


def outcome_text(event: JudgedEvent, words: Language) -> str:
    """The worst outcome of an event in a few words: with the channel and curve that show it most, of an undecided one
    with what leaves it so, and how many more."""
    outcome, shown = event.verdict.outcome, event.verdict.shown
    if event.verdict.why_none is not None:
        return f"{words.term(Outcome.NOT_COMPARED)}: {words.term(event.verdict.why_none)}"
    if outcome is None or shown is None:
        return "–"
    others = sum(one.outcome is outcome for one in event.channels.values()) - 1
    more = f" +{others}" if others > 0 else ""
    if outcome is Outcome.EXCEEDED:
        return f"{words.term(outcome)}: {shown.found.channel}, {words.curve(shown.curve.label)}{more}"
    if outcome is Outcome.UNDECIDED:
        of_channel = shown.found.channel and shown.found.cause not in ASSUMPTIONS
        whose = f", {shown.found.channel}" if of_channel else ""
        return f"{words.term(outcome)}: {words.term(shown.found.cause)}{whose}{more if of_channel else ''}"
    return words.term(outcome)


def in_period_text(event: JudgedEvent, words: Language) -> str:
    """Of an event that reaches beyond the period that was asked for: what of it lies in it, with its greatest peak and
    what the limits say; of any other '', or that nothing tells on which of its days its peaks were."""
    found = event.in_period
    if found is None:
        if event.day_known:
            return ""
        said = words.told(DAY_UNKNOWN_NOTE).removeprefix(f"{DAY_UNKNOWN_SIGN}: ")
        return f"{said[:1].upper()}{said[1:]}."
    reaches = [words.says("began before the period")] if found.began_before is Continued.YES else []
    if found.began_before is Continued.UNKNOWN:
        reaches = [words.says("began before the period, and nothing tells when it ended")]
    reaches += [words.says("runs on beyond the period")] if found.runs_on else []
    reaches += [words.says("was, or may have been, recorded at other points too")] if found.elsewhere else []
    text = words.says(
        "This event {reaches}: recording, numbers and verdicts below are of the whole event.",
        reaches=f" {words.says('and')} ".join(reaches),
    )
    if found.part is None:
        return f"{text} {words.says('Nothing tells what of it is what was asked for.')}"
    if found.part.recording.event.record_type is RecordType.WAVEFORM:
        if found.part.recording.measured.nothing:
            counts = words.says("A waveform is of the day of its start: nothing of it counts in the period.")
        else:
            counts = words.says("A waveform is of the day of its start: all of it counts in the period.")
        return f"{text} {counts}"
    days = [day.day for day in found.part.recording.measured.days]
    if not days:
        return f"{text} {words.says('No interval of it lies in what was asked for.')}"
    values = found.part.recording.values
    row = found.part.summary
    peak = None if row.ppv_basis == Basis.UNKNOWN else values.get(("ppv", row.ppv_channel))
    parts = [words.says("no peak of a geophone")]
    if peak is not None:
        frequency = values.get(("zc_frequency", peak.channel))
        shown = words.reading(greatest_peak_text(peak, row.ppv_basis))
        if frequency is not None and frequency.number is not None:
            shown += f" {words.says('at {time}', time=words.reading_of(frequency))}"
        parts = [words.says("greatest peak {channel} {peak}", channel=peak.channel, peak=shown)]
    if found.part.verdict.vibration:
        parts.append(words.says("vibration {outcome}", outcome=outcome_text(found.part, words)))
    parts += [part for part in [airblast_text(found.part, words)] if part]
    joined = f" {words.says('and')} ".join(found.at)
    there = f" {words.says('at {points}', points=joined)}" if found.at else ""
    shown_days = list(dict.fromkeys(words.day(date.fromisoformat(day)) for day in (days[0], days[-1])))
    of_days = shown_days[0]
    if shown_days[1:]:
        of_days = words.says("{first} to {last}", first=shown_days[0], last=shown_days[1])
    last = words.says("Its intervals{there} of {days}: {parts}.", there=there, days=of_days, parts="; ".join(parts))
    return f"{text} {last}"


def draw_verdicts(page: Page, event: JudgedEvent, box: Box) -> None:
    """The table in this box; letters shrink where many curves need the room."""
    left, top, right, bottom = box
    curves, recording = event.limits.curves, event.recording
    size = min(_LARGEST, (bottom - top) / lines_needed(curves) / _LINE_PER_POINT)
    step = size * _LINE_PER_POINT
    unit = recording.settings.unit
    label = max(text_width(text, size) for text in _labels(event, page.language, unit)) + _BETWEEN
    width = (right - left - label) / len(GEO_CHANNELS)
    ends = {channel: right - width * (2 - at) for at, channel in enumerate(GEO_CHANNELS)}
    y = top
    known = [channel for channel in GEO_CHANNELS if _peak(event, channel) is not None]
    if not known:
        page.text(left, y, page.language.says("no velocities to compare"), size=size, colour=FAINT)
        y += step * 1.4
    else:
        y = _compared(page, event, left, y, ends, size)
    for place, curve in enumerate(curves if known else ()):
        page.sample(left, y - size * 0.13, colour=line_colour(place), dashes=line_dashes(place))
        _shrunk(page, left + 9, y, page.language.told(curve.title), right - left - 9, size, INK, bold=True)
        _curve_rows(page, event, curve, left, y + step, ends, width - _BETWEEN, size)
        y += step * _CURVE_LINES
    airblast = event.verdict.airblast
    if airblast is not None:
        text, colour = airblast_text(event, page.language), outcome_colour(airblast.outcome)
        if text_width(text, _SMALLEST) <= right - left:
            _shrunk(page, left, y, text, right - left, size, colour)
            y += step * 1.2
        else:  # nothing of it is cut off
            small = min(size, _SMALLEST)
            y = page.paragraph(left, y, text, most=right - left, size=small, colour=colour, lines=3) + step * 0.2
    notes = _notes(event, known, unit, page.language)
    if notes:
        small = min(size, _NOTE_SIZE)
        lines = max(2, 1 + int((bottom - y) / line_height(small)))
        page.paragraph(left, y, notes, most=right - left, size=small, lines=lines)


def _peak(event: JudgedEvent, channel: str) -> Reading | None:
    """The peak of a channel that counts; None where there is none."""
    found = event.recording.values.get(("ppv", channel))
    return None if found is None or found.state is ValueState.ABSENT else found


def peak_text(event: JudgedEvent, channel: str, reading: Reading) -> str:
    """A peak without its unit, with the sign of one that rests on an assumed range."""
    return f"{ASSUMED_RANGE_SIGN if event.rests_on_assumed_range(channel) else ''}{number_text(by_size(reading))}"


def _compared(page: Page, event: JudgedEvent, left: float, y: float, ends: dict[str, float], size: float) -> float:
    """Which peaks are compared at which frequencies; where the next line would be."""
    step, words = size * _LINE_PER_POINT, page.language
    unit = next((found.unit for channel in GEO_CHANNELS if (found := _peak(event, channel)) and found.unit), "")
    name = words.says("PPV, {unit}", unit=unit or event.recording.settings.unit)
    page.text(left, y + step, name, size=size, colour=FAINT)
    page.text(left, y + 2 * step, words.says("ZC, Hz"), size=size, colour=FAINT)
    for channel, end in ends.items():
        peak, frequency = _peak(event, channel), event.recording.values.get(("zc_frequency", channel))
        over = any(one.outcome is Outcome.EXCEEDED for (_, whose), one in event.channels.items() if whose == channel)
        page.text(end, y, channel, size=size, bold=True, align="right")
        x = end - text_width(channel, size, bold=True) - 2.2
        page.sample(x, y - size * 0.12, colour=COLOURS[channel], mark=MARKERS[channel])
        text, colour = words.says("not recorded"), FAINT
        if peak is not None:
            marks = "*" if peak.source is ValueSource.DECODER else ""
            text = words.reading(peak_text(event, channel, peak)) + marks
            colour = ALARM if peak.state is ValueState.OVER_RANGE else INK
        page.text(end, y + step, text, size=size, colour=colour, align="right", bold=over)
        text = words.says("not recorded")
        if frequency is not None:
            text = words.reading(number_text(frequency)) + ("*" if frequency.source is ValueSource.DECODER else "")
        page.text(end, y + 2 * step, text, size=size, align="right")
    return y + 3.4 * step


def _labels(event: JudgedEvent, words: Language, unit: str) -> list[str]:
    """What stands before the rows."""
    return [
        words.says("PPV, {unit}", unit=unit), words.says("ZC, Hz"), words.says("limit, {unit}", unit=unit),
        *(_count_text(event, curve, words) for curve in event.limits.curves),
    ]  # fmt: skip


def _count_text(event: JudgedEvent, curve: Curve, words: Language) -> str:
    """Of a histogram, how many stored intervals are above a curve; '' of what has none."""
    histogram = event.recording.histogram
    if histogram is None:
        return ""
    over = int(intervals_over(event.recording, curve).sum())
    return words.says("{number} of {total}", number=over, total=histogram.size)


def _curve_rows(
    page: Page, event: JudgedEvent, curve: Curve, left: float, y: float, ends: dict[str, float], most: float,
    size: float,
) -> None:  # fmt: skip
    """Of a curve the limit of each channel, and below it the outcome; letters of a row are of one size."""
    words, unit, histogram = page.language, event.recording.settings.unit, event.recording.histogram
    found = {channel: one for channel in ends if (one := event.channels.get((curve.name, channel))) is not None}
    limits = [(ends[channel], words.digits(limit_text(one, unit)), FAINT) for channel, one in found.items()]
    outcomes = [(ends[channel], words.term(one.outcome), outcome_colour(one.outcome)) for channel, one in found.items()]
    over = histogram is not None and bool(intervals_over(event.recording, curve).any())
    label = words.says("limit, {unit}", unit=unit)
    for line, name, colour, cells in (
        (0, label, FAINT, limits),
        (1, _count_text(event, curve, words), ALARM if over else FAINT, outcomes),
    ):
        wide = max((text_width(text, size) for _, text, _ in cells), default=0.0)
        small = min(size, size * most / wide) if wide else size
        row = y + line * size * _LINE_PER_POINT
        page.text(left, row, name, size=small, colour=colour)
        for end, text, ink in cells:
            page.text(end, row, text, size=small, colour=ink, align="right")


def limit_text(found: Judgement, unit: GeoUnit) -> str:
    """The limit at the peak's frequency without its unit, or the range of limits; '' where there is none."""
    if found.shown is None:
        return ""
    limits = (found.shown.limit_low_nm_s, found.shown.limit_high_nm_s)
    return "–".join(dict.fromkeys(three_digits(one / NM_S[unit]) for one in limits if one is not None))


def three_digits(number: float) -> str:
    """A limit with three significant digits, also where the last of them are zeros: `27.0`, `0.787`, `120`."""
    return f"{number:.0f}" if number >= 100 else f"{number:#.3g}"


def _shrunk(
    page: Page, x: float, y: float, text: str, most: float, size: float, colour: str, *, bold: bool = False
) -> None:
    """A line in smaller letters where it would not fit; a user's own title can be any length, and is cut then."""
    wide = text_width(text, size, bold=bold)
    smaller = size if wide <= most else min(size, max(_SMALLEST, size * most / wide))
    page.text(x, y, text, size=smaller, colour=colour, bold=bold, most=most + 0.2)


def _notes(event: JudgedEvent, known: Sequence[str], unit: GeoUnit, words: Language) -> str:
    recording = event.recording
    peaks = [peak for channel in known if (peak := _peak(event, channel)) is not None]
    frequencies = [recording.values.get(("zc_frequency", channel)) for channel in known]
    notes = [
        *limits_of_point(event, limits_in_words(event.limits, words), words),
        *undecided_because(event, unit, words),
    ]
    level = event.recording.values.get(("pspl", "MicL"))
    decoded = [*peaks, *frequencies, level if event.verdict.airblast is not None else None]
    if any(one is not None and one.source is ValueSource.DECODER for one in decoded):
        notes.append(words.says("* computed by {decoder}", decoder=recording.provenance.decoder))
    if event.has_assumed_peaks:
        notes.append(words.told(ASSUMED_RANGE_NOTE))
    if recording.histogram is not None:
        notes.append(words.says("dots: stored intervals, n of N above the curve"))
    absent = [one is not None for one in frequencies if one is None or one.state is ValueState.ABSENT]
    if absent:
        why = [
            word for sourced, word in ((True, NOT_AVAILABLE), (False, words.says("not recorded"))) if sourced in absent
        ]
        notes.append(words.says("dotted level: frequency {why}", why=f" {words.says('or')} ".join(why)))
    states = {one.state for one in frequencies if one is not None}
    if ValueState.ABOVE_LIMIT in states or ValueState.BELOW_THRESHOLD in states:
        notes.append(words.says("→ ← above, below that frequency"))
    if any(peak.state is ValueState.OVER_RANGE for peak in peaks):
        notes.append(words.says("↑ over range: at least that much"))
    return "; ".join(notes)


def limits_in_words(limits: Limits, words: Language) -> str:
    """Limits of a point by their titles, and since when they hold; '' of others."""
    if not limits.which:
        return ""
    titles = [words.told(curve.title) for curve in limits.curves] or [words.says("no limit of velocity")]
    if limits.airblast is not None:
        titles.append(words.told(limits.airblast_text))
    return f"{'; '.join(titles)} ({words.told(limits.which)})"


def limits_of_point(event: JudgedEvent, said: str, words: Language) -> list[str]:
    """`said`: which limits of its point an event was held against, '' of other ones; or why it has none."""
    why = event.verdict.why_none
    held = [words.says("held against {limits}", limits=said)] if said else []
    if why is None:
        return held
    told = words.reason(Judgement(Outcome.NOT_COMPARED, why).why("in/s"))
    return [*held, words.says("vibration not compared: {why}", why=told)]


def undecided_because(event: JudgedEvent, unit: GeoUnit, words: Language) -> list[str]:
    """Sentences that say why channels are undecided or more is not known, each once, with the curve where not all
    curves share it."""
    found: dict[str, list[str]] = {}
    for one in event.verdict.vibration:
        whose = (event.channels.get((one.curve.name, channel)) for channel in GEO_CHANNELS)
        for judgement in [each for each in whose if each is not None] or [one.found]:
            said = judgement.outcome is Outcome.UNDECIDED or judgement.cause is Cause.HALF_WAVES_UNKNOWN
            if said and (why := judgement.why(unit)):
                labels = found.setdefault(why, [])
                labels += [one.curve.label] if one.curve.label not in labels else []
    every = len(event.verdict.vibration)
    return [
        words.told(why) if len(labels) == every else f"{', '.join(map(words.curve, labels))}: {words.told(why)}"
        for why, labels in found.items()
    ]
