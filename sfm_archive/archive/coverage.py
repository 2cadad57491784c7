"""When units were running, of all that an archive holds: spans of events, monitoring intervals, monitor logs.

A unit was running while it recorded, and while a document says so. Beyond that nothing is known: it may have been
running without a trigger, switched off, or its events may not have been received.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import derived
from sfm_archive.base.counting import counted
from sfm_archive.base.plain import in_json
from sfm_archive.model.correcting import CLOCK, NO_EVENT, corrected, moved_text
from sfm_archive.model.running import Running
from sfm_archive.model.selection import Selection
from sfm_archive.model.timestamps import CLOCK_NEVER_SET_YEAR, local_text, parse_local_text
from sfm_archive.storage import statements, summaries, unit_running

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSource:
    """What says that a unit was running. `source`: `waveform`, `histogram`, `unknown` (an event whose type is not
    known), `monitoring reply` or `monitor log`. `count`: how many such there are."""

    source: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredSpan:
    """A span in which a unit was running. `since_local`: its begin, device-local. `until_local`: its end, the same
    where nothing tells how long it was. `sources`: what says so."""

    since_local: str
    until_local: str
    sources: tuple[SpanSource, ...]

    @property
    def seconds(self) -> int:
        """How long it is."""
        return int((parse_local_text(self.until_local) - parse_local_text(self.since_local)).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCoverage:
    """What is known of when a unit was running, in a window.

    `since_local`, `until_local`: the window; where it is open, from the first and to the last that is known, '' where
    nothing is. `spans`: in which it was running, none of which touch; beyond them it is not known. `without_end`:
    events of which nothing tells when they ended; they stand as moments. `undated`: spans of a clock that was never
    set, which are left out.
    """

    serial: str
    since_local: str
    until_local: str
    spans: tuple[CoveredSpan, ...]
    without_end: int
    undated: int

    @property
    @in_json("running_s")
    def running_s(self) -> int:
        """Seconds in which the unit was running."""
        return sum(span.seconds for span in self.spans)

    @property
    @in_json("not_known_s")
    def not_known_s(self) -> int | None:
        """Seconds of the window of which nothing is known; None of a window without a begin or an end."""
        if not self.since_local or not self.until_local:
            return None
        window = parse_local_text(self.until_local) - parse_local_text(self.since_local)
        return int(window.total_seconds()) - self.running_s


def coverage(
    archive: Archive, serials: Iterable[str] = (), *, since: datetime | None = None, until: datetime | None = None
) -> list[UnitCoverage]:
    """When units were running, of each by its serial; those of which a window holds nothing are there with no span.

    `serials`: which, all where none is given. `since`: inclusive, `until`: exclusive, device-local. Raises BadSerial.
    """
    chosen = Selection(serials=tuple(serials), since=since, until=until)
    with derived(archive.store) as connection:
        known = chosen.serials or tuple(
            sorted({*summaries.units(connection), *unit_running.units(connection)}, key=_by_number)
        )
        return [_of_unit(connection, serial, chosen) for serial in dict.fromkeys(known)]


def left_out(units: Sequence[UnitCoverage]) -> str:
    """What the spans of units do not show; '' where they show all."""
    said = []
    ends, undated = sum(unit.without_end for unit in units), sum(unit.undated for unit in units)
    if ends:
        said.append(f"{counted(ends, 'event')} without a known end: each is taken as the moment of its start")
    if undated:
        said.append(f"{counted(undated, 'span')} of 1995 left out: the unit's clock was never set")
    return "; ".join(said)


def _by_number(serial: str) -> tuple[str, int]:
    letters = serial.rstrip("0123456789")
    return letters, int(serial[len(letters) :])


def _of_unit(connection: Any, serial: str, chosen: Selection) -> UnitCoverage:
    since = "" if chosen.since is None else local_text(chosen.since)
    until = "" if chosen.until is None else local_text(chosen.until)
    found: list[Running] = []
    without_end = 0
    for start, stop, record_type in summaries.spans_of_unit(connection, serial, since, until):
        without_end += not stop
        found.append(Running(parse_local_text(start), parse_local_text(stop or start), record_type))
    found += _as_documents_say(connection, serial, since, until)
    dated = [one for one in found if one.since.year != CLOCK_NEVER_SET_YEAR]
    undated = len(found) - len(dated)
    within = [_cut(one, chosen) for one in dated]
    spans = joined(within)
    return UnitCoverage(
        serial=serial,
        since_local=since or (spans[0].since_local if spans else until),
        until_local=until or (spans[-1].until_local if spans else since),
        spans=tuple(spans),
        without_end=without_end,
        undated=undated,
    )


def _as_documents_say(connection: Any, serial: str, since: str, until: str) -> list[Running]:
    """Spans that documents say, in a window, with stated corrections of the unit's clock."""
    clocks = [one for one in statements.corrections(connection) if one.subject == CLOCK and one.serial == serial]
    found = []
    for row in unit_running.of_unit(connection, serial, *(("", "") if clocks else (since, until))):
        shift_s = corrected(clocks, NO_EVENT, serial, row.from_local).shift_s
        begin, end = moved_text(row.from_local, shift_s), moved_text(row.until_local, shift_s)
        if begin and end and end >= since and (not until or begin < until):
            found.append(Running(parse_local_text(begin), parse_local_text(end), row.source))
    return found


def _cut(one: Running, chosen: Selection) -> Running:
    since = one.since if chosen.since is None else max(one.since, chosen.since)
    until = one.until if chosen.until is None else min(one.until, chosen.until)
    return one._replace(since=since, until=max(since, until))


def joined(spans: Iterable[Running]) -> list[CoveredSpan]:
    """Spans that overlap or touch as one, by time."""
    found: list[tuple[datetime, datetime, Counter[str]]] = []
    for one in sorted(spans):
        if found and one.since <= found[-1][1]:
            since, until, sources = found[-1]
            sources[one.source] += 1
            found[-1] = since, max(until, one.until), sources
        else:
            found.append((one.since, one.until, Counter({one.source: 1})))
    return [
        CoveredSpan(
            since_local=local_text(since),
            until_local=local_text(until),
            sources=tuple(SpanSource(source=source, count=count) for source, count in sorted(sources.items())),
        )
        for since, until, sources in found
    ]
