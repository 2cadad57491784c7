"""Pairs of peak and scaled distance of a job: confirmed events of blasts with known distance and charge.

Only what was measured counts: a peak that a document reports, or that was computed on a known setting. All else is out
and counted with why, for what is missing shifts a law of attenuation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sfm_archive.model.blasting import Charge, scaled_distance
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.statements import Blast, Point, UnitWindow
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import GeoUnit, pressure_of_level
from sfm_archive.model.velocities import velocity_in
from sfm_archive.sites.at_points import UnitState, units_at
from sfm_archive.sites.blast_distances import distance_of
from sfm_archive.sites.proposing import WITHIN_S, Candidate, Scene


class Quantity(StrEnum):
    """Of which there is a law."""

    GROUND = "ground"
    AIR = "air"


class Out(StrEnum):
    """Why an event, or a unit that stood at a point when a blast was, gives no pair."""

    FALSE_TRIGGER = "marked as a false trigger"
    NO_POINT = "at no point of the job"
    NO_DISTANCE = "distance not known"
    NO_CHARGE = "charge not known"
    NO_PEAK = "peak not known"
    ASSUMED = "computed with an assumed range"
    OVER_RANGE = "over range"
    AT_LEAST = "known only as at least"
    AT_MOST = "known only as at most"
    CONTRADICTED = "documents or samples contradict it"
    ZERO = "peak of 0"
    NAMED = "left out by name"
    NOT_DECIDED = "proposed, nobody decided"
    NOT_TRIGGERED = "running, nothing triggered"
    HISTOGRAM = "running a histogram, nothing triggered"
    NOT_KNOWN = "not known whether it was running"


_OF_BASIS: Final = {
    Basis.UNKNOWN: Out.NO_PEAK,
    Basis.ASSUMED: Out.ASSUMED,
    Basis.OVER_RANGE: Out.OVER_RANGE,
    Basis.AT_LEAST: Out.AT_LEAST,
    Basis.AT_MOST: Out.AT_MOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPair:
    """A pair of a law. `blast`: its number; `point`: name of the point. `distance_m`: from the blast. `charge`: of one
    delay, as stated; `charge_unit`: 'kg' or 'lb'. `scaled_distance`, `peak`: in the units of the law. `basis`: of the
    peak, 'reported' or 'computed'."""

    event_id: int
    serial: str
    blast: int
    point: str
    distance_m: float
    charge: float
    charge_unit: str
    scaled_distance: float
    peak: float
    basis: str


class Gathered:
    """Pairs, those that were left out by name, and what is out, by quantity. `left_out`: events by name; `unit`: of
    the output."""

    def __init__(
        self,
        scene: Scene,
        points: Sequence[Point],
        measured: Mapping[int, EventSummary],
        left_out: Mapping[int, str],
        unit: GeoUnit,
    ) -> None:
        self.points = {one.number: one for one in points}
        self.pairs: dict[Quantity, list[MeasuredPair]] = {one: [] for one in Quantity}
        self.named: dict[Quantity, list[MeasuredPair]] = {one: [] for one in Quantity}
        self.out: dict[Quantity, dict[Out, list[int]]] = {one: {} for one in Quantity}
        self.scene = scene
        self._measured, self._left, self._unit = measured, left_out, unit

    def note(self, why_out: Out, event_id: int = 0, quantities: Sequence[Quantity] = tuple(Quantity)) -> None:
        """Count what is out; 0 for a unit without an event."""
        for quantity in quantities:
            self.out[quantity].setdefault(why_out, []).append(event_id)

    def take(self, blast: Blast, candidate: Candidate) -> None:
        """A confirmed event becomes a pair of each quantity of which a number is known; one at a point of the job that
        was not asked for is passed over."""
        event = candidate.event
        point, whose = self.points.get(event.point), self.scene.points.get(event.point)
        elsewhere = whose is None or whose.job != blast.job
        if candidate.decision != "confirmed" or (point is None and not elsewhere):
            return
        summary = self._measured[event.event_id]
        metres = None if point is None else distance_of(blast, point).metres
        if summary.is_false_trigger:
            self.note(Out.FALSE_TRIGGER, event.event_id)
        elif point is None:
            self.note(Out.NO_POINT, event.event_id)
        elif not metres:
            self.note(Out.NO_DISTANCE, event.event_id)
        elif blast.charge is None:
            self.note(Out.NO_CHARGE, event.event_id)
        else:
            charge = Charge(blast.charge, blast.charge_unit)
            for quantity in Quantity:
                self._pair(quantity, blast, point, candidate, summary, metres, charge)

    def _pair(
        self,
        quantity: Quantity,
        blast: Blast,
        point: Point,
        candidate: Candidate,
        summary: EventSummary,
        metres: float,
        charge: Charge,
    ) -> None:
        event = candidate.event
        is_ground, is_metric = quantity is Quantity.GROUND, self._unit == "mm/s"
        peak, basis = _ground(summary, self._unit) if is_ground else _air(summary)
        if isinstance(basis, Out):
            self.note(basis, event.event_id, (quantity,))
            return
        scaled = scaled_distance(metres, charge)
        square = scaled.m_kg_square if is_metric else scaled.ft_lb_square
        pair = MeasuredPair(
            event_id=event.event_id,
            serial=event.serial,
            blast=blast.number,
            point=point.name,
            distance_m=metres,
            charge=charge.amount,
            charge_unit=charge.unit,
            scaled_distance=square if is_ground else scaled.m_kg_cube if is_metric else scaled.ft_lb_cube,
            peak=peak,
            basis=basis,
        )
        is_left = event.event_id in self._left
        (self.named if is_left else self.pairs)[quantity].append(pair)
        if is_left:
            self.note(Out.NAMED, event.event_id, (quantity,))


def take_units(
    connection: Any, gathered: Gathered, windows: Sequence[UnitWindow], blast: Blast, found: Sequence[Candidate]
) -> None:
    """Count the units that stood at the points when a blast was, and have no confirmed event of it."""
    for unit in units_at(connection, gathered.scene.clocks, windows, blast, found, WITHIN_S):
        if unit.state is UnitState.TRIGGERED:
            continue
        if unit.state is UnitState.PERHAPS:
            proposed = [
                one.event.event_id
                for one in found
                if one.event.serial == unit.serial and one.decision == "proposed" and one.event.point in gathered.points
            ]
            for event_id in proposed or [0]:
                gathered.note(Out.NOT_DECIDED, event_id)
        elif unit.state is UnitState.NOT_KNOWN:
            gathered.note(Out.NOT_KNOWN)
        else:
            gathered.note(Out.HISTOGRAM if "histogram" in unit.sources else Out.NOT_TRIGGERED)


def _ground(summary: EventSummary, unit: GeoUnit) -> tuple[float, str | Out]:
    """The greatest peak of the geophones with its basis, or why it is out."""
    if summary.contradicted or not summary.disputed_peaks().keys().isdisjoint(GEO_CHANNELS):
        return 0.0, Out.CONTRADICTED
    nm_s = summary.ppv_nm_s
    return _known(None if nm_s is None else velocity_in(nm_s, unit), summary.ppv_basis)


def _air(summary: EventSummary) -> tuple[float, str | Out]:
    """The peak pressure in Pa with the basis of its level, or why it is out."""
    if "MicL" in summary.disputed_peaks():
        return 0.0, Out.CONTRADICTED
    level, basis = summary.pspl_db, summary.pspl_basis
    return _known(None if level is None else pressure_of_level(level), basis)


def _known(number: float | None, basis: str) -> tuple[float, str | Out]:
    if number is None:
        return 0.0, Out.NO_PEAK
    if (known := Basis(basis)) in _OF_BASIS:
        return number, _OF_BASIS[known]
    return number, basis if number > 0 else Out.ZERO
