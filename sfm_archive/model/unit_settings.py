"""What a person states of a unit's settings for a span of time: evidence where an event's documents say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from sfm_archive.model.decode_settings import RANGE_WORDS, DecodeSettings

RATES: Final = (1024, 2048, 4096, 8192, 16384)
"""Samples a second that a unit can have."""


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


def with_statements(settings: DecodeSettings, statements: Sequence[UnitSetting], start_local: str) -> DecodeSettings:
    """The settings of an event, with what people state of those that no document tells; `statements`: that count,
    the newest first. What contradicts a document is named."""
    meant = [one for one in statements if one.covers(start_local)]
    rate = next((one for one in meant if one.sample_rate), None)
    of_range = next((one for one in meant if one.geo_range), None)
    found, contradictions = settings, []
    if rate is not None:
        if settings.sample_rate is None:
            found = replace(found, sample_rate=float(rate.sample_rate), rate_from=_source(rate))
        elif settings.sample_rate != rate.sample_rate:
            contradictions.append(
                f"statement {rate.number} says {rate.sample_rate} sps, a document of the event {settings.sample_rate:g}"
            )
    if of_range is not None:
        in_s = RANGE_WORDS[of_range.geo_range]
        if settings.range_in_s is None:
            found = replace(found, range_in_s=in_s, range_from=_source(of_range))
        elif settings.range_in_s != in_s:
            contradictions.append(
                f"statement {of_range.number} says a range of {in_s:g} in/s, a document of the event "
                f"{settings.range_in_s:g}"
            )
    return replace(found, contradictions=tuple(contradictions)) if contradictions else found


def _source(one: UnitSetting) -> str:
    return f"as {one.decided_by} states (statement {one.number})"
