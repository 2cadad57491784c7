"""What the samples of an event say of one local day: peaks with their own frequency, as few as decide every limit.

Of a waveform its half waves, of a histogram its intervals. One pair outdoes another where its frequency is the same or
lower and its peak as great or greater: a limit that does not fall with frequency is exceeded by some peak exactly where
it is exceeded by one that no other outdoes.
"""

from __future__ import annotations

from typing import NamedTuple

from sfm_archive.base.json_records import json_value


class Pair(NamedTuple):
    """A peak and the frequency at which the ground moved.

    `hz`: None where it is not known: the record begins or ends inside the half wave, or an interval stores none. With
    an assumed sample rate it is that of the assumed one. `nm_s`: whole nanometres a second, with the range that was
    used. `at_least`: it is the rail.
    """

    hz: float | None
    nm_s: int
    at_least: bool = False


class DayPeaks(NamedTuple):
    """One event on one local day, 'YYYY-MM-DD': a waveform on that of its start, an interval on that in which it
    starts.

    `tran`, `vert`, `long`: the pairs that no other outdoes, by rising peak, behind the greatest one without a
    frequency; empty where the ground was still. None where the samples of the channel cannot be true, so that nothing
    is known of it. `intervals`: of the day, 0 of a waveform. `pspl_db`: the greatest level of the day in dB(L) to a
    hundredth, the rail where it is over range; None where it is not known.
    """

    day: str
    tran: tuple[Pair, ...] | None
    vert: tuple[Pair, ...] | None
    long: tuple[Pair, ...] | None
    intervals: int
    pspl_db: float | None


def pairs_text(pairs: tuple[Pair, ...] | None) -> str:
    """Pairs as the column of a channel has them: a JSON array of `[hz, nm_s]`, `[hz, nm_s, 1]` at the rail; '' for
    None."""
    if pairs is None:
        return ""
    parts = [f"[{'null' if hz is None else repr(hz)},{nm_s}{',1' if rail else ''}]" for hz, nm_s, rail in pairs]
    return f"[{','.join(parts)}]"


def pairs_from(text: str) -> tuple[Pair, ...] | None:
    """The pairs of a column. Raises ValueError or TypeError for a text that `pairs_text` does not write."""
    if not text:
        return None
    return tuple(_pair(*part) for part in json_value(text))


def _pair(hz: float | None, nm_s: int, at_least: int = 0) -> Pair:
    if type(nm_s) is not int or not (hz is None or type(hz) in (int, float)):
        raise ValueError(f"{[hz, nm_s]!r:.60} is no frequency and peak")
    return Pair(hz, nm_s, bool(at_least))
