"""The header of THOR's CSV: keys, channels, times, line ends, encodings, and bytes that are none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.dialects import Dialect, dialect_of, read_header
from sfm_archive.formats.reports.thor_csv import looks_like_thor, read_thor_header
from sfm_archive.model.readings import ValueState
from sfm_archive.selftest.fuzz import mutated
from sfm_archive.testing import ascii_report, simulate_waveform, thor_csv

UNIT = {"serial": "UM12345", "recorded_at": datetime(2026, 5, 13, 16, 12, 4)}
RECORDED = simulate_waveform(Random(5), seconds=0.1, sample_rate=1024, loudness="ordinary", **UNIT)
EVENT = replace(RECORDED, client="Müller & Söhne")
CSV = thor_csv(EVENT)


def header_of(*lines: str):
    return read_thor_header("\n".join([*lines, '"Channel","Tran"', ""]).encode())


def reading_of(header, quantity, channel=""):
    return next((r for r in header.readings if (r.quantity, r.channel) == (quantity, channel)), None)


# --- what is there ---


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_every_key_and_value_is_read_whatever_the_line_end_and_the_encoding(line_end, encoding):
    data = thor_csv(EVENT, line_end=line_end, encoding=encoding)
    header = read_thor_header(data)
    assert (header.serial, header.recorded_at) == ("UM12345", EVENT.recorded_at)
    assert header.fields[0] == ("Serial Number", "UM12345") and header.value("client") == "Müller & Söhne"
    assert [value for key, value in header.fields if key == "Channel"] == ["Tran", "Vert", "Long", "MicL"]
    assert header.columns == ("Tran", "Vert", "Long", "MicL") and header.other_lines == ()
    data = data.removeprefix(b"\xef\xbb\xbf")
    assert data[header.end : header.samples_at] == ('"Tran","Vert","Long","MicL"' + line_end).encode()
    assert data[header.samples_at :].count(b"\n") == len(EVENT.motion.tran)


def test_values_belong_to_the_channel_whose_line_stands_before_them():
    header = read_thor_header(CSV)
    for name in ("Tran", "Vert", "Long"):
        assert reading_of(header, "ppv", name).unit == "mm/s"
    assert reading_of(header, "ppv") is None
    assert reading_of(header, "pspl", "MicL").unit == "Pa"
    assert (reading_of(header, "pretrigger").text, reading_of(header, "sample_rate").number) == ("-0.250 sec", 1024)
    assert reading_of(header, "client").text == "Müller & Söhne"


def test_words_and_limits_are_states_and_texts_stay_as_printed():
    text = '"Serial Number","um1"\n"Channel","tran"\n"PPV","<0.127 mm/s"\n"ZC Frequency"," >100 Hz"\n'
    text += '"Channel","Vert"\n"PPV","OORANGE"\n"Note","say ""hi"""\n'
    header = read_thor_header(text.encode())
    below, above = reading_of(header, "ppv", "Tran"), reading_of(header, "zc_frequency", "Tran")
    assert (below.state, below.number, below.unit) == (ValueState.BELOW_THRESHOLD, 0.127, "mm/s")
    assert (above.state, above.text) == (ValueState.ABOVE_LIMIT, " >100 Hz")
    assert reading_of(header, "ppv", "Vert").state is ValueState.OVER_RANGE
    assert header.value("note") == 'say "hi"'
    assert (header.columns, header.end, header.samples_at) == (None, len(text), len(text))


def test_what_is_stated_of_a_channel_is_not_stated_of_the_event():
    header = read_thor_header(
        b'"Units","mm/s and Pa"\n"Channel","Vert"\n"Units","g"\n"Calibration","2025"\n"Test Results","Passed"\n'
        b'"Channel","Sensor 9"\n"PPV","9.9 mm/s"\n"Peak Vector Sum","3 mm/s"\n'
    )
    assert reading_of(header, "units").text == "mm/s and Pa" and reading_of(header, "calibration") is None
    assert reading_of(header, "test_results", "Vert").text == "Passed"
    assert [r for r in header.readings if r.quantity == "ppv"] == [], "nobody knows which channel that is"
    assert reading_of(header, "pvs").number == 3


