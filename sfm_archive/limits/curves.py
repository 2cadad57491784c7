"""Limit curves as data.

One table: each row with its source and how it goes on between its points. Curves are drawn over the zero-crossing
frequency of the peak; velocities are zero-to-peak. From docs/facts.md, "Limit curves".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.model.units import GEO_UNITS, SMALLEST_FREQUENCY_HZ, VELOCITIES_MM_S, GeoUnit
from sfm_archive.model.velocities import NM_S


class Interpolation(StrEnum):
    LINEAR = "linear"
    LOG_LOG = "log-log"


class Edge(StrEnum):
    """How a curve goes on beyond its first or last point: not at all, level, or with the slope it has there."""

    NONE = "none"
    FLAT = "flat"
    SLOPE = "slope"


SLOPE_SLACK: Final = 1e-9
"""Share by which a peak may be above a sloped limit, which floating point numbers miss by less."""


class LimitRange(NamedTuple):
    """The smallest and the largest limit of a curve between two frequencies, and whether it covers all of them."""

    low: float
    high: float
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Largest velocity allowed over frequency.

    `name`: unique. `title`, `source`, `note`: for people; `short` where a table has little room. `unit`: of the limits.
    `points`: (Hz, limit), frequencies rising. `interpolation` between them; `below` and `above`: beyond the first and
    last. `airblast`: the airblast limit that goes with it, in the words of `limits.airblast`; '' where none is stated.

    Raises UsageError for points that do not rise or are not positive.
    """

    name: str
    title: str
    source: str
    unit: GeoUnit
    points: tuple[tuple[float, float], ...]
    interpolation: Interpolation
    below: Edge = Edge.NONE
    above: Edge = Edge.FLAT
    note: str = ""
    short: str = ""
    airblast: str = ""

    def __post_init__(self) -> None:
        numbers = [number for point in self.points for number in point]
        if not numbers or not all(0 < number < math.inf for number in numbers):
            raise UsageError(f"curve {self.name}: it needs points of positive frequencies and limits")
        if any(a[0] >= b[0] for a, b in zip(self.points, self.points[1:], strict=False)):
            raise UsageError(f"curve {self.name}: the frequencies of its points must rise")
        if len(self.points) < 2 and Edge.SLOPE in (self.below, self.above):
            raise UsageError(f"curve {self.name}: one point gives no slope to continue")
        if self.unit not in GEO_UNITS:
            raise UsageError(f"curve {self.name}: {self.unit!r} is not a unit of velocity; give in/s or mm/s")

    def __hash__(self) -> int:
        """By the name, which is unique where curves meet: they are looked up with every peak."""
        return hash(self.name)

    @property
    def label(self) -> str:
        return self.short or self.name

    def limit(self, frequency: float, unit: GeoUnit | None = None) -> float | None:
        """The limit at a frequency in Hz, in `unit` (the curve's own when None); None where the curve does not cover
        it."""
        if not frequency > 0:
            return None
        value = self._at(frequency)
        return None if value is None else value * VELOCITIES_MM_S[self.unit] / VELOCITIES_MM_S[unit or self.unit]

    def _at(self, frequency: float) -> float | None:
        for hertz, limit in self.points:
            if frequency == hertz:
                return limit  # not what logarithms make of it
        before = sum(hertz < frequency for hertz, _ in self.points)
        last = len(self.points)
        edge = self.below if before == 0 else self.above if before == last else None
        if edge is Edge.NONE:
            return None
        if edge is Edge.FLAT:
            return self.points[0 if before == 0 else -1][1]
        # Between two points, or on along the slope of the first or last two.
        start = min(max(before - 1, 0), last - 2)
        log = self.interpolation is Interpolation.LOG_LOG
        first, second = self.points[start : start + 2]
        if first[1] == second[1]:
            return first[1]
        (x0, y0), (x1, y1) = ((math.log(x), math.log(y)) if log else (x, y) for x, y in (first, second))
        y = y0 + ((math.log(frequency) if log else frequency) - x0) * (y1 - y0) / (x1 - x0)
        return math.exp(y) if log else y

    @property
    def lowest_hz(self) -> float:
        """A lower frequency is compared here: at 1 Hz, where charts begin, or at a first point below that."""
        return min(SMALLEST_FREQUENCY_HZ, self.points[0][0])

    def between(self, first: float, last: float, unit: GeoUnit | None = None) -> LimitRange | None:
        """What the curve says between two frequencies in Hz, both included; None where it covers none of them."""
        return _range(first, last, self.points, lambda hertz: self.limit(hertz, unit))

    def within(self, first: float, last: float) -> LimitRange | None:
        """The largest velocities that are within between two frequencies in Hz, both included, in nm/s: whole ones
        where the curve is level, with SLOPE_SLACK where it is sloped. None where it covers none of them.

        Frequencies below `lowest_hz` are taken for that one.
        """
        return _within(self, max(first, self.lowest_hz), max(last, self.lowest_hz))

    @property
    def anywhere(self) -> LimitRange:
        """The same over all frequencies."""
        return _anywhere(self)

    @property
    def falls(self) -> bool:
        """Whether a peak can be above it while one as great at a lower frequency is not: the limit falls somewhere, or
        there is none below its first point."""
        rising = all(a[1] <= b[1] for a, b in pairwise(self.points))
        return not rising or (self.below is Edge.NONE and self.points[0][0] > self.lowest_hz)


