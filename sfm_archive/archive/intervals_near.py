"""The intervals of a histogram that lie around a moment, apart from its others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.limits.by_day import SAME_DB, is_of_unknown_length, is_shown_by, summary_of_days
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


class IntervalsNear(NamedTuple):
    """Intervals of a histogram that follow each other: begin of the first one and end of the last, by the corrected
    clock, '' where nothing tells which of its intervals lie there, so that `measured` is all of it; `several`: they are
    more than one."""

    since_local: str
    until_local: str
    several: bool
    measured: Measured


def intervals_near(
    archive: Archive, row: EventRow, whole: Measured, since: datetime, until: datetime
) -> list[IntervalsNear]:
    """Those that reach into a time of the corrected clock, the ones that lie across its ends by themselves. `whole`:
    what is known of the histogram. Raises Damaged."""
    from sfm_archive.archive.decode_sources import decoder_of, tasks  # here: they load numpy
    from sfm_archive.archive.decoding import run_task

    (task,) = tasks(archive, [row])
    borders = tuple(at for at in (since, until) if at > task.corrected_start)
    decoder = decoder_of(archive) if task.sources else None
    days = run_task(replace(task, borders=borders), decoder, every_pair=True).days
    numbers = [day.intervals for day in days]
    stop = whole.summary.stop_local
    if not any(numbers) or not stop or is_of_unknown_length(whole) or not is_shown_by(days, whole.summary):
        return [IntervalsNear("", "", True, whole)]
    length: timedelta = (parse_local_text(stop) - task.corrected_start) / sum(numbers)
    # Parts are counted from the borders behind the start, an interval across one is odd (`DayPeaks.part`).
    wanted = range(2 * len(borders) - 3, 2 * len(borders))
    found = []
    for day, first in zip(days, accumulate(numbers, initial=0), strict=False):
        if day.part in wanted:
            begin = task.corrected_start + first * length
            summary = summary_of_days(whole.summary, (day,), days)
            part = whole._replace(summary=summary, days=(day,), all_pairs=True)
            end = begin + day.intervals * length
            found.append(IntervalsNear(local_text(begin), local_text(end), day.intervals > 1, part))
    return found


class PeakInterval(NamedTuple):
    """The interval of a peak: when it begins, by the corrected clock, and the frequency in Hz that is stored or printed
    with the peak, None where none is."""

    at_local: str
    hz: float | None


def interval_with_peak(
    archive: Archive, row: EventRow, whole: Measured, channel: str, spans: Sequence[tuple[datetime, datetime]]
) -> PeakInterval | None:
    """The interval with a channel's greatest peak, of equals the first, of those that begin in one of these spans of
    the corrected clock, their ends not included; None where nothing tells it. Raises Damaged."""
    from sfm_archive.archive.decode_sources import decoder_of, tasks  # here: they load numpy
    from sfm_archive.archive.decoding import best_source, interval_of

    is_level = channel not in GEO_CHANNELS
    if not any(day.intervals for day in whole.days) or not (is_level or is_shown_by(whole.days, whole.summary)):
        return None
    (task,) = tasks(archive, [row])
    decoded = best_source(task, decoder_of(archive) if task.sources else None).decoded
    length = None if decoded is None else interval_of(decoded, task.start)
    if decoded is None or decoded.intervals is None or not length or channel not in decoded.intervals.channels:
        return None
    place_of_channel = decoded.intervals.channels.index(channel)
    peaks = decoded.intervals.physical(decoded.settings.range, "mm/s", "dB(L)")[channel].tolist()
    hertz = decoded.intervals.frequencies()[place_of_channel].tolist()
    begins = [task.corrected_start + place * length for place in range(decoded.intervals.size)]
    known = [one for one in zip(peaks, begins, hertz, strict=True) if one[0] == one[0]]
    if is_level and not _has_level(known, whole.summary.pspl_db):
        return None  # a document says another one than the samples show
    inside = [one for one in known if any(since <= one[1] < until for since, until in spans)]
    if not inside:
        return None
    _, at, hz = max(inside, key=lambda one: one[0])
    return PeakInterval(local_text(at), hz if hz == hz else None)


def _has_level(known: Sequence[tuple[float, datetime, float]], level_db: float | None) -> bool:
    """Whether the greatest of the intervals, each with its level first, has a level, as far as print rounds it."""
    return bool(known) and level_db is not None and abs(max(known)[0] - level_db) <= SAME_DB
