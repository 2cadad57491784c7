"""Distances on the ground between two places.

The geodesic on the ellipsoid of WGS 84 is the inverse formula of T. Vincenty, "Direct and inverse solutions of
geodesics on the ellipsoid with application of nested equations", Survey Review XXIII, 176 (1975): right to half a
millimetre. A sphere is wrong by up to 0.5 %, which is 25 m at the 5,000 ft where limits change.
"""

from __future__ import annotations

import math
from typing import Final

EQUATOR_M: Final = 6_378_137.0
"""Half the greater axis of WGS 84."""

FLATTENING: Final = 1 / 298.257223563

_ENOUGH: Final = 1e-12
"""Of the angle that is approached: less than a hundredth of a millimetre."""

_MOST_STEPS: Final = 200


WGS_84: Final = (EQUATOR_M, FLATTENING)


def geodesic_m(
    latitude: float,
    longitude: float,
    other_latitude: float,
    other_longitude: float,
    ellipsoid: tuple[float, float] = WGS_84,
) -> float:
    """Metres between two places given in degrees, 0 where they coincide; infinite between places so nearly opposite
    on the globe that the formula finds no answer. `ellipsoid`: half its greater axis in metres, and its flattening."""
    equator, flat = ellipsoid
    pole = equator * (1 - flat)
    apart = math.radians(math.remainder(other_longitude - longitude, 360))
    sin1, cos1 = _reduced(latitude, flat)
    sin2, cos2 = _reduced(other_latitude, flat)
    angle = apart
    for _ in range(_MOST_STEPS):
        sine, cosine = math.sin(angle), math.cos(angle)
        across = math.hypot(cos2 * sine, cos1 * sin2 - sin1 * cos2 * cosine)
        if across == 0 and cosine > 0:
            return 0.0
        along = sin1 * sin2 + cos1 * cos2 * cosine
        arc = math.atan2(across, along)
        azimuth = cos1 * cos2 * sine / across if across else 0.0
        square = 1 - azimuth**2
        middle = along - 2 * sin1 * sin2 / square if square > 0 else 0.0  # 0 along the equator
        c = flat / 16 * square * (4 + flat * (4 - 3 * square))
        before, angle = (
            angle,
            apart + (1 - c) * flat * azimuth * (arc + c * across * (middle + c * along * (2 * middle**2 - 1))),
        )
        if abs(angle - before) < _ENOUGH:
            break
    else:
        return math.inf
    u = square * (equator**2 - pole**2) / pole**2
    a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    inner = along * (2 * middle**2 - 1) - b / 6 * middle * (4 * across**2 - 3) * (4 * middle**2 - 3)
    return pole * a * (arc - b * across * (middle + b / 4 * inner))


def _reduced(latitude: float, flat: float) -> tuple[float, float]:
    """Sine and cosine of the reduced latitude."""
    reduced = math.atan2((1 - flat) * math.sin(math.radians(latitude)), math.cos(math.radians(latitude)))
    return math.sin(reduced), math.cos(reduced)
