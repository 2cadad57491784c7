"""When units were running, of all that an archive holds: spans of events, monitoring intervals, monitor logs.

A unit was running while it recorded, and while a document says so. Beyond that nothing is known: it may have been
running without a trigger, switched off, or its events may not have been received.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sfm_archive.archive.deriving import derived
from sfm_archive.base.counting import counted
from sfm_archive.base.plain import in_json
from sfm_archive.model.correcting import CLOCK, NO_EVENT, corrected, moved_text
from sfm_archive.model.running import MONITORING_REPLY, Running
from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import UnitWindow
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
    where nothing tells how long it was. `sources`: what says so. `trigger_levels`: those that its monitoring replies
    tell, as the unit writes them (`Geo: 0.020 in/s`); what stayed below is not recorded."""

    since_local: str
    until_local: str
    sources: tuple[SpanSource, ...]
    trigger_levels: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """How long it is."""
        return int((parse_local_text(self.until_local) - parse_local_text(self.since_local)).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageWindow:
    """A span that is asked about. `since_local`: its begin, device-local, included; `until_local`: its end, not
    included."""

    since_local: str
    until_local: str

    @property
    def seconds(self) -> int:
        """How long it is."""
        return int((parse_local_text(self.until_local) - parse_local_text(self.since_local)).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCoverage:
    """What is known of when a unit was running, in a window, or in those of its windows at some points.

    `since_local`, `until_local`: the window; where it is open, from the first and to the last that is known, '' where
    nothing is. `windows`: what is asked about, that window or, of points, the parts of it in which the unit stood
    there. `spans`: in which it was running, none of which touch; beyond them it is not known. `without_end`: events of
    which nothing tells when they ended; they stand as moments. `undated`: spans of a clock that was never set, which
    are left out.
    """

    serial: str
    since_local: str
    until_local: str
    windows: tuple[CoverageWindow, ...]
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
        """Seconds of the windows of which nothing is known; None of a window without a begin or an end."""
        if not self.since_local or not self.until_local:
            return None
        return sum(one.seconds for one in self.windows) - self.running_s


class _Asked(NamedTuple):
    """A span that is asked about: `since` included, `until` not, None where it is open."""

    since: datetime | None
    until: datetime | None


_ALWAYS = _Asked(None, None)


def coverage(
    archive: Archive,
    serials: Iterable[str] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    points: Iterable[int] = (),
    unplaced: bool = False,
) -> list[UnitCoverage]:
    """When units were running, of each by its serial; those of which a window holds nothing are there with no span.

    `serials`: which, all where none is given. `since`: inclusive, `until`: exclusive, device-local. `points`: numbers
    of points, as `points_meant` gives them: only what lies in the windows of units there, cut at these; `unplaced`:
    outside every window, or there too. Raises BadSerial.
    """
    chosen = Selection(serials=tuple(serials), since=since, until=until, points=tuple(points), unplaced=unplaced)
    with derived(archive.store) as connection:
        known = chosen.serials or tuple(
            sorted({*summaries.units(connection), *unit_running.units(connection)}, key=_by_number)
        )
        if chosen.wanted_points is None:
            return [_of_unit(connection, serial, chosen, [_ALWAYS]) for serial in dict.fromkeys(known)]
        stood: dict[str, list[UnitWindow]] = {}
        for row in sorted(statements.that_count(connection, UnitWindow).values(), key=lambda one: one.from_local):
            stood.setdefault(row.serial, []).append(row)
        serials_asked = chosen.serials or sorted({*known, *stood}, key=_by_number)
        found = [
            _of_unit(connection, serial, chosen, _at_points(stood.get(serial, ()), chosen.wanted_points))
            for serial in dict.fromkeys(serials_asked)
        ]
    at_points = {row.serial for rows in stood.values() for row in rows if row.point in chosen.points}
    return [one for one in found if chosen.serials or one.spans or one.serial in at_points]


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


def _at_points(windows: Sequence[UnitWindow], wanted: Set[int]) -> list[_Asked]:
    """When a unit stood at one of some points, 0 among them for none, by its windows in their order; spans that touch
    as one."""
    found: list[_Asked] = []
    reached: datetime | None = None
    open_ended = False

    def add(since: datetime | None, until: datetime | None) -> None:
        if found and found[-1].until is not None and found[-1].until == since:
            found[-1] = found[-1]._replace(until=until)
        else:
            found.append(_Asked(since, until))

    for one in windows:
        since = parse_local_text(one.from_local)
        if 0 in wanted and (reached is None or reached < since):
            add(reached, since)
        reached = parse_local_text(one.until_local) if one.until_local else None
        if one.point in wanted:
            add(since, reached)
        open_ended = reached is None
    if 0 in wanted and not open_ended:
        add(reached, None)
    return found


def _of_unit(connection: Any, serial: str, chosen: Selection, asked: Iterable[_Asked]) -> UnitCoverage:
    since = "" if chosen.since is None else local_text(chosen.since)
    until = "" if chosen.until is None else local_text(chosen.until)
    ran = [
        (Running(parse_local_text(start), parse_local_text(stop or start), record_type), bool(stop))
        for start, stop, record_type in summaries.spans_of_unit(connection, serial, since, until)
    ]
    ran += [(one, True) for one in as_documents_say(connection, serial, since, until)]
    spans: list[CoveredSpan] = []
    windows: list[CoverageWindow] = []
    without_end = undated = 0
    for bounds in filter(None, (_both(one, chosen) for one in asked)):
        held = [(one, ended) for one, ended in ran if _reaches(one, bounds)]
        without_end += sum(not ended for _, ended in held)
        dated = [one for one, _ in held if one.since.year != CLOCK_NEVER_SET_YEAR]
        undated += len(held) - len(dated)
        own = joined(_cut(one, bounds) for one in dated)
        spans += own
        window = _window(bounds, own)
        if window is not None:
            windows.append(window)
    return UnitCoverage(
        serial=serial,
        since_local=windows[0].since_local if windows else since or until,
        until_local=windows[-1].until_local if windows else until or since,
        windows=tuple(windows),
        spans=tuple(spans),
        without_end=without_end,
        undated=undated,
    )


def _both(one: _Asked, chosen: Selection) -> _Asked | None:
    """What of a span lies in the window that is asked for; None where nothing does."""
    since = max((at for at in (one.since, chosen.since) if at is not None), default=None)
    until = min((at for at in (one.until, chosen.until) if at is not None), default=None)
    return None if since is not None and until is not None and since >= until else _Asked(since, until)


def _reaches(one: Running, bounds: _Asked) -> bool:
    """Whether anything of a span lies in another; what ended when that begins does not."""
    behind = bounds.since is None or one.until > bounds.since or one.since >= bounds.since
    return behind and (bounds.until is None or one.since < bounds.until)


def _window(bounds: _Asked, spans: Sequence[CoveredSpan]) -> CoverageWindow | None:
    """A span with the ends that it lacks: the first and the last that is known in it; None where nothing is."""
    since = "" if bounds.since is None else local_text(bounds.since)
    until = "" if bounds.until is None else local_text(bounds.until)
    begin = since or (spans[0].since_local if spans else until)
    end = until or (spans[-1].until_local if spans else since)
    return CoverageWindow(since_local=begin, until_local=end) if begin else None


def as_documents_say(connection: Any, serial: str, since: str, until: str) -> list[Running]:
    """Spans that documents say, in a window, with stated corrections of the unit's clock."""
    clocks = [one for one in statements.corrections(connection) if one.subject == CLOCK and one.serial == serial]
    found = []
    for row in unit_running.of_unit(connection, serial, *(("", "") if clocks else (since, until))):
        shift_s = corrected(clocks, NO_EVENT, serial, row.from_local).shift_s
        begin, end = moved_text(row.from_local, shift_s), moved_text(row.until_local, shift_s)
        if begin and end and end >= since and (not until or begin < until):
            found.append(Running(parse_local_text(begin), parse_local_text(end), row.source, text=row.text))
    return found


def _cut(one: Running, bounds: _Asked) -> Running:
    since = one.since if bounds.since is None else max(one.since, bounds.since)
    until = one.until if bounds.until is None else min(one.until, bounds.until)
    return one._replace(since=since, until=max(since, until))


def joined(spans: Iterable[Running]) -> list[CoveredSpan]:
    """Spans that overlap or touch as one, by time."""
    found: list[tuple[datetime, datetime, Counter[str], set[str]]] = []
    for one in sorted(spans):
        if found and one.since <= found[-1][1]:
            since, until, sources, levels = found[-1]
            found[-1] = since, max(until, one.until), sources, levels
        else:
            sources, levels = Counter(), set()
            found.append((one.since, one.until, sources, levels))
        sources[one.source] += 1
        if one.source == MONITORING_REPLY and one.text:
            levels.add(one.text)
    return [
        CoveredSpan(
            since_local=local_text(since),
            until_local=local_text(until),
            sources=tuple(SpanSource(source=source, count=count) for source, count in sorted(sources.items())),
            trigger_levels=tuple(sorted(levels)),
        )
        for since, until, sources, levels in found
    ]
