"""How many intervals a histogram should have and how long each is, by start, stop and what documents state.

The lengths that a unit offers are KNOWN (docs/facts.md). In timer mode a unit discards an unfinished last interval
(vendor's manual), so a count is whole where it is the number of whole intervals between start and stop. Intervals can
be stored finer than documents print them, several to a printed one (KNOWN).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sfm_archive.base.counting import counted
from sfm_archive.model.findings import Finding

INTERVAL_SECONDS: Final = (2, 5, 15, 60, 300, 900)
"""How long the intervals of a unit can be (KNOWN)."""

_DAY_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedIntervals:
    """What is known beside the stored intervals, None where nothing tells it.

    `lasted_s`: seconds from start to stop. `number`, `seconds`: of the intervals, as a document prints them; printed
    numbers can have fractions.
    """

    lasted_s: float | None = None
    number: float | None = None
    seconds: float | None = None

    def interval(self, size: int) -> timedelta | None:
        """The length of each of `size` stored intervals; None where nothing tells it.

        As stated, or the part of it that is stored. Without a document: the known length of which `size` fill the time
        from start to stop; else the longest of which so many have room and fill most of it, since the end can be
        missing; else the even share, or, where that is none that a clock of whole seconds can have, the longest of
        which so many have room.
        """
        lasted = self.lasted_s if self.lasted_s is not None and self.lasted_s > 0 else None
        if size < 1:
            return None
        if self.seconds is not None:
            printed = self.number if self.number is not None else None if lasted is None else lasted / self.seconds
            return timedelta(seconds=self.seconds / (max(1, round(size / printed)) if printed else 1))
        if lasted is None:
            return None
        exact = [seconds for seconds in INTERVAL_SECONDS if seconds * size == lasted]
        whole = [seconds for seconds in INTERVAL_SECONDS if int(lasted // seconds) == size]
        room = [seconds for seconds in INTERVAL_SECONDS if math.ceil(lasted / seconds) >= size]
        most = [seconds for seconds in room if seconds * size * 2 > lasted]
        chosen = next((max(fitting) for fitting in (exact, whole, most) if fitting), None)
        if chosen is None and room and (lasted % size or lasted / size >= _DAY_S):
            chosen = max(room)
        return timedelta(seconds=lasted / size if chosen is None else chosen)

    def finding(self, size: int) -> Finding | None:
        """The finding `histogram-cut` where others than `size` intervals are promised: by a document, or by start and
        stop and the length of an interval, which is one of the known ones where no document tells it."""
        if size < 1:
            return None
        timed = self.lasted_s / self.seconds if self.lasted_s is not None and self.seconds is not None else None
        if timed is not None:
            if _fills(size, timed):
                return None
            between = (
                f"between start and stop there is room for {counted(int(timed), 'interval')} of {self.seconds:g} s"
            )
            return cut_histogram(size, between)
        if self.number is not None:
            return None if _fills(size, self.number) else cut_histogram(size, f"a document states {self.number:g}")
        interval = self.interval(size)
        if interval is None or self.lasted_s is None:
            return None
        seconds = interval.total_seconds()
        timed = self.lasted_s / seconds
        apart = f"start and stop are {timedelta(seconds=self.lasted_s)} apart"
        if seconds not in INTERVAL_SECONDS:
            return cut_histogram(size, f"{apart}, {seconds:g} s for each, and no unit has intervals of that length")
        if size in (math.floor(timed), math.ceil(timed)):
            return None
        return cut_histogram(size, f"{apart}, room for {counted(int(timed), 'interval')} of {seconds:g} s")


def _fills(size: int, promised: float) -> bool:
    """Whether `size` is the number promised, or several to each, its unfinished last one stored or not."""
    if promised <= 0:
        return True
    near = size / promised
    several = (max(1, math.floor(near)), math.ceil(near))
    return any(size in (math.floor(number * promised), math.ceil(number * promised)) for number in several)


def cut_histogram(size: int, why: str) -> Finding:
    """The finding for a histogram of which intervals seem to be missing."""
    return Finding(code="histogram-cut", message=f"the histogram was read up to its interval {size}: {why}")
