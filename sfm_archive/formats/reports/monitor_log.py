"""The monitor log in a report of Blastware: rows with the start and the stop of what a unit did.

Rows are separated by tabs: start, stop, text (known). How times are printed is known of one form alone,
`Jun 26 /26 15:00:00`; the report's own form of dates and the one of ISO 8601 are read too. A row in another form says
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sfm_archive.errors import BadInput
from sfm_archive.model.timestamps import month_number

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = (
    re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) (?P<day>[0-9]{{1,2}}) ?/(?P<year>[0-9]{{2}}) {_TIME}", re.ASCII),
    re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) (?P<day>[0-9]{{1,2}}), (?P<year>[0-9]{{4}}) {_TIME}", re.ASCII),
    re.compile(rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})[ T]{_TIME}", re.ASCII),
)


class MonitorLogRow(NamedTuple):
    """One row, as text."""

    started: str
    stopped: str
    text: str

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Start and stop, device-local; None where one of them cannot be read, or they are in the wrong order."""
        started, stopped = _moment(self.started), _moment(self.stopped)
        return None if started is None or stopped is None or stopped < started else (started, stopped)


def monitor_log(lines: Iterable[str]) -> tuple[MonitorLogRow, ...]:
    """The rows among the lines of a report that are no name and value."""
    rows = []
    for line in lines:
        cells = [cell.strip().strip('"').strip() for cell in line.split("\t")]
        # An interval row begins with a bare clock time too, but goes on with numbers.
        if len(cells) >= 3 and any(digit in cells[0] for digit in "0123456789") and ":" in cells[1]:
            rows.append(MonitorLogRow(cells[0], cells[1], "\t".join(cells[2:])))
    return tuple(rows)


def _moment(text: str) -> datetime | None:
    for form in _FORMS:
        match = form.fullmatch(text.strip())
        if match is None:
            continue
        year = int(match["year"])
        try:
            month = int(match["month"]) if match["month"].isdigit() else month_number(match["month"])
            clock = (int(match["hour"]), int(match["minute"]), int(match["second"]))
            return datetime(year + 2000 if year < 100 else year, month, int(match["day"]), *clock)
        except (ValueError, BadInput):
            return None
    return None
