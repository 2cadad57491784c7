"""What a person states of a unit's settings for a span of time: evidence where an event's documents say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from sfm_archive.model.decode_settings import RANGE_WORDS, DecodeSettings
from sfm_archive.model.events import RecordType

RATES: Final = (1024, 2048, 4096, 8192, 16384)
"""Samples a second that a unit can have."""

FASTEST_OF_A_HISTOGRAM: Final = 4096
"""The most samples a second with which a unit records a histogram."""


class UnitSetting(NamedTuple):
    """One statement. `sample_rate`: per second, 0 where nothing is said of it. `geo_range`: 'normal', 'sensitive' or
    ''. `from_local`, `until_local`: device-local, the first included and the second not, '' for no bound. `withdraws`:
    the number of the statement that this one ends, 0 for a statement of settings. `decided_by`: who says so. `reason`:
    how it is known."""

    number: int
    serial: str
    sample_rate: int
    geo_range: str
    from_local: str
    until_local: str
    withdraws: int
    decided_by: str
    reason: str

    def covers(self, start_local: str) -> bool:
        """Whether an event that starts then is meant."""
        return self.from_local <= start_local and (not self.until_local or start_local < self.until_local)

    @property
    def is_of_waveforms(self) -> bool:
        """Whether its rate is one that no histogram has."""
        return self.sample_rate > FASTEST_OF_A_HISTOGRAM

    @property
    def told(self) -> str:
        """What it says, in words: `2048 sps, range sensitive, from 2026-03-01 00:00:00`."""
        parts = [f"{self.sample_rate} sps"] if self.sample_rate else []
        parts += [f"range {self.geo_range}"] if self.geo_range else []
        for word, moment in (("from", self.from_local), ("until", self.until_local)):
            parts += [f"{word} {moment.replace('T', ' ')}"] if moment else []
        return ", ".join(parts)


def with_statements(
    settings: DecodeSettings, statements: Sequence[UnitSetting], start_local: str, record_type: RecordType
) -> DecodeSettings:
    """The settings of an event, with what people state of those that no document tells; `statements`: that count,
    the newest first. What contradicts a document is named. A rate that no histogram has is none of a histogram."""
    meant = [one for one in statements if one.covers(start_local)]
    is_histogram = record_type is RecordType.HISTOGRAM
    rate = next((one for one in meant if one.sample_rate and not (is_histogram and one.is_of_waveforms)), None)
    of_range = next((one for one in meant if one.geo_range), None)
    found, contradictions = settings, []
    if rate is not None:
        if settings.sample_rate is None:
            found = found.with_told("rate", float(rate.sample_rate), _source(rate))
        elif settings.sample_rate != rate.sample_rate:
            contradictions.append(
                f"statement {rate.number} says {rate.sample_rate} sps, a document of the event {settings.sample_rate:g}"
            )
    if of_range is not None:
        in_s = RANGE_WORDS[of_range.geo_range]
        if settings.range_in_s is None:
            found = found.with_told("range", in_s, _source(of_range))
        elif settings.range_in_s != in_s:
            contradictions.append(
                f"statement {of_range.number} says a range of {in_s:g} in/s, a document of the event "
                f"{settings.range_in_s:g}"
            )
    return replace(found, contradictions=tuple(contradictions)) if contradictions else found


def _source(one: UnitSetting) -> str:
    return f"as {one.decided_by} states (statement {one.number})"
