"""What limits say of an event, and its greatest values, as a job's report has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sfm_archive.limits.named_curves import title_in
from sfm_archive.limits.outcomes import Judgement, Outcome
from sfm_archive.limits.verdicts import EventVerdict, Limits
from sfm_archive.model.magnitudes import as_level
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import Reading
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.part_values import greatest_of
from sfm_archive.reporting.period.values import PeriodValue, PeriodVerdict

QUANTITIES = ("ppv", "pvs", "pspl", "zc_frequency")
"""Of the values that count what a report shows."""


def reported_unit(reading: Reading, unit: GeoUnit) -> Reading:
    """A velocity in the report's unit; `OORANGE` is printed without one."""
    return in_unit(
        reading if reading.unit or reading.quantity not in ("ppv", "pvs") else replace(reading, unit=unit), unit
    )


def value_of(
    quantity: str, readings: Sequence[Reading], summary: EventSummary, unit: GeoUnit, event_id: int, *, day_known: bool
) -> PeriodValue | None:
    """The greatest peak ('ppv'), vector sum ('pvs') or level ('pspl') of an event, by its values; None without one."""
    found, basis = greatest_of(quantity, readings, summary)
    if found is None or basis == Basis.UNKNOWN:
        return None
    return shown(found, basis, unit, event_id, day_known=day_known)


def shown(reading: Reading, basis: str, unit: GeoUnit, event_id: int, *, day_known: bool) -> PeriodValue:
    """A value in the report's unit, a pressure as its level."""
    return PeriodValue(
        reading=reported_unit(as_level(reading), unit), basis=basis, day_known=day_known, event_id=event_id
    )


def frequency_of(readings: Iterable[Reading], channel: str) -> Reading | None:
    """The zero-crossing frequency of a channel that counts; None where nothing says one."""
    return next((one for one in readings if (one.quantity, one.channel) == ("zc_frequency", channel)), None)


def no_verdict(outcome: Outcome, why: str) -> PeriodVerdict:
    """Of what was not measured, or cannot be said."""
    return PeriodVerdict(outcome=outcome, why=why, channel="", limit="", limit_low=None, limit_high=None, ratio=None)


def vibration_of(verdict: EventVerdict, unit: GeoUnit) -> PeriodVerdict:
    """What the curves say of an event: by the one that shows it most."""
    outcome, most = verdict.outcome, verdict.shown
    if outcome is None or most is None:
        return no_verdict(Outcome.NOT_COMPARED, why_vibration(verdict, unit))
    decided = most.found.other or most.found.shown
    low, high = (None, None) if decided is None else (decided.limit_low_nm_s, decided.limit_high_nm_s)
    ratio = most.found.ratio
    return PeriodVerdict(
        outcome=outcome,
        why=why_vibration(verdict, unit),
        channel=most.found.channel,
        limit=title_in(most.curve, unit),
        limit_low=None if low is None else _digits(low / NM_S[unit]),
        limit_high=None if high is None else _digits(high / NM_S[unit]),
        ratio=None if ratio is None or not math.isfinite(ratio) else _ratio(ratio),
    )


def why_vibration(verdict: EventVerdict, unit: GeoUnit) -> str:
    """What makes the outcome what it is, of each curve that says so, once."""
    if verdict.why_none is not None:
        return Judgement(Outcome.NOT_COMPARED, verdict.why_none).why(unit)
    said: dict[str, list[str]] = {}
    for one in verdict.vibration:
        if one.found.outcome is verdict.outcome and (why := one.found.why(unit)):
            said.setdefault(why, []).append(one.curve.label)
    every = len(verdict.vibration)
    return "; ".join(why if len(labels) == every else f"{', '.join(labels)}: {why}" for why, labels in said.items())


def airblast_of(verdict: EventVerdict, limits: Limits) -> PeriodVerdict:
    """What the airblast limit says of it."""
    found, limit = verdict.airblast, limits.airblast
    if found is None or limit is None:
        return no_verdict(Outcome.NOT_COMPARED, "" if found is None else found.why)
    return PeriodVerdict(
        outcome=found.outcome,
        why=found.why,
        channel="",
        limit=limits.airblast_text,
        limit_low=limit.limit_db,
        limit_high=limit.limit_db,
        ratio=None,
    )


def _digits(number: float) -> float:
    return float(f"{number:.7g}")


def _ratio(number: float) -> float:
    """To seven digits, but to 1 only where it is the limit itself."""
    return number if _digits(number) == 1.0 else _digits(number)
