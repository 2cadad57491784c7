"""UTC derived from device-local time, and how sure it is.

A unit records its own clock without a zone. Where a zone is stated, UTC follows, by this rule: an hour that
exists twice (clocks go back) is taken as its first occurrence, and an hour that does not exist (clocks go forward) as
if the clock had not been changed yet; both are marked uncertain. Nothing derived here is ever stored: the recorded
time stays what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sfm_archive.errors import UsageError

UNKNOWN_ZONE = "unknown"
"""What an archive has where no zone is stated."""


class Certainty(StrEnum):
    """How sure a derived UTC is."""

    CERTAIN = "certain"
    REPEATED_HOUR = "repeated hour"
    MISSING_HOUR = "missing hour"
    NO_ZONE = "no zone"


@dataclass(frozen=True, slots=True)
class DerivedUtc:
    """`utc` (aware), None where no zone is stated, and its certainty. `other`: second reading of a repeated hour."""

    utc: datetime | None
    certainty: Certainty
    other: datetime | None = None

    def __str__(self) -> str:
        if self.utc is None:
            return "unknown (no zone stated)"
        text = f"{self.utc:%Y-%m-%dT%H:%M:%SZ}"
        if self.other is not None:
            return f"{text} or {self.other:%Y-%m-%dT%H:%M:%SZ} (the hour was repeated)"
        return text if self.certainty is Certainty.CERTAIN else f"{text} (uncertain: {self.certainty})"


def checked_zone(name: str) -> str:
    """The name, if it is an IANA zone or `unknown`. Raises UsageError."""
    if name == UNKNOWN_ZONE:
        return name
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"{name!r} is not a time zone; write an IANA name such as Europe/Berlin or America/Denver"
        ) from error
    return name


def derived_utc(recorded_at: datetime, zone: str) -> DerivedUtc:
    """UTC of a naive device-local time in a zone. Raises UsageError for a zone that does not exist."""
    if checked_zone(zone) == UNKNOWN_ZONE:
        return DerivedUtc(None, Certainty.NO_ZONE)
    from zoneinfo import ZoneInfo

    place = ZoneInfo(zone)
    first = recorded_at.replace(tzinfo=place, fold=0)
    second = recorded_at.replace(tzinfo=place, fold=1)
    try:
        utc, other = first.astimezone(UTC), second.astimezone(UTC)
    except OverflowError:
        return DerivedUtc(None, Certainty.NO_ZONE)
    if utc == other:
        return DerivedUtc(utc, Certainty.CERTAIN)
    if utc.astimezone(place).replace(tzinfo=None) == recorded_at:
        return DerivedUtc(utc, Certainty.REPEATED_HOUR, other)
    # Before a gap the offset is the smaller one, so fold=0 reads the clock as not yet moved forward.
    return DerivedUtc(utc, Certainty.MISSING_HOUR)


def is_repeated(recorded_at: datetime, zone: str) -> bool:
    """Whether a device-local time lies in an hour that clocks in this zone show twice; False for no zone."""
    return derived_utc(recorded_at, zone).certainty is Certainty.REPEATED_HOUR
