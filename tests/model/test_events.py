"""The event's identity, from our values and from the older library's objects."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from types import SimpleNamespace

import pytest

from sfm_archive.errors import BadSerial, UsageError
from sfm_archive.model.events import Event, RecordType, event_from_object, record_type_from_text
from sfm_archive.model.serials import checked_serial, is_serial, serial_number

WHEN = datetime(2026, 5, 1, 13, 16, 34)


class OldKind(Enum):
    FULL_HISTOGRAM = 2


def old_event(**changes: object) -> SimpleNamespace:
    stamp = SimpleNamespace(year=2026, month=5, day=1, hour=13, minute=16, second=34)
    return SimpleNamespace(**({"timestamp": stamp, "record_type": "Waveform", "serial": "be11529"} | changes))


@pytest.mark.parametrize(("given", "serial"), [("BE11529", "BE11529"), (" be18003 ", "BE18003"), ("um7", "UM7")])
def test_a_serial_is_kept_in_upper_case(given: str, serial: str) -> None:
    assert checked_serial(given) == serial
    assert is_serial(given)


@pytest.mark.parametrize(
    "text",
    ["", "UNKNOWN", "11529", "BE", "BE 11529", "BE-11529", "../BE11529", "BE11529\x00", "BE1152999", "ABCDE1",
     "ß123", "ﬀ12", "ı12", "BE١٢٣", "ſ12", None, 11529],
)  # fmt: skip
def test_what_is_no_serial_is_refused_whatever_upper_case_makes_of_it(text: object) -> None:
    with pytest.raises(BadSerial):
        checked_serial(text)  # type: ignore[arg-type]
    if isinstance(text, str):
        assert not is_serial(text)


def test_the_serial_number_is_the_number_in_it() -> None:
    assert (serial_number("BE11529"), serial_number("be00012")) == (11529, 12)


def test_an_event_without_a_unit_cannot_exist() -> None:
    with pytest.raises(BadSerial):
        Event(serial="UNKNOWN", recorded_at=WHEN)
    with pytest.raises(BadSerial):
        event_from_object(old_event(serial=None))
    with pytest.raises(BadSerial):
        event_from_object(old_event(), serial="")


def test_times_are_local_and_whole_seconds() -> None:
    assert Event(serial="BE1", recorded_at=WHEN.replace(microsecond=999_999)).recorded_at == WHEN
    with pytest.raises(UsageError, match="zone"):
        Event(serial="BE1", recorded_at=WHEN.replace(tzinfo=UTC))


@pytest.mark.parametrize("key", [-1, 2**32])
def test_a_key_outside_32_bits_is_refused(key: int) -> None:
    with pytest.raises(UsageError, match="32-bit"):
        Event(serial="BE1", recorded_at=WHEN, start_key=key)


def test_the_older_librarys_object_becomes_an_event() -> None:
    assert event_from_object(old_event()) == Event(serial="BE11529", recorded_at=WHEN, record_type=RecordType.WAVEFORM)
    assert event_from_object(old_event(timestamp=WHEN), serial="ba2").serial == "BA2"
    event = Event(serial="BE1", recorded_at=WHEN)
    assert event_from_object(event) is event
    assert event_from_object(event, "be1") is event
    with pytest.raises(UsageError, match="which one is right"):
        event_from_object(event, "BE2")


@pytest.mark.parametrize(
    "stamp",
    [
        None,
        object(),
        SimpleNamespace(year=2026, month=13, day=1),
        SimpleNamespace(year=10**20, month=1, day=1),
        SimpleNamespace(year="x", month=1, day=1),
        SimpleNamespace(year=2026, month=1),
    ],
)
def test_a_timestamp_that_is_no_time_is_a_usage_error(stamp: object) -> None:
    with pytest.raises(UsageError, match="time"):
        event_from_object(old_event(timestamp=stamp))


def test_a_timestamp_without_a_clock_time_is_midnight() -> None:
    assert event_from_object(old_event(timestamp=SimpleNamespace(year=2026, month=5, day=1))).recorded_at == datetime(
        2026, 5, 1
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Full Waveform", RecordType.WAVEFORM),
        ("HISTOGRAM", RecordType.HISTOGRAM),
        (OldKind.FULL_HISTOGRAM, RecordType.HISTOGRAM),
        ("monitor_log", RecordType.MONITOR_LOG),
        ("", RecordType.UNKNOWN),
        (None, RecordType.UNKNOWN),
        ("combo", RecordType.UNKNOWN),
    ],
)
def test_record_types_from_free_text(text: object, kind: RecordType) -> None:
    assert record_type_from_text(text) is kind
