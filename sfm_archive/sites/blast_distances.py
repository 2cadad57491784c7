"""How far a blast is from a point: as stated, else as computed from coordinates or a grid."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from sfm_archive.base.json_records import json_value
from sfm_archive.errors import UsageError
from sfm_archive.model.blasting import MOST_DISTANCE_M
from sfm_archive.model.geodesy import geodesic_m
from sfm_archive.model.statements import Blast, Point


class Located(Protocol):
    """Degrees of WGS 84, or metres of a job's grid; None where not stated."""

    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def east(self) -> float | None: ...
    @property
    def north(self) -> float | None: ...


class Distance(NamedTuple):
    """`metres`: None where it is not known; `known_by`: 'stated', 'coordinates', 'grid' or ''."""

    metres: float | None
    known_by: str


def distance_of(blast: Blast, point: Point) -> Distance:
    """How far a blast is from a point; what is stated counts before what is computed."""
    stated = distances_from(blast.distances).get(point.number)
    if stated is not None:
        return Distance(stated, "stated")
    return computed(blast, point)


def computed(one: Located, other: Located) -> Distance:
    """The distance between two places of one kind, to a millimetre."""
    places = one.latitude, one.longitude, other.latitude, other.longitude
    latitude, longitude, other_latitude, other_longitude = places
    if latitude is not None and longitude is not None and other_latitude is not None and other_longitude is not None:
        metres = geodesic_m(latitude, longitude, other_latitude, other_longitude)
        return Distance(round(metres, 3) if metres < math.inf else metres, "coordinates")
    if one.east is not None and one.north is not None and other.east is not None and other.north is not None:
        return Distance(round(math.hypot(one.east - other.east, one.north - other.north), 3), "grid")
    return Distance(None, "")


def check_place(blast: Blast, points: Iterable[Point]) -> None:
    """Raises UsageError for a place of another kind than the job's points have, and for one so far off that it is a
    slip: latitude and longitude swapped, or another grid."""
    if blast.latitude is None and blast.east is None:
        return
    for point in points:
        if point.latitude is None and point.east is None:
            continue
        if (point.latitude is None) != (blast.latitude is None):
            has = "a grid position" if point.latitude is None else "coordinates"
            raise UsageError(f"point {point.name} of that job has {has}; give the blast the same kind, for distances")
        if _is_near(blast, point):
            continue
        metres = computed(blast, point).metres or 0.0
        if metres > MOST_DISTANCE_M:
            swapped = blast._replace(
                latitude=blast.longitude, longitude=blast.latitude, east=blast.north, north=blast.east
            )
            far = f"{metres / 1000:,.0f} km from" if metres < math.inf else "on the other side of the earth from"
            pair = ("latitude and longitude", "east and north")[blast.latitude is None]
            near = computed(swapped, point).metres
            hint = f"; {pair} seem to be swapped" if near is not None and near <= MOST_DISTANCE_M else ""
            raise UsageError(f"the blast would be {far} point {point.name}{hint}; look at its place")


def _is_near(blast: Blast, point: Point) -> bool:
    """Whether half a degree holds both, which is less than 80 km: lists are long, and geodesics take their time."""
    if blast.latitude is None or blast.longitude is None or point.latitude is None or point.longitude is None:
        return False
    return abs(blast.latitude - point.latitude) < 0.5 and abs(blast.longitude - point.longitude) < 0.5


def distances_from(text: str) -> dict[int, float]:
    """The stated distances in metres by the number of a point. Raises ValueError, TypeError or AttributeError for what
    `distances_text` does not write."""
    return {int(number): float(metres) for number, metres in json_value(text).items()}


def distances_text(distances: Mapping[int, float]) -> str:
    """The same as a blast keeps them."""
    return json.dumps({str(number): distances[number] for number in sorted(distances)}, separators=(",", ":"))
