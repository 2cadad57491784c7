"""What units at a point say of a blast: triggered, running and nothing triggered, or not known.

"Nothing triggered" is said of a unit that was running: it says nothing of the ground below the trigger level. Whoever
has no evidence that it ran is not known, however quiet its record is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sfm_archive.model.blast_times import Clocks, readings_of_blast, shifted
from sfm_archive.model.events import RecordType
from sfm_archive.model.statements import Blast, UnitWindow
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.sites.proposing import Candidate
from sfm_archive.storage import blasts as near
from sfm_archive.storage.blasts import RanSpan, RanSpans

_WAVEFORMS = (RecordType.WAVEFORM.value, RecordType.UNKNOWN.value)


class UnitState(StrEnum):
    """PERHAPS: an event is proposed, and nobody decided of it."""

    TRIGGERED = "triggered"
    PERHAPS = "perhaps triggered"
    NOTHING = "running, nothing triggered"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAtBlast:
    """A unit that stood at a point when a blast was. `window`: number of the window that says so. `state`: what the
    unit says of the blast. `sources`: of one that was running what says so, such as 'histogram' or 'monitoring reply',
    '' else."""

    serial: str
    window: int
    state: UnitState
    sources: str


def units_at(
    connection: Any,
    clocks: Clocks,
    windows: Iterable[UnitWindow],
    blast: Blast,
    events: Sequence[Candidate],
    within_s: float,
    ran: RanSpans | None = None,
) -> list[UnitAtBlast]:
    """What the units say that stood at a point, by these windows of it, when a blast was. `ran`: their spans, for
    whoever asks for many blasts."""
    spans_between = partial(near.ran_between, connection) if ran is None else ran.between
    found = []
    for window in sorted(windows, key=lambda one: (one.serial, one.from_local)):
        moments = moments_of(clocks, window.serial, blast)
        held = [window.holds(local_text(at)) for at in moments]
        if not any(held):
            continue
        own = [one for one in events if one.event.serial == window.serial]
        decisions = {one.decision for one in own}
        sources = ""
        if "confirmed" in decisions:
            state = UnitState.TRIGGERED
        elif "proposed" in decisions:
            state = UnitState.PERHAPS
        else:
            said = [_running(spans_between, clocks, window.serial, at, within_s) for at in moments]
            sources = said[0] if all(said) and all(held) else ""
            state = UnitState.NOTHING if sources else UnitState.NOT_KNOWN
        found.append(UnitAtBlast(serial=window.serial, window=window.number, state=state, sources=sources))
    return found


def moments_of(clocks: Clocks, serial: str, blast: Blast) -> list[datetime]:
    """When the blast was on a unit's clock, as corrected: once for each of its readings."""
    from zoneinfo import ZoneInfo

    zone = clocks.zone(0, serial, blast.at_local, UNKNOWN_ZONE, blast.time_zone)
    if zone == blast.time_zone:  # of an hour that comes twice both: the unit's clock shows it twice as well
        return [parse_local_text(blast.at_local)]
    times = readings_of_blast(blast).utc
    try:
        return [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in times]
    except OverflowError:
        return []


def _running(
    spans_between: Callable[[str, str, str], list[RanSpan]],
    clocks: Clocks,
    serial: str,
    moment: datetime,
    within_s: float,
) -> str:
    """What says that a unit ran all the time around a moment of its corrected clock, and waited for a trigger then; ''
    where nothing does."""
    since, until = shifted(moment, -within_s), shifted(moment, within_s)
    if since is None or until is None:
        return ""  # at the ends of the calendar
    spans = []
    for shift in {0, *clocks.shifts_of_unit(serial)}:
        early, late = shifted(since, -shift), shifted(until, -shift)
        if early is not None and late is not None:
            spans += spans_between(serial, local_text(early), local_text(late))
    lasted = []
    for span in set(spans):
        begin = clocks.true_local(span.event_id, serial, span.recorded_at_local)
        if begin is not None:
            length = parse_local_text(span.until_local) - parse_local_text(span.start_local)
            lasted.append((begin, begin + length, span.source))
    if not _cover([(begin, end) for begin, end, _ in lasted], since, until):
        return ""
    waiting = {source for begin, end, source in lasted if begin <= moment <= end and source not in _WAVEFORMS}
    return ", ".join(sorted(waiting))


def _cover(spans: list[tuple[datetime, datetime]], since: datetime, until: datetime) -> bool:
    """Whether spans hold all of another one."""
    reached = since
    for begin, end in sorted(spans):
        if begin > reached:
            break
        reached = max(reached, end)
    return bool(spans) and reached >= until and min(begin for begin, _ in spans) <= since
