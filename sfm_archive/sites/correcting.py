"""Corrections of what stands in records: titles, clocks and zones, for one event or a unit's events of a span."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import find_event
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import UsageError
from sfm_archive.model.correcting import CLOCK, CORRECTED_TEXTS, ZONE, moved_text
from sfm_archive.model.serials import checked_serial, is_serial
from sfm_archive.model.statements import Correction, shift_text
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone
from sfm_archive.sites.placing import known_unit
from sfm_archive.sites.stating import StatementMade, one_line, state, who, why, withdraw
from sfm_archive.storage import statements

MOST_SHIFT: Final = timedelta(days=36_525)
"""A hundred years: a greater shift is a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingCorrection:
    """A correction that counts. `number`: its own. `serial`: of the unit whose events that start in the span are meant,
    '' where it is of one event; `event_id`: that event, None where it is of a unit. `subject`: `project`, `client`,
    `location`, `clock` or `zone`. `right`: what holds, of a zone its IANA name, of a clock its shift; `shift_s`: that
    shift in seconds, true time = recorded time + shift, 0 of another subject. `from_local`: begin of the span as
    recorded, included, '' for no bound; `until_local`: its end, not included, likewise. `events`: how many it is about.
    `decided_by`: who says so; `reason`: why."""

    number: int
    serial: str
    event_id: int | None
    subject: str
    right: str
    shift_s: int
    from_local: str
    until_local: str
    events: int
    decided_by: str
    reason: str


def listing(archive: Archive) -> str:
    """The command that lists corrections."""
    return command_line("sfm", "correct", archive.path)


