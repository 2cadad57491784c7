"""What is to be told of units: that nothing comes of one any more, and that its calibration holds no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.calibrations import calibrations_of, register_of
from sfm_archive.model.calibrations import CalibrationState, calibration_on
from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import UnitWindow
from sfm_archive.storage import notices, statements
from sfm_archive.watching.notice import Notice, NoticeKind, UnitTold


def expected_units(archive: Archive, at_utc: str) -> dict[str, str]:
    """The units of which something is expected to come, and since when, in UTC, nothing has.

    Those that stand at a point, and those that were heard since notices are sent here and were not taken down. One that
    stands somewhere and was never heard is silent since that was stated.
    """
    with archive.store.settled() as connection:
        heard = notices.heard_behind(connection, 0)
        lately = notices.heard_behind(connection, notices.begun_at(connection))
        windows = list(statements.that_count(connection, UnitWindow).values())
        # Ends are told by clocks of units, which may be in any zone: a unit is rather expected a few hours too long.
        open_ones = [one for one in windows if not one.until_local or one.until_local > at_utc[:19]]
        stated = notices.windows_stated_at(connection, [one.number for one in open_ones])
    taken_down = {one.serial for one in windows} - {one.serial for one in open_ones}
    found = {serial: at for serial, at in lately.items() if serial not in taken_down}
    for one in open_ones:
        found[one.serial] = max(heard.get(one.serial, ""), found.get(one.serial, ""), stated.get(one.number, ""))
    return dict(sorted(found.items()))


def units_due(archive: Archive, silent_after_s: float | None, at_utc: str) -> Iterator[Notice]:
    """The notices of units that were not sent, by serial. `silent_after_s`: how long nothing comes of one that is
    silent, None where that is not asked for."""
    expected = expected_units(archive, at_utc)
    with archive.store.settled() as connection:
        sent = notices.sent_of_no_event(connection)
    overdue = _overdue(archive, list(expected), at_utc)
    told = _Told(str(archive.path), archive.info().archive_id, at_utc)
    for serial, last in expected.items():
        due = []
        if silent_after_s is not None and last and seconds_between(last, at_utc) >= silent_after_s:
            due.append(told.silent(serial, last))
        if serial in overdue:
            due.append(told.overdue(serial, *overdue[serial]))
        yield from (notice for notice in due if notice.sent not in sent)


class _Told(NamedTuple):
    """What all notices of one look have in common."""

    archive: str
    archive_id: str
    at_utc: str

    def silent(self, serial: str, last: str) -> Notice:
        since = f"{last[:19].replace('T', ' ')} UTC"
        lasted = timedelta(seconds=int(seconds_between(last, self.at_utc)))
        return Notice(
            kind=NoticeKind.UNIT_SILENT,
            sentence=f"{serial}: nothing new has come of it since {since} ({lasted})",
            about=serial,
            once_for=last,
            unit=UnitTold(serial=serial, last_heard_utc=last, calibration=""),
            **self._asdict(),
        )

    def overdue(self, serial: str, number: int, why: str) -> Notice:
        return Notice(
            kind=NoticeKind.CALIBRATION_OVERDUE,
            sentence=f"{serial}: its calibration is overdue ({why})",
            about=serial,
            once_for=str(number),
            unit=UnitTold(serial=serial, last_heard_utc="", calibration=why),
            **self._asdict(),
        )


def _overdue(archive: Archive, serials: list[str], at_utc: str) -> dict[str, tuple[int, str]]:
    """By serial of those whose calibration is overdue the number of the statement, and what it says."""
    stated, found = register_of(archive), {}
    for serial in serials:
        answer = calibration_on(at_utc[:10], stated.get(serial, ()))
        if answer.state is not CalibrationState.OVERDUE:
            continue
        # A later report may print a newer calibration, of which nobody states until when it holds.
        for row in archive.events(Selection(serials=(serial,), newest_first=True, limit=1)):
            answer = calibrations_of(archive, {row.event_id: (serial, at_utc)}, stated)[row.event_id]
        if answer.state is CalibrationState.OVERDUE:
            found[serial] = answer.number, answer.why
    return found


def seconds_between(earlier_utc: str, later_utc: str) -> float:
    """Between two times as the history has them."""
    return (_moment(later_utc) - _moment(earlier_utc)).total_seconds()


def _moment(utc: str) -> datetime:
    return datetime.fromisoformat(utc).astimezone(UTC)