@pytest.mark.parametrize("key", ["Pressure Trigger Level", "Time of PPV", "PPV Limit", "Record Stop Time"])
def test_a_key_that_only_holds_a_known_word_is_not_understood(key):
    header = header_of('"Serial Number","UM1"', '"Channel","Tran"', f'"{key}","10"')
    assert header.readings == () and header.value(key) == "10"


def test_a_heading_and_a_pair_of_channels_are_no_row_of_names():
    header = read_thor_header(
        b'"Trigger","Vert"\n"Channel","Tran"\n"Channel","Vert"\n"Vert"\n"PPV","1 mm/s"\n"Tran","Vert"\n"0.1","0.2"\n'
    )
    assert header.columns == ("Tran", "Vert") and header.other_lines == ('"Vert"',)
    assert header.fields[-1] == ("PPV", "1 mm/s")


def test_one_channel_alone_and_a_column_of_times_are_rows_of_names():
    assert read_thor_header(b'"a","b"\n"Channel","Vert"\n"Vert"\n"0.1"\n').columns == ("Vert",)
    assert read_thor_header(b'"a","b"\n"Channel","Vert"\n"Time","vert"\n').columns == ("Time", "Vert")


# --- who and when ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-13 16:12:04", True),
        ("2026-05-13T16:12:04", True),
        (" 2026-05-13t16:12:04 ", True),
        ("2026-05-13T16:12:04.1234567", True),
        ("2026-05-13 16:12:04,5 -0400", True),
        ("2026-05-13T16:12:04+02:00", True),
        ("2026-05-13T16:12:04+02", True),
        ("2026-05-13T16:12:04Z", False),
        ("2026-05-13T16:12:04.5z", False),
        ("2026-05-13 16:12", False),
        ("2026-05-13", False),
        ("2026-13-13 16:12:04", False),
        ("2026-05-13 24:12:04", False),
        ("05/13/2026 16:12:04", False),
        ("٢٠٢٦-05-13 16:12:04", False),
        ("", False),
    ],
)
def test_a_time_is_the_units_own_clock_to_the_second_or_none(text, expected):
    header = header_of('"Serial Number","UM1"', f'"Event Date","{text}"')
    assert header.recorded_at == (datetime(2026, 5, 13, 16, 12, 4) if expected else None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['"Event Date","2026-05-13"', '"Event Time","16:12:04"'], True),
        (['"Date","2026-05-13"', '"Time","16:12:04"'], True),
        (['"Calibration Date","2025-01-01 00:00:00"', '"Event Time","2026-05-13 16:12:04"'], True),
        (['"Exported","2025-01-01 00:00:00"', '"When","2026-05-13 16:12:04"'], True),
        (['"Event Start Time","2026-05-13 16:12:04"', '"Event End Time","2026-05-13 16:12:09"'], True),
        (['"Other","2025-01-01 00:00:00"', '"Event","2026-05-13 16:12:04"'], True),
        (['"One","2025-01-01 00:00:00"', '"Two","2026-05-13 16:12:04"'], False),
        (['"Calibrated","2026-05-13 16:12:04"'], False),
        (['"Print Time","2026-05-13 16:12:04"'], False),
        (['"Event Date","2026-05-13"'], False),
    ],
)
def test_the_time_is_the_events_and_never_one_of_several(lines, expected):
    header = header_of('"Serial Number","UM1"', *lines)
    assert header.recorded_at == (datetime(2026, 5, 13, 16, 12, 4) if expected else None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['"Serial Number","um12345 "'], "UM12345"),
        (['"Geophone Serial","GE1"', '"Serial Number","UM12345"'], "UM12345"),
        (['"Unit Serial","UM12345"'], "UM12345"),
        (['"Geophone Serial","GE1"', '"Unit Serial","UM12345"'], None),
        (['"Serial Number","UNKNOWN"'], None),
        (['"Unit","UM12345"'], None),
    ],
)
def test_the_serial_is_the_units_or_none(lines, expected):
    assert header_of('"First","line"', *lines).serial == expected