def correct(
    archive: Archive,
    whose: str | int,
    *,
    project: str | None = None,
    client: str | None = None,
    location: str | None = None,
    clock_shift: timedelta | None = None,
    zone: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say what is right where a record is wrong; one subject at a time.

    `whose`: the serial of a unit, for its events that were recorded at `since` or later and before `until` (by its
    clock, None: no bound), also those that are imported later; or one event, by id or file name. `clock_shift`: true
    time = recorded time + shift, in whole seconds. `zone`: IANA name of the zone that the clock showed, which counts
    before one stated for the unit. `reason`: why. Of several corrections of one subject the newest counts, and one of
    an event before those of its unit.

    What was recorded stays, also in names, identity and exported event files. The same again changes nothing. Raises
    NotFound for a unit without events, EventNotFound, UsageError (also for a clock of which the shift is none or more
    than a hundred years, an unknown zone, no subject or several, a span that ends before it begins), ReadOnlyArchive,
    Busy.
    """
    subject, text, shift_s = _subject(project, client, location, clock_shift, zone)
    reason = why(reason, needed="a correction")
    if since is not None and until is not None and not since < until:
        raise UsageError(f"{whose}: the span ends before it begins; --until is the first moment that is not meant")
    row = Correction(
        number=0,
        position=0,
        serial="",
        of_event=0,
        subject=subject,
        text=text,
        shift_s=shift_s,
        from_local="" if since is None else local_text(since),
        until_local="" if until is None else local_text(until),
        withdrawn=0,
        decided_by=who(archive, by),
        reason=reason,
    )

    def make(connection: Any) -> Correction:
        own = _of(archive, connection, whose, row)
        return _said_before(statements.that_count(connection, Correction).values(), own) or own

    return state(archive, make, meant=_meant, cut=_decoded_by(archive), dry_run=dry_run)


def withdraw_correction(
    archive: Archive, number: int, *, by: str = "", reason: str, dry_run: bool = False
) -> StatementMade:
    """Take a correction back: what was recorded counts again, or an earlier correction. Raises NotFound, UsageError for
    no reason."""
    return withdraw(
        archive,
        Correction,
        number,
        listing=listing(archive),
        by=by,
        reason=reason,
        dry_run=dry_run,
        meant=_meant,
        cut=_decoded_by(archive),
    )


def corrections(archive: Archive) -> list[CountingCorrection]:
    """The corrections that count, in the order in which they were made."""
    with archive.store.reading() as connection:
        return [
            CountingCorrection(
                number=one.number,
                serial=one.serial,
                event_id=one.of_event or None,
                subject=one.subject,
                right=one.right,
                shift_s=one.shift_s,
                from_local=one.from_local,
                until_local=one.until_local,
                events=len(statements.events_covered(connection, one)),
                decided_by=one.decided_by,
                reason=one.reason,
            )
            for one in statements.corrections(connection)
        ]


def _subject(
    project: str | None, client: str | None, location: str | None, clock_shift: timedelta | None, zone: str | None
) -> tuple[str, str, int]:
    """Subject, text and shift of a correction. Raises UsageError."""
    said_of = dict(zip((*CORRECTED_TEXTS, CLOCK, ZONE), (project, client, location, clock_shift, zone), strict=True))
    given = {name: value for name, value in said_of.items() if value is not None}
    if len(given) != 1:
        said = f"{' and '.join(given)} are several" if given else "nothing is corrected"
        raise UsageError(f"{said}; say one thing: a project, a client, a location, a clock's shift or its zone")
    if clock_shift is not None:
        return CLOCK, "", _checked_shift(clock_shift)
    ((subject, text),) = given.items()
    right = one_line(str(text), f"the {subject}")
    if not right:
        raise UsageError(f"the right {subject} is empty; write it out")
    if subject == ZONE and checked_zone(right) == UNKNOWN_ZONE:
        raise UsageError("that a zone is unknown corrects nothing; withdraw the correction that is wrong")
    return subject, right, 0


def _checked_shift(shift: timedelta) -> int:
    if shift % timedelta(seconds=1):
        raise UsageError(f"a clock is put right by whole seconds, not by {shift.total_seconds():g} s")
    if not shift:
        raise UsageError("a shift of 0 corrects nothing; true time = recorded time + shift")
    if abs(shift) > MOST_SHIFT:
        raise UsageError(f"a shift of {shift.days:,} days is more than a hundred years; look at it again")
    return shift // timedelta(seconds=1)


def _of(archive: Archive, connection: Any, whose: str | int, row: Correction) -> Correction:
    """The correction with the unit or the event that it is of. Raises NotFound, EventNotFound, UsageError."""
    text = str(whose).strip()
    if is_serial(text):
        serial = checked_serial(text)
        known_unit(archive, connection, serial)
        return row._replace(serial=serial)
    event = find_event(archive.store, text)
    if row.from_local or row.until_local:
        raise UsageError(f"event {event.event_id} is one event; a span (--from, --until) is for those of a unit")
    if not moved_text(event.recorded_at_local, row.shift_s):
        at = event.recorded_at_local.replace("T", " ")
        raise UsageError(f"event {event.event_id} of {at}: {shift_text(row.shift_s)} is beyond the calendar")
    return row._replace(of_event=event.event_id)


def _said_before(counting: Iterable[Correction], row: Correction) -> Correction | None:
    """The correction that says the same, where no newer one counts before it; with the row's own words on who and
    why."""
    others = [one for one in counting if (one.serial, one.of_event, one.subject) == _about(row)]
    for place, one in enumerate(others):
        said = row._replace(number=one.number, position=one.position)
        if said[:-2] == one[:-2] and not any(_overlap(one, newer) for newer in others[place + 1 :]):
            return said
    return None


def _about(row: Correction) -> tuple[str, int, str]:
    return row.serial, row.of_event, row.subject


def _overlap(one: Correction, other: Correction) -> bool:
    return (not one.until_local or other.from_local < one.until_local) and (
        not other.until_local or one.from_local < other.until_local
    )


def _meant(connection: Any, row: Correction) -> Sequence[int]:
    return statements.events_covered(connection, row)


def _decoded_by(archive: Archive) -> Callable[[Any, Correction], Sequence[int]]:
    """The events whose samples are of other days by a correction, by the archive's decoder. Raises NotFound where that
    is not installed: days of a clock that is wrong would stay."""

    def cut(connection: Any, row: Correction) -> Sequence[int]:
        meant = _meant(connection, row) if row.subject == CLOCK else []
        if meant:
            from sfm_archive.archive.decode_sources import decoder_of

            decoder_of(archive)
        return meant

    return cut
