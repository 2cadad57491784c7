"""Air pressures as levels, for whole arrays."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.model.units import LARGEST_PEAK, PA_PER_COUNT, PSI_PER_PA, REFERENCE_PA, MicUnit


def pressure_in(pressure_pa: NDArray[np.float64], unit: MicUnit) -> NDArray[np.float64]:
    """Pressure in `unit`; dB(L) of each sample's absolute value, NaN where the pressure is exactly zero.

    Raises UsageError for another unit.
    """
    if unit == "Pa":
        return pressure_pa
    if unit == "psi":
        return pressure_pa * PSI_PER_PA
    if unit == "dB(L)":
        return level_db(pressure_pa)
    raise UsageError(f"{unit!r} is not a unit of air pressure; give 'Pa', 'psi' or 'dB(L)'")


def level_db(pressure_pa: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Level in dB(L) of pressures in Pa: 20·log10(p / 20 µPa) (KNOWN); NaN for zero."""
    size = np.abs(np.asarray(pressure_pa, dtype=np.float64))
    return 20.0 * np.log10(np.where(size > 0, size, np.nan) / REFERENCE_PA)


@lru_cache(LARGEST_PEAK)
def level_of_count(count: int) -> float:
    """Level in dB(L) of a peak of so many counts, one or more."""
    return float(level_db(count * PA_PER_COUNT))
