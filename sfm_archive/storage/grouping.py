"""Events counted in groups, each with its greatest values, by one statement over the rows of `event_summary`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import apsw

from sfm_archive.model.selection import Selection
from sfm_archive.storage import summaries
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.selecting import parts_of_selection

_KEYS: Final = {
    "year": "substr(start_local, 1, 4)",
    "month": "substr(start_local, 1, 7)",
    "day": "substr(start_local, 1, 10)",
    "serial": "event.serial",
    "type": "event.record_type",
    "project": "event_summary.project",
    "client": "event_summary.client",
    "location": "event_summary.location",
    "job": "event_summary.point",  # whose job it is
    "point": "event_summary.point",
}
"""What events are grouped by; texts folded, as a search compares them."""

_WIDTH = 2 * 10**18
_TIME_WIDTH = len("2026-05-01T13:16:34")

AT_ONCE: Final = 50_000
"""Events that are sorted into groups at once: a million together took twice the time, and 200 MB."""


class Grouping(NamedTuple):
    """How events are counted.

    `by`: words of _KEYS. `digits`: of a date, those that the days of a group share, `first_day` and `last_day`: those
    that count, as for `limits.by_day.parts_of`. `with_false_triggers`: they are in every number. `lowest_nm_s`: no
    frequency has a limit as low, None where that is not known; `airblast_db`: the limit of the level in dB(L), None
    where none is compared. `by_days`: rows of `event_peaks` say which days an event has. `of_many`: so many events are
    meant that those rows are better gone through once than looked up for each event.
    """

    by: tuple[str, ...]
    digits: int
    first_day: str
    last_day: str
    with_false_triggers: bool
    curves: bool = False
    lowest_nm_s: float | None = None
    airblast_db: float | None = None
    by_days: bool = True
    of_many: bool = False


class Mark(NamedTuple):
    """The event that is the first or has the greatest value of a group. `strength`: see `EventSummary.strength`.
    `day_known`: whether it is known to be of days of the group."""

    strength: int
    at: str
    event_id: int
    day_known: bool = True


class Sums(NamedTuple):
    """A group: its keys, texts folded, and the numbers of `reporting.summarising.Group`. `settled`: events that no
    limit is near, so that vibration is within; `settled_levels`: those of them that have a level, which is within.
    `first`: its first event; `greatest`: those with the greatest ppv, pvs and pspl, None where none is known."""

    keys: tuple[str | int, ...]
    events: int
    continued: int
    waveforms: int
    histograms: int
    level_undecided: int
    false_triggers: int
    over_range: int
    day_unknown: int
    without_peaks: int
    with_peaks: int
    assumed_range: int
    with_vector_sum: int
    least_nm_s: int | None
    settled: int
    settled_levels: int
    first: Mark
    greatest: tuple[Mark | None, Mark | None, Mark | None]


_Bound = list[str | int | float]

Span = tuple[int, int]
"""First and last id of the events that are meant."""


def spans(connection: apsw.Connection, count: int) -> list[Span]:
    """Ids in parts of which each is counted at once; one where `count` events are no more than that."""
    row: Any = connection.execute("SELECT coalesce(max(event_id), 0) FROM event").fetchone()
    step = AT_ONCE if count > AT_ONCE else max(AT_ONCE, row[0])
    return [(first, first + step - 1) for first in range(1, row[0] + 1, step)]


def is_of_many(spans: Sequence[Span], count: int) -> bool:
    """Whether `count` events are a good part of those in the spans."""
    return bool(spans) and 4 * count >= spans[-1][1] - spans[0][0] + 1


def sums(connection: apsw.Connection, selection: Selection, asked: Grouping, span: Span) -> Iterator[Sums]:
    """The groups of those events of which all belongs to one: all but `apart`. The same group can come twice."""
    keys = ", ".join(_KEYS[word] for word in asked.by)
    undecided, of_level = _undecided(selection)
    settled, of_limits = _settled(asked, span)
    counted = "1" if asked.with_false_triggers else "review <> 'false trigger'"
    begins = "substr(start_local, 1, 10) >= ?1" if asked.first_day else "1"
    # All of one whose length nothing tells is of the day of its start, whatever days are asked for.
    holds_all = begins if not asked.digits and asked.last_day == "~" else "0"
    day_unknown = f"({_OPEN} AND NOT {holds_all})"

    def number(condition: str) -> str:
        return f"count(*) FILTER (WHERE {counted} AND {condition})"

    def strongest(quantity: str) -> str:
        return f"min({_mark(summaries.STRENGTHS[quantity], day_unknown)}) FILTER (WHERE {counted})"

    columns = ", ".join(
        [
            f"count(*) FILTER (WHERE {begins})",
            f"count(*) FILTER (WHERE NOT {begins})",
            f"count(*) FILTER (WHERE {begins} AND event.record_type = 'waveform')",
            f"count(*) FILTER (WHERE {begins} AND event.record_type = 'histogram')",
            number(f"{begins} AND ({undecided})"),
            "count(*) FILTER (WHERE review = 'false trigger')",
            number("(ppv_basis = 'over range' OR pspl_basis = 'over range')"),
            number(day_unknown),
            number("ppv_basis = 'unknown'"),
            number("ppv_basis <> 'unknown'"),
            number("ppv_basis = 'assumed'"),
            number("pvs_nm_s IS NOT NULL"),
            f"max(ppv_least_nm_s) FILTER (WHERE {counted})",
            number(settled),
            number(f"pspl_db IS NOT NULL AND {settled}"),
            f"min({_mark('0', '0')})",
            *map(strongest, ("ppv", "pvs", "pspl")),
        ]
    )
    first = [asked.first_day] if asked.first_day else []
    bound = [*first, *of_level, *of_limits, *of_limits]
    for where, of_events, *_ in parts_of_selection(connection, selection):
        rows: list[Any] = connection.execute(
            f"SELECT {keys}, {columns} FROM counted_event AS event JOIN event_summary USING (event_id)"
            f" WHERE {' AND '.join([*where, _IN_SPAN, _of_one_group(asked)])} GROUP BY {keys}",
            (*bound, *of_events, *span, *_days(asked)),
        ).fetchall()
        for row in rows:
            first, *greatest = (read_as(_read_mark, mark, _A_GREATEST, "event_summary") for mark in row[-4:])
            yield Sums._make((row[: len(asked.by)], *row[len(asked.by) : -4], first, tuple(greatest)))


def apart(connection: apsw.Connection, selection: Selection, asked: Grouping, span: Span) -> list[int]:
    """Events that can belong to several groups, or of which there is no row, by time."""
    condition = f"(event_summary.event_id IS NULL OR NOT {_of_one_group(asked)})"
    return _ids(connection, selection, f"{_IN_SPAN} AND {condition}", [*span, *_days(asked)])


def open_ids(connection: apsw.Connection, selection: Selection, asked: Grouping, span: Span) -> list[int]:
    """Events of one group that a limit may be near, by time: what `sums` has not settled."""
    settled, bound = _settled(asked, span)
    condition = f"{_IN_SPAN} AND {_of_one_group(asked)} AND NOT ({settled})"
    if not asked.with_false_triggers:
        condition += " AND review <> 'false trigger'"
    return _ids(connection, selection, condition, [*span, *_days(asked), *bound])


def near_ids(connection: apsw.Connection, selection: Selection, asked: Grouping, span: Span) -> list[int]:
    """All events but those of one group that no limit is near, by time: those of `apart` and of `open_ids` in one."""
    settled, bound = _settled(asked, span)
    condition = f"(event_summary.event_id IS NULL OR NOT ({_of_one_group(asked)} AND {settled}))"
    return _ids(connection, selection, f"{_IN_SPAN} AND {condition}", [*span, *_days(asked), *bound])


_A_GREATEST: Final = "the greatest value of a group in table event_summary"

_IN_SPAN: Final = "event.event_id BETWEEN ? AND ?"

_OPEN: Final = (
    "(event.record_type = 'histogram' AND stop_local = '' AND coalesce(ppv_nm_s, pvs_nm_s, pspl_db) IS NOT NULL)"
)
"""Of which rows nothing tells when the event ended, nor on which day it had what is known of it."""

_OF_ITS_START: Final = (
    "NOT EXISTS (SELECT 1 FROM event_peaks AS own WHERE own.event_id = event_summary.event_id"
    f" AND own.intervals > 0 AND (own.intervals = 1 OR NOT {_OPEN}))"
)
"""Of such rows that all of the event is of the day of its start, whatever days are asked for (`limits.by_day`): not of
one interval, whose day is known, nor of intervals of which nothing is known."""


def _ids(connection: apsw.Connection, selection: Selection, condition: str, bound: Sequence[Any]) -> list[int]:
    found: list[int] = []
    for where, of_events, clock, _ in parts_of_selection(connection, selection):
        rows: list[Any] = connection.execute(
            "SELECT event.event_id FROM counted_event AS event LEFT JOIN event_summary USING (event_id)"
            f" WHERE {' AND '.join([*where, condition])} ORDER BY {clock}, event.event_id",
            (*of_events, *bound),
        ).fetchall()
        found += [event_id for (event_id,) in rows]
    return found


def _of_one_group(asked: Grouping) -> str:
    """Of rows all of which is of one group, that of the day of the start: the event was recorded in its days, from its
    start to its stop, or nothing tells how long it lasted."""
    if not asked.by_days:
        return "0"
    began = "substr(start_local, 1, 10) >= ?"
    ended = began
    if asked.digits or asked.last_day != "~":
        of_start = f"substr(stop_local, 1, {asked.digits}) = substr(start_local, 1, {asked.digits})"
        ended = f"{began} AND {of_start} AND substr(stop_local, 1, 10) <= ?"
    return (
        "(placed NOT IN ('part', 'perhaps', 'undecided') AND"
        f" CASE WHEN stop_local <> '' THEN {ended} WHEN event.record_type = 'waveform' THEN {began}"
        f" ELSE {_OF_ITS_START} END)"
    )


def _days(asked: Grouping) -> _Bound:
    if not asked.by_days:
        return []
    last = [asked.last_day] if asked.digits or asked.last_day != "~" else []
    return [asked.first_day, *last, asked.first_day]


def _mark(strength: str, day_unknown: str) -> str:
    """An expression whose smallest text is that of the greatest strength, and of equals of the first event. All parts
    have the same width; of no strength NULL."""
    return f"({_WIDTH} - {strength}) || start_local || ({10**18} + event.event_id) || {day_unknown}"


def _read_mark(text: str | None) -> Any:
    if text is None:
        return None
    width = len(str(_WIDTH))
    strength, at, event_id = text[:width], text[width : width + _TIME_WIDTH], text[width + _TIME_WIDTH : -1]
    if int(event_id) <= 10**18:
        raise ValueError("a text of another width shifts the event id")
    return Mark(_WIDTH - int(strength), at, int(event_id) - 10**18, day_known=text[-1] == "0")


def _undecided(selection: Selection) -> tuple[str, _Bound]:
    """Of which events it is undecided whether they are as loud as was asked for."""
    conditions, bound = [], _Bound()
    if selection.ppv_from_nm_s is not None:
        conditions.append(f"NOT coalesce({summaries.REACHES}, 0)")
        bound.append(selection.ppv_from_nm_s)
    if selection.above_ids is not None:
        conditions.append(f"event.event_id IN {IDS}")
        bound.append(ids_text(sorted(selection.undecided_because)))
    return " OR ".join(conditions) or "0", bound


def _greatest_pair(channel: str) -> str:
    """Whether a pair of a day is above a velocity, or at the rail: the last is the greatest, but for one without a
    frequency, which is the first."""
    pair = f"own.{channel} ->> '$[0][1]' > ? OR own.{channel} ->> '$[#-1][1]' > ?"
    return f"own.{channel} <> '' AND ({pair} OR instr(own.{channel}, ',1]'))"


_CHANNELS: Final = ("tran", "vert", "long")
_PEAKS_FAR_BELOW: Final = "event.record_type <> 'monitor log' AND ppv_channel <> '' AND " + " AND ".join(
    f"{channel}_nm_s <= ? AND {channel}_basis NOT IN ('over range', 'at least')" for channel in _CHANNELS
)
_ANY_GREATEST_PAIR: Final = " OR ".join(f"({_greatest_pair(channel)})" for channel in _CHANNELS)


def _far_below(asked: Grouping, lowest_nm_s: float, span: Span) -> tuple[str, _Bound]:
    """Of which rows all that is known is at most a velocity: each peak, and what the samples show. With a lower limit
    at no frequency a curve is not exceeded (`limits.judging.judge`), and nobody has to look at their pairs."""
    if asked.of_many:
        days = f"own.event_id BETWEEN ? AND ? AND ({_ANY_GREATEST_PAIR})"
        samples = f"event_summary.event_id NOT IN (SELECT own.event_id FROM event_peaks AS own WHERE {days})"
    else:
        days = f"own.event_id = event_summary.event_id AND ({_ANY_GREATEST_PAIR})"
        samples = f"NOT EXISTS (SELECT 1 FROM event_peaks AS own WHERE {days})"
    of_peaks, of_pairs = ([lowest_nm_s] * part.count("?") for part in (_PEAKS_FAR_BELOW, _ANY_GREATEST_PAIR))
    return f"({_PEAKS_FAR_BELOW} AND {samples}) IS TRUE", [*of_peaks, *(span if asked.of_many else ()), *of_pairs]


def _settled(asked: Grouping, span: Span) -> tuple[str, _Bound]:
    """Of which rows it is known without a further look that vibration and level are within, or that there is none."""
    conditions, bound = ["event.record_type <> 'monitor log'", "disputed = ''"], _Bound()
    if asked.curves:
        far_below, of_curves = (
            ("0", _Bound()) if asked.lowest_nm_s is None else _far_below(asked, asked.lowest_nm_s, span)
        )
        conditions.append(far_below)
        bound += of_curves
    if asked.airblast_db is not None:
        conditions.append("(pspl_db IS NULL OR (pspl_db <= ? AND pspl_basis IN ('reported', 'computed', 'assumed')))")
        bound.append(asked.airblast_db)
    return " AND ".join(conditions), bound
