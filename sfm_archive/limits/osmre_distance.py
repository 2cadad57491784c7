"""OSMRE's limits by distance, 30 CFR 816.67(d)(2): the greatest velocity of each component at a structure, and the
scaled-distance factor with which a blast of that distance may go without a seismograph (d)(3).

Bands are those of the table, 0 to 300, 301 to 5,000 and 5,001 feet and beyond: above 300 ft the second row holds, above
5,000 the third. A peak exactly at the limit is within.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sfm_archive.limits.curves import Curve, Edge, Interpolation
from sfm_archive.limits.judging import judge_channels
from sfm_archive.limits.outcomes import Cause, Judgement, Judging
from sfm_archive.limits.verdicts import EventVerdict, Limits, Measured, verdict_on
from sfm_archive.model.blasting import FOOT_M, ScaledDistance


class DistanceRow(NamedTuple):
    """A row of the table. `up_to_ft`: the last distance of it, included; None without one. `limit_in_s`: of each
    component. `factor`: the least scaled distance in ft/lb^½ that needs no seismograph."""

    up_to_ft: float | None
    limit_in_s: float
    factor: float

    @property
    def curve(self) -> Curve:
        """The limit as a curve, level at every frequency."""
        return Curve(
            name=f"osmre-distance-{self.limit_in_s:g}",
            title=f"OSMRE, {self.limit_in_s:g} in/s by distance",
            source="30 CFR 816.67(d)(2)(i)",
            unit="in/s",
            points=((1.0, self.limit_in_s),),
            interpolation=Interpolation.LINEAR,
            below=Edge.FLAT,
            above=Edge.FLAT,
        )


ROWS: Final = (DistanceRow(300, 1.25, 50), DistanceRow(5000, 1.00, 55), DistanceRow(None, 0.75, 65))


def row_at(distance_m: float) -> DistanceRow:
    """The row for a structure at this distance."""
    feet = round(distance_m / FOOT_M, 6)  # 91.44 m are 300 ft, whatever floating point numbers make of it
    return next(row for row in ROWS if row.up_to_ft is None or feet <= row.up_to_ft)


def by_distance(measured: Measured, distance_m: float) -> EventVerdict:
    """What the table says of an event at a structure at this distance; each component is held against the limit."""
    return verdict_on(measured, _limits(distance_m))


def by_distance_of_channels(measured: Measured, distance_m: float) -> dict[str, Judgement]:
    """The same of each component by itself."""
    summary, days, all_pairs = measured.summary, measured.days, measured.all_pairs
    curve = row_at(distance_m).curve
    found = judge_channels(summary, days, measured.record_type, curve, Judging.BOTH, all_pairs=all_pairs)
    # The limit is level: where the peak is within, so is every half wave, whether it is known or not.
    return {
        channel: one._replace(cause=Cause.NUMBERS) if one.cause is Cause.HALF_WAVES_UNKNOWN else one
        for channel, one in found.items()
    }


def needs_no_seismograph(scaled: ScaledDistance, distance_m: float) -> bool:
    """Whether the scaled distance reaches the factor of its row."""
    return scaled.ft_lb_square >= row_at(distance_m).factor


def _limits(distance_m: float) -> Limits:
    return Limits((row_at(distance_m).curve,))