# --- which dialect ---


def test_the_dialect_is_told_by_the_content():
    text = ascii_report(RECORDED, file_name="M529LKIQ.7M0W")
    assert dialect_of(CSV) is Dialect.THOR and dialect_of(text) is Dialect.BLASTWARE
    assert read_header(CSV).serial == read_header(text).serial == "UM12345"
    assert dialect_of(b"") is None
    with pytest.raises(BadInput, match="nor a CSV of THOR, export it again"):
        read_header(b"a,b\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\nChannel,Tran\n",
        b'"a","b","c"\n"Channel","Tran"\n',
        b'"a","b" c\n"Channel","Tran"\n',
        b'"a"\n"Channel","Tran"\n',
        b'"a","b"\n"Channels","Tran"\n',
        b'"a","b"\n' + b"x" * 20_000 + b'\n"Channel","Tran"\n',
        b'"Event Type : Full Waveform"\n"Channel : x"\n',
    ],
)
def test_other_texts_are_none(data):
    assert not looks_like_thor(data)
    with pytest.raises(BadInput, match="not an export of THOR, export it again"):
        read_thor_header(data)


def test_numpy_is_not_loaded():
    code = "import sys, sfm_archive.importing, sfm_archive.formats.reports.dialects; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- bytes that nobody wrote ---


@given(st.integers(min_value=0, max_value=CSV.index(b'"Tran","Vert"')))
def test_a_header_that_is_cut_short_gives_the_lines_that_are_there(length):
    cut = CSV[:length]
    if looks_like_thor(cut):
        header = read_thor_header(cut)
        count = cut.count(b"\n")
        assert header.fields[:count] == read_thor_header(CSV).fields[:count] and header.end == length


@given(st.randoms(use_true_random=False), st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]))
def test_a_changed_csv_is_read_or_refused(random, encoding):
    data = mutated(random, [thor_csv(EVENT, encoding=encoding), b'"a","b"\r\n"Channel",'])
    if dialect_of(data) is None:
        with pytest.raises(BadInput):
            read_header(data)
    else:
        assert read_header(data).end <= len(data)


@given(st.binary(max_size=300), st.text(alphabet="\"'\n\r\t ,;TranVetLogMic0.1<>", max_size=200))
@example(b"\0\xff\r", '"Tran","Vert')
def test_arbitrary_lines_behind_a_mark_are_read(data, text):
    whole = b'"Serial Number","UM1"\n"Channel","Tran"\n' + data + b"\n" + text.encode()
    header = read_thor_header(whole)
    assert header.serial == "UM1" and header.end <= header.samples_at <= len(whole)
    assert all(reading.channel in ("", "Tran", "Vert", "Long", "MicL") for reading in header.readings)


