"""Units of charges and distances, and the scaled distances that follow from both.

A pound is 0.45359237 kg and a foot 0.3048 m, both exactly: 1 ft/lb^½ is 0.45257 m/kg^½, 1 ft/lb^⅓ is 0.39670 m/kg^⅓.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from sfm_archive.base.texts import quoted
from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import written_with_point

FOOT_M: Final = 0.3048
POUND_KG: Final = 0.45359237

CHARGES: Final = {"kg": "kg", "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "lb": "lb", "lbs": "lb", "pound": "lb",
                  "pounds": "lb"}  # fmt: skip
"""Units of a charge as people write them, and as they are kept."""

DISTANCES_M: Final = {"m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "km": 1000.0, "ft": FOOT_M,
                      "foot": FOOT_M, "feet": FOOT_M}  # fmt: skip
"""Units of a distance as people write them, in metres."""

MOST_CHARGE: Final = 10_000_000.0
"""In either unit; the greatest blasts have some million in all."""

MOST_DISTANCE_M: Final = 100_000.0
"""Farther off no blast is measured: a greater distance is a slip in coordinates or in a unit."""

_WRITTEN = re.compile(r"([+-]?[0-9][0-9.]*)\s*([^\W\d_]*)\.?")


class Charge(NamedTuple):
    """`unit`: 'kg' or 'lb'."""

    amount: float
    unit: str

    @property
    def kg(self) -> float:
        return self.amount * (POUND_KG if self.unit == "lb" else 1.0)

    @property
    def lb(self) -> float:
        return self.amount / (POUND_KG if self.unit == "kg" else 1.0)


class ScaledDistance(NamedTuple):
    """Distance by the square root of the charge (ground) and by its cube root (air), in metres and kilograms, and in
    feet and pounds."""

    m_kg_square: float
    ft_lb_square: float
    m_kg_cube: float
    ft_lb_cube: float


def scaled_distance(distance_m: float, charge: Charge) -> ScaledDistance:
    """The scaled distances of a place at that distance from a charge, to nine digits."""
    feet = distance_m / FOOT_M
    found = (
        distance_m / math.sqrt(charge.kg),
        feet / math.sqrt(charge.lb),
        distance_m / math.cbrt(charge.kg),
        feet / math.cbrt(charge.lb),
    )
    return ScaledDistance(*(float(f"{one:.9g}") for one in found))


def checked_charge(amount: float, unit: str) -> Charge:
    """A charge of one delay. Raises UsageError for one that cannot be, and for a unit that is none of a charge."""
    known = CHARGES.get(unit.lower())
    if known is None:
        raise UsageError(f"{quoted(unit)} is no unit of a charge; it is kg or lb")
    if not 0 < amount <= MOST_CHARGE:
        raise UsageError(f"a charge of {amount:g} {known} cannot be; give that of one delay, above 0")
    return Charge(amount, known)


def checked_distance(amount: float, unit: str) -> float:
    """A distance in metres, to nine digits. Raises UsageError as `checked_charge`."""
    factor = DISTANCES_M.get(unit.lower())
    if factor is None:
        raise UsageError(f"{quoted(unit)} is no unit of a distance; it is m, km or ft")
    metres = float(f"{amount * factor:.9g}")
    if not 0 < metres <= MOST_DISTANCE_M:
        raise UsageError(
            f"a distance of {amount:g} {unit} cannot be; a blast is measured above 0 and up to "
            f"{MOST_DISTANCE_M / 1000:g} km off"
        )
    return metres


def written_charge(text: str) -> Charge:
    """`120 kg` or `265lb`. Raises UsageError for anything else: no unit is guessed."""
    amount, unit = _written(text, "a charge", "120 kg or 265 lb")
    return checked_charge(amount, unit)


def written_distance(text: str) -> float:
    """`450m`, `0.45 km` or `1480 ft` in metres. Raises UsageError for anything else: no unit is guessed."""
    amount, unit = _written(text, "a distance", "450m or 1480ft")
    return checked_distance(amount, unit)


def _written(text: str, what: str, form: str) -> tuple[float, str]:
    match = _WRITTEN.fullmatch(written_with_point(text.strip()))
    if match is None or match[1].count(".") > 1:
        raise UsageError(f"{quoted(text)} is not {what}; write it with its unit, {form}")
    if not match[2]:
        raise UsageError(f"{quoted(text)}: {what} needs its unit, for none is guessed; write {form}")
    return float(match[1]), match[2]
