"""Whether a unit was calibrated on a day, by what people state of it and by what its reports print.

Pure: the same statements and prints give the same answer. Nothing is taken for granted: a calibration of which nobody
says until when it holds is not valid for a year, its state is unknown.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from sfm_archive.base.texts import quoted
from sfm_archive.errors import UsageError
from sfm_archive.model.statements import Calibration
from sfm_archive.model.timestamps import month_number

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IN_A_LINE = re.compile(r"(?:(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})|(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2}), ?"
                        r"(?P<year>[0-9]{4}))(?![0-9])")  # fmt: skip
_TIME = re.compile(r"([1-9][0-9]{0,4}) ?(days?|months?|years?)")


class CalibrationState(StrEnum):
    """UNKNOWN: nobody states a calibration before that day, or until when it holds."""

    VALID = "valid"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"


class CalibrationAnswer(NamedTuple):
    """What is known of a unit's calibration on a day. `state`: a word of `CalibrationState`; `why`: what it rests on,
    in words; `number`: of the statement it rests on, 0 without one."""

    state: CalibrationState
    why: str
    number: int

    @property
    def told(self) -> str:
        """`overdue (stated: calibrated on 2026-02-11 by VMA, valid until 2027-02-11)`."""
        return f"{self.state} ({self.why})"


def calibration_on(day: str, stated: Iterable[Calibration], printed: str = "") -> CalibrationAnswer:
    """Of a unit on a day. `stated`: of that unit, those that count, in the order in which they were made; `printed`:
    the line that the report of the event prints, '' without one. What people state counts before it."""
    before = sorted((one for one in stated if one.calibrated_on <= day), key=lambda one: one.calibrated_on)
    last = before[-1] if before else None
    told = printed_day(printed)
    newer = told if told and told <= day and (last is None or told > last.calibrated_on) else ""
    if last is not None and last.valid_until and day < last.valid_until:
        return CalibrationAnswer(CalibrationState.VALID, f"{_by_statement(last)}", last.number)
    if newer:
        said = f"the report prints a calibration of {newer}, and nobody states until when it holds"
        return CalibrationAnswer(CalibrationState.UNKNOWN, said, 0)
    if last is not None and not last.valid_until:
        said = f"{_by_statement(last)}; nobody states until when that holds"
        return CalibrationAnswer(CalibrationState.UNKNOWN, said, last.number)
    if last is not None:
        return CalibrationAnswer(CalibrationState.OVERDUE, _by_statement(last), last.number)
    said = f"the report prints {quoted(printed)}, which has no day before it" if printed else ""
    return CalibrationAnswer(CalibrationState.UNKNOWN, said or "no calibration before that day is stated", 0)


def printed_day(line: str) -> str:
    """The day in a report's line, such as `December 20, 2019 by Instantel`, as '2019-12-20'; '' without one."""
    found = _IN_A_LINE.search(line)
    if found is None:
        return ""
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"]).isoformat()
        return date(int(found["year"]), month_number(found["month"]), int(found["day"])).isoformat()
    except ValueError:
        return ""


def parse_day(text: str) -> str:
    """A day, '2026-02-11'. Raises UsageError for everything else."""
    if _ISO.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise UsageError(f"{quoted(text)} is no day; write it as 2026-02-11")


def day_behind(day: str, time: str) -> str:
    """The day at which so much time after a day has passed: '12months', '2 years', '90days'; of a month without that
    day, its last. Raises UsageError."""
    found = _TIME.fullmatch(time.strip().lower())
    if found is None:
        raise UsageError(f"{quoted(time)} is no time that a calibration holds; write 12months, 2years or 90days")
    count, word = int(found[1]), found[2].rstrip("s")
    start = date.fromisoformat(day)
    try:
        if word == "day":
            return (start + timedelta(days=count)).isoformat()
        months = start.month - 1 + count * (12 if word == "year" else 1)
        year, month = start.year + months // 12, months % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1])).isoformat()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{quoted(time)} behind {day} is no day of this calendar; give a shorter time") from error


def _by_statement(last: Calibration) -> str:
    lab = f" by {last.lab}" if last.lab else ""
    until = f", valid until {last.valid_until}" if last.valid_until else ""
    return f"stated: calibrated on {last.calibrated_on}{lab}{until}"
