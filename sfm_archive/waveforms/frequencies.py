"""Zero-crossing frequencies as readings, with the limits at which the vendor's software prints words."""

from __future__ import annotations

from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.units import LARGEST_FREQUENCY_HZ, SMALLEST_FREQUENCY_HZ


def frequency_reading(channel: str, half_period: int, sample_rate: float) -> Reading:
    """rate / (2 × half-period) Hz; ABSENT for no half-period.

    As `Reading` asks, ABOVE_LIMIT and BELOW_THRESHOLD carry the limit (100 and 1 Hz), not the frequency. KNOWN for
    half-periods of up to 5 samples at 1024 sps (`>100`); taken to hold by frequency at other rates.
    """
    number: float | None = None
    state = ValueState.ABSENT
    if half_period > 0:
        number, state = sample_rate / (2 * half_period), ValueState.OK
        if number > LARGEST_FREQUENCY_HZ:
            number, state = LARGEST_FREQUENCY_HZ, ValueState.ABOVE_LIMIT
        elif number < SMALLEST_FREQUENCY_HZ:
            number, state = SMALLEST_FREQUENCY_HZ, ValueState.BELOW_THRESHOLD
    return Reading(quantity="zc_frequency", channel=channel, number=number, unit="Hz", state=state)
