"""Summaries: events counted by month, unit, project or type, with their greatest values and what is above a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from sfm_archive.errors import UsageError
from sfm_archive.formats.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.holdings import Holdings
from sfm_archive.progress import Progress, silent
from sfm_archive.selection import EVERYTHING, Selection
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.values import ValueRow

if TYPE_CHECKING:
    from sfm_archive.waveforms import Curve

KEYS = ("year", "month", "day", "serial", "type", "project", "client", "location")
"""What events can be grouped by."""

_AT_ONCE = 1000
_GREATEST = ("ppv", "pvs", "pspl")
_QUANTITIES = ("ppv", "pvs", "pspl", "zc_frequency", "geo_range")
_TYPED = ("project", "client", "location")
_TO_BASE = {"in/s": 25.4, "mm/s": 1.0}
# Beyond the range is the strongest answer that a unit gives, and above a limit the next.
_RANK = {"over-range": 3, "above-limit": 2, "ok": 1, "below-threshold": 0}
_PSI, _REFERENCE = 1.450377e-4, 20e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Greatest:
    """The greatest value of a group: over range stands above every number. `event_id`: whose it is."""

    number: float | None
    unit: str
    state: str
    channel: str
    source: str
    event_id: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "number": self.number,
            "unit": self.unit,
            "state": self.state,
            "channel": self.channel,
            "source": self.source,
            "event_id": self.event_id,
        }


@dataclass(slots=True, kw_only=True)
class Group:
    """Events that share their keys. `over_range`: events with a channel over range. `exceeded`, `undecided`: events of
    which a channel is, or may be, above one of the curves; 0 without curves."""

    keys: tuple[str, ...]
    events: int = 0
    waveforms: int = 0
    histograms: int = 0
    over_range: int = 0
    without_peaks: int = 0
    exceeded: int = 0
    undecided: int = 0
    greatest: dict[str, Greatest] = field(default_factory=dict)

    def as_dict(self, by: Sequence[str]) -> dict[str, Any]:
        """For JSON."""
        return {
            "keys": dict(zip(by, self.keys, strict=True)),
            "events": self.events,
            "waveforms": self.waveforms,
            "histograms": self.histograms,
            "over_range": self.over_range,
            "without_peaks": self.without_peaks,
            "exceeded": self.exceeded,
            "undecided": self.undecided,
            **{name: found.as_dict() if (found := self.greatest.get(name)) else None for name in _GREATEST},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Groups in the order of their keys. `curves`: names of the limit curves that were counted with."""

    by: tuple[str, ...]
    curves: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def events(self) -> int:
        """All events counted."""
        return sum(group.events for group in self.groups)


def summarise(
    holdings: Holdings,
    by: Sequence[str],
    selection: Selection = EVERYTHING,
    curves: Sequence[Curve] = (),
    progress: Progress = silent,
) -> Summary:
    """Count the selected events by `by`, of KEYS. The values are those that count: reported before decoded.

    Raises UsageError for a key that there is none of.
    """
    for key in by:
        if key not in KEYS:
            raise UsageError(f"events cannot be summarised by {key!r}; there are {', '.join(KEYS)}")
    groups: dict[tuple[str, ...], Group] = {}
    total, done = holdings.count(selection), 0
    typed = tuple(key for key in by if key in _TYPED)
    rows = iter(holdings.events(selection))
    progress(0, total)
    while page := list(islice(rows, _AT_ONCE)):
        values: dict[int, list[ValueRow]] = {}
        for value in holdings.values_of([row.event_id for row in page], (*_QUANTITIES, *typed)):
            values.setdefault(value.event_id, []).append(value)
        for row in page:
            own = values.get(row.event_id, [])
            keys = tuple(_key(key, row, own) for key in by)
            _count(groups.setdefault(keys, Group(keys=keys)), row, own, curves)
        done += len(page)
        progress(min(done, total), total)
    progress(total, total)
    ordered = sorted(groups.values(), key=lambda group: group.keys)
    return Summary(by=tuple(by), curves=tuple(curve.name for curve in curves), groups=tuple(ordered))


def _key(key: str, row: EventRow, values: Sequence[ValueRow]) -> str:
    if key in ("year", "month", "day"):
        return row.recorded_at_local[: {"year": 4, "month": 7, "day": 10}[key]]
    if key == "serial":
        return row.serial
    if key == "type":
        return row.record_type
    return next((" ".join(value.text.split()) for value in values if value.quantity == key), "")


def _count(group: Group, row: EventRow, values: Sequence[ValueRow], curves: Sequence[Curve]) -> None:
    group.events += 1
    group.waveforms += row.record_type == "waveform"
    group.histograms += row.record_type == "histogram"
    peaks = [value for value in values if value.quantity == "ppv" and value.state in _RANK]
    group.over_range += any(value.state == "over-range" for value in peaks)
    group.without_peaks += not peaks
    for value in values:
        if value.quantity in _GREATEST and value.state in _RANK:
            found = _greatest(value)
            known = group.greatest.get(value.quantity)
            if known is None or _size(found) > _size(known):
                group.greatest[value.quantity] = found
    if curves:
        outcomes = _outcomes(peaks, values, curves)
        group.exceeded += "exceeded" in outcomes
        group.undecided += "exceeded" not in outcomes and "undecided" in outcomes


def _greatest(value: ValueRow) -> Greatest:
    number, unit = value.number, value.unit
    if value.quantity == "pspl" and number is not None and number > 0 and unit.lower() in ("psi", "pa"):
        import math

        # Levels, as reports print them: devices give the pressure.
        pascals = number / _PSI if unit.lower() == "psi" else number
        number, unit = 20 * math.log10(pascals / _REFERENCE), "dB(L)"
    return Greatest(
        number=number,
        unit=unit,
        state=value.state,
        channel=value.channel,
        source=value.source,
        event_id=value.event_id,
    )


def _size(found: Greatest) -> tuple[int, float]:
    return _RANK[found.state], (found.number or 0.0) * _TO_BASE.get(found.unit, 1.0)


def _outcomes(peaks: Sequence[ValueRow], values: Sequence[ValueRow], curves: Sequence[Curve]) -> set[str]:
    from sfm_archive.waveforms import verdict

    frequencies = {value.channel: _reading(value) for value in values if value.quantity == "zc_frequency"}
    unknown = Reading(quantity="zc_frequency", unit="Hz", state=ValueState.ABSENT)
    found: set[str] = set()
    for value in peaks:
        if value.channel not in GEO_CHANNELS or value.unit not in ("", "in/s", "mm/s"):
            continue
        # `OORANGE` is printed without a unit; how much it is at least, the range says, here taken as the usual one.
        peak = _reading(value, unit=value.unit or "in/s")
        scale = 10.24 * (25.4 if peak.unit == "mm/s" else 1.0)
        sensitive = any(v.quantity == "geo_range" and v.number in (1.25, 31.75) for v in values)
        scale = scale / 8 if sensitive else scale
        frequency = frequencies.get(value.channel, unknown)
        found |= {verdict(peak, frequency, curve, full_scale=scale).outcome.value for curve in curves}
    return found


def _reading(value: ValueRow, unit: str | None = None) -> Reading:
    return Reading(
        quantity=value.quantity,
        channel=value.channel,
        number=value.number,
        unit=value.unit if unit is None else unit,
        state=ValueState(value.state),
        text=value.text,
    )
