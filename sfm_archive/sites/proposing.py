"""Events that a blast can have triggered: those that start near it in time, by clocks with their stated corrections.

A proposal counts for nothing. What people decide of it stands in `blast_event`; this module finds what they decide of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final, NamedTuple

from sfm_archive.base.counting import counted
from sfm_archive.errors import UsageError
from sfm_archive.model.blast_times import Clocks, Readings, least_apart, readings_of, readings_of_blast, shifted
from sfm_archive.model.blasting import checked_charge
from sfm_archive.model.statements import Blast, BlastEvent, Correction, Job, Point
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.model.zones import checked_zone
from sfm_archive.sites.blast_distances import distances_from
from sfm_archive.storage import blasts as near
from sfm_archive.storage import statements, zones
from sfm_archive.storage.blasts import EventNear
from sfm_archive.storage.cells import read_as

WITHIN_S: Final = 60
MOST_WITHIN_S: Final = 3600

_ANY_ZONE: Final = timedelta(hours=27)
"""By more than this no two clocks of the world differ."""


class Candidate(NamedTuple):
    """An event beside a blast. `offset_s`: the event after the blast, by the corrected clock, None where a clock shows
    no time of the calendar; `shift_s`: the correction of the clock in it. `hour`: of the event or the blast, 'repeated
    hour' or 'missing hour', both of whose readings were taken. `decision`: 'confirmed', 'refused' or 'proposed';
    `said`: the decision, None of a proposal. `nearer`: number of the blast to which a proposed event is as near or
    nearer, 0 without one."""

    event: EventNear
    offset_s: float | None
    shift_s: int
    hour: str
    decision: str
    said: BlastEvent | None
    nearer: int


class Scene(NamedTuple):
    """What blasts and events are seen by. `decisions`: that count, of blasts that count, by blast and event;
    `confirmed`: the blast of each event that is confirmed for one; `jobs`: of points."""

    blasts: Mapping[int, Blast]
    jobs: Mapping[int, Job]
    points: Mapping[int, Point]
    clocks: Clocks
    decisions: Mapping[tuple[int, int], BlastEvent]
    confirmed: Mapping[int, int]


def scene_of(connection: Any) -> Scene:
    """Of everything that counts now."""
    blasts = statements.that_count(connection, Blast)
    for one in blasts.values():
        read_as(_as_written, one, f"blast {one.number}: its row", "blast")
    said = statements.said_of_blasts(connection) if statements.is_any(connection, BlastEvent) else {}
    decisions = statements.of_one_blast({key: one for key, one in said.items() if one.blast in blasts})
    return Scene(
        blasts,
        statements.that_count(connection, Job),
        statements.that_count(connection, Point),
        Clocks(statements.that_count(connection, Correction).values(), zones.of_units(connection)),
        decisions,
        {event: blast for (blast, event), one in decisions.items() if one.decision == "confirmed"},
    )


def _as_written(blast: Blast) -> None:
    """Raises for a row that no program wrote."""
    parse_local_text(blast.at_local)
    checked_zone(blast.time_zone)
    distances_from(blast.distances)
    if blast.charge is not None:
        checked_charge(blast.charge, blast.charge_unit)


def checked_within(seconds: float) -> float:
    """Raises UsageError for a time that is none, or in which any event would be near any blast."""
    if not 0 <= seconds <= MOST_WITHIN_S:
        raise UsageError(f"events are proposed within 0 to {MOST_WITHIN_S} s of a blast; {seconds:g} s is outside")
    return seconds


def candidates(
    connection: Any, scene: Scene, blasts: Sequence[Blast], within_s: float = WITHIN_S
) -> dict[int, list[Candidate]]:
    """Of each blast the events that are proposed, confirmed or refused, by their time.

    Proposed are events of points of its job, and of no point, that are not confirmed for another blast. `connection`:
    one that reads derived rows.
    """
    found: dict[int, list[Candidate]] = {one.number: [] for one in blasts}
    within = timedelta(seconds=within_s)
    times = _times_near(scene, blasts, within)
    for number, decided in _decided(connection, scene, {number: times[number] for number in found}):
        found[number].append(decided)
    line = sorted((at, number) for number, own in times.items() for at in own.utc)
    sites = {scene.blasts[number].time_zone for number in times}
    for event in _events_near(connection, scene.clocks, blasts, within):
        if event.event_id in scene.confirmed:
            continue
        numbers = {
            number
            for site in sites
            for at in _readings(scene, event, site).utc
            for _, number in line[bisect_left(line, (at - within, 0)) : bisect_right(line, (at + within, 1 << 62))]
        }
        point = scene.points.get(event.point)
        can_be: list[tuple[float, int, Candidate]] = []
        for number in sorted(numbers):
            blast = scene.blasts[number]
            if (number, event.event_id) in scene.decisions or (point is not None and point.job != blast.job):
                continue
            proposed = _candidate(scene, event, blast, times[number], None)
            if proposed.offset_s is not None and abs(proposed.offset_s) <= within_s:
                can_be.append((abs(proposed.offset_s), number, proposed))
        can_be.sort(key=lambda one: one[:2])
        for apart, number, proposed in can_be:
            if number in found:
                other = next((one for far, one, _ in can_be if one != number and far <= apart), 0)
                found[number].append(proposed._replace(nearer=other))
    for candidates_of_one in found.values():
        candidates_of_one.sort(key=lambda one: (one.event.recorded_at_local, one.event.event_id))
    return found


def _times_near(scene: Scene, blasts: Sequence[Blast], within: timedelta) -> dict[int, Readings]:
    """When the blasts were, and others that an event near them can be near as well."""
    times = {one.number: readings_of_blast(one) for one in blasts}
    spans = list(_joined(sorted(parse_local_text(one.at_local) for one in blasts), 2 * _ANY_ZONE + 2 * within))
    for one in scene.blasts.values() if len(times) < len(scene.blasts) else ():
        at = parse_local_text(one.at_local)
        if one.number not in times and any(since <= at <= until for since, until in spans):
            times[one.number] = readings_of_blast(one)
    return times


def _decided(connection: Any, scene: Scene, times: Mapping[int, Readings]) -> Iterator[tuple[int, Candidate]]:
    """What people decided of events, by blast."""
    said = [one for one in scene.decisions.values() if one.blast in times]
    events = {one.event_id: one for one in near.events_of_ids(connection, {one.of_event for one in said})}
    for one in said:
        event = events.get(one.of_event)
        if event is not None:
            yield one.blast, _candidate(scene, event, scene.blasts[one.blast], times[one.blast], one)


def is_far(one: Candidate, within_s: float) -> bool:
    """Whether an event is confirmed for a blast and starts farther from it than events are proposed."""
    return one.decision == "confirmed" and (one.offset_s is None or abs(one.offset_s) > within_s)


def doubled(found: Iterable[Candidate]) -> dict[str, list[int]]:
    """Units of which several events are confirmed for one blast, and these."""
    of_units: dict[str, list[int]] = {}
    for one in found:
        if one.decision == "confirmed":
            of_units.setdefault(one.event.serial, []).append(one.event.event_id)
    return {serial: ids for serial, ids in sorted(of_units.items()) if len(ids) > 1}


def notes_on_confirmed(connection: Any, blast: int, event_id: int = 0) -> list[str]:
    """What to look at of the events that are confirmed for a blast; of all, or where one of them was confirmed now."""
    scene = scene_of(connection)
    own = scene.blasts[blast]
    times = {blast: readings_of_blast(own)}
    found = [one for _, one in _decided(connection, scene, times)]
    far = [one for one in found if is_far(one, WITHIN_S) and event_id in (0, one.event.event_id)]
    notes = []
    if far:
        ids = ", ".join(str(one.event.event_id) for one in far)
        notes.append(
            f"blast {blast}: {counted(len(far), 'confirmed event')} more than {WITHIN_S} s from it ({ids}); "
            "look at its time, or at the unit's clock"
        )
    notes += [doubled_text(blast, serial, ids) for serial, ids in doubled(found).items() if event_id in ids]
    return notes


def doubled_text(blast: int, serial: str, ids: Sequence[int]) -> str:
    """Says that a unit has several events of one blast."""
    return (
        f"blast {blast}: of {serial} {len(ids)} events are confirmed ({', '.join(map(str, ids))}); a blast triggers a "
        "unit once, so look at them"
    )


class ClockOffset(NamedTuple):
    """How a unit's clock differs from blasts. `offset_s`: median of event less blast over the `events` confirmed, by
    the corrected clock; `shift_s`: by how much the recorded times would have to be put forward to make it none."""

    serial: str
    offset_s: float
    least_s: float
    most_s: float
    events: int
    shift_s: int


def clock_offsets(found: Iterable[Sequence[Candidate]]) -> list[ClockOffset]:
    """Of each unit that has confirmed events, the offset of its clock, by serial."""
    offsets: dict[str, list[tuple[float, float]]] = {}
    for own in found:
        for one in own:
            if one.decision == "confirmed" and one.offset_s is not None:
                offsets.setdefault(one.event.serial, []).append((one.offset_s, one.shift_s - one.offset_s))
    made = []
    for serial, pairs in sorted(offsets.items()):
        own_offsets, shifts = zip(*pairs, strict=True)
        middle = float(median(own_offsets))
        made.append(
            ClockOffset(serial, middle, min(own_offsets), max(own_offsets), len(pairs), round(float(median(shifts))))
        )
    return made


def _candidate(scene: Scene, event: EventNear, blast: Blast, times: Readings, said: BlastEvent | None) -> Candidate:
    own = _readings(scene, event, blast.time_zone)
    apart = least_apart(own.utc, times.utc)
    return Candidate(
        event,
        None if apart is None else apart.total_seconds(),
        scene.clocks.shift_s(event.event_id, event.serial, event.recorded_at_local),
        own.hour or times.hour,
        "proposed" if said is None else said.decision,
        said,
        0,
    )


def _readings(scene: Scene, event: EventNear, site: str) -> Readings:
    true = scene.clocks.true_local(event.event_id, event.serial, event.recorded_at_local)
    if true is None:
        return Readings((), "")
    point = scene.points.get(event.point)
    job = None if point is None else scene.jobs.get(point.job)
    zone = scene.clocks.zone(
        event.event_id,
        event.serial,
        event.recorded_at_local,
        event.time_zone,
        job.time_zone if job is not None and job.time_zone else site,
    )
    return readings_of(true, zone)


def _events_near(connection: Any, clocks: Clocks, blasts: Sequence[Blast], within: timedelta) -> Iterator[EventNear]:
    """Events of any unit that can be near one of the blasts, each once: more of them than are."""
    spans = list(_joined(sorted(parse_local_text(one.at_local) for one in blasts), _ANY_ZONE + within))
    seen: set[int] = set()

    def new(events: Iterable[EventNear]) -> Iterator[EventNear]:
        for event in events:
            if event.event_id not in seen:
                seen.add(event.event_id)
                yield event

    for since, until in spans:
        yield from new(near.events_between(connection, local_text(since), local_text(until)))
    for serial, shift in sorted(clocks.shifted_units):
        for since, until in spans:
            early, late = shifted(since, -shift), shifted(until, -shift)
            if early is not None and late is not None:
                yield from new(near.events_between(connection, local_text(early), local_text(late), serial))
    if spans and clocks.shifted_events:
        yield from new(near.events_of_ids(connection, clocks.shifted_events))


def _joined(moments: Iterable[datetime], margin: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Spans around moments, those that overlap as one; at most some weeks at once, so that a long list of blasts does
    not bring a whole archive together."""
    since = until = None
    for moment in moments:
        early, late = _moved(moment, -margin), _moved(moment, margin)
        if since is not None and until is not None and (early > until or late - since > timedelta(days=30)):
            yield since, until
            since = early
        since, until = since or early, late
    if since is not None and until is not None:
        yield since, until


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return datetime.min if by < timedelta() else datetime.max.replace(microsecond=0)
