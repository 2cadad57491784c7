"""AB0T names: published vectors, the limits, and that each name and its time are one to one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfm_archive.errors import BadName, BadSerial
from sfm_archive.formats.blastware.names import (
    NameStyle,
    decode_event_file_name,
    event_file_name,
    is_event_file_name,
    report_pairing_name,
)
from sfm_archive.model.events import RecordType

FIRST = datetime(1985, 1, 1)
LAST = datetime(2053, 12, 24, 5, 45, 35)

# docs/facts.md, "Names"
PUBLISHED = [
    ("M529LIY6.N00", datetime(2026, 4, 1, 0, 28, 12), NameStyle.MANUAL),
    ("M529LK44.AB0", datetime(2026, 4, 23, 15, 56, 35), NameStyle.MANUAL),
    ("M529LL1L.V70", datetime(2026, 5, 11, 17, 57, 7), NameStyle.MANUAL),
    ("M529LKIQ.7M0W", datetime(2026, 5, 1, 13, 16, 34), NameStyle.CALL_HOME),
]

whole_seconds = st.datetimes(FIRST, LAST).map(lambda moment: moment.replace(microsecond=0))
digit = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(("name", "recorded_at", "style"), PUBLISHED)
def test_published_names_are_made_from_their_times(name, recorded_at, style):
    assert event_file_name("BE11529", recorded_at, RecordType.WAVEFORM, style) == name


@pytest.mark.parametrize(("name", "recorded_at", "style"), PUBLISHED)
def test_published_names_say_their_times(name, recorded_at, style):
    decoded = decode_event_file_name(name)
    assert (decoded.serial_number, decoded.recorded_at) == (11529, recorded_at)
    assert decoded.suffix == ("W" if style is NameStyle.CALL_HOME else "")


@pytest.mark.parametrize(
    ("serial", "prefix"),
    [
        ("BE11529", "M529"), ("BE18003", "T003"), ("BE529", "B529"), ("BE0", "B000"),
        ("BE999", "B999"), ("BE1000", "C000"), ("UM24999", "Z999"), ("be011529", "M529"),
    ],
)  # fmt: skip
def test_the_prefix_follows_the_number_in_the_serial(serial, prefix):
    assert event_file_name(serial, FIRST, RecordType.UNKNOWN) == f"{prefix}0000.000"


@pytest.mark.parametrize(
    ("record_type", "suffix"),
    [
        (RecordType.WAVEFORM, "W"), (RecordType.HISTOGRAM, "H"),
        (RecordType.UNKNOWN, ""), (RecordType.MONITOR_LOG, ""),
    ],
)  # fmt: skip
def test_only_call_home_names_end_with_the_record_type(record_type, suffix):
    manual = event_file_name("BE11529", LAST, record_type, NameStyle.MANUAL)
    assert manual == "M529ZZZZ.ZZ0"
    assert event_file_name("BE11529", LAST, record_type) == manual + suffix


def test_a_style_read_from_text_counts_like_the_style():
    assert event_file_name("BE11529", LAST, RecordType.WAVEFORM, NameStyle("call-home")) == "M529ZZZZ.ZZ0W"
    assert event_file_name("BE11529", LAST, RecordType.WAVEFORM, "call-home") == "M529ZZZZ.ZZ0W"


def test_fractions_of_a_second_do_not_round_up():
    assert event_file_name("BE11529", LAST.replace(microsecond=999_999), RecordType.UNKNOWN) == "M529ZZZZ.ZZ0"


@pytest.mark.parametrize("recorded_at", [FIRST - timedelta(seconds=1), LAST + timedelta(seconds=1), datetime.max])
def test_times_that_six_digits_cannot_say_are_refused_with_both_limits(recorded_at):
    with pytest.raises(BadName, match=r"BE11529: .*1985-01-01 00:00:00 .*2053-12-24 05:45:36; check"):
        event_file_name("BE11529", recorded_at, RecordType.WAVEFORM)


def test_a_time_with_a_zone_is_refused():
    with pytest.raises(BadName, match="without a zone"):
        event_file_name("BE11529", datetime(2026, 5, 1, tzinfo=UTC), RecordType.WAVEFORM)


@pytest.mark.parametrize("serial", ["BE25000", "BE999999"])
def test_serials_past_the_letter_z_are_refused_with_the_limit(serial):
    with pytest.raises(BadName, match=f"{serial}: .*0 to 24999"):
        event_file_name(serial, FIRST, RecordType.WAVEFORM)


@pytest.mark.parametrize("serial", ["", "UNKNOWN", "11529", "BE"])
def test_what_is_no_serial_gets_no_name(serial):
    with pytest.raises(BadSerial):
        event_file_name(serial, FIRST, RecordType.WAVEFORM)


@given(
    number=st.integers(0, 24_999),
    recorded_at=whole_seconds,
    record_type=st.sampled_from(RecordType),
    style=st.sampled_from(NameStyle),
)
@example(number=0, recorded_at=FIRST, record_type=RecordType.HISTOGRAM, style=NameStyle.CALL_HOME)
@example(number=24_999, recorded_at=LAST, record_type=RecordType.WAVEFORM, style=NameStyle.MANUAL)
def test_a_name_gives_back_what_it_was_made_from(number, recorded_at, record_type, style):
    name = event_file_name(f"BE{number}", recorded_at, record_type, style)
    assert is_event_file_name(name)
    decoded = decode_event_file_name(name)
    assert (decoded.serial_number, decoded.recorded_at) == (number, recorded_at)
    kept = style is NameStyle.CALL_HOME and record_type in (RecordType.WAVEFORM, RecordType.HISTOGRAM)
    assert decoded.suggested_record_type is (record_type if kept else RecordType.UNKNOWN)


@given(
    st.builds(
        "{}{:03}{}.{}0{}".format,
        st.sampled_from("BCDEFGHIJKLMNOPQRSTUVWXYZ"),
        st.integers(0, 999),
        st.text(digit, min_size=4, max_size=4),
        st.text(digit, min_size=2, max_size=2),
        st.sampled_from(["", "W", "H"]),
    )
)
def test_every_text_of_the_form_is_the_name_of_what_it_says(name):
    decoded = decode_event_file_name(name)
    style = NameStyle.CALL_HOME if decoded.suffix else NameStyle.MANUAL
    serial = f"BE{decoded.serial_number}"
    assert event_file_name(serial, decoded.recorded_at, decoded.suggested_record_type, style) == name
    assert decode_event_file_name(name.lower()) == decoded


@given(whole_seconds, st.integers(1, 1_000_000_000))
def test_later_events_of_a_unit_sort_after_earlier_ones(recorded_at, seconds):
    later = recorded_at + timedelta(seconds=seconds)
    if later <= LAST:
        earlier_name, later_name = (
            event_file_name("BE11529", moment, RecordType.UNKNOWN) for moment in (recorded_at, later)
        )
        assert earlier_name < later_name


NO_NAMES = [
    "", "M529LKIQ", "M529LKIQ.7M0X", "M529LKIQ.7M1W", "M529LKIQ.7M0WW", "A529LKIQ.7M0W", "M52LKIQ.7M0W",
    "M529LKIQ.7M0W\n", " M529LKIQ.7M0W", "M529LKIQ.7M0W.a5.pkl", "M529LKIQ-7M0W", "../M529LKIQ.7M0W",
    "M529LKI\u212a.7M0W", "M529LKI\u017f.7M0W", "M\u0665\u0662\u0669LKIQ.7M0W", "UM16127_20260626154105.IDFW",
]  # fmt: skip


@pytest.mark.parametrize("name", NO_NAMES)
def test_other_texts_are_no_event_file_names(name):
    assert not is_event_file_name(name)
    with pytest.raises(BadName, match=r"^" + re.escape(repr(name)) + r" is not an event-file name.*such as"):
        decode_event_file_name(name)


@given(st.text(max_size=20))
def test_the_question_and_the_decoder_agree_on_any_text(name):
    try:
        decode_event_file_name(name)
    except BadName:
        assert not is_event_file_name(name)
    else:
        assert is_event_file_name(name)


@pytest.mark.parametrize(
    ("report", "event_file"),
    [
        ("M529LK44_AB0_ASCII.TXT", "M529LK44.AB0"),
        ("M529LK44_AB0W_ASCII.TXT", "M529LK44.AB0W"),
        ("M529LK44_AB0H_ASCII.TXT", "M529LK44.AB0H"),
        ("M529LK44.AB0.TXT", "M529LK44.AB0"),
        ("M529LK44.AB0W.TXT", "M529LK44.AB0W"),
        ("m529lk44.ab0h.txt", "M529LK44.AB0H"),
        ("m529lk44_Ab0w_ascii.Txt", "M529LK44.AB0W"),
    ],
)
def test_reports_of_both_naming_habits_find_their_event_file(report, event_file):
    assert report_pairing_name(report) == event_file
    assert is_event_file_name(event_file)


@pytest.mark.parametrize(
    "name",
    [
        "M529LK44.AB0",
        "M529LK44.TXT",
        "M529LK44_AB0.TXT",
        "M529LK44.AB0_ASCII.TXT",
        "M529LK44_AB1_ASCII.TXT",
        "M529LK44_AB0_ASCII.TXT.bak",
        "x/M529LK44.AB0.TXT",
        "5m.TXT",
        "M529LK44.AB0.TXT\n",
        "",
    ],
)
def test_other_files_are_paired_with_nothing(name):
    assert report_pairing_name(name) is None
