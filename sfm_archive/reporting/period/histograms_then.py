"""What histograms of a unit say of a blast: an interval that holds it may be above a limit, and one that is louder than
the trigger level without a waveform shows that the unit waited for no trigger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sfm_archive.archive.intervals_near import IntervalsNear, intervals_near
from sfm_archive.archive.measuring import measured_of
from sfm_archive.limits.judging import QUANTA_NM_S
from sfm_archive.limits.outcomes import Outcome, velocity_text
from sfm_archive.limits.verdicts import Limits, Measured, verdict_on
from sfm_archive.model.blast_times import shifted
from sfm_archive.model.events import RecordType
from sfm_archive.model.timestamps import local_text
from sfm_archive.reporting.period.scope import Scope
from sfm_archive.sites.proposing import WITHIN_S
from sfm_archive.storage import events
from sfm_archive.storage.blasts import RanSpan, RanSpans
from sfm_archive.storage.events import EventRow

_OPEN = (Outcome.EXCEEDED, Outcome.UNDECIDED)
_LEFT_OPEN = "nothing tells whether the blast made it"


class HistogramsThen:
    """Each looked up once. `connection`: one that reads derived rows."""

    def __init__(self, scope: Scope, connection: Any, ran: RanSpans) -> None:
        self._scope, self._connection, self._ran = scope, connection, ran
        self._known: dict[int, tuple[EventRow, Measured]] = {}

    def why_open(
        self, serial: str, moments: Sequence[datetime], limits: Limits, decided: Collection[int]
    ) -> tuple[str, str]:
        """By an interval around one of the moments of a unit's corrected clock: why vibration and airblast are not
        within, '' where it leaves them. `decided`: events of which people said whether the blast made them."""
        said = ["", ""]
        for moment in moments:
            since, until = shifted(moment, -WITHIN_S), shifted(moment, WITHIN_S)
            if since is None or until is None:
                continue
            for row, whole, _ in self._around(serial, since, until):
                if row.event_id in decided or not any(_outcomes(whole, limits)):
                    continue
                for one in intervals_near(self._scope.archive, row, whole, since, until):
                    for place, outcome in enumerate(_outcomes(one.measured, limits)):
                        if outcome is not None and not said[place]:
                            said[place] = self._said(row.event_id, one, outcome, is_airblast=place == 1)
        return said[0], said[1]

    def why_not_waiting(self, serial: str, moment: datetime, level_nm_s: float) -> str:
        """Why a unit did not wait for a trigger at a moment, as a histogram then shows, '' where none does: it has a
        peak more than a count above the trigger level, and its unit recorded no waveform while it ran."""
        for row, whole, span in self._around(serial, moment, moment):
            least = whole.summary.ppv_least_nm_s
            if least is None or least <= level_nm_s + QUANTA_NM_S[0]:
                continue
            triggered = any(
                one.event_id and one.source != RecordType.HISTOGRAM
                for one in self._ran.between(serial, span.start_local, span.until_local)
            )
            if not triggered:
                peak = velocity_text(least, self._scope.unit)
                if not span.has_end:
                    return (
                        f"{serial} ran, and event {row.event_id}, its histogram of which nothing tells when it ended, "
                        f"shows {peak} without a waveform: it may not have waited for its trigger level"
                    )
                return (
                    f"{serial} ran, and event {row.event_id}, its histogram, shows {peak} without a waveform: "
                    "it did not wait for its trigger level"
                )
        return ""

    def _around(self, serial: str, since: datetime, until: datetime) -> Iterator[tuple[EventRow, Measured, RanSpan]]:
        """Histograms of a unit that ran then, or may have for nothing tells when they ended, but false triggers."""
        begin = local_text(since)
        ran = self._ran.between(serial, begin, local_text(until))
        for span in [*ran, *self._ran.perhaps_histograms(serial, begin)]:
            if not span.event_id or span.source != RecordType.HISTOGRAM:
                continue
            if span.event_id not in self._known:
                (row,) = events.of_ids(self._connection, [span.event_id])
                self._known[span.event_id] = row, measured_of(self._scope.archive, [row])[span.event_id]
            row, whole = self._known[span.event_id]
            if not whole.summary.is_false_trigger:
                yield row, whole, span

    def _said(self, event_id: int, one: IntervalsNear, outcome: Outcome, *, is_airblast: bool) -> str:
        above = "is" if outcome is Outcome.EXCEEDED and one.since_local else "may be"
        if not one.since_local:
            known = self._known[event_id][1].summary.stop_local
            what = "a histogram" if known else "a histogram of which nothing tells when it ended"
            return f"event {event_id}, {what}, {above} above the limit then, and {_LEFT_OPEN}"
        summary = one.measured.summary
        what = "one of its intervals" if one.several else "its interval"
        times = f"{one.since_local.replace('T', ' ')} to {one.until_local.replace('T', ' ')}"
        value = "a level" if summary.pspl_db is None else f"{summary.pspl_db:g} dB(L)"
        if not is_airblast:
            peak = "a peak" if summary.ppv_nm_s is None else velocity_text(summary.ppv_nm_s, self._scope.unit)
            value = f"{summary.ppv_channel} {peak}".strip()
        return f"event {event_id}: {what} of {times} with {value} {above} above the limit, and {_LEFT_OPEN}"


def _outcomes(measured: Measured, limits: Limits) -> tuple[Outcome | None, Outcome | None]:
    """Of vibration and of airblast where that is, or may be, above the limit; None else."""
    found = verdict_on(measured, limits)
    both = found.outcome, None if found.airblast is None else found.airblast.outcome
    vibration, airblast = (one if one in _OPEN else None for one in both)
    return vibration, airblast
