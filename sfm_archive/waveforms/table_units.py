"""In which unit each column of a report's table of samples is: as the header says, else as its cells do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.formats.reports.lines import Header
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.units import GEO_UNITS, GeoUnit

_PRESSURES: Final = (("psi", "psi"), ("mb", r"\bmb(ar)?\b"), ("Pa", r"\bpa\b"))
_LEAST_LEVEL: Final = 60.0


def velocity_unit(header: Header) -> GeoUnit | None:
    """Of the velocities: as the header's line `Units` says, else that of the other velocities in it. None where
    neither tells one."""
    stated = (header.value("Units") or "").lower()
    told: list[GeoUnit] = [unit for unit in GEO_UNITS if unit in stated]
    told = told or [unit for unit in GEO_UNITS if any(one.unit == unit for one in header.readings)]
    return told[0] if len(told) == 1 else None


def microphone_unit(column: NDArray[np.float64], bound: float | None, told: str, usual: str | None) -> str | None:
    """The unit of the microphone's column, None where neither header nor cells tell it.

    `column`: shape (n,), NaN where no number stands; `bound`: the greatest number behind a `<`, None without any.
    `told`: what the header says of units; `usual`: the unit of the dialect where it says none. A level has no sign, and
    one count (0.25 Pa) is 82 dB(L): a column below zero or all below 60 is one of pressures, also below a header that
    says dB(L). A pressure swings about zero and is printed however small it is: cells such as `<88.0` are levels, and
    a column of 60 or more everywhere is none of pressures.
    """
    lowered = told.lower()
    for unit, pattern in _PRESSURES:
        if re.search(pattern, lowered):
            return unit
    known = np.append(column[~np.isnan(column)], [] if bound is None else [bound])
    can_be_levels = bool(known.size) and float(known.min()) >= 0 and float(known.max()) >= _LEAST_LEVEL
    if "db" in lowered:
        return "dB(L)" if can_be_levels else "Pa"
    if can_be_levels and bound is not None:
        return "dB(L)"
    return None if can_be_levels and float(known.min()) >= _LEAST_LEVEL else usual


def assumed_units(channels: Iterable[str]) -> tuple[Finding, ...]:
    """The finding for columns whose unit nothing tells; nothing without any."""
    columns = [*channels]
    kinds = (
        ("its velocities", "mm/s", "peaks", [name for name in columns if name in GEO_CHANNELS]),
        ("its microphone", "Pa", "levels", [name for name in columns if name == "MicL"]),
    )
    told = [(f"{what} ({', '.join(names)})", unit, numbers) for what, unit, numbers, names in kinds if names]
    if not told:
        return ()
    what, units, numbers = (" and ".join(each) for each in zip(*told, strict=True))
    message = (
        f"the report does not give the unit of {what}; {units} {'is' if len(told) == 1 else 'are'} assumed to draw "
        f"them, and {numbers} of these samples count as unknown. Export it again with its units"
    )
    return (Finding(code="unit-assumed", message=message),)
