"""How fast peaks fall with distance at a job: its laws of attenuation, and the charges that follow from a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.errors import UsageError
from sfm_archive.limits.airblast import airblast_limit
from sfm_archive.model.attenuation import AttenuationLaw, Pair, allowed_charge, law_of, scaled_distance_of_limit
from sfm_archive.model.blasting import FOOT_M
from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.units import MM_PER_INCH, GeoUnit, pressure_of_level
from sfm_archive.sites.attenuation_pairs import Gathered, MeasuredPair, Out, Quantity, take_units
from sfm_archive.sites.jobs import job_named, points_meant
from sfm_archive.sites.proposing import candidates, doubled, doubled_text, scene_of
from sfm_archive.sites.stating import why
from sfm_archive.storage import events, statements

_LOWERS: Final = (Out.OVER_RANGE, Out.AT_LEAST)
_RAISES: Final = (Out.NOT_TRIGGERED, Out.HISTOGRAM, Out.AT_MOST, Out.ZERO)
_EITHER: Final = (Out.NOT_DECIDED, Out.NOT_KNOWN, Out.ASSUMED, Out.CONTRADICTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfLaw:
    """What is out for one reason. `because`: in words; `count`: how many events, or units that stood at a point when a
    blast was; `event_ids`: the events."""

    because: str
    count: int
    event_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedCharge:
    """A charge that a limit allows. `distance_m`: from the blast; `charge`: the one of one delay, in the unit of
    `charge_unit` above, by which the 95 % line is at the limit there."""

    distance_m: float
    charge: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LawOfQuantity:
    """The law of one quantity, 'ground' or 'air'. `unit`: of peaks; `scaled_unit`: of scaled distances. `law`: null
    where it is refused; `refused`: why, '' where it is not. `notes`: what to know of it. `pairs`: that it is made of;
    `named`: pairs that were left out by name; `out`: what is out, by reason. `limit`: in `unit`, null where none was
    asked for. `limit_scaled_distance`: where the 95 % line reaches it, null without one; `extrapolated`: whether that
    lies beyond the scaled distances that were measured. `charge_unit`: of the `charges` that follow, 'kg' or 'lb'."""

    quantity: Quantity
    unit: str
    scaled_unit: str
    law: AttenuationLaw | None
    refused: str
    notes: tuple[str, ...]
    limit: float | None
    limit_scaled_distance: float | None
    extrapolated: bool
    charge_unit: str
    charges: tuple[AllowedCharge, ...]
    pairs: tuple[MeasuredPair, ...]
    named: tuple[MeasuredPair, ...]
    out: tuple[OutOfLaw, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLeftOut:
    """An event that was left out by name. `reason`: as given."""

    event_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attenuation:
    """The laws of a job. `job`: its name; `points`: names of those it is of; `blasts`: how many the job has.
    `left_out`: by name. `notes`: what to look at before believing them."""

    job: str
    points: tuple[str, ...]
    blasts: int
    notes: tuple[str, ...]
    left_out: tuple[EventLeftOut, ...]
    ground: LawOfQuantity
    air: LawOfQuantity


def attenuation(
    archive: Archive,
    job: str,
    points: Sequence[str] = (),
    *,
    limit_mm_s: float | None = None,
    airblast: str = "",
    distances_m: Sequence[float] = (),
    left_out: Sequence[tuple[str, str]] = (),
    units: GeoUnit | None = None,
    units_otherwise: GeoUnit | None = None,
) -> Attenuation:
    """The laws of a job, or of some of its points. `limit_mm_s`, and `airblast` as for `airblast_from`: limits for
    which charges are told, at `distances_m` or, without any, from the nearest pair to the farthest. `left_out`: events
    by id or file name, each with the reason. `units`: without, those of the job, else `units_otherwise`, else those
    of most of its reports.

    Raises NotFound, EventNotFound, UsageError for a limit that is none of a stored level, for no reason, and for an
    event left out that is no pair anyway.
    """
    limits = _limits(limit_mm_s, airblast)
    said = [(archive.find(event), why(reason, needed=f"leaving event {event} out")) for event, reason in left_out]
    named = {event.event_id: reason for event, reason in said}
    with archive.store.snapshot(), derived(archive.store) as connection:
        own = job_named(archive, connection, job)
        scene = scene_of(connection)
        numbers = points_meant(archive, (own.name,), points) if points else ()
        blasts = [one for one in scene.blasts.values() if one.job == own.number]
        found = candidates(connection, scene, blasts)
        ids = [one.event.event_id for of_one in found.values() for one in of_one if one.decision == "confirmed"]
        measured = measured_of(archive, list(events.of_ids(connection, ids)))
        unit = units or _unit(archive, own.units, units_otherwise, ids)
        gathered = Gathered(
            scene,
            [one for one in scene.points.values() if one.number in numbers or (not points and one.job == own.number)],
            {event_id: one.summary for event_id, one in measured.items()},
            named,
            unit,
        )
        windows = statements.that_count(connection, UnitWindow).values()
        there = [one for one in windows if one.point in gathered.points]
        for blast in blasts:
            for candidate in found[blast.number]:
                gathered.take(blast, candidate)
            take_units(connection, gathered, there, blast, found[blast.number])
    for event_id in sorted(named):
        if not any(one.event_id == event_id for pairs in gathered.named.values() for one in pairs):
            raise UsageError(
                f"event {event_id} is not among the pairs of job {own.name}, so it cannot be left out; --pairs lists "
                "them"
            )
    ground, air = (_law(gathered, one, unit, limits[one], distances_m) for one in Quantity)
    return Attenuation(
        job=own.name,
        points=tuple(one.name for one in gathered.points.values()),
        blasts=len(blasts),
        left_out=tuple(EventLeftOut(event_id=event_id, reason=named[event_id]) for event_id in sorted(named)),
        notes=tuple(
            doubled_text(number, serial, of_unit)
            for number, of_one in found.items()
            for serial, of_unit in doubled(of_one).items()
        ),
        ground=ground,
        air=air,
    )


def _unit(archive: Archive, of_job: str, otherwise: GeoUnit | None, event_ids: Sequence[int]) -> GeoUnit:
    if of_job in ("mm/s", "in/s"):
        return "mm/s" if of_job == "mm/s" else "in/s"
    if otherwise is not None:
        return otherwise
    return unit_of_most_reports(archive, Selection(event_ids=tuple(event_ids))) if event_ids else "mm/s"


def _limits(limit_mm_s: float | None, airblast: str) -> dict[Quantity, float | None]:
    """In mm/s and in Pa."""
    if limit_mm_s is not None and not limit_mm_s > 0:
        raise UsageError("a limit of velocity is above 0; write it with its unit, such as 12mm/s")
    if not airblast:
        return {Quantity.GROUND: limit_mm_s, Quantity.AIR: None}
    limit = airblast_limit(airblast)
    if limit is None or not limit.is_of_stored_levels:
        raise UsageError(f"{airblast!r} is no limit of levels in dB(L); give one such as 120dB or 100Pa")
    return {Quantity.GROUND: limit_mm_s, Quantity.AIR: pressure_of_level(limit.limit_db)}


def _law(
    gathered: Gathered, quantity: Quantity, unit: GeoUnit, limit: float | None, distances_m: Sequence[float]
) -> LawOfQuantity:
    is_ground, is_metric = quantity is Quantity.GROUND, unit == "mm/s"
    scaled_unit = ("m/kg^" if is_metric else "ft/lb^") + ("½" if is_ground else "⅓")
    if limit is not None and is_ground and not is_metric:
        limit /= MM_PER_INCH
    pairs, out = gathered.pairs[quantity], gathered.out[quantity]
    notes, refused = [], ""
    law = at = None
    try:
        law = law_of([Pair(one.scaled_distance, one.peak) for one in pairs])
    except UsageError as error:
        refused = str(error)
    extrapolated = False
    charges: list[AllowedCharge] = []
    if law is not None:
        notes += [*law.doubts, *_bias(out)]
    if law is not None and limit is not None and law.beta > 0:
        at = scaled_distance_of_limit(law, limit)
        if at is None:
            notes.append("the 95 % line reaches the limit at no scaled distance that can be, so no charge follows")
        else:
            extrapolated = not law.least <= at <= law.most
            charges = _charges(at, quantity, [one.distance_m for one in pairs], distances_m, 1 if is_metric else FOOT_M)
            if extrapolated:
                notes.append(
                    f"the 95 % line reaches the limit at {at:.3g} {scaled_unit}, beyond the {law.least:.3g} to "
                    f"{law.most:.3g} that were measured: the charges are extrapolated"
                )
    return LawOfQuantity(
        quantity=quantity,
        unit=unit if is_ground else "Pa",
        scaled_unit=scaled_unit,
        law=law,
        refused=refused,
        notes=tuple(notes),
        limit=limit,
        limit_scaled_distance=at,
        extrapolated=extrapolated,
        charge_unit="kg" if is_metric else "lb",
        charges=tuple(charges),
        pairs=tuple(pairs),
        named=tuple(gathered.named[quantity]),
        out=tuple(
            OutOfLaw(because=one.value, count=len(out[one]), event_ids=tuple(filter(None, out[one])))
            for one in Out
            if one in out
        ),
    )


def _charges(
    at: float, quantity: Quantity, measured_m: Sequence[float], asked_m: Sequence[float], metres: float
) -> list[AllowedCharge]:
    """By distance: those asked for, else the nearest and the farthest that was measured, and 1, 2 and 5 of each decade
    between them. `at`: the scaled distance of the limit, in units of `metres`."""
    near, far = min(measured_m), max(measured_m)
    round_m = {digit * 10.0**power * metres for power in range(-3, 7) for digit in (1, 2, 5)}
    places = asked_m or {near, far, *(one for one in round_m if near < one < far)}
    root = 2 if quantity is Quantity.GROUND else 3
    return [AllowedCharge(distance_m=one, charge=allowed_charge(one / metres, at, root)) for one in sorted({*places})]


def _bias(out: Mapping[Out, Sequence[int]]) -> list[str]:
    """How what is out shifts the line, in sentences."""
    said = []
    for reasons, what in (
        (_LOWERS, "what is missing is great, so that the line lies too low"),
        (_RAISES, "what is missing is small, so that the line lies too high where peaks are small"),
        (_EITHER, "nobody knows to which side that shifts the line"),
    ):
        if found := [f"{len(out[one])} {one.value}" for one in reasons if one in out]:
            said.append(f"out: {', '.join(found)}; {what}")
    return said
