"""The one way from what is known of an event to what a limit curve says of it. docs/waveforms.md, "Verdicts".

What is known is often not a number: a peak is at least the rail, a frequency stands for an interval, a range is
assumed. Each allows some events and not others; a verdict counts only where it is the same for all of them, else it is
undecided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from sfm_archive.limits.curves import Curve
from sfm_archive.limits.outcomes import Cause, Compared, Judgement, Judging, Outcome, worst
from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis, EventSummary

RANGE_FACTORS: Final = (1.0, 0.125)
"""What a velocity computed with Normal range is by the ranges that a unit has: Normal, Sensitive."""

RATE_FACTORS: Final = (1, 2, 4, 8, 16)
HISTOGRAM_RATE_FACTORS: Final = (1, 2, 4)
"""What a frequency computed with 1024 sps is by the rates that a unit has: to 16384 sps, of a histogram to 4096."""

QUANTA_NM_S: Final = (127_000, 15_875)
"""A count at Normal and Sensitive range."""

_ANY_HZ: Final = (0.0, math.inf)
"""Of a frequency of which nothing is known."""

_SAME_HZ: Final = 1e-6
"""Share by which two frequencies that are the same may differ: units and archives round to 32 bits and nine digits."""


class _Setting(NamedTuple):
    """By what computed velocities and frequencies are multiplied."""

    velocity: float
    frequency: float


class _Known(NamedTuple):
    """A channel's peak and its frequency, each between two bounds. `scales`: the frequency rests on an assumed rate;
    `contradicted`: the samples are not those of the peak; `disputed`: reports print it differently."""

    channel: str
    least: float
    most: float
    low: float
    high: float
    basis: str
    scales: bool
    contradicted: bool = False
    disputed: bool = False


class _Found(NamedTuple):
    """What a channel says with one setting."""

    outcome: Outcome
    cause: Cause
    shown: Compared
    other: Compared | None = None


class _Question(NamedTuple):
    """What the pairs of a channel are asked."""

    curve: Curve
    waveform: bool
    by: Judging
    all_pairs: bool


def judge(
    summary: EventSummary,
    days: Sequence[DayPeaks],
    record_type: RecordType,
    curve: Curve,
    by: Judging = Judging.BOTH,
    *,
    all_pairs: bool = False,
) -> Judgement:
    """What a curve says of an event.

    `days`: its half waves or intervals, nothing where there are no samples. `all_pairs`: they are all of them; without
    it those that no other outdoes, which do not decide a curve that falls (`Curve.falls`): where others could be above
    it, the event is undecided.
    """
    if record_type is RecordType.MONITOR_LOG:
        return Judgement(Outcome.NOT_COMPARED, Cause.MONITOR_LOG)
    asked = _Question(curve, _is_waveform(days, record_type), by, all_pairs)
    peaks = _peaks(summary)
    if _nothing_can_be_above(peaks, days, curve):
        shown = max(
            (_compared(curve, one.channel, one.least, one.most, one.low, one.high) for one in peaks.values()),
            key=lambda one: (one.most_nm_s / (one.limit_low_nm_s or math.inf), one.most_nm_s),
        )
        unknown = asked.waveform and not days and by is not Judging.PEAK
        return Judgement(Outcome.WITHIN, Cause.HALF_WAVES_UNKNOWN if unknown else Cause.NUMBERS, shown)
    settings = _settings(summary, record_type)
    table = _table(summary, peaks, days, settings, asked)
    told = _told(peaks, days, settings)
    judged = [_of_channel(settings, told, row) for row in table]
    by_setting = [worst(found.outcome for found in column) for column in zip(*table, strict=True)]
    outcome = by_setting[0]
    if len(set(by_setting)) > 1:
        most = max(judged, key=lambda one: one.shown_by)
        return most._replace(outcome=Outcome.UNDECIDED, cause=_assumed(settings, told, by_setting))
    if summary.ppv_nm_s is None and outcome is Outcome.UNDECIDED:
        return Judgement(outcome, Cause.NO_PEAK)
    same = [one for one in judged if one.outcome is outcome] or judged
    return max(same, key=lambda one: one.shown_by)._replace(outcome=outcome)


def is_exceeded(
    summary: EventSummary,
    days: Sequence[DayPeaks],
    record_type: RecordType,
    curve: Curve,
    by: Judging = Judging.BOTH,
) -> bool:
    """Whether one channel shows that `judge` says exceeded, the loudest looked at first: where only the outcome counts,
    that is enough. False also of what rests on an assumed setting, which takes all channels with all settings."""
    if record_type is RecordType.MONITOR_LOG or summary.assumed:
        return False
    asked = _Question(curve, _is_waveform(days, record_type), by, all_pairs=False)
    (setting,) = _settings(summary, record_type)
    return any(
        _found(known, _pairs(days, known.channel), setting, asked).outcome is Outcome.EXCEEDED
        for known in sorted(_peaks(summary).values(), key=lambda known: known.least, reverse=True)
    )


def judge_channels(
    summary: EventSummary,
    days: Sequence[DayPeaks],
    record_type: RecordType,
    curve: Curve,
    by: Judging = Judging.BOTH,
    *,
    all_pairs: bool = False,
) -> dict[str, Judgement]:
    """The same of each geophone by itself, by channel; nothing of a monitor log."""
    if record_type is RecordType.MONITOR_LOG:
        return {}
    settings = _settings(summary, record_type)
    peaks = _peaks(summary)
    table = _table(summary, peaks, days, settings, _Question(curve, _is_waveform(days, record_type), by, all_pairs))
    told = _told(peaks, days, settings)
    judged = (_of_channel(settings, told, row) for row in table)
    return {found.channel: found for found in judged if found.channel}


def is_above(curve: Curve, pair: Pair) -> bool:
    """Whether a half wave or an interval by itself is above a curve, with the settings used."""
    return _compared(curve, "", *_bounds(pair, _Setting(1.0, 1.0))).outcome is Outcome.EXCEEDED


def needs_all_pairs(days: Sequence[DayPeaks], curve: Curve) -> bool:
    """Whether the pairs that no other outdoes may leave open what all of them decide."""
    lowest = curve.anywhere.low
    return curve.falls and any(pair.nm_s > lowest for channel in GEO_CHANNELS for pair in _pairs(days, channel) or ())


def lowest_limit(curves: Sequence[Curve]) -> float | None:
    """A velocity in nm/s up to which nothing is above any of the curves, whatever its frequency; None where one does
    not cover all of them, or there is none."""
    anywhere = [curve.anywhere for curve in curves]
    return min(limits.low for limits in anywhere) if anywhere and all(one.whole for one in anywhere) else None


def _nothing_can_be_above(peaks: dict[str, _Known], days: Sequence[DayPeaks], curve: Curve) -> bool:
    """Whether no frequency has a limit as low as the greatest peak, as with most events: they need no further look."""
    lowest, _, whole = curve.anywhere
    return (
        whole
        and all(known.most <= lowest for known in peaks.values())
        and not any(
            pair.nm_s > lowest or pair.at_least
            for day in days
            for pairs in (day.tran, day.vert, day.long)
            for pair in pairs or ()
        )
    )


def _is_waveform(days: Sequence[DayPeaks], record_type: RecordType) -> bool:
    """As its samples say, where there are any."""
    return not any(day.intervals for day in days) if days else record_type is RecordType.WAVEFORM


def _settings(summary: EventSummary, record_type: RecordType) -> list[_Setting]:
    """Every setting that is possible, those assumed first."""
    assumed = summary.assumed.split()
    rates = HISTOGRAM_RATE_FACTORS if record_type is RecordType.HISTOGRAM else RATE_FACTORS
    return [
        _Setting(velocity, frequency)
        for velocity in (RANGE_FACTORS if "range" in assumed else RANGE_FACTORS[:1])
        for frequency in (rates if "rate" in assumed else rates[:1])
    ]


def _told(peaks: dict[str, _Known], days: Sequence[DayPeaks], settings: list[_Setting]) -> list[_Setting]:
    """Of several settings those that fit what is reported; all where none does."""
    if len(settings) == 1:
        return settings
    return [one for one in settings if _fits_reported_peaks(peaks, days, one.velocity)] or settings


def _fits_reported_peaks(peaks: dict[str, _Known], days: Sequence[DayPeaks], velocity: float) -> bool:
    """Whether with a range every reported peak is the greatest of its channel's samples."""
    for channel, known in peaks.items():
        pairs = _pairs(days, channel)
        if known.basis == Basis.REPORTED and pairs and not _is_greatest(pairs, known, velocity):
            return False
    return True


