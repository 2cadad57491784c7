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
from sfm_archive.model.readings import Reading, ValueState
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
    numbers = {"ppv": summary.ppv_nm_s, "pvs": summary.pvs_nm_s}
    rail = _rail(summary.pspl_db, None) if quantity == "pspl" else _rail(numbers[quantity], unit)
    return shown(found, basis, unit, event_id, rail, day_known=day_known)


def channel_value(
    channel: str, readings: Sequence[Reading], summary: EventSummary, unit: GeoUnit, event_id: int, *, day_known: bool
) -> PeriodValue | None:
    """The peak of a geophone; None without one."""
    own = next((one for one in readings if (one.quantity, one.channel) == ("ppv", channel)), None)
    basis = getattr(summary, f"{channel.lower()}_basis")
    if own is None or basis == Basis.UNKNOWN:
        return None
    rail = _rail(getattr(summary, f"{channel.lower()}_nm_s"), unit)
    return shown(own, basis, unit, event_id, rail, day_known=day_known)


def as_greatest(summary: EventSummary, channel: str) -> EventSummary | None:
    """The summary with a channel as its loudest; '' for a greatest peak of which it is not known whose it is. None
    without such a peak."""
    if not channel:
        is_of_none = summary.ppv_channel == "" and summary.ppv_basis != Basis.UNKNOWN
        return summary if is_of_none and summary.ppv_nm_s is not None else None
    nm_s: int | None = getattr(summary, f"{channel.lower()}_nm_s")
    return None if nm_s is None else summary._replace(ppv_channel=channel, ppv_nm_s=nm_s)


def _rail(number: float | None, unit: GeoUnit | None) -> float | None:
    """What a value over range is at least: of a velocity, in nm/s, in a unit."""
    return number if number is None or unit is None else _digits(number / NM_S[unit])


def shown(
    reading: Reading, basis: str, unit: GeoUnit, event_id: int, rail: float | None, *, day_known: bool
) -> PeriodValue:
    """A value in the report's unit, a pressure as its level. `rail`: what it is at least where it is over range."""
    own = reported_unit(as_level(reading), unit)
    least = rail if own.state is ValueState.OVER_RANGE else None
    return PeriodValue(reading=own, basis=basis, day_known=day_known, event_id=event_id, least=least)


def frequency_of(readings: Iterable[Reading], channel: str) -> Reading | None:
    """The zero-crossing frequency of a channel that counts; None where nothing says one."""
    return next((one for one in readings if (one.quantity, one.channel) == ("zc_frequency", channel)), None)


def no_verdict(outcome: Outcome, why: str) -> PeriodVerdict:
    """Of what was not measured, or cannot be said."""
    return PeriodVerdict(outcome=outcome, why=why, channel="", limit="")


def vibration_of(verdict: EventVerdict, unit: GeoUnit, event_id: int) -> PeriodVerdict:
    """What the curves say of an event: by the one that shows it most."""
    outcome, most = verdict.outcome, verdict.shown
    if outcome is None or most is None:
        return no_verdict(Outcome.NOT_COMPARED, why_vibration(verdict, unit))
    decided = most.found.other or most.found.shown
    low, high = (None, None) if decided is None else (decided.limit_low_nm_s, decided.limit_high_nm_s)
    ratio = most.found.ratio
    number = (None, None) if decided is None else (decided.least_nm_s, decided.most_nm_s)
    least, greatest = (None if one is None else _open(one / NM_S[unit]) for one in number)
    return PeriodVerdict(
        outcome=outcome,
        why=why_vibration(verdict, unit),
        channel=most.found.channel,
        limit=title_in(most.curve, unit),
        event_id=event_id,
        least=least,
        most=greatest,
        low_hz=None if decided is None else decided.low_hz,
        high_hz=None if decided is None or not math.isfinite(decided.high_hz) else decided.high_hz,
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


def airblast_of(verdict: EventVerdict, limits: Limits, summary: EventSummary, event_id: int) -> PeriodVerdict:
    """What the airblast limit says of an event or a part of one, whose `summary` it is."""
    found, limit = verdict.airblast, limits.airblast
    if found is None or limit is None:
        return no_verdict(Outcome.NOT_COMPARED, "" if found is None else found.why)
    least, most = _level(summary, found.level_db)
    return PeriodVerdict(
        outcome=found.outcome,
        why=found.why,
        channel="",
        limit=limits.airblast_text,
        event_id=event_id,
        least=least,
        most=most,
        limit_low=limit.limit_db,
        limit_high=limit.limit_db,
    )


def _level(summary: EventSummary, level_db: float | None) -> tuple[float | None, float | None]:
    """Between which levels that of an event lies; `level_db`: that it was judged by."""
    if disputed := summary.disputed_peaks().get("MicL"):
        return disputed
    basis = summary.pspl_basis
    at_least, at_most = basis in (Basis.OVER_RANGE, Basis.AT_LEAST), basis == Basis.AT_MOST
    return None if at_most else level_db, None if at_least else level_db


def airblast_limit_of(limits: Limits, verdict: PeriodVerdict) -> PeriodVerdict:
    """A verdict without an event, with the airblast limit that held then."""
    if limits.airblast is None or verdict.limit:
        return verdict
    level = limits.airblast.limit_db
    return replace(verdict, limit=limits.airblast_text, limit_low=level, limit_high=level)


def _open(number: float) -> float | None:
    return _digits(number) if math.isfinite(number) else None


def _digits(number: float) -> float:
    return float(f"{number:.7g}")


def _ratio(number: float) -> float:
    """To seven digits, but to 1 only where it is the limit itself."""
    return number if _digits(number) == 1.0 else _digits(number)
