"""What an archive says of blasts: lists of them, and one with distances, events, verdicts and who ran."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.reading import values_of
from sfm_archive.limits.osmre_distance import by_distance, by_distance_of_channels, needs_no_seismograph, row_at
from sfm_archive.limits.outcomes import Outcome, worst
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.blast_times import readings_of_blast
from sfm_archive.model.blasting import Charge, scaled_distance
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.statements import Blast, Point, UnitWindow
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in
from sfm_archive.sites.at_points import UnitAtBlast, units_at
from sfm_archive.sites.blast_distances import distance_of
from sfm_archive.sites.blasts import blast_listing
from sfm_archive.sites.jobs import job_named
from sfm_archive.sites.proposing import (
    WITHIN_S,
    Candidate,
    Scene,
    candidates,
    checked_within,
    clock_offsets,
    is_far,
    scene_of,
)
from sfm_archive.sites.stating import that_counts
from sfm_archive.storage import events, statements


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedBlast:
    """A blast in a list. `blast`: its number; `job`: name of its job. `at_local`: when, in `time_zone`; `fold`: in
    an hour that clocks show twice 0 the first time, 1 the second, null where nobody said or there is one; `hour`:
    'repeated hour' or 'missing hour' where that is two moments, else ''. `charge`: of one delay, null where not
    stated; `charge_unit`: 'kg' or 'lb'. `latitude`, `longitude`: WGS 84, degrees; `east`, `north`: metres of the
    job's grid, each null where not stated. `proposed`: number of events of which nobody decided; `confirmed`,
    `refused`: of which people did. `nearer_another`: of the proposed those to which another blast is as near or
    nearer; `confirmed_far`: of the confirmed those that start farther from it than events are proposed.
    `decided_by`: who said the blast last; `reason`: why, '' where nobody said."""

    blast: int
    job: str
    at_local: str
    time_zone: str
    fold: int | None
    hour: str
    name: str
    charge: float | None
    charge_unit: str
    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None
    proposed: int
    confirmed: int
    refused: int
    nearer_another: int
    confirmed_far: int
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitClock:
    """How a unit's clock differs from blasts. `offset_s`: median of event less blast over the confirmed `events`, in
    seconds, by the clock with its stated corrections; `least_s`, `most_s`: of them. `shift_s`: what a clock correction
    would have to state to make it none."""

    serial: str
    offset_s: float
    least_s: float
    most_s: float
    events: int
    shift_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A geophone of an event. `ppv`: its peak in `unit`, null where it is not known; `basis`: what that stands on.
    `outcome`: by OSMRE's distance table; `why`: what makes it so, where the numbers do not say it."""

    channel: str
    ppv: float | None
    unit: str
    basis: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOfBlast:
    """An event beside a blast. `point`: name of its point, '' of an event at no point. `decision`: 'confirmed',
    'refused' or 'proposed'; `decided_by`, `reason`: of the decision. `nearer_blast`: number of a blast to which a
    proposed event is as near or nearer, null without one. `offset_s`: the event less the blast, by the clock
    with its stated corrections, null beyond the calendar. `hour`: 'repeated hour' or 'missing hour' where both readings
    of a time were taken. `outcome`: by OSMRE's distance table. `printed_scaled_distance`: as its report prints it,
    shown and never used. `components`: its geophones."""

    event_id: int
    serial: str
    recorded_at_local: str
    point: str
    decision: str
    decided_by: str
    reason: str
    nearer_blast: int | None
    offset_s: float | None
    hour: str
    outcome: Outcome
    printed_scaled_distance: str
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointOfBlast:
    """A point of the job, seen from a blast. `point`: its number; `name`: its own. `distance_m`: null where it is not
    known; `distance_by`: 'stated', 'coordinates', 'grid' or ''. `m_kg_square`, `ft_lb_square`: scaled distance by the
    square root of the charge; `m_kg_cube`, `ft_lb_cube`: by its cube root; null without distance or charge.
    `limit_in_s`: of each component by OSMRE's distance table; `factor`: its scaled distance in ft/lb^½; `factor_met`:
    whether the blast reaches it. `outcome`: of the confirmed events here, the worst. `units`: that stood here;
    `events`: that were recorded here."""

    point: int
    name: str
    distance_m: float | None
    distance_by: str
    m_kg_square: float | None
    ft_lb_square: float | None
    m_kg_cube: float | None
    ft_lb_cube: float | None
    limit_in_s: float | None
    factor: float | None
    factor_met: bool | None
    outcome: Outcome
    units: tuple[UnitAtBlast, ...]
    events: tuple[EventOfBlast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastDescription:
    """A blast with all that is known of it. `blast`: as lists have it. `within_s`: in which events are proposed.
    `points`: of its job. `elsewhere`: events at no point, or at one of another job. `clocks`: of units with confirmed
    events, by all blasts of the job."""

    blast: ListedBlast
    within_s: float
    points: tuple[PointOfBlast, ...]
    elsewhere: tuple[EventOfBlast, ...]
    clocks: tuple[UnitClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastsListed:
    """`within_s`: in which events are proposed. `blasts`: by job and time. `clocks`: of units with confirmed events, by
    the blasts listed."""

    within_s: float
    blasts: tuple[ListedBlast, ...]
    clocks: tuple[UnitClock, ...]


def list_blasts(
    archive: Archive,
    jobs: Iterable[str] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    within_s: float = WITHIN_S,
) -> BlastsListed:
    """The blasts of some jobs, of all without one, with how many events are proposed, confirmed and refused. `since`:
    included, `until`: not included, in the zone of each blast. Raises NotFound, UsageError."""
    checked_within(within_s)
    with archive.store.snapshot(), derived(archive.store) as connection:
        numbers = {job_named(archive, connection, job).number for job in jobs}
        return blasts_of_jobs(archive, numbers, since, until, within_s)


def blasts_of_jobs(
    archive: Archive,
    jobs: Collection[int],
    since: datetime | None = None,
    until: datetime | None = None,
    within_s: float = WITHIN_S,
) -> BlastsListed:
    """The same by the numbers of the jobs, of which several may have one name."""
    with archive.store.snapshot(), derived(archive.store) as connection:
        scene = scene_of(connection)
        numbers = set(jobs) or set(scene.jobs)
        first = "" if since is None else local_text(since)
        last = "~" if until is None else local_text(until)
        chosen = [one for one in scene.blasts.values() if one.job in numbers and first <= one.at_local < last]
        chosen.sort(key=lambda one: (one.job, one.at_local, one.fold or 0, one.number))
        found = candidates(connection, scene, chosen, within_s)
    return BlastsListed(
        within_s=within_s,
        blasts=tuple(_listed(scene, one, found[one.number], within_s) for one in chosen),
        clocks=_clocks(found.values()),
    )


def show_blast(archive: Archive, blast: int, *, within_s: float = WITHIN_S) -> BlastDescription:
    """A blast: for each point of its job distance, scaled distances, events with the verdict of OSMRE's distance table,
    and whether units that stood there were running. Raises NotFound, UsageError."""
    checked_within(within_s)
    with archive.store.snapshot(), derived(archive.store) as connection:
        own = that_counts(connection, Blast, blast, blast_listing(archive))
        scene = scene_of(connection)
        of_job = [one for one in scene.blasts.values() if one.job == own.job]
        found = candidates(connection, scene, of_job, within_s)
        points = [one for one in scene.points.values() if one.job == own.job]
        windows = statements.that_count(connection, UnitWindow).values()
        units = {
            point.number: units_at(
                connection,
                scene.clocks,
                [one for one in windows if one.point == point.number],
                own,
                found[blast],
                within_s,
            )
            for point in points
        }
        rows = list(events.of_ids(connection, [one.event.event_id for one in found[blast]]))
        measured = measured_of(archive, rows)
    told = _Telling(archive, scene, own, measured, found[blast])
    numbers = {one.number for one in points}
    return BlastDescription(
        blast=_listed(scene, own, found[blast], within_s),
        within_s=within_s,
        points=tuple(told.point(one, units[one.number]) for one in points),
        elsewhere=tuple(told.event(one, None) for one in found[blast] if one.event.point not in numbers),
        clocks=_clocks(found.values()),
    )


def _listed(scene: Scene, blast: Blast, found: Sequence[Candidate], within_s: float) -> ListedBlast:
    counts = {word: sum(one.decision == word for one in found) for word in ("proposed", "confirmed", "refused")}
    job = scene.jobs.get(blast.job)
    return ListedBlast(
        blast=blast.number,
        job="" if job is None else job.name,
        at_local=blast.at_local,
        time_zone=blast.time_zone,
        fold=blast.fold,
        hour=readings_of_blast(blast).hour,
        name=blast.name,
        charge=blast.charge,
        charge_unit=blast.charge_unit,
        latitude=blast.latitude,
        longitude=blast.longitude,
        east=blast.east,
        north=blast.north,
        **counts,
        nearer_another=sum(bool(one.nearer) for one in found),
        confirmed_far=sum(is_far(one, within_s) for one in found),
        decided_by=blast.decided_by,
        reason=blast.reason,
    )


def _clocks(found: Iterable[Sequence[Candidate]]) -> tuple[UnitClock, ...]:
    return tuple(UnitClock(**one._asdict()) for one in clock_offsets(found))


def _outcome(measured: Measured, metres: float | None) -> Outcome:
    outcome = None if metres is None else by_distance(measured, metres).outcome
    return outcome or Outcome.NOT_COMPARED


class _Telling:
    """Points and events of one blast."""

    def __init__(
        self,
        archive: Archive,
        scene: Scene,
        blast: Blast,
        measured: Mapping[int, Measured],
        found: Sequence[Candidate],
    ) -> None:
        self._scene, self._blast, self._measured, self._found = scene, blast, measured, found
        ids = [one.event.event_id for one in found]
        self._printed = values_of(archive.store, ids, ("scaled_distance",)) if ids else {}
        job = scene.jobs.get(blast.job)
        self._unit: GeoUnit | None = "in/s" if job is not None and job.units == "in/s" else None
        if job is not None and job.units == "mm/s":
            self._unit = "mm/s"

    def point(self, point: Point, units: Sequence[UnitAtBlast]) -> PointOfBlast:
        """A point with what was recorded there."""
        metres, known_by = distance_of(self._blast, point)
        own = [self.event(one, metres) for one in self._found if one.event.point == point.number]
        confirmed = [one.outcome for one in own if one.decision == "confirmed"]
        scaled = row = None
        if metres is not None and self._blast.charge is not None:
            scaled = scaled_distance(metres, Charge(self._blast.charge, self._blast.charge_unit))
        if metres is not None:
            row = row_at(metres)
        return PointOfBlast(
            point=point.number,
            name=point.name,
            distance_m=metres,
            distance_by=known_by,
            m_kg_square=None if scaled is None else scaled.m_kg_square,
            ft_lb_square=None if scaled is None else scaled.ft_lb_square,
            m_kg_cube=None if scaled is None else scaled.m_kg_cube,
            ft_lb_cube=None if scaled is None else scaled.ft_lb_cube,
            limit_in_s=None if row is None else row.limit_in_s,
            factor=None if row is None else row.factor,
            factor_met=None if scaled is None or metres is None else needs_no_seismograph(scaled, metres),
            outcome=worst(confirmed) if confirmed else Outcome.NOT_COMPARED,
            units=tuple(units),
            events=tuple(own),
        )

    def event(self, found: Candidate, metres: float | None) -> EventOfBlast:
        """An event, at a point that is so far from the blast, None where that is not known."""
        event = found.event
        components = self._components(self._measured[event.event_id], metres)
        point = self._scene.points.get(event.point)
        printed = [value.text for value in self._printed.get(event.event_id, ()) if value.text]
        return EventOfBlast(
            event_id=event.event_id,
            serial=event.serial,
            recorded_at_local=event.recorded_at_local,
            point="" if point is None else point.name,
            decision=found.decision,
            decided_by="" if found.said is None else found.said.decided_by,
            reason="" if found.said is None else found.said.reason,
            nearer_blast=found.nearer or None,
            offset_s=found.offset_s,
            hour=found.hour,
            outcome=_outcome(self._measured[event.event_id], metres),
            printed_scaled_distance="; ".join(printed),
            components=components,
        )

    def _components(self, measured: Measured, metres: float | None) -> tuple[Component, ...]:
        summary = measured.summary
        unit: GeoUnit = self._unit or ("mm/s" if summary.ppv_unit == "mm/s" else "in/s")
        peaks: dict[str, tuple[int | None, str]] = {
            "Tran": (summary.tran_nm_s, summary.tran_basis),
            "Vert": (summary.vert_nm_s, summary.vert_basis),
            "Long": (summary.long_nm_s, summary.long_basis),
        }
        found: dict[str, Any] = {} if metres is None else by_distance_of_channels(measured, metres)
        return tuple(
            Component(
                channel=channel,
                ppv=None if peaks[channel][0] is None else float(f"{velocity_in(peaks[channel][0] or 0, unit):.7g}"),
                unit=unit,
                basis=peaks[channel][1],
                outcome=found[channel].outcome if channel in found else Outcome.NOT_COMPARED,
                why=found[channel].why(unit)
                if channel in found
                else "the distance to the blast is not known"
                if metres is None
                else "nothing is known of it",
            )
            for channel in GEO_CHANNELS
        )
