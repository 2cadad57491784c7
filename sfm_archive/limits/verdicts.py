"""What limits say of an event: compared with the values that count, computed or reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sfm_archive.limits.airblast import AIRBLAST_LIMITS
from sfm_archive.limits.curves import Curve, Outcome, Verdict, airblast_verdict, verdict
from sfm_archive.model.magnitudes import as_level, over_range_vector_sum
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import GEO_UNITS, RAIL, GeoUnit, geo_quantum

ValuesThatCount = Mapping[tuple[str, str], Reading]
"""An event's values by quantity and channel, as `model.precedence.values_that_count` gives them."""

AIRBLAST = next(limit for limit in AIRBLAST_LIMITS if limit.name == "osmre-2hz")
"""The limit for a microphone that measures from 2 Hz on; which one a unit has is not recorded, so this is assumed."""

_NO_FREQUENCY = Reading(quantity="zc_frequency", unit="Hz", state=ValueState.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVerdict:
    """What a curve says of one channel. `ppv`, `frequency`: the values compared; a `frequency` without source is none
    that anybody looked for."""

    curve: Curve
    channel: str
    ppv: Reading
    frequency: Reading
    verdict: Verdict


def vibration_verdicts(
    values: ValuesThatCount, curves: Sequence[Curve], *, range_in_s: float, unit: GeoUnit
) -> tuple[ChannelVerdict, ...]:
    """For each curve and geophone with a peak in a unit of velocity, the verdict.

    `range_in_s`: the geophones', which bounds an over-range peak from below. `unit`: meant where a peak has none,
    as `OORANGE` is printed.
    """
    found = []
    for curve in curves:
        for channel in GEO_CHANNELS:
            known = values.get(("ppv", channel))
            if known is None or known.state is ValueState.ABSENT or known.unit not in (*GEO_UNITS, ""):
                continue
            ppv = known if known.unit else replace(known, unit=unit)
            frequency = values.get(("zc_frequency", channel), _NO_FREQUENCY)
            scale = full_scale(range_in_s, "mm/s" if ppv.unit == "mm/s" else "in/s")
            found.append(
                ChannelVerdict(
                    curve=curve,
                    channel=channel,
                    ppv=ppv,
                    frequency=frequency,
                    verdict=verdict(ppv, frequency, curve, full_scale=scale),
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class AirblastVerdict:
    """What AIRBLAST says of the microphone's peak level."""

    pspl: Reading
    outcome: Outcome


def airblast_on(values: ValuesThatCount) -> AirblastVerdict | None:
    """What AIRBLAST says of the peak level among an event's values; None where there is none in its unit.

    A pressure in psi or Pa is compared as its level in dB(L). `OORANGE` is printed without a unit; the limit's is
    taken.
    """
    found = level_of(values)
    if found is None or found.state is ValueState.ABSENT:
        return None
    pspl = as_level(found)
    if pspl.state is ValueState.OVER_RANGE and not pspl.unit:
        pspl = replace(pspl, unit=AIRBLAST.response)
    if pspl.unit != AIRBLAST.response or (pspl.number is None and pspl.state is not ValueState.OVER_RANGE):
        return None
    return AirblastVerdict(pspl=pspl, outcome=airblast_verdict(pspl, AIRBLAST).outcome)


def level_of(values: ValuesThatCount) -> Reading | None:
    """The peak sound pressure that counts."""
    return values.get(("pspl", "MicL")) or values.get(("pspl", ""))


def vector_sum_of(values: ValuesThatCount) -> Reading | None:
    """The peak vector sum that counts; over range where a geophone is."""
    peaks = (peak for channel in GEO_CHANNELS if (peak := values.get(("ppv", channel))) is not None)
    return over_range_vector_sum(peaks) or values.get(("pvs", ""))


def full_scale(range_in_s: float, unit: GeoUnit) -> float:
    """The velocity at the rail: an over-range peak is at least this."""
    return RAIL * geo_quantum(range_in_s, unit)


def worst(verdicts: Iterable[ChannelVerdict]) -> Outcome | None:
    """The outcome for an event: exceeded before undecided before not covered before within; None without any."""
    outcomes = {found.verdict.outcome for found in verdicts}
    ordered = (Outcome.EXCEEDED, Outcome.UNDECIDED, Outcome.NOT_COVERED, Outcome.WITHIN)
    return next((outcome for outcome in ordered if outcome in outcomes), None)
