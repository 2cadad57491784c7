"""The law of attenuation: peak = K · SD^−β, a line by least squares through logarithms, and what follows from it.

SD is the scaled distance. The 95 % line lies 1.645 standard errors of the residuals above the line: about one peak of
twenty is above it. Pure, and of the units that the pairs have.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError

FEWEST_PAIRS: Final = 3
"""With fewer there is no error of the residuals."""

FEW_PAIRS: Final = 30
LITTLE_R_SQUARED: Final = 0.7
"""Below these a law is said to rest on little."""

ONE_TAILED_95: Final = 1.645
"""Standard errors from the line to the one below which 95 of 100 lie."""

_SAME: Final = 1e-9
"""Logarithms of scaled distances that differ by less are of one."""

_MOST_POWER: Final = 300.0
"""Of ten that a floating point number holds."""


class Pair(NamedTuple):
    """A scaled distance and the peak that was measured there, both above 0."""

    scaled: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttenuationLaw:
    """peak = k · SD^−beta. `k`: the peak at a scaled distance of 1; `beta`: how fast it falls; `n`: number of pairs;
    `least`, `most`: the scaled distances between which they lie. `r_squared`: share of the scatter of the logarithms
    that the line explains, null where all peaks are equal; `s`: standard error of the residuals, √(SSE/(n − 2)), in
    powers of ten; `k_95`: K of the 95 % line, K · 10^(1.645 s)."""

    k: float
    beta: float
    r_squared: float | None
    n: int
    s: float
    k_95: float
    least: float
    most: float

    def peak(self, scaled: float) -> float:
        """On the line."""
        return float(self.k * scaled**-self.beta)

    def peak_95(self, scaled: float) -> float:
        """On the 95 % line."""
        return float(self.k_95 * scaled**-self.beta)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the law rests on little, in sentences."""
        found = []
        if self.n < FEW_PAIRS:
            found.append(f"{self.n} pairs are fewer than {FEW_PAIRS}: K and β may become others with more of them")
        if self.r_squared is None:
            found.append("all peaks are equal, so that r² is not defined")
        elif self.r_squared < LITTLE_R_SQUARED:
            found.append(f"r² is below {LITTLE_R_SQUARED}: the scaled distance explains little of these peaks")
        if self.beta <= 0:
            found.append("β is not above 0: by these pairs peaks do not fall with distance, and no charge follows")
        return tuple(found)


def law_of(pairs: Sequence[Pair]) -> AttenuationLaw:
    """The law of these pairs. Raises UsageError for fewer than FEWEST_PAIRS and where all are at one scaled distance,
    or so near to it that no slope follows."""
    n = len(pairs)
    if n < FEWEST_PAIRS:
        raise UsageError(f"{n} pairs of peak and scaled distance are known, and a law needs {FEWEST_PAIRS}")
    across = [math.log10(one.scaled) for one in pairs]
    up = [math.log10(one.peak) for one in pairs]
    if max(across) - min(across) < _SAME:
        raise UsageError(f"all {n} pairs are at one scaled distance, so no slope follows from them")
    mean_x, mean_y = math.fsum(across) / n, math.fsum(up) / n
    sxx = math.fsum((x - mean_x) ** 2 for x in across)
    syy = math.fsum((y - mean_y) ** 2 for y in up)
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(across, up, strict=True))
    slope = sxy / sxx
    at_one = mean_y - slope * mean_x
    sse = math.fsum((y - at_one - slope * x) ** 2 for x, y in zip(across, up, strict=True))
    s = math.sqrt(sse / (n - 2))
    if abs(at_one) + ONE_TAILED_95 * s > _MOST_POWER:
        raise UsageError(f"the scaled distances of these {n} pairs lie so near to each other that no slope follows")
    return AttenuationLaw(
        k=10.0**at_one,
        beta=0.0 if max(up) == min(up) else -slope,
        r_squared=None if max(up) == min(up) else min(1.0, sxy * sxy / (sxx * syy)),
        n=n,
        s=s,
        k_95=10.0 ** (at_one + ONE_TAILED_95 * s),
        least=min(one.scaled for one in pairs),
        most=max(one.scaled for one in pairs),
    )


def scaled_distance_of_limit(law: AttenuationLaw, limit: float) -> float | None:
    """The scaled distance at which the 95 % line reaches a limit; None without one: β is not above 0, or it lies where
    no number is."""
    if law.beta <= 0:
        return None
    power = (math.log10(law.k_95) - math.log10(limit)) / law.beta
    return float(10.0**power) if abs(power) <= _MOST_POWER / 10 else None


def allowed_charge(distance: float, scaled: float, root: int) -> float:
    """The charge with which a place at this distance is at that scaled distance: (distance/scaled)^root, root 2 for
    ground and 3 for air."""
    return float((distance / scaled) ** root)
