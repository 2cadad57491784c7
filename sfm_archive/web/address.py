"""What the address of a page asks for: the same filters as `sfm list`, so that a link can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from starlette.datastructures import QueryParams

from sfm_archive.archive.asked_events import AskedEvents
from sfm_archive.errors import UsageError
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import is_own_file
from sfm_archive.limits.point_limits import asks_for_points
from sfm_archive.model.events import RecordType
from sfm_archive.model.list_order import Behind, Order, behind_from, order_from
from sfm_archive.model.selection import parse_since, parse_until, parse_velocity, texts_of
from sfm_archive.model.units import GEO_UNITS, GeoUnit

SIZES = (50, 100, 200)
_TEXTS = ("project", "client", "location")
_JUDGES = ("both", "peak", "record")
_KNOWN = frozenset({
    "serial", "since", "until", "type", *_TEXTS, "ppv-from", "decided", "above", "judge", "false-triggers", "event",
    "job", "point", "unplaced", "received-since", "unreviewed", "sort", "down", "behind", "size", "units", "limits",
    "airblast", "interval", "channel", "blast", "from", "to", "parts", "by",
})  # fmt: skip


class AskedList(NamedTuple):
    """A page of a list: which events, how they are sorted, from the greatest value down where `down`, how many."""

    events: AskedEvents
    order: Order
    down: bool
    behind: Behind | None
    size: int


def _given(query: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in query.getlist(name) if text.strip())


def _one(query: QueryParams, name: str) -> str:
    """Raises UsageError where it is given twice."""
    found = _given(query, name)
    if len(found) > 1:
        raise UsageError(f"{name} is given {len(found)} times; give it once")
    return found[0] if found else ""


def _is(query: QueryParams, name: str) -> bool:
    return _one(query, name) in ("1", "yes", "on", "true")


def known_words(query: QueryParams) -> None:
    """Raise UsageError for a word of the address that means nothing: a slip must not look like every event."""
    unknown = [name for name in query if name not in _KNOWN]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no filter; there are {', '.join(sorted(_KNOWN))}")


def events_asked(query: QueryParams) -> AskedEvents:
    """The filters. Raises BadSerial, UsageError."""
    known_words(query)
    since, until, velocity, kept = (_one(query, name) for name in ("since", "until", "ppv-from", "false-triggers"))
    if kept not in ("", "only", "without"):
        raise UsageError(f"false-triggers is only or without, not {kept!r}")
    return AskedEvents(
        serials=tuple(text.upper() for text in _given(query, "serial")),
        since=parse_since(since) if since else None,
        until=parse_until(until) if until else None,
        record_types=tuple(_record_type(text) for text in _given(query, "type")),
        texts=texts_of(**{name: _one(query, name) for name in _TEXTS}),
        ppv_from_mm_s=parse_velocity(velocity) if velocity else None,
        decided=_is(query, "decided") and bool(velocity or _given(query, "above")),
        above=limit_words(_given(query, "above")),
        judge=_judge(query),
        false_triggers=None if not kept else kept == "only",
        events=_given(query, "event"),
        jobs=_given(query, "job"),
        points=_given(query, "point"),
        unplaced=_is(query, "unplaced"),
        received_since=_one(query, "received-since") or None,
        unreviewed=_is(query, "unreviewed"),
    )


def _record_type(text: str) -> RecordType:
    try:
        return RecordType(text.replace("-", " "))
    except ValueError as error:
        raise UsageError(f"{text!r} is no type of a record; there are {', '.join(RecordType)}") from error


def _judge(query: QueryParams) -> str:
    judge = _one(query, "judge") or "both"
    if judge not in _JUDGES:
        raise UsageError(f"judge is one of {', '.join(_JUDGES)}, not {judge!r}")
    return judge


def limit_words(words: Sequence[str]) -> tuple[str, ...]:
    """Words of limits that are no files: no address leads to a file of this computer. Raises UsageError."""
    for word in words:
        if not asks_for_points([word]) and is_own_file(word):
            raise UsageError(f"{word[:60]!r} is no limit: give a curve's name, a velocity such as 12mm/s, or point")
    return tuple(words)


def limits_asked_for(query: QueryParams) -> LimitWords:
    """The limits that events are held against. Raises UsageError."""
    return LimitWords(limit_words(_given(query, "limits")), _one(query, "airblast") or None, _judge(query))


def unit_asked(query: QueryParams) -> GeoUnit | None:
    """The unit of velocities, None where none is given. Raises UsageError."""
    text = _one(query, "units")
    for unit in GEO_UNITS:
        if text == unit:
            return unit
    if text:
        raise UsageError(f"velocities are in {' or '.join(GEO_UNITS)}, not {text!r}")
    return None


def list_asked(query: QueryParams) -> AskedList:
    """A page of a list; newest first where nothing is said. Raises BadSerial, UsageError."""
    behind, sort, down = _one(query, "behind"), _one(query, "sort"), _one(query, "down")
    order = order_from(sort) if sort else Order.TIME
    asked = events_asked(query)
    if order is Order.LEVEL and asked.ppv_from_mm_s is None and not asked.above:
        raise UsageError("events have a level where one is asked for; sort by level with ppv-from or above")
    size = number_asked(query, "size", SIZES[0], SIZES[-1])
    return AskedList(asked, order, down != "0", behind_from(behind) if behind else None, size)


def words_asked(query: QueryParams, name: str) -> tuple[str, ...]:
    """Words that may be given again, or with commas between them."""
    parts = (part.strip().lower() for text in _given(query, name) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def texts_asked(query: QueryParams, name: str) -> tuple[str, ...]:
    """What is given under a name, as often as it is."""
    return _given(query, name)


def period_asked(query: QueryParams) -> tuple[datetime | None, datetime | None]:
    """From when to when, None where that is open. Raises UsageError."""
    known_words(query)
    since, until = _one(query, "since"), _one(query, "until")
    return parse_since(since) if since else None, parse_until(until) if until else None


def number_asked(query: QueryParams, name: str, usual: int, most: int, least: int = 1) -> int:
    """A whole number of an address. Raises UsageError for one beyond its bounds."""
    text = _one(query, name)
    if not text:
        return usual
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
    if not least <= number <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most}, not {text[:20]!r}")
    return number
