"""The greatest values of an event, and the values of some of its days, as readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sfm_archive.model.magnitudes import greatest_peak, level_of, vector_sum_of
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in

if TYPE_CHECKING:
    from sfm_archive.analysing import Recording


def greatest_of(quantity: str, readings: Sequence[Reading], summary: EventSummary) -> tuple[Reading | None, str]:
    """The greatest peak ('ppv'), vector sum ('pvs') or level (any other) of an event by its values, None without one,
    and what it stands on by its summary."""
    known = {(one.quantity, one.channel): one for one in readings}
    if quantity == "ppv":
        return greatest_peak(readings), summary.ppv_basis
    if quantity == "pvs":
        return vector_sum_of(known), summary.pvs_basis
    return level_of(known), summary.pspl_basis


def part_readings(summary: EventSummary) -> list[Reading]:
    """Peaks, their frequencies and the level of a part's summary, in the unit of its event; what its basis calls
    computed is the decoder's. Nothing of a vector sum, of which no day is known."""
    found = []
    unit: GeoUnit = "mm/s" if summary.ppv_unit == "mm/s" else "in/s"
    # Of equal peaks the first one is shown: that of the part.
    for channel in sorted(GEO_CHANNELS, key=lambda channel: channel != summary.ppv_channel):
        nm_s, basis, hz = _of_channel(summary, channel)[:3]
        if nm_s is None:
            continue
        over, source = basis == Basis.OVER_RANGE, _source(basis)
        state = ValueState.OVER_RANGE if over else ValueState.OK
        number = None if over else velocity_in(nm_s, unit)
        found.append(Reading(quantity="ppv", channel=channel, number=number, unit=unit, state=state, source=source))
        state = ValueState.ABSENT if hz is None else ValueState.OK
        found.append(
            Reading(quantity="zc_frequency", channel=channel, number=hz, unit="Hz", state=state, source=source)
        )
    if summary.pspl_db is not None:
        over = summary.pspl_basis == Basis.OVER_RANGE
        state = ValueState.OVER_RANGE if over else ValueState.OK
        number = None if over else summary.pspl_db
        source = _source(summary.pspl_basis)
        found.append(Reading(quantity="pspl", channel="MicL", number=number, unit="dB(L)", state=state, source=source))
    return found


def values_of_part(recording: Recording, summary: EventSummary) -> Mapping[tuple[str, str], Reading]:
    """The values that count of a part, by quantity and channel, in the unit of the recording. A value that is the same
    as that of the whole event stays as a document has it."""
    own, whole, unit = recording.values, recording.measured.summary, recording.settings.unit
    found = {(one.quantity, one.channel): in_unit(one, unit) for one in part_readings(summary)}
    for channel in GEO_CHANNELS:
        if _of_channel(summary, channel) == _of_channel(whole, channel):
            found |= {key: own[key] for key in (("ppv", channel), ("zc_frequency", channel)) if key in own}
    if (summary.pspl_db, summary.pspl_basis) == (whole.pspl_db, whole.pspl_basis):
        found |= {key: own[key] for key in (("pspl", "MicL"), ("pspl", "")) if key in own}
    return found


def _of_channel(
    summary: EventSummary, channel: str
) -> tuple[int | None, str, float | None, float | None, float | None]:
    """What a summary has of a geophone: its peak in nm/s, what that stands on, its frequency and bounds of it in Hz."""
    if channel == "Tran":
        row = summary.tran_nm_s, summary.tran_basis, summary.tran_hz, summary.tran_hz_low, summary.tran_hz_high
    elif channel == "Vert":
        row = summary.vert_nm_s, summary.vert_basis, summary.vert_hz, summary.vert_hz_low, summary.vert_hz_high
    else:
        row = summary.long_nm_s, summary.long_basis, summary.long_hz, summary.long_hz_low, summary.long_hz_high
    return row


def _source(basis: str) -> ValueSource | None:
    """None where a document says it: which one, the summary does not keep."""
    computed = (Basis.COMPUTED, Basis.ASSUMED, Basis.OVER_RANGE)
    return ValueSource.DECODER if basis in computed else None
