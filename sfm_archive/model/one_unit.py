"""Readings of one output in one unit of velocity, whatever each document printed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from sfm_archive.model.readings import Reading, read_value
from sfm_archive.model.units import LENGTHS_MM, VELOCITIES_MM_S, GeoUnit

_LENGTH_OF: Final = {"in/s": "in", "mm/s": "mm"}
_MM: Final = {unit: Decimal(repr(mm)) for unit, mm in {**VELOCITIES_MM_S, **LENGTHS_MM}.items()}


def in_unit(reading: Reading, unit: GeoUnit) -> Reading:
    """A velocity in this unit, a length in the one that belongs to it; the text stays as printed. Any other reading as
    it is."""
    wanted = unit if reading.unit in VELOCITIES_MM_S else _LENGTH_OF[unit] if reading.unit in LENGTHS_MM else ""
    if not wanted or wanted == reading.unit:
        return reading
    if reading.number is None:
        return replace(reading, unit=wanted)
    # As decimals: 19.05 mm/s are 0.75 in/s.
    number = float(Decimal(repr(reading.number)) * _MM[reading.unit] / _MM[wanted])
    return replace(reading, number=number, unit=wanted)


def printed_in_another_unit(reading: Reading) -> str:
    """The text of a reading that was printed in another unit of the same kind than it has; '' where it was not."""
    if reading.unit not in _MM or not reading.text or reading.number is None:
        return ""
    printed = " ".join(reading.text.split())
    unit = "" if printed.endswith(reading.unit) else read_value(printed)[1]
    return printed if unit in _MM and unit != reading.unit else ""
