"""Limits lowered to a share of themselves: an event that is above those has come so near to the real ones.

So one way decides both, with everything that can leave a verdict undecided.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sfm_archive.limits.verdicts import Limits

_A_LITTLE_LESS: Final = Decimal(1) - Decimal(10) ** -9
"""A peak exactly at a limit is within; one exactly at a share of it has reached that."""

_HALF_A_STEP_DB: Final = 0.005
"""Levels are kept to the hundredth."""


def lowered_to(limits: Limits, share: Decimal) -> Limits:
    """The same curves and the same airblast limit at a share of their velocities and of their pressure."""
    curves = tuple(
        replace(
            curve,
            points=tuple(
                (hertz, float(Decimal(repr(limit)) * share * _A_LITTLE_LESS)) for hertz, limit in curve.points
            ),
        )
        for curve in limits.curves
    )
    airblast = limits.airblast
    if airblast is not None:
        level = round(airblast.limit_db + 20 * math.log10(share), 2) - _HALF_A_STEP_DB
        airblast = replace(airblast, limit_db=level)
    return limits._replace(curves=curves, airblast=airblast)
