"""How much of a limit an event took: its peak or loudest interval by the limit at its own frequency. 1 is the limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sfm_archive.limits.curves import Curve
from sfm_archive.limits.judging import HISTOGRAM_RATE_FACTORS, QUANTA_NM_S, RANGE_FACTORS
from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis, EventSummary


class Share(NamedTuple):
    """Between which shares it lies, `most` infinite where that is open; the channel and the name of the curve."""

    least: float
    most: float
    channel: str
    curve: str


class _Interval(NamedTuple):
    """A velocity and a frequency, each between two bounds."""

    least: float
    most: float
    low: float
    high: float


def depends_on_frequency(curve: Curve) -> bool:
    """Whether a velocity alone does not say how much of the limit it is."""
    low, high, _ = curve.anywhere
    return low != high


def greatest_share(
    summary: EventSummary, days: Sequence[DayPeaks], curves: Sequence[Curve], *, all_pairs: bool = False
) -> Share | None:
    """Of the intervals of a histogram, or of some of its days, on the curves that depend on frequency; None where none
    of these has a limit for any of them. What samples cannot tell leaves it open. `all_pairs`: of the intervals none is
    left out; else those that others outdo may take more of a limit that falls with frequency."""
    found: Share | None = None
    for curve in curves:
        if not depends_on_frequency(curve):
            continue
        hides = curve.falls and not all_pairs
        for channel in GEO_CHANNELS:
            for one in _intervals(summary, days, channel):
                share = _share(one, channel, curve, hides=hides)
                if share is not None:
                    found = share if found is None else greater(found, share)
    return found


def greater(one: Share, other: Share) -> Share:
    """The greater of two, which may be as great as either can be."""
    first = max(one, other, key=lambda share: (share.least, share.most))
    return first._replace(most=max(one.most, other.most))


def _intervals(summary: EventSummary, days: Sequence[DayPeaks], channel: str) -> Iterator[_Interval]:
    name = channel.lower()
    nm_s, basis = getattr(summary, f"{name}_nm_s"), getattr(summary, f"{name}_basis")
    assumed = summary.assumed.split()
    slower = RANGE_FACTORS[-1] if "range" in assumed else 1.0
    faster = HISTOGRAM_RATE_FACTORS[-1] if "rate" in assumed else 1
    pairs = _pairs(days, channel)
    is_there = False
    for pair in pairs or ():
        # A reported peak counts in place of the interval that has it.
        is_it = basis == Basis.REPORTED and nm_s is not None and abs(pair.nm_s - nm_s) <= QUANTA_NM_S[0]
        is_there = is_there or is_it
        most: float = nm_s if is_it else pair.nm_s
        least = 0.0 if pair.at_most else most if is_it else most * slower
        low, high = pair.hertz
        yield _Interval(least, math.inf if pair.at_least else most, low, high * (1 if pair.low is not None else faster))
    if pairs is None and basis == Basis.UNKNOWN:
        yield _Interval(0.0, math.inf, 0.0, math.inf)
    elif nm_s is not None and basis != Basis.UNKNOWN and not is_there and (not pairs or basis == Basis.REPORTED):
        open_ = basis in (Basis.OVER_RANGE, Basis.AT_LEAST)
        low, high = getattr(summary, f"{name}_hz_low"), getattr(summary, f"{name}_hz_high")
        known = getattr(summary, f"{name}_hz") is not None
        yield _Interval(
            0.0 if basis == Basis.AT_MOST else nm_s * (slower if basis == Basis.ASSUMED else 1.0),
            # Other intervals are not known, but none is louder.
            math.inf if open_ else nm_s,
            (low or 0.0) if known and pairs is not None else 0.0,
            (math.inf if high is None else high) if known and pairs is not None else math.inf,
        )


def _pairs(days: Sequence[DayPeaks], channel: str) -> list[Pair] | None:
    found: list[Pair] = []
    for day in days:
        own = {"Tran": day.tran, "Vert": day.vert, "Long": day.long}[channel]
        if own is None:
            return None
        found += own
    return found if days else None


def _share(one: _Interval, channel: str, curve: Curve, *, hides: bool) -> Share | None:
    """`hides`: lesser intervals of higher frequencies are not known."""
    limits = curve.within(one.low, one.high)
    of_others = curve.within(one.low, math.inf) if hides else limits
    if of_others is None:
        return None
    # At a frequency without a limit it takes nothing of one.
    least = one.least / limits.high if limits is not None and limits.whole else 0.0
    return Share(least, one.most / of_others.low, channel, curve.name)
