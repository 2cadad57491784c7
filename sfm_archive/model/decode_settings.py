"""How an event is decoded: what its documents say of rate, pre-trigger and range, and what is assumed instead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from sfm_archive.model.decimals import half_of_the_last_digit
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

DEFAULT_DECODER = "waveform@1"
"""Pinned by a new archive where none is named."""

ASSUMED = "assumed: no document of the event tells it"
TOLD = "as a document of the event tells it"
CONTRADICTED = "contradicted:"
"""Texts of the settings that are kept beside decoded values: where rate, pre-trigger and range are from. One that
begins with the last is as good as assumed: what told it is contradicted."""

SETTING_QUANTITIES = frozenset({"sample_rate", "pretrigger", "geo_range"})
"""What decoding takes from documents and people, so that it can never differ from them."""

TELLING_QUANTITIES = frozenset({*SETTING_QUANTITIES, "record_time", "intervals", "interval_size", "ppv"})
"""What `settings_from` looks at; it passes everything else over."""

RANGE_WORDS = {"normal": NORMAL_RANGE_IN_S, "sensitive": SENSITIVE_RANGE_IN_S}
_RANGE_ROUNDING = 0.004
"""Share by which a printed range may differ from the one that it is: in mm/s a tenth is printed."""

_text = json.JSONEncoder(separators=(",", ":")).encode

_SECONDS_PER = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}
_UNITS = {
    "sample_rate": frozenset({"sps", "hz", ""}),
    "record_time": frozenset({"s", "sec", "second", "seconds", ""}),
    "pretrigger": frozenset({"s", "sec", "second", "seconds", ""}),
}
"""Units in which a setting is read; a number in any other is none."""

_POSSIBLE = {
    "sample_rate": (1.0, 1e6),
    "record_time": (1e-3, 3600.0),
    "intervals": (1.0, 1e6),
    "interval_size": (1.0, 86400.0),
}
_IN_PER = {unit: mm / MM_PER_INCH for unit, mm in VELOCITIES_MM_S.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeSettings:
    """`sample_rate` (per second), `pretrigger_s` (seconds before the trigger) and `range_in_s` (geophones, in/s) as
    documents tell them, None where none does. `record_time_s`: seconds after the trigger, likewise; it only checks how
    much was decoded, as do `intervals` and `interval_s`, number and seconds of a histogram's. `unit`: of the velocities
    that are given. `has_pretrigger`: False once a histogram was decoded, which has none; `has_range`: False where
    samples were printed as velocities, which need none, `has_rate` where intervals were printed with their frequencies.
    `rate_from`, `range_from`, `pretrigger_from`: what tells them, in words; of one that is not told why it is not.
    `inferred`: those ('rate', 'range', 'pre-trigger') that neither a document of the event nor a person tells.
    `contradictions`: what people stated otherwise, in sentences."""

    sample_rate: float | None = None
    pretrigger_s: float | None = None
    range_in_s: float | None = None
    record_time_s: float | None = None
    intervals: float | None = None
    interval_s: float | None = None
    unit: GeoUnit = "in/s"
    has_pretrigger: bool = True
    has_range: bool = True
    has_rate: bool = True
    rate_from: str = TOLD
    range_from: str = TOLD
    pretrigger_from: str = TOLD
    inferred: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()

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
        if {"rate", "pre-trigger"} & {*self.inferred}:
            return None
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
            ("sample rate", self.sample_rate if self.has_rate else 0.0),
            ("pre-trigger", self.pretrigger_s if self.has_pretrigger else 0.0),
            ("geophone range", self.range_in_s if self.has_range else 0.0),
        )
        return tuple(name for name, told in named if told is None)

    @property
    def not_told(self) -> tuple[str, ...]:
        """The settings that nothing tells, of 'rate', 'range' and 'pre-trigger'."""
        told = self.told
        return tuple(setting for setting in _FIELDS if setting not in told)

    @property
    def told(self) -> dict[str, float]:
        """The other ones, with what tells them."""
        named = {"rate": self.sample_rate, "range": self.range_in_s, "pre-trigger": self.pretrigger_s}
        return {setting: number for setting, number in named.items() if number is not None}

    def with_told(self, setting: str, number: float | None, origin: str, *, inferred: bool = False) -> DecodeSettings:
        """The same, with a setting that `origin` tells, in words."""
        value, source = _FIELDS[setting]
        others = tuple(one for one in self.inferred if one != setting)
        return replace(
            self,
            **{value: number, source: origin},  # type: ignore[arg-type]
            inferred=(*others, setting) if inferred else others,
        )

    def with_doubt(self, setting: str, why: str) -> DecodeSettings:
        """The same without a setting, because what told it is contradicted."""
        return self.with_told(setting, None, why)

    def origin(self, sha256: str, decoder: str) -> str:
        """Identity of what decoded values were computed from.

        A hash over that of frames or file, decoder and settings, so that a report that comes later and states other
        settings leads to new values and not to stale ones (docs/waveforms.md).
        """
        text = _text([sha256, decoder, self.rate, self.pretrigger, self.range, self.unit])
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def readings(self) -> tuple[Reading, ...]:
        """The settings as values to keep beside what was computed with them; of a histogram without pre-trigger."""
        told = [
            ("sample_rate", self.rate, "sps", self.sample_rate, self.rate_from),
            ("geo_range", self.range, "in/s", self.range_in_s, self.range_from),
        ]
        if self.has_pretrigger:
            before = -self.pretrigger / self.rate
            told.append(("pretrigger", before, "sec", self.pretrigger_s, self.pretrigger_from))
        return tuple(
            Reading(
                quantity=quantity,
                number=number,
                unit=unit,
                text=ASSUMED if said is None and not origin.startswith(CONTRADICTED) else origin,
                source=ValueSource.DECODER,
            )
            for quantity, number, unit, said, origin in told
        )


_FIELDS = {
    "rate": ("sample_rate", "rate_from"),
    "range": ("range_in_s", "range_from"),
    "pre-trigger": ("pretrigger_s", "pretrigger_from"),
}


def is_assumed(text: str) -> bool:
    """Whether the text of a setting that stands beside decoded values says that nothing tells it."""
    return text == ASSUMED or text.startswith(CONTRADICTED)


def settings_from(readings: Iterable[Reading]) -> DecodeSettings:
    """The settings that documents tell; of several the first that can be. Give no decoded values."""
    found: dict[str, float] = {}
    unit: GeoUnit = "in/s"
    unit_known = False
    for reading in readings:
        if reading.quantity not in TELLING_QUANTITIES or reading.source is ValueSource.COMPLIANCE_RECORD:
            continue  # how a unit was set at the download, the event may have been recorded otherwise
        number = None
        if reading.state is ValueState.OK:
            number = _setting(reading.quantity, reading.number, reading.unit, reading.text)
        if number is not None:
            found.setdefault(reading.quantity, number)
        elif reading.quantity == "ppv" and not unit_known and reading.unit in _IN_PER:
            unit, unit_known = ("mm/s" if reading.unit == "mm/s" else "in/s"), True
    return DecodeSettings(
        sample_rate=found.get("sample_rate"),
        pretrigger_s=found.get("pretrigger"),
        range_in_s=found.get("geo_range"),
        record_time_s=found.get("record_time"),
        intervals=found.get("intervals"),
        interval_s=found.get("interval_size"),
        unit=unit,
    )


@lru_cache(1 << 12)
def _setting(quantity: str, number: float | None, unit: str, text: str) -> float | None:
    """The number of a setting in the units of `DecodeSettings`; None for another quantity or what cannot be. Documents
    of a unit tell the same few again and again."""
    if number is None:
        return RANGE_WORDS.get(text.strip().lower()) if quantity == "geo_range" else None
    if unit.lower() not in _UNITS.get(quantity, (unit.lower(),)):
        return None
    if quantity == "geo_range":
        in_per = _IN_PER.get(unit, 0.0)
        return _range_of_a_unit(number * in_per, half_of_the_last_digit(text) * in_per)
    if quantity == "interval_size":
        number *= _SECONDS_PER.get(unit.lower(), 0.0)
    elif quantity == "pretrigger":
        number = abs(number)
        return number if number <= 3600 else None
    least, most = _POSSIBLE.get(quantity, (1.0, 0.0))
    return number if least <= number <= most else None


def _range_of_a_unit(in_s: float, rounding: float) -> float | None:
    """A range in in/s; one that a unit has where that prints alike: 31.8 and 32 mm/s are 1.25 in/s. `rounding`: half of
    the last printed digit in in/s."""
    if not 0 < in_s < 1000:
        return None
    nearest = min((NORMAL_RANGE_IN_S, SENSITIVE_RANGE_IN_S), key=lambda known: abs(known - in_s))
    off = max(_RANGE_ROUNDING * nearest, rounding * (1 + 1e-9))
    return nearest if abs(nearest - in_s) <= off else round(in_s, 6)