@pytest.mark.parametrize(
    "filling",
    [
        b"\n",
        b" ",
        b'"',
        b'"",',
        b'"a","b"\n',
        b"Tran,",
        b'"Channel","Tran"\n',
        b"0",
        b"\r",
        b'"Event Date","2026-05-13"\n',
    ],
)
def test_much_of_the_same_ends_within_the_headers_limit(filling):
    data = b'"a","b"\n"Channel","Tran"\n' + filling * (3_000_000 // len(filling))
    header = read_thor_header(data)
    assert header.end <= 256 * 1024
    looks_like_thor(b'"a","b"\n' + filling * 10_000)
    looks_like_thor(filling * 10_000)


# --- keys of one word, as exports have them ---

REAL_KEYS = """"EventType","Full Waveform"
"SampleRate","1024 sps"
"Channel","Tran"
"Channel","Vert"
"Channel","Long"
"Channel","Mic"
"Units","mm/s and pa"
"EventTime","16:12:04"
"EventDate","2026-05-13"
"TitleNote1","Obra:"
"TitleString1","Pedreira São José"
"TitleNote2","User Name:"
"TitleString2","A. Example"
"TitleNote3","General:"
"TitleString3","linha 3"
"TitleNote4","Client:"
"TitleString4","Mineração Norte"
"SerialNumber","UM12345"
"Calibration","December 20, 2019 by Instantel"
"ScaledDistance","4536.9 (1434.7 m, 0.1 kg)"
"GpsDistance",""
"TranPPV","0.662 mm/s"
"VertPPV","<0.127 mm/s"
"LongPPV","OORANGE"
"TranZCFreq",">100 Hz"
"TranTimeofPeak","0.023 sec"
"PeakVectorSum","0.700 mm/s"
"Microphone","Linear Weighting"
"MicPSPL","114.6 dB(L)"
"MicZCFreq","8.2 Hz"
"MicTimeofPeak","0.045 sec"
"TranTestResults","Passed"
"MicTestResults","Check"
"Tran","Vert","Long","MicL"
"0.000","0.008","-0.008","-1.50"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_key_of_a_real_export_is_read_whatever_stands_behind_the_channels(encoding):
    header = read_thor_header(REAL_KEYS.encode(encoding))
    assert header.findings == () and header.other_lines == ()
    assert (header.serial, header.recorded_at, header.record_type) == ("UM12345", UNIT["recorded_at"], "waveform")
    texts = {(r.quantity, r.channel): r.text for r in header.readings}
    assert texts["units", ""] == "mm/s and pa" and texts["calibration", ""].startswith("December")
    assert texts["scaled_distance", ""].startswith("4536.9") and texts["microphone", ""] == "Linear Weighting"
    assert (texts["test_results", "MicL"], texts["test_results", "Tran"]) == ("Check", "Passed")
    assert reading_of(header, "ppv", "Long").state is ValueState.OVER_RANGE
    assert reading_of(header, "ppv", "Vert").state is ValueState.BELOW_THRESHOLD
    assert reading_of(header, "time_of_peak", "MicL").number == 0.045
    assert (reading_of(header, "pspl", "MicL").number, reading_of(header, "sample_rate").number) == (114.6, 1024)


def test_titles_are_named_by_their_labels_and_else_by_their_places():
    header = read_thor_header(REAL_KEYS.encode())
    texts = {r.quantity: r.text for r in header.readings}
    assert (texts["location"], texts["user_name"]) == ("Pedreira São José", "A. Example")
    assert (texts["client"], texts["general"]) == ("Mineração Norte", "linha 3")
    (found,) = read_thor_header(REAL_KEYS.replace('"General:"', '"Notas:"').encode()).findings
    assert found.code == "line-not-read" and '"TitleString3"' in found.message, "its place is another one's label"


def test_what_stands_below_the_names_of_a_histogram_is_said_not_to_be_read():
    text = '"EventType","Full Histogram"\n"SerialNumber","UM12345"\n"EventDate","2026-05-13"\n"EventTime","16:12:04"\n'
    rows = '"Tran","Vert","Long","Geophone","MIC"\n"PPV","PPV","PPV","PVS","LMax"\n"16:12:14","0.1","0.2","0.1","9"\n'
    (found,) = read_thor_header((text + rows).encode()).findings
    assert found.code == "line-not-read" and "3 lines without a key and its value not read" in found.message
    (found,) = read_thor_header((text + rows.replace('"Geophone","MIC"', '"MicL"')).encode()).findings
    assert found.code == "line-not-read" and "its rows of intervals are not read" in found.message
