"""Velocities as whole nanometres a second, so that equal ones are equal whatever unit they were given in.

An inch is 25.4 mm exactly. 70 counts at Normal range, 0.35 in/s and 8.89 mm/s are all 8,890,000 nm/s; as floating
point numbers 70 × 0.005 is 0.35000000000000003, and 0.75 × 25.4 is 19.049999999999997.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from sfm_archive.errors import UsageError

NM_S: Final = {"in/s": 25_400_000, "mm/s": 1_000_000}
"""Nanometres a second in one of each unit of velocity."""

MOST_NM_S: Final = 2**53
"""Beyond it (about 9 m/s) floating point numbers are no longer whole; no geophone gets near it."""


@lru_cache(1 << 14)
def whole_nm_s(number: float, unit: str, *, at_least: bool = False) -> int:
    """A velocity in whole nm/s, rounded half to even where it is finer; `at_least`: rounded up, as a bound that whole
    velocities must reach.

    `number` stands for the decimal that it prints as, as a document or a person wrote it. Raises UsageError for a unit
    that is none of velocity and for a number that no velocity has.
    """
    if unit not in NM_S:
        raise UsageError(f"{unit!r} is not a unit of velocity; give 'in/s' or 'mm/s'")
    if not math.isfinite(number) or not abs(number) * NM_S[unit] <= MOST_NM_S:
        raise UsageError(f"{number} {unit} is not a velocity that the ground has")
    rounding = ROUND_CEILING if at_least else ROUND_HALF_EVEN
    return int((Decimal(repr(float(number))) * NM_S[unit]).quantize(Decimal(1), rounding=rounding))


def velocity_in(nm_s: int, unit: str) -> float:
    """A velocity given in whole nm/s in `unit`: the floating point number nearest to it. Raises UsageError."""
    if unit not in NM_S:
        raise UsageError(f"{unit!r} is not a unit of velocity; give 'in/s' or 'mm/s'")
    return nm_s / NM_S[unit]