def _table(
    summary: EventSummary,
    peaks: dict[str, _Known],
    days: Sequence[DayPeaks],
    settings: Sequence[_Setting],
    asked: _Question,
) -> list[list[_Found]]:
    """For each channel what is found with each setting."""
    assumed = summary.assumed.split()
    table = []
    for channel, known in peaks.items():
        pairs = _pairs(days, channel)
        table.append([_found(_with(known, one, assumed), pairs, one, asked) for one in settings])
    return table


def _peaks(summary: EventSummary) -> dict[str, _Known]:
    """The peak of each geophone; and that of the event where it is not known of which geophone it is, and none of those
    known is as great."""
    whole = _known("", summary.ppv_nm_s, summary.ppv_basis, (None, None, None))
    of_none = summary.ppv_channel == "" and summary.ppv_nm_s is not None
    columns = (
        ("Tran", summary.tran_nm_s, summary.tran_basis, (summary.tran_hz, summary.tran_hz_low, summary.tran_hz_high)),
        ("Vert", summary.vert_nm_s, summary.vert_basis, (summary.vert_hz, summary.vert_hz_low, summary.vert_hz_high)),
        ("Long", summary.long_nm_s, summary.long_basis, (summary.long_hz, summary.long_hz_low, summary.long_hz_high)),
    )
    found = {column[0]: _known(*column, most=whole.most if of_none else math.inf) for column in columns}
    for channel in summary.contradicted.split():
        found[channel] = found[channel]._replace(contradicted=True)
    for channel, (least, most) in summary.disputed_peaks().items():
        if channel in found:
            above = math.inf if most is None else most
            found[channel] = found[channel]._replace(least=least, most=above, disputed=True, scales=False)
    if of_none and all(known.least < whole.most for known in found.values()):
        found[""] = whole
    return found


