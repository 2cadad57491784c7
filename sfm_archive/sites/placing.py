"""Where units stood: windows of a unit at a point, begun, ended, withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.statements import Calibration, UnitWindow
from sfm_archive.model.timestamps import local_text
from sfm_archive.sites.jobs import listing, point_named
from sfm_archive.sites.stating import StatementMade, state, that_counts, who, why, withdraw
from sfm_archive.storage import places, statements


def place(
    archive: Archive,
    serial: str,
    *,
    at: str,
    since: datetime,
    until: datetime | None = None,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Say that a unit stood at a point, written as JOB/POINT, from `since` (included) until `until` (not included; None
    where it still stands there), both of its clock with stated corrections, to the minute.

    The same again changes nothing. Raises BadSerial, NotFound for an unknown point, UsageError for a window that ends
    before it begins or overlaps another of the unit, which it names, ReadOnlyArchive, Busy.
    """
    unit = checked_serial(serial)
    begin, end = _minute(since), "" if until is None else _minute(until)

    def make(connection: Any) -> UnitWindow:
        row = UnitWindow(
            number=0,
            position=0,
            serial=unit,
            point=point_named(archive, connection, at).number,
            from_local=begin,
            until_local=end,
            withdrawn=0,
            decided_by=who(archive, by),
            reason=why(reason),
        )
        known_unit(archive, connection, unit)
        for other in statements.that_count(connection, UnitWindow).values():
            said_before = row._replace(number=other.number, position=other.position)
            if said_before[:-2] == other[:-2]:
                return said_before
        return _checked(connection, row)

    return state(archive, make, meant=_meant, cut=_cut, dry_run=dry_run)


def end_window(
    archive: Archive, window: int, until: datetime, *, by: str = "", reason: str = "", dry_run: bool = False
) -> StatementMade:
    """Say until when (not included) a unit stood where a window has it. As `place`; raises NotFound for a number that
    no window has."""
    end = _minute(until)
    reason = why(reason) or "the unit was taken away"

    def make(connection: Any) -> UnitWindow:
        own = that_counts(connection, UnitWindow, window, listing(archive))
        return _checked(connection, own._replace(until_local=end, decided_by=who(archive, by), reason=reason))

    return state(archive, make, meant=_meant, cut=_cut, dry_run=dry_run)


def withdraw_window(
    archive: Archive, window: int, *, by: str = "", reason: str, dry_run: bool = False
) -> StatementMade:
    """Take a window back: its events are at no point again. Raises NotFound, UsageError for no reason."""
    return withdraw(
        archive,
        UnitWindow,
        window,
        listing=listing(archive),
        by=by,
        reason=reason,
        dry_run=dry_run,
        meant=_meant,
        cut=_cut,
    )


def _minute(moment: datetime) -> str:
    text = local_text(moment)
    if not text.endswith(":00"):
        raise UsageError(f"{text.replace('T', ' ')}: where a unit stands is known to the minute; leave the seconds out")
    return text


def known_unit(archive: Archive, connection: Any, serial: str) -> None:
    """Raises NotFound for a unit of which the archive knows nothing."""
    calibrated = any(one.serial == serial for one in statements.that_count(connection, Calibration).values())
    if not calibrated and not archive.count(serial=serial):
        raise NotFound(
            f"{archive.path} has no event of {serial}; look at the serial, import its events first, or say when it was "
            "calibrated (sfm unit)"
        )


def _checked(connection: Any, row: UnitWindow) -> UnitWindow:
    if row.until_local and row.until_local <= row.from_local:
        raise UsageError(
            f"{row.serial}: the window ends before it begins ({row.span}); --until is the first moment behind it"
        )
    for other in sorted(statements.that_count(connection, UnitWindow).values(), key=lambda one: one.from_local):
        if other.serial == row.serial and other.number != row.number and other.overlaps(row):
            job, point = statements.names_of_points(connection).get(other.point, ("", ""))
            raise UsageError(
                f"{row.serial} stood at {job}/{point} {other.span} (window {other.number}), and a unit stands at one "
                f"point at a time; end that window first (sfm place ARCHIVE --end {other.number} WHEN)"
            )
    return row


def _meant(connection: Any, row: UnitWindow) -> set[int]:
    """Events of what the window held before and holds now; a histogram of an unknown end can come into any later
    one."""
    before = statements.newest(connection, UnitWindow).get(row.number)
    spans = [row] if before is None else [before, row]
    return {
        event_id
        for one in spans
        for event_id in places.of_unit_in(connection, one.serial, one.from_local, one.until_local)
    }


def _cut(connection: Any, row: UnitWindow) -> set[int]:
    """Histograms in which the window begins or ends, or did before."""
    before = statements.newest(connection, UnitWindow).get(row.number)
    moments = {at for one in (row, before) if one is not None for at in (one.from_local, one.until_local) if at}
    return {event_id for at in moments for event_id in places.running_at(connection, row.serial, at)}
