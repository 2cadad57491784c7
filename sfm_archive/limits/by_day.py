"""An event in parts by the days in which it was recorded: a histogram's interval belongs to its own day, a waveform to
the day of its start, also one over midnight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from sfm_archive.limits.judging import HISTOGRAM_RATE_FACTORS, QUANTA_NM_S
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.events import RecordType
from sfm_archive.model.summaries import Basis, EventSummary, peak_bounds
from sfm_archive.model.timestamps import local_text, parse_local_text

_CHANNELS: Final = ("tran", "vert", "long")
_NAMES: Final = {"tran": "Tran", "vert": "Vert", "long": "Long"}
_SECOND: Final = timedelta(seconds=1)
_LEAST_COUNTS: Final = 3.5
"""From so many on a reported peak is held against that of the samples (`model.setting_evidence`)."""

SAME_DB: Final = 0.06
"""Two levels printed with one digit that are the same."""


class Part(NamedTuple):
    """What was recorded of an event in some days. `day`: the first of them. `begins`: whether the event began in them.
    `whole`: whether this is all of the event, with everything that is known of it. `day_known`: False where it may also
    be of other days than these, for nothing tells which are its own."""

    day: str
    measured: Measured
    begins: bool
    whole: bool
    day_known: bool = True


def parts_of(
    measured: Measured, start_day: str, *, digits: int, first_day: str = "", last_day: str = "~"
) -> list[Part]:
    """The parts of an event whose days share the first `digits` signs of their date (10: each day, 7: each month, 0:
    all), between two days, these included.

    An event of which it is not known what belongs to which day is one part, of the day of its start, whatever days are
    asked for: one without samples, one whose intervals are of unknown length, and one of which a document says other
    than its samples show. Of one whose last interval began before these days, and of a waveform that did, there is one
    part with nothing (`Measured.nothing`).
    """
    days = measured.days
    if measured.record_type is RecordType.WAVEFORM and start_day < first_day and not measured.nothing:
        return [_nothing(measured, first_day)]
    if is_not_known_by_day(measured):
        last = _last_day(measured)
        known = start_day[:digits] == last[:digits] and first_day <= start_day and last <= last_day
        known = known and not measured.unsplit
        return [Part(start_day, measured, start_day >= first_day, whole=True, day_known=known)]
    if not days or (len(days) == 1 and (first_day <= days[0].day <= last_day or not days[0].intervals)):
        is_later = measured.cut and (not days or days[0].part > 1)
        begins = start_day >= first_day and not measured.nothing and not is_later
        day = days[0].day if days and measured.cut else start_day
        return [Part(day, measured, begins, whole=not measured.cut, day_known=not measured.unsplit)]
    asked = [day for day in days if first_day <= day.day <= last_day]
    if not asked:
        return [_nothing(measured, first_day)]
    found = []
    for _, own in groupby(asked, key=lambda day: day.day[:digits]):
        of_part = tuple(own)
        whole = len(of_part) == len(days)
        summary = measured.summary if whole else summary_of_days(measured.summary, of_part, days)
        part = measured._replace(summary=summary, days=of_part)
        if measured.perhaps is not None:
            others = tuple(one for one in measured.perhaps.days if one.day[:digits] == of_part[0].day[:digits])
            others = tuple(one for one in others if first_day <= one.day <= last_day)
            others_summary = summary_of_days(measured.perhaps.summary, others, measured.perhaps.days)
            part = or_perhaps(part, measured.perhaps._replace(summary=others_summary, days=others))
        begins = of_part[0].part < 2 and of_part[0].day <= start_day <= of_part[-1].day
        found.append(Part(of_part[0].day, part, begins, whole and not measured.cut, day_known=not measured.unsplit))
    return found


def or_perhaps(part: Measured, more: Measured) -> Measured:
    """A part with what may be of it too: its greatest peak is at most that of both."""
    if more.days == part.days:
        return part._replace(perhaps=None)
    most, others = part.summary.ppv_most_nm_s, more.summary.ppv_most_nm_s
    is_open = others is None or (most is None and part.summary.ppv_nm_s is not None)
    bound = None if is_open else max(most or 0, others or 0)
    return part._replace(summary=part.summary._replace(ppv_most_nm_s=bound), perhaps=more)


def _nothing(measured: Measured, first_day: str) -> Part:
    summary = summary_of_days(measured.summary, (), measured.days)
    return Part(first_day, measured._replace(summary=summary, days=(), nothing=True), begins=False, whole=False)


def is_not_known_by_day(measured: Measured) -> bool:
    """Whether an event was recorded on several days, or may have been, and nothing tells on which of them its peaks and
    levels are: one without samples, one whose intervals are of unknown length, and one of which a document says other
    than its samples show. All of a waveform is of the day of its start."""
    days, summary = measured.days, measured.summary
    if measured.record_type is RecordType.WAVEFORM:
        return False
    if summary.ppv_nm_s is None and summary.pvs_nm_s is None and summary.pspl_db is None:
        return False
    if any(day.intervals for day in days) and not is_of_unknown_length(measured):
        return len(days) > 1 and not is_shown_by(days, summary)
    return _last_day(measured) != summary.start_local[:10]


def is_of_unknown_length(measured: Measured) -> bool:
    """Whether nothing tells how long the intervals of a histogram are: all of them are booked on the day of the start,
    of which only the first is known to be."""
    return not measured.summary.stop_local and sum(day.intervals for day in measured.days) > 1


def _last_day(measured: Measured) -> str:
    """The last day in which something of an event was recorded, as its start and stop tell; behind all days where
    nothing tells how long a histogram lasted."""
    start, stop = measured.summary.start_local, measured.summary.stop_local
    if any(day.intervals for day in measured.days) and not is_of_unknown_length(measured):
        return measured.days[-1].day
    if not stop:
        return "~" if measured.record_type is RecordType.HISTOGRAM else start[:10]
    before = max(start, local_text(parse_local_text(stop) - _SECOND))
    return before[:10]


def in_days(measured: Measured, start_day: str, days: tuple[str, str]) -> Measured:
    """What was recorded of an event from the first of these days to the last one; the whole event where nothing tells
    what belongs to which day."""
    return parts_of(measured, start_day, digits=0, first_day=days[0], last_day=days[1])[0].measured


def same_part(
    others: Measured, part: Part, *, digits: int, first_day: str = "", last_day: str = "~"
) -> Measured | None:
    """What other intervals of the same event show of the same days; None where nothing tells."""
    if part.whole:
        return others
    found = parts_of(others, part.day, digits=digits, first_day=first_day, last_day=last_day)
    return next((one.measured for one in found if one.day == part.day and not one.whole), None)


def _pairs(days: Sequence[DayPeaks], channel: str) -> list[Pair] | None:
    """All of a channel; None where its samples cannot be true."""
    found: list[Pair] = []
    for day in days:
        pairs: tuple[Pair, ...] | None = getattr(day, channel)
        if pairs is None:
            return None
        found += pairs
    return found


def _greatest(days: Sequence[DayPeaks], channel: str) -> Pair | None:
    return max(_pairs(days, channel) or (), key=lambda pair: (pair.at_least, pair.nm_s), default=None)


def _all_greatest(days: Sequence[DayPeaks], channel: str) -> set[Pair]:
    """The greatest pair, and others with as great a peak."""
    greatest = _greatest(days, channel)
    return {pair for pair in _pairs(days, channel) or () if greatest is not None and pair.nm_s == greatest.nm_s}


def is_shown_by(days: Sequence[DayPeaks], summary: EventSummary) -> bool:
    """Whether the samples show every peak that is reported: only then it is known of which day each is. Of peaks that
    reports print differently they do not."""
    if summary.disputed:
        return False
    contradicted = summary.contradicted.split()
    for channel in _CHANNELS:
        basis, greatest, nm_s = (
            getattr(summary, f"{channel}_basis"),
            _greatest(days, channel),
            getattr(summary, f"{channel}_nm_s"),
        )
        if basis == Basis.REPORTED and (
            greatest is None or not _agree(greatest, nm_s, contradicted=_NAMES[channel] in contradicted)
        ):
            return False
        if basis == Basis.OVER_RANGE and (greatest is None or not greatest.at_least):
            return False
        if basis in (Basis.AT_LEAST, Basis.AT_MOST):
            return False
    return not (summary.ppv_channel == "" and summary.ppv_nm_s is not None)


def _agree(pair: Pair, nm_s: int, *, contradicted: bool) -> bool:
    """Whether a reported peak is that of a pair: within a count of the smaller range that its number allows, or within
    what a print in few digits is rounded, 51 mm/s for 50.8: `contradicted`, of the event's summary, says whether it is
    beyond that. Of a few counts nothing says so."""
    if pair.at_least or contradicted:
        return False
    normal, sensitive = QUANTA_NM_S
    count = sensitive if pair.nm_s % normal else normal
    return abs(pair.nm_s - nm_s) <= count or max(nm_s / normal, pair.nm_s / count) >= _LEAST_COUNTS


def summary_of_days(summary: EventSummary, days: Sequence[DayPeaks], all_days: Sequence[DayPeaks]) -> EventSummary:
    """The summary of some of all days. A reported peak is that of the day with the event's greatest one, and of no day
    that comes near it; the vector sum is of an unknown one."""
    changed: dict[str, Any] = {"pvs_nm_s": None, "pvs_basis": Basis.UNKNOWN.value}
    for channel in _CHANNELS:
        changed |= _channel(summary, channel, _greatest(days, channel), _all_greatest(all_days, channel))
    numbers = {channel: changed.get(f"{channel}_nm_s", getattr(summary, f"{channel}_nm_s")) for channel in _CHANNELS}
    bases = {channel: changed.get(f"{channel}_basis", getattr(summary, f"{channel}_basis")) for channel in _CHANNELS}
    # Of equal ones that of the event, else the first by name, as of an event.
    known = sorted(channel for channel in _CHANNELS if numbers[channel] is not None)
    if known:
        loudest = max(
            known,
            key=lambda channel: (
                bases[channel] == Basis.OVER_RANGE,
                numbers[channel],
                _NAMES[channel] == summary.ppv_channel,
            ),
        )
        basis = bases[loudest]
        partly = len(known) < len(_CHANNELS)
        if partly and basis != Basis.OVER_RANGE:
            basis = Basis.AT_LEAST.value
        of_channels = [(numbers[channel], bases[channel]) for channel in _CHANNELS]
        least, most = peak_bounds(of_channels, None if partly else (numbers[loudest], basis))
        is_same = _NAMES[loudest] == summary.ppv_channel and f"{loudest}_nm_s" not in changed
        changed |= {
            "ppv_nm_s": numbers[loudest],
            "ppv_basis": basis,
            "ppv_least_nm_s": least,
            "ppv_most_nm_s": most,
            "ppv_channel": _NAMES[loudest],
            "ppv_text": summary.ppv_text if is_same else "",
        }
    else:
        changed |= {"ppv_nm_s": None, "ppv_basis": Basis.UNKNOWN.value, "ppv_channel": "", "ppv_text": ""}
        changed |= {"ppv_least_nm_s": None, "ppv_most_nm_s": None}
    levels = [day.pspl_db for day in days if day.pspl_db is not None]
    greatest_level = max((day.pspl_db for day in all_days if day.pspl_db is not None), default=None)
    if not levels:
        changed |= {"pspl_db": None, "pspl_basis": Basis.UNKNOWN.value}
    elif summary.pspl_db is None or max(levels) != greatest_level or abs(max(levels) - summary.pspl_db) > SAME_DB:
        changed |= {"pspl_db": max(levels), "pspl_basis": Basis.COMPUTED.value}
    return summary._replace(**changed)


def _channel(summary: EventSummary, channel: str, greatest: Pair | None, of_event: set[Pair]) -> dict[str, Any]:
    """What is different of a channel in some days, whose greatest pair it is, from the event and its greatest ones."""
    basis = getattr(summary, f"{channel}_basis")
    frequency = [f"{channel}_{name}" for name in ("hz", "hz_low", "hz_high")]
    names = [f"{channel}_nm_s", f"{channel}_basis", *frequency]
    if greatest is None:
        return dict(zip(names, (None, Basis.UNKNOWN.value, None, None, None), strict=True))
    is_reported = basis == Basis.REPORTED and greatest in of_event  # which it agrees with, see `is_shown_by`
    if is_reported and of_event == {greatest}:
        return {}
    assumed = summary.assumed.split()
    highest, lowest = greatest.high, greatest.hz if greatest.low is None else greatest.low
    if greatest.hz is not None and greatest.low is None:
        highest = greatest.hz * (HISTOGRAM_RATE_FACTORS[-1] if "rate" in assumed else 1)
    if is_reported:
        return dict(zip(frequency, (greatest.hz, lowest, highest), strict=True))
    computed = Basis.ASSUMED if "range" in assumed else Basis.COMPUTED
    found = Basis.OVER_RANGE if greatest.at_least else Basis.AT_MOST if greatest.at_most else computed
    return dict(zip(names, (greatest.nm_s, found.value, greatest.hz, lowest, highest), strict=True))