def _known(
    channel: str,
    nm_s: int | None,
    basis: str,
    frequency: tuple[float | None, float | None, float | None],
    most: float = math.inf,
) -> _Known:
    hertz, low, high = frequency
    least: float = 0
    if nm_s is None or basis == Basis.UNKNOWN:
        return _Known(channel, least, most, 0.0, math.inf, Basis.UNKNOWN, scales=False)
    if basis != Basis.AT_MOST:
        least = nm_s
    if basis not in (Basis.OVER_RANGE, Basis.AT_LEAST):
        most = nm_s
    if hertz is None:
        return _Known(channel, least, most, 0.0, math.inf, basis, scales=False)
    # Of a computed frequency the column has what it can be with the fastest rate.
    scales = hertz == low and high is not None and high > hertz
    return _Known(channel, least, most, low or 0.0, math.inf if high is None else high, basis, scales)


def _with(known: _Known, setting: _Setting, assumed: Sequence[str]) -> _Known:
    """The peak with this setting; what was reported does not rest on it."""
    if known.basis == Basis.ASSUMED:
        known = known._replace(least=known.least * setting.velocity, most=known.most * setting.velocity)
    if known.scales and "rate" in assumed:
        hertz = known.low * setting.frequency
        known = known._replace(low=hertz, high=hertz)
    return known


def _pairs(days: Sequence[DayPeaks], channel: str) -> list[Pair] | None:
    """All of a channel; None where nothing is known of its samples."""
    found = [pairs for day in days if (pairs := _of_day(day, channel)) is not None]
    return [pair for pairs in found for pair in pairs] if found and len(found) == len(days) else None


def _of_day(day: DayPeaks, channel: str) -> tuple[Pair, ...] | None:
    return {"Tran": day.tran, "Vert": day.vert, "Long": day.long}.get(channel)


