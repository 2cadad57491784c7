"""How an event is decoded: what its documents say of rate, pre-trigger and range, and what is assumed instead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.units import (
    DEFAULT_PRETRIGGER_SECONDS,
    DEFAULT_SAMPLE_RATE,
    MM_PER_INCH,
    NORMAL_RANGE_IN_S,
    SENSITIVE_RANGE_IN_S,
    VELOCITIES_MM_S,
    GeoUnit,
)

ASSUMED = "assumed: no document of the event tells it"
TOLD = "as a document of the event tells it"
"""Texts of the settings that are kept beside decoded values: where rate, pre-trigger and range are from."""

_FIRST_DECODER = "waveform@1"
_RANGE_WORDS = {"normal": NORMAL_RANGE_IN_S, "sensitive": SENSITIVE_RANGE_IN_S}
_IN_PER = {unit: mm / MM_PER_INCH for unit, mm in VELOCITIES_MM_S.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeSettings:
    """`sample_rate` (per second), `pretrigger_s` (seconds before the trigger) and `range_in_s` (geophones, in/s) as
    documents tell them, None where none does. `record_time_s`: seconds after the trigger, likewise; it only checks how
    much was decoded. `unit`: of the velocities that are given. `has_pretrigger`: False once
    a histogram was decoded, which has none."""

    sample_rate: float | None = None
    pretrigger_s: float | None = None
    range_in_s: float | None = None
    record_time_s: float | None = None
    unit: GeoUnit = "in/s"
    has_pretrigger: bool = True

    @property
    def rate(self) -> float:
        """Samples per second, stated or assumed."""
        return DEFAULT_SAMPLE_RATE if self.sample_rate is None else self.sample_rate

    @property
    def pretrigger(self) -> int:
        """Samples before the trigger, stated or assumed."""
        seconds = DEFAULT_PRETRIGGER_SECONDS if self.pretrigger_s is None else self.pretrigger_s
        return round(seconds * self.rate)

    @property
    def samples(self) -> int | None:
        """Samples of each channel, (pre-trigger + record time) × rate (known); None where one of them is not stated."""
        if self.sample_rate is None or self.pretrigger_s is None or self.record_time_s is None:
            return None
        return round((self.pretrigger_s + self.record_time_s) * self.sample_rate)

    @property
    def range(self) -> float:
        """The geophones' range in in/s, stated or assumed."""
        return NORMAL_RANGE_IN_S if self.range_in_s is None else self.range_in_s

    @property
    def assumed(self) -> tuple[str, ...]:
        """What no document states, in words; of a histogram without pre-trigger."""
        named = (
            ("sample rate", self.sample_rate),
            ("pre-trigger", self.pretrigger_s if self.has_pretrigger else 0.0),
            ("geophone range", self.range_in_s),
        )
        return tuple(name for name, told in named if told is None)

    def origin(self, sha256: str, decoder: str) -> str:
        """Identity of what decoded values were computed from.

        The hash of frames or file where the usual settings apply; with others the hash of both, so that a report that
        comes later and states other settings leads to new values and not to stale ones (docs/waveforms.md).
        """
        usual = (DEFAULT_SAMPLE_RATE, round(DEFAULT_PRETRIGGER_SECONDS * DEFAULT_SAMPLE_RATE), NORMAL_RANGE_IN_S)
        if decoder == _FIRST_DECODER and self.unit == "in/s" and (self.rate, self.pretrigger, self.range) == usual:
            return sha256
        text = json.dumps([sha256, decoder, self.rate, self.pretrigger, self.range, self.unit], separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def readings(self) -> tuple[Reading, ...]:
        """The settings as values to keep beside what was computed with them; of a histogram without pre-trigger."""
        told = [
            ("sample_rate", self.rate, "sps", self.sample_rate),
            ("geo_range", self.range, "in/s", self.range_in_s),
        ]
        if self.has_pretrigger:
            told.append(("pretrigger", -self.pretrigger / self.rate, "sec", self.pretrigger_s))
        return tuple(
            Reading(
                quantity=quantity,
                number=number,
                unit=unit,
                text=ASSUMED if said is None else TOLD,
                source=ValueSource.DECODER,
            )
            for quantity, number, unit, said in told
        )


def settings_from(readings: Iterable[Reading]) -> DecodeSettings:
    """The settings that documents tell; of several the first that can be. Give no decoded values."""
    rate = before = geo_range = lasted = None
    unit: GeoUnit = "in/s"
    unit_known = False
    for reading in readings:
        number = reading.number if reading.state is ValueState.OK else None
        if reading.quantity == "sample_rate" and rate is None and number is not None and 1 <= number <= 1e6:
            rate = number
        elif reading.quantity == "pretrigger" and before is None and number is not None and abs(number) <= 3600:
            before = abs(number)
        elif reading.quantity == "record_time" and lasted is None and number is not None and 0 < number <= 3600:
            lasted = number
        elif reading.quantity == "geo_range" and geo_range is None:
            if number is not None and 0 < number * _IN_PER.get(reading.unit, 0.0) < 1000:
                geo_range = round(number * _IN_PER[reading.unit], 6)
            elif number is None:
                geo_range = _RANGE_WORDS.get(reading.text.strip().lower())
        elif reading.quantity == "ppv" and not unit_known and reading.unit in _IN_PER:
            unit, unit_known = ("mm/s" if reading.unit == "mm/s" else "in/s"), True
    return DecodeSettings(sample_rate=rate, pretrigger_s=before, range_in_s=geo_range, record_time_s=lasted, unit=unit)
