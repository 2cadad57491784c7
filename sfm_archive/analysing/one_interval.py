"""One stored interval of a histogram: when it was, and each channel's peak with its frequency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sfm_archive.analysing.recordings import Recording
from sfm_archive.errors import UsageError
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.waveforms.histograms import Histogram

_SECOND = timedelta(seconds=1)


class OneInterval(NamedTuple):
    """`number`: from 1 on; `since`, `until`: device-local with stated corrections, None where nothing tells how long
    intervals are. `peaks`, `frequencies`: of each channel, in the order of both."""

    number: int
    since: datetime | None
    until: datetime | None
    peaks: tuple[Reading, ...]
    frequencies: tuple[Reading, ...]


def one_interval(recording: Recording, number: int) -> OneInterval:
    """The interval of this number. Raises UsageError for one that is not there."""
    histogram = recording.histogram
    if histogram is None or not 1 <= number <= histogram.size:
        have = 0 if histogram is None else histogram.size
        raise UsageError(f"event {recording.event_id} has {have} stored intervals; there is no interval {number}")
    place, unit = number - 1, recording.settings.unit
    values, hertz = histogram.physical(recording.settings.range, unit), histogram.frequencies()
    over, bounds = histogram.over_range, histogram.bounds()
    if isinstance(histogram, Histogram):
        bounds = {**bounds, "frequency_above": histogram.above_limit()}
    peaks, frequencies = [], []
    for row, channel in enumerate(histogram.channels):
        is_geo = channel in GEO_CHANNELS
        state = ValueState.OVER_RANGE if over[row, place] else ValueState.OK
        state = ValueState.BELOW_THRESHOLD if _is(bounds, "peak_below", row, place) else state
        quantity, of_unit = ("ppv", unit) if is_geo else ("pspl", "Pa")
        peaks.append(_reading(quantity, channel, float(values[channel][place]), of_unit, state))
        state = ValueState.ABOVE_LIMIT if _is(bounds, "frequency_above", row, place) else ValueState.OK
        state = ValueState.BELOW_THRESHOLD if _is(bounds, "frequency_below", row, place) else state
        frequencies.append(_reading("zc_frequency", channel, float(hertz[row, place]), "Hz", state))
    since = None if recording.interval is None else recording.start + recording.interval * place
    until = None if recording.interval is None else recording.start + recording.interval * number
    return OneInterval(number, _whole(since), _whole(until), tuple(peaks), tuple(frequencies))


def _is(bounds: Mapping[str, Any], name: str, row: int, place: int) -> bool:
    return name in bounds and row < len(bounds[name]) and bool(bounds[name][row, place])


def _reading(quantity: str, channel: str, number: float, unit: str, state: ValueState) -> Reading:
    if number != number:
        return Reading(quantity=quantity, channel=channel, number=None, unit=unit, state=ValueState.ABSENT)
    if state is ValueState.ABOVE_LIMIT:
        number = min(number, 100.0)  # where a report prints `>100 Hz`
    shown = None if state is ValueState.OVER_RANGE else number
    return Reading(quantity=quantity, channel=channel, number=shown, unit=unit, state=state)


def _whole(moment: datetime | None) -> datetime | None:
    return None if moment is None else (moment + _SECOND / 2).replace(microsecond=0)