def _found(peak: _Known, pairs: Sequence[Pair] | None, setting: _Setting, asked: _Question) -> _Found:
    """What the peak of a channel and its other half waves or intervals say together."""
    curve, waveform = asked.curve, asked.waveform
    itself = None if peak.contradicted or peak.disputed else _peak_among(pairs or (), peak, setting)
    if itself is not None and itself.hz is not None and (peak.low, peak.high) != _ANY_HZ:
        _, _, low, high = _bounds(itself, setting)
        if itself.low is not None:  # both are printed, and the narrower print says more
            low, high = max(low, peak.low), min(high, peak.high)
        peak = peak._replace(low=low, high=high)
    shown = _compared(curve, peak.channel, peak.least, peak.most, peak.low, peak.high)
    own = _Found(shown.outcome, _cause(shown, peak), shown)
    if waveform and asked.by is Judging.PEAK:
        return own
    any_counts = not waveform or asked.by is Judging.RECORD
    if own.outcome is Outcome.EXCEEDED or (own.outcome is Outcome.UNDECIDED and not any_counts):
        return own
    if peak.contradicted and any(pair.nm_s > curve.anywhere.low or pair.at_least for pair in pairs or ()):
        return _Found(Outcome.UNDECIDED, Cause.CONTRADICTED, shown)
    if pairs is None:
        return _without_pairs(own, waveform=waveform, open_=any_counts and peak.most > curve.anywhere.low)
    # What no limit is as low as is never above, nor may it be.
    others = [
        _compared(curve, peak.channel, *_bounds(pair, setting))
        for pair in pairs
        if (pair.at_least or pair.nm_s * setting.velocity > curve.anywhere.low) and pair != itself
    ]
    above = _most([one for one in others if one.outcome is Outcome.EXCEEDED])
    if above is not None:
        cause = Cause.HALF_WAVE_ABOVE if waveform else Cause.INTERVAL_ABOVE
        return _Found(Outcome.EXCEEDED if any_counts else Outcome.UNDECIDED, cause, shown, above)
    if own.outcome is Outcome.UNDECIDED:
        return own
    maybe = _most([one for one in others if one.outcome is Outcome.UNDECIDED])
    if maybe is not None:
        cause = Cause.HALF_WAVE_OPEN if waveform else Cause.INTERVAL_OPEN
        return _Found(Outcome.UNDECIDED, cause, shown, maybe)
    greatest = max((pair.nm_s * setting.velocity for pair in pairs), default=0.0)
    if curve.falls and not asked.all_pairs and greatest > curve.anywhere.low:
        return _Found(Outcome.UNDECIDED, Cause.NOT_ALL_KEPT, shown)
    return own


def _without_pairs(own: _Found, *, waveform: bool, open_: bool) -> _Found:
    """The peak within, or not compared, and nothing known of the rest of the record; `open_`: that could be above, and
    would count."""
    cause = Cause.HALF_WAVES_UNKNOWN if waveform else Cause.INTERVALS_UNKNOWN
    if open_:
        return own._replace(outcome=Outcome.UNDECIDED, cause=cause)
    return own._replace(cause=cause) if waveform and own.outcome is Outcome.WITHIN else own


def _bounds(pair: Pair, setting: _Setting) -> tuple[float, float, float, float]:
    """The velocity of a pair and its frequency, each between two bounds; what was printed rests on no setting."""
    nm_s = pair.nm_s * setting.velocity
    low, high = pair.hertz
    least, most = 0.0 if pair.at_most else nm_s, math.inf if pair.at_least else nm_s
    return least, most, low * setting.frequency, high * setting.frequency


def _peak_among(pairs: Sequence[Pair], peak: _Known, setting: _Setting) -> Pair | None:
    """The counted peak itself among a channel's pairs: the greatest one, and of its frequency. It counts as printed;
    one as great of another frequency is another. None where none is it."""
    if not pairs or peak.basis not in _NUMBERS:
        return None
    if not _is_greatest(pairs, peak, setting.velocity):
        return None
    greatest = max(pair.nm_s for pair in pairs)
    those = sorted(
        (pair for pair in pairs if pair.nm_s == greatest and not pair.at_least and not pair.at_most),
        key=lambda one: one.hz or 0.0,
    )
    if those and those[0].hz is None and (len(those) == 1 or (peak.low, peak.high) == _ANY_HZ):
        return those[0]
    low, high = peak.low * (1 - _SAME_HZ), peak.high * (1 + _SAME_HZ)
    return next((one for one in those if one.hz is not None and _may_be(one, low, high, setting.frequency)), None)


