"""What the samples of an event say of one local day: peaks with their own frequency, as few as decide every limit.

Of a waveform its half waves, of a histogram its intervals. One pair outdoes another where its frequency is the same or
lower and its peak as great or greater: a limit that does not fall with frequency is exceeded by some peak exactly where
it is exceeded by one that no other outdoes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sfm_archive.base.json_records import json_value


class Pair(NamedTuple):
    """A peak and the frequency at which the ground moved.

    `low`, `high`: of a printed frequency those between which it lies, `high` None where it is open; both None of one
    that samples give, which is itself. `at_most`: the peak was printed as below that.

    `hz`: None where it is not known: the record begins or ends inside the half wave, or an interval stores none. With
    an assumed sample rate it is that of the assumed one. `nm_s`: whole nanometres a second, with the range that was
    used. `at_least`: it is the rail.
    """

    hz: float | None
    nm_s: int
    at_least: bool = False
    low: float | None = None
    high: float | None = None
    at_most: bool = False

    @property
    def hertz(self) -> tuple[float, float]:
        """Between which frequencies, infinite where that is open, the ground moved."""
        if self.hz is None:
            return 0.0, math.inf
        if self.low is None:
            return self.hz, self.hz
        return self.low, math.inf if self.high is None else self.high


class DayPeaks(NamedTuple):
    """One event on one local day, 'YYYY-MM-DD': a waveform on that of its start, an interval on that in which it
    starts.

    `tran`, `vert`, `long`: the pairs that no other outdoes, by rising peak, behind the greatest one without a
    frequency; empty where the ground was still. None where the samples of the channel cannot be true, so that nothing
    is known of it. `intervals`: of the day, 0 of a waveform. `pspl_db`: the greatest level of the day in dB(L) to a
    hundredth, the rail where it is over range; None where it is not known.
    `part`: twice as many as borders of its unit's windows lie between the start of the event and the intervals, which
    cut a day in two; one more of an interval that lies across the next border.
    """

    day: str
    tran: tuple[Pair, ...] | None
    vert: tuple[Pair, ...] | None
    long: tuple[Pair, ...] | None
    intervals: int
    pspl_db: float | None
    part: int = 0


def pairs_text(pairs: tuple[Pair, ...] | None) -> str:
    """Pairs as the column of a channel has them: a JSON array of `[hz, nm_s]`, `[hz, nm_s, 1]` at the rail, with 2 for
    at most that; of a printed frequency `[hz, nm_s, 0, low, high]`, or with 1 or 2, without `high` where that is open.
    '' for None."""
    return "" if pairs is None else f"[{','.join(map(_text, pairs))}]"


def _text(pair: Pair) -> str:
    bound = 1 if pair.at_least else 2 if pair.at_most else 0
    parts = ["null" if pair.hz is None else repr(pair.hz), str(pair.nm_s)]
    if bound or pair.low is not None:
        parts.append(str(bound))
    parts += [repr(one) for one in (pair.low, pair.high) if one is not None]
    return f"[{','.join(parts)}]"


def pairs_from(text: str) -> tuple[Pair, ...] | None:
    """The pairs of a column. Raises ValueError or TypeError for a text that `pairs_text` does not write."""
    if not text:
        return None
    return tuple(_pair(*part) for part in json_value(text))


def _pair(hz: float | None, nm_s: int, bound: int = 0, low: float | None = None, high: float | None = None) -> Pair:
    if type(nm_s) is not int or not all(one is None or type(one) in (int, float) for one in (hz, low, high)):
        raise ValueError(f"{[hz, nm_s]!r:.60} is no frequency and peak")
    return Pair(hz, nm_s, bound == 1, low, high, bound == 2)
