"""Units of what is measured, and how each fact about them is known. Nothing else states these numbers.

From docs/facts.md. KNOWN: stated as verified against real captures, or against text that Blastware
wrote. DERIVED: deduced; it reproduces every published number it touches, and the first real capture may correct it
here. OPEN: nobody has published it; what is done instead is written beside it.

| statement | mark |
|---|---|
| geophone unit 0.005 in/s at Normal range (10 in/s) | KNOWN |
| geophone unit 0.000625 in/s at Sensitive range (1.25 in/s), hence unit = range / 2000 | DERIVED |
| full scale −2048 … 2047 units, a reading at either rail is over-range | KNOWN |
| microphone: dB(L) = 81.94 + 20·log10 of the count (813 → 140.1) | KNOWN |
| … hence 0.25 Pa a count | DERIVED |
| the microphone's rails at −2048 and 2047 | OPEN: taken to be the geophones'; a level there is at least 148.2 dB(L) |
| delta blocks by width and count, segment header, order of channels | DERIVED (see `segments`) |
| histogram record of u16 BE fields | DERIVED (see `histograms`) |
| rules of the quantities, Micromate's quantum | KNOWN (see `quantities`) |
| sample rate and pre-trigger inside event memory | OPEN: a parameter, else 1024 sps and 0.25 s, flagged as assumed |
"""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

from sfm_archive.errors import UsageError

GeoUnit = Literal["in/s", "mm/s"]
MicUnit = Literal["Pa", "psi", "dB(L)"]

GEO_UNITS: Final[tuple[GeoUnit, ...]] = get_args(GeoUnit)

MM_PER_INCH: Final = 25.4
LENGTHS_MM: Final = {"in": MM_PER_INCH, "mm": 1.0}
"""Units of length, in mm."""

VELOCITIES_MM_S: Final = {"in/s": MM_PER_INCH, "mm/s": 1.0}
"""Units of velocity, in mm/s."""

NORMAL_RANGE_IN_S: Final = 10.0
SENSITIVE_RANGE_IN_S: Final = 1.25

UNITS_PER_RANGE: Final = 2000
"""Counts in the nominal range: 10 in/s / 0.005 in/s (KNOWN), 1.25 in/s / 0.000625 in/s (DERIVED)."""

HIGHEST_COUNT: Final = 2047
LOWEST_COUNT: Final = -2048
"""Full scale in counts (KNOWN): the converter's rails. A reading at either is over range, one beyond is impossible."""

RAIL: Final = HIGHEST_COUNT
"""From so many counts on a peak, which has lost its sign, is over range."""

LARGEST_PEAK: Final = -LOWEST_COUNT
"""No peak has more counts."""

PSI_PER_PA: Final = 1.450377e-4
REFERENCE_PA: Final = 20e-6

PA_PER_COUNT: Final = 0.25
"""Microphone (DERIVED from the KNOWN 813 counts = 140.1 dB(L))."""

MICROPHONE_RAIL_DB: Final = 20 * math.log10(RAIL * PA_PER_COUNT / REFERENCE_PA)
"""What a peak level over range is at least: 148.2 dB(L) (DERIVED from the count, at a rail that is OPEN)."""

LEVEL_SLACK_DB: Final = 0.005
"""By how much levels differ with the reference: 20 µPa, 2.9e-9 psi and the offset 81.94 (all KNOWN) lie 0.003 dB
apart, and which of them made a printed level is not known."""

MICROMATE_QUANTUM_MM_S: Final = 0.007881822
"""One count of a Micromate's geophone in mm/s: 32768 of them are 10.168 in/s (KNOWN from real exports)."""

STANDARD_GRAVITY_MM_S2: Final = 9810.0
"""g as the vendor's software uses it (KNOWN: reproduces printed accelerations)."""

DEFAULT_SAMPLE_RATE: Final = 1024.0
DEFAULT_PRETRIGGER_SECONDS: Final = 0.25

LARGEST_FREQUENCY_HZ: Final = 100.0
"""Above this Blastware prints `>100 Hz` (KNOWN at 1024 sps: half periods of 5 samples or fewer)."""

SMALLEST_FREQUENCY_HZ: Final = 1.0
"""Below this Blastware prints `<1 Hz` (KNOWN as a printed form, its threshold is DERIVED from the text)."""


def geo_quantum(range_in_s: float, unit: GeoUnit) -> float:
    """Velocity of one count in `unit`, for the geophone range in in/s (10 Normal, 1.25 Sensitive).

    Raises UsageError for a range that is not a positive number and for another unit.
    """
    if not 0 < range_in_s < 1e6:
        raise UsageError(f"geophone range {range_in_s} in/s is not possible; give 10 (Normal) or 1.25 (Sensitive)")
    if unit == "in/s":
        return range_in_s / UNITS_PER_RANGE
    if unit == "mm/s":
        return range_in_s * MM_PER_INCH / UNITS_PER_RANGE
    raise UsageError(f"{unit!r} is not a unit of velocity; give 'in/s' or 'mm/s'")


_PASCALS = {"pa": 1.0, "mb": 100.0, "mbar": 100.0, "psi": 1 / PSI_PER_PA}


def pascals(unit: str) -> float | None:
    """One of a unit of pressure in Pa, as printed: `Pa`, `psi(L)`, `pa.(L)`, `mb(L)`; None for any other unit."""
    return _PASCALS.get(unit.lower().removesuffix("(l)").rstrip("."))


def pressure_of_level(level: float) -> float:
    """Pressure in Pa of a level in dB(L); the inverse of `level_db`."""
    return float(REFERENCE_PA * 10 ** (level / 20))
