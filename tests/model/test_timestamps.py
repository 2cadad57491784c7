"""Device times: the published wire vector, every calendar time there and back, and nothing else accepted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.model.timestamps import (
    CLOCK_NEVER_SET_YEAR,
    date_text,
    local_text,
    month_number,
    parse_local_text,
    read_device_time,
    write_device_time,
)

# docs/facts.md, "8-byte time", once the link's escape (10 04) is gone
PUBLISHED = bytes.fromhex("01 04 07 ea 00 00 1c 0c")
PUBLISHED_TIME = datetime(2026, 4, 1, 0, 28, 12)

whole_seconds = st.datetimes().map(lambda moment: moment.replace(microsecond=0))


def test_the_published_time_is_read_and_written():
    assert read_device_time(PUBLISHED) == PUBLISHED_TIME
    assert write_device_time(PUBLISHED_TIME) == PUBLISHED


def test_a_time_is_read_where_it_stands():
    assert read_device_time(b"\x0e\x08" + PUBLISHED + b"\xff", 2) == PUBLISHED_TIME


@given(whole_seconds)
def test_every_calendar_time_comes_back(recorded_at):
    stored = write_device_time(recorded_at)
    assert len(stored) == 8
    assert read_device_time(stored) == recorded_at


def test_fractions_of_a_second_are_dropped():
    exact = PUBLISHED_TIME.replace(microsecond=999_999)
    assert write_device_time(exact) == PUBLISHED
    assert local_text(exact) == "2026-04-01T00:28:12"


def test_a_clock_that_was_never_set_is_still_a_time():
    assert read_device_time(write_device_time(datetime(1995, 1, 1))).year == CLOCK_NEVER_SET_YEAR


@given(st.binary(min_size=8, max_size=8))
def test_any_eight_bytes_are_one_time_or_refused(stored):
    try:
        recorded_at = read_device_time(stored)
    except BadInput:
        return
    assert write_device_time(recorded_at) == stored


@pytest.mark.parametrize(
    "stored",
    [
        "1d 02 07 e9 00 00 00 00",  # 29 February of a common year
        "00 04 07 ea 00 00 1c 0c",
        "01 0d 07 ea 00 00 1c 0c",
        "01 04 00 00 00 00 1c 0c",
        "01 04 27 10 00 00 1c 0c",  # year 10000
        "01 04 07 ea 00 18 1c 0c",
        "01 04 07 ea 00 00 3c 0c",
        "01 04 07 ea 00 00 1c 3c",
        "01 04 07 ea 01 00 1c 0c",  # the byte that is always 00
    ],
)
def test_what_is_no_calendar_time_is_refused_with_its_bytes(stored):
    with pytest.raises(BadInput, match=f"byte 3: {stored} is not a calendar time"):
        read_device_time(b"..." + bytes.fromhex(stored), 3)


@pytest.mark.parametrize(("data", "offset"), [(b"", 0), (PUBLISHED, 1), (PUBLISHED[:7], 0), (PUBLISHED + b".", -9)])
def test_a_time_that_is_cut_off_is_refused(data, offset):
    with pytest.raises(BadInput, match=f"at byte {offset}: "):
        read_device_time(data, offset)


@given(whole_seconds)
def test_local_text_comes_back_and_has_one_form(recorded_at):
    text = local_text(recorded_at)
    assert len(text) == len("YYYY-MM-DDTHH:MM:SS")
    assert parse_local_text(text) == recorded_at


@given(whole_seconds, whole_seconds)
def test_local_text_sorts_as_time_does(one, other):
    assert (local_text(one) < local_text(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-04-01",
        "2026-04-01 00:28:12",
        "2026-04-01T00:28",
        "2026-04-01T00:28:12Z",
        "20260401T002812",
        "2026-04-01T00:28:12+02:00",
        "2026-04-01T00:28:12.5",
        "2026-W14-3T00:28:12",
        "2026-02-30T00:00:00",
        "2026-04-01T24:00:00",
        "2026-04-01T00:28:12\n",
        "２026-04-01T00:28:12",
    ],
)
def test_other_forms_of_a_time_are_refused(text):
    with pytest.raises(BadInput, match="YYYY-MM-DDTHH:MM:SS"):
        parse_local_text(text)


@given(st.text(max_size=30))
def test_any_text_is_a_time_of_that_text_or_refused(text):
    try:
        recorded_at = parse_local_text(text)
    except BadInput:
        return
    assert local_text(recorded_at) == text


@pytest.mark.parametrize("write", [write_device_time, local_text])
def test_a_time_with_a_zone_is_refused(write):
    with pytest.raises(UsageError, match="carries a zone"):
        write(datetime(2026, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_is_read_as_it_is_printed_and_from_its_first_three_letters(month: int) -> None:
    name = date_text(datetime(2026, month, 5)).split()[0]
    assert {month_number(text) for text in (name, name.upper(), name[:3], name[:3].lower())} == {month}


@pytest.mark.parametrize("word", ["Junk", "Mayor", "Ju", "Marble", "Juni", ""])
def test_what_only_begins_like_a_month_is_none(word: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        month_number(word)
