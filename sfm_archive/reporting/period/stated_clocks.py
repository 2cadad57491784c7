"""What people state of the clocks of a job's units: how wrong they went, and which zone they showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sfm_archive.model.correcting import CLOCK, ZONE, moved_text
from sfm_archive.model.statements import Correction, UnitWindow
from sfm_archive.model.timestamps import local_text
from sfm_archive.reporting.period.report import StatedClock
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.storage import statements

_SUBJECTS = (CLOCK, ZONE)
_NO_BOUND = "~"


def clocks_of(
    scope: Scope, windows: Mapping[str, Sequence[UnitWindow]], events: Mapping[int, EventAtPoint]
) -> dict[str, list[StatedClock]]:
    """By serial the corrections of clock and zone that count for a time in which the unit stood at the job's points in
    the period, or for one of its events there, in the order in which they were made. `events`: of the period."""
    with scope.archive.store.reading() as connection:
        stated = [one for one in statements.corrections(connection) if one.subject in _SUBJECTS]
    found: dict[str, list[StatedClock]] = {}
    for place, one in enumerate(stated):
        serial = one.serial or (events[one.of_event].row.serial if one.of_event in events else "")
        is_then = bool(one.of_event) or any(_reaches(scope, one, window) for window in windows.get(serial, ()))
        if serial not in windows or not is_then or any(_replaces(later, one) for later in stated[place + 1 :]):
            continue
        found.setdefault(serial, []).append(
            StatedClock(
                correction=one.number, event_id=one.of_event or None, shift_s=one.shift_s,
                zone=one.text if one.subject == ZONE else "", from_local=one.from_local, until_local=one.until_local,
                decided_by=one.decided_by, reason=one.reason,
            )
        )  # fmt: skip
    return found


def _reaches(scope: Scope, one: Correction, window: UnitWindow) -> bool:
    """Windows are of the corrected clock, corrections of the one that was read."""
    since = max(window.from_local, local_text(scope.since))
    until = min(window.until_local or _NO_BOUND, local_text(scope.until))
    first = moved_text(one.from_local, one.shift_s)
    last = moved_text(one.until_local, one.shift_s) or _NO_BOUND
    return first < until and last > since


def _replaces(later: Correction, one: Correction) -> bool:
    """Whether a later correction of the same counts in all of the time of another one."""
    return (
        (later.subject, later.serial, later.of_event) == (one.subject, one.serial, one.of_event)
        and later.from_local <= one.from_local
        and (not later.until_local or bool(one.until_local and one.until_local <= later.until_local))
    )