@lru_cache
def _anywhere(curve: Curve) -> LimitRange:
    found = curve.within(0.0, math.inf)
    assert found is not None, "a curve has a point"
    return found


@lru_cache(maxsize=1 << 14)
def _within(curve: Curve, first: float, last: float) -> LimitRange | None:
    points = {hertz: _nm_s(limit, curve.unit) for hertz, limit in curve.points}

    def largest(hertz: float) -> float | None:
        if hertz in points:
            return points[hertz]
        limit = curve.limit(hertz)
        if limit is None:
            return None
        level = next((nm_s for (_, at), nm_s in zip(curve.points, points.values(), strict=True) if at == limit), None)
        return NM_S[curve.unit] * limit * (1 + SLOPE_SLACK) if level is None else level

    return _range(first, last, curve.points, largest)


def _nm_s(limit: float, unit: GeoUnit) -> float:
    """A limit as written, in nm/s: 0.75 in/s is 19,050,000."""
    return float(Decimal(repr(limit)) * NM_S[unit])


def _range(
    first: float, last: float, points: Sequence[tuple[float, float]], limit: Callable[[float], float | None]
) -> LimitRange | None:
    # Beyond the points nothing new happens but a slope that goes on.
    last = min(last, max(first, points[-1][0]) * 1e6)
    at = [first, *(hertz for hertz, _ in points if first < hertz < last), last]
    known = [found for hertz in at if (found := limit(hertz)) is not None]
    return LimitRange(min(known), max(known), whole=len(known) == len(at)) if known else None


def _usbm(name: str, wall: str, plateau: float) -> Curve:
    low, high = 2 * math.pi * 0.030, 2 * math.pi * 0.008  # in/s per Hz of a constant displacement in inches
    rising = (plateau / low, plateau / high, 2.0 / high)
    return Curve(
        name=name,
        title=f"USBM RI 8507, {wall}",
        short=f"USBM {wall}",
        source="Siskind et al. 1980, U.S. Bureau of Mines RI 8507, appendix B: 0.030 in, plateau, 0.008 in, 2.0 in/s",
        unit="in/s",
        points=((1.0, low), (rising[0], plateau), (rising[1], plateau), (rising[2], 2.0)),
        interpolation=Interpolation.LOG_LOG,
        # A constant displacement is a straight line of slope one in log-log.
        below=Edge.SLOPE,
        above=Edge.FLAT,
    )


def _din(line: int, what: str, at_10: float, at_50: float, at_100: float) -> Curve:
    return Curve(
        name=f"din-4150-3-line-{line}",
        title=f"DIN 4150-3 line {line}, {what}",
        short=f"DIN line {line}",
        source="DIN 4150-3, short-term vibration at the foundation, table 1",
        unit="mm/s",
        points=((1.0, at_10), (10.0, at_10), (50.0, at_50), (100.0, at_100)),
        interpolation=Interpolation.LINEAR,
        note="level below 10 Hz down to 1 Hz; above 100 Hz the value at 100 Hz is taken",
    )


_BS_SOURCE = "BS 7385-2:1993, table 1, transient vibration at the base of the building"

CURVES: Final = (
    _usbm("usbm-ri8507-drywall", "drywall", 0.75),
    _usbm("usbm-ri8507-plaster", "plaster", 0.50),
    Curve(
        name="osmre",
        title="OSMRE 30 CFR 816.67",
        short="OSMRE",
        source="30 CFR 816.67(d)(4), figure 1, alternative blasting level criteria",
        unit="in/s",
        points=((1.0, 0.19), (4.0, 0.75), (11.0, 0.75), (30.0, 2.0), (100.0, 2.0)),
        interpolation=Interpolation.LOG_LOG,
        note="the chart ends at 100 Hz; its level part is continued",
    ),
    _din(1, "commercial and industrial buildings", 20.0, 40.0, 50.0),
    _din(2, "dwellings", 5.0, 15.0, 20.0),
    _din(3, "sensitive buildings", 3.0, 8.0, 10.0),
    Curve(
        name="bs-7385-2-line-1",
        title="BS 7385-2 line 1, reinforced or framed structures",
        short="BS line 1",
        source=_BS_SOURCE,
        unit="mm/s",
        points=((4.0, 50.0),),
        interpolation=Interpolation.LINEAR,
        note="no verdict below 4 Hz",
    ),
    Curve(
        name="bs-7385-2-line-2",
        title="BS 7385-2 line 2, unreinforced or light framed structures",
        short="BS line 2",
        source=_BS_SOURCE,
        unit="mm/s",
        points=((4.0, 15.0), (15.0, 20.0), (40.0, 50.0)),
        interpolation=Interpolation.LINEAR,
        note="no verdict below 4 Hz; published codes interpolate linearly or log-log, linear is taken: it is the "
        "stricter one, by about 3 % at 10 Hz",
    ),
)
"""The curves that come with the package."""


def curve(name: str) -> Curve:
    """The curve of this name. Raises UsageError naming those that there are."""
    for known in CURVES:
        if known.name == name:
            return known
    raise UsageError(f"no limit curve {name!r}; there are {', '.join(known.name for known in CURVES)}")
