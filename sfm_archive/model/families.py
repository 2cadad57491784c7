"""Families of units: what their samples are scaled by, where they end, and how their files are named.

A value that belongs to a kind of unit stands here, and is asked for by the serial of an event. A third family is
another value of `FAMILIES`, and a folder of formats beside `formats/blastware/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sfm_archive.model.units import (
    HIGHEST_COUNT,
    MICROMATE_QUANTUM_MM_S,
    NORMAL_RANGE_IN_S,
    PA_PER_COUNT,
    SENSITIVE_RANGE_IN_S,
    UNITS_PER_RANGE,
    geo_quantum,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family.

    `letters`: what its serials begin with, '' for all others. `ranges_in_s`: of its geophones, the usual one first.
    `quanta_mm_s`: of one count of a geophone, for each range. `pa_per_count`: of its microphone, None where that is
    open. `highest_count`: the upper rail of its converter, at which a reading is over range; None where that is open:
    then over range is what a document prints, or a plateau.
    """

    name: str
    letters: str
    ranges_in_s: tuple[float, ...]
    quanta_mm_s: tuple[float, ...]
    pa_per_count: float | None
    highest_count: int | None

    def least_over_range_in_s(self, range_in_s: float | None) -> float:
        """What a velocity that is over range is at least, in in/s; of a range that nobody states, the smallest one."""
        stated = min(self.ranges_in_s) if range_in_s is None else range_in_s
        return stated if self.highest_count is None else stated * self.highest_count / UNITS_PER_RANGE


MINIMATE: Final = Family(
    name="MiniMate",
    letters="",
    ranges_in_s=(NORMAL_RANGE_IN_S, SENSITIVE_RANGE_IN_S),
    quanta_mm_s=(geo_quantum(NORMAL_RANGE_IN_S, "mm/s"), geo_quantum(SENSITIVE_RANGE_IN_S, "mm/s")),
    pa_per_count=PA_PER_COUNT,
    highest_count=HIGHEST_COUNT,
)
"""MiniMate Plus (Series III): KNOWN as `units` says."""

MICROMATE: Final = Family(
    name="Micromate",
    letters="UM",
    ranges_in_s=(NORMAL_RANGE_IN_S,),
    quanta_mm_s=(MICROMATE_QUANTUM_MM_S,),
    pa_per_count=None,
    highest_count=None,
)
"""Micromate (Series IV): quantum and range KNOWN from real exports. Its rail is OPEN: the range, 254.0 mm/s, is 32,226
counts, and 16 bits end at 258.3 mm/s; so is the count of its microphone."""

FAMILIES: Final = (MICROMATE, MINIMATE)


def family_of(serial: str) -> Family:
    """The family of a unit, by the letters of its serial (KNOWN: Micromates are UM)."""
    return next(family for family in FAMILIES if serial.upper().startswith(family.letters))
