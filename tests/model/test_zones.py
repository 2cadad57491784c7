"""UTC derived from device-local time: certain, repeated hour, missing hour, no zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import UsageError
from sfm_archive.model.zones import Certainty, checked_zone, derived_utc


def test_an_ordinary_hour_is_certain() -> None:
    derived = derived_utc(datetime(2026, 5, 1, 13, 16, 34), "Europe/Berlin")
    assert derived.utc == datetime(2026, 5, 1, 11, 16, 34, tzinfo=UTC)
    assert derived.certainty is Certainty.CERTAIN
    assert str(derived) == "2026-05-01T11:16:34Z"


def test_the_hour_that_is_repeated_when_clocks_go_back_is_its_first_occurrence_and_says_both() -> None:
    derived = derived_utc(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
    assert derived.utc == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert derived.other == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert derived.certainty is Certainty.REPEATED_HOUR
    assert "or 2026-10-25T01:30:00Z" in str(derived)


def test_an_hour_that_does_not_exist_is_read_as_if_the_clock_had_not_been_changed() -> None:
    derived = derived_utc(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    assert derived.utc == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert derived.certainty is Certainty.MISSING_HOUR
    assert "uncertain" in str(derived)


def test_without_a_zone_there_is_no_utc() -> None:
    derived = derived_utc(datetime(2026, 5, 1), "unknown")
    assert derived.utc is None
    assert derived.certainty is Certainty.NO_ZONE


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "CEST maybe"])
def test_a_name_that_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(UsageError, match="Europe/Berlin"):
        checked_zone(name)


@given(
    st.datetimes(datetime(1985, 1, 1), datetime(2053, 12, 24)),
    st.sampled_from(["Europe/Berlin", "America/Denver", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_a_certain_utc_reads_as_the_recorded_time_on_the_clock_of_that_zone(recorded: datetime, zone: str) -> None:
    recorded = recorded.replace(microsecond=0)
    derived = derived_utc(recorded, zone)
    assert derived.utc is not None
    back = derived.utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if derived.certainty is Certainty.MISSING_HOUR:
        assert timedelta() < back - recorded <= timedelta(hours=2)
    else:
        assert back == recorded