def _may_be(pair: Pair, low: float, high: float, factor: float) -> bool:
    """Whether the frequency of a pair can lie between two others."""
    lowest, highest = pair.hertz
    return lowest * factor <= high and highest * factor >= low


def _is_greatest(pairs: Sequence[Pair], peak: _Known, velocity: float) -> bool:
    """Whether a peak is the greatest of its channel's pairs, to a count; `velocity`: see `_Setting`."""
    greatest = max(pair.nm_s for pair in pairs)
    normal, sensitive = QUANTA_NM_S
    rounding = (sensitive if greatest % normal else normal) * velocity
    return peak.least - rounding <= greatest * velocity <= peak.most + rounding


def _compared(curve: Curve, channel: str, least: float, most: float, low: float, high: float) -> Compared:
    limits = curve.within(low, high)
    if limits is None or (not limits.whole and most <= limits.low):
        return Compared(channel, least, most, low, high, None, None, Outcome.NOT_COMPARED)
    outcome = Outcome.UNDECIDED
    if most <= limits.low:
        outcome = Outcome.WITHIN
    elif least > limits.high and limits.whole:
        outcome = Outcome.EXCEEDED
    return Compared(channel, least, most, low, high, limits.low, limits.high, outcome)


def _cause(shown: Compared, peak: _Known) -> Cause:
    if shown.outcome is Outcome.NOT_COMPARED:
        return Cause.NOT_COVERED
    if shown.outcome is not Outcome.UNDECIDED:
        return Cause.NUMBERS
    if peak.basis == Basis.UNKNOWN:
        return Cause.CHANNEL_UNKNOWN
    if peak.disputed:
        return Cause.REPORTS_DIFFER
    if shown.limit_low_nm_s is not None and peak.least <= shown.limit_low_nm_s and peak.basis in _OPEN:
        return _OPEN[peak.basis]
    return Cause.FREQUENCY_UNKNOWN if (peak.low, peak.high) == _ANY_HZ else Cause.FREQUENCY_INTERVAL


def _of_channel(settings: Sequence[_Setting], told: Sequence[_Setting], row: Sequence[_Found]) -> Judgement:
    first = row[0]
    if any(found.outcome is not first.outcome for found in row):
        cause = _assumed(settings, told, [found.outcome for found in row])
        return Judgement(Outcome.UNDECIDED, cause, first.shown, first.other)
    return Judgement(first.outcome, first.cause, first.shown, first.other)


def _assumed(settings: Sequence[_Setting], told: Sequence[_Setting], by_setting: Sequence[Outcome]) -> Cause:
    """Which assumed setting an outcome depends on: both only where each of them changes it. `told`: the settings that
    fit what is reported; a range that does not is named only where nothing else changes the outcome."""
    said = [*zip(settings, by_setting, strict=True)]
    every = [(one, other) for one, found in said for other, another in said if found is not another]
    differing = [(one, other) for one, other in every if one in told and other in told] or every
    of_range = any(one.frequency == other.frequency for one, other in differing)
    of_rate = any(one.velocity == other.velocity for one, other in differing)
    return Cause.ASSUMED_BOTH if of_range and of_rate else Cause.ASSUMED_RANGE if of_range else Cause.ASSUMED_RATE


def _most(compared: Sequence[Compared]) -> Compared | None:
    return max(compared, key=lambda one: (math.inf if one.ratio is None else one.ratio, one.least_nm_s), default=None)


_NUMBERS: Final = (Basis.REPORTED, Basis.COMPUTED, Basis.ASSUMED)
_OPEN: Final[dict[str, Cause]] = {
    Basis.OVER_RANGE: Cause.OVER_RANGE,
    Basis.AT_LEAST: Cause.AT_LEAST,
    Basis.AT_MOST: Cause.AT_MOST,
}
