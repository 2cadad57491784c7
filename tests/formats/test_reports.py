"""Report headers: both real exports in full, the forms known from descriptions, and damage."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.base.code_pages import text_of
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.blastware_text import looks_like_report, read_report_header
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import QUANTITIES, Reading, ValueState

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii"


@pytest.fixture(scope="module")
def five_metres():
    return (REAL / "5m.TXT").read_bytes()


@pytest.fixture(scope="module")
def fifteen_metres():
    return (REAL / "15m.TXT").read_bytes()


def report(*lines, ending="\n"):
    return ending.join(
        ('"Event Type : Full Waveform"', *lines, '"PC SW Version : V 10.74"', "", "  Tran ", "")
    ).encode()


def readings_of(data):
    return {(reading.quantity, reading.channel): reading for reading in read_report_header(data).readings}


# --- real exports ---


def test_a_real_report_says_which_event_it_is_of(five_metres):
    header = read_report_header(five_metres)
    assert header.event_type == "Full Waveform"
    assert header.record_type is RecordType.WAVEFORM
    assert header.serial == "UM16127"
    assert header.recorded_at == datetime(2026, 6, 26, 15, 41, 5)
    assert header.file_name == "UM16127_20260626154105.IDFW"


def test_a_file_name_with_a_copy_number_is_kept_as_printed(fifteen_metres):
    header = read_report_header(fifteen_metres)
    assert header.file_name == "UM16121_20260626154050(1).IDFW"
    assert (header.serial, header.recorded_at) == ("UM16121", datetime(2026, 6, 26, 15, 40, 50))


def test_every_header_line_of_a_real_report_can_be_written_again_from_its_field(five_metres):
    header = read_report_header(five_metres)
    lines = five_metres[: header.end].decode().splitlines()
    assert len(header.fields) == len(lines) == 50
    # Names lose their doubled blanks ("Tran  Test Freq"), values nothing at all.
    for (name, value), line in zip(header.fields, lines, strict=True):
        assert line.endswith(f' : {value}"')
        assert " ".join(line.removesuffix(f' : {value}"').removeprefix('"').split()) == name
    assert header.other_lines == ()


def test_the_header_ends_where_the_empty_line_before_the_samples_stands(five_metres):
    header = read_report_header(five_metres)
    assert five_metres[header.end :].startswith(b"\n   Tran   \t   Vert   \t   Long   \n0.260 ")


NUMBERS = {
    ("geo_trigger_level", ""): (1.0, "mm/s"),
    ("pretrigger", ""): (-0.5, "sec"),
    ("record_time", ""): (7.677, "sec"),
    ("sample_rate", ""): (4096.0, "sps"),
    ("battery", ""): (3.8, "Volts"),
    ("geo_range", ""): (254.0, "mm/s"),
    ("ppv", "Tran"): (10.27, "mm/s"),
    ("ppv", "Vert"): (22.52, "mm/s"),
    ("ppv", "Long"): (22.21, "mm/s"),
    ("zc_frequency", "Tran"): (55.0, "Hz"),
    ("zc_frequency", "Vert"): (29.3, "Hz"),
    ("zc_frequency", "Long"): (13.0, "Hz"),
    ("time_of_peak", "Tran"): (0.023, "sec"),
    ("time_of_peak", "Vert"): (0.030, "sec"),
    ("time_of_peak", "Long"): (0.030, "sec"),
    ("peak_acceleration", "Tran"): (1.474, "g"),
    ("peak_acceleration", "Vert"): (0.609, "g"),
    ("peak_acceleration", "Long"): (0.866, "g"),
    ("peak_displacement", "Tran"): (0.198, "mm"),
    ("peak_displacement", "Vert"): (0.114, "mm"),
    ("peak_displacement", "Long"): (0.202, "mm"),
    ("pvs", ""): (31.68, "mm/s"),
    ("pvs_time", ""): (0.030, "sec"),
    ("test_frequency", "Tran"): (7.7, "Hz"),
    ("test_ratio", "Tran"): (3.1, ""),
    ("test_frequency", "Vert"): (7.9, "Hz"),
    ("test_ratio", "Vert"): (2.7, ""),
    ("test_frequency", "Long"): (7.5, "Hz"),
    ("test_ratio", "Long"): (3.5, ""),
}

TEXTS = {
    ("record_stop_mode", ""): "Auto",
    ("auto_window", ""): "5 sec",
    ("trigger", ""): "Vert",
    ("calibration", ""): "December 20, 2019 by Instantel",
    ("units", ""): "mm/s and ",
    ("operator", ""): "Operator",
    ("setup", ""): "ZZZ.MMB",
    ("client", ""): "?",
    ("location", ""): "",
    ("user_name", ""): "",
    ("general", ""): "",
    ("test_results", "Tran"): "Passed",
    ("test_results", "Vert"): "Passed",
    ("test_results", "Long"): "Passed",
    ("firmware", ""): " V 10-89 Micromate ISEE",
    ("software", ""): "V 10.74",
}


def test_every_reading_of_a_real_report_is_as_printed(five_metres):
    readings = readings_of(five_metres)
    assert readings.keys() == NUMBERS.keys() | TEXTS.keys()
    for place, (number, unit) in NUMBERS.items():
        assert (readings[place].number, readings[place].unit) == (number, unit)
        assert readings[place].state is ValueState.OK
    for place, text in TEXTS.items():
        assert (readings[place].text, readings[place].number, readings[place].unit) == (text, None, "")
        assert readings[place].state is (ValueState.OK if text else ValueState.ABSENT)


def test_every_quantity_has_a_name_that_readings_know(five_metres, fifteen_metres):
    for data in (five_metres, fifteen_metres):
        assert {reading.quantity for reading in read_report_header(data).readings} <= QUANTITIES


def test_crlf_reads_like_lf(five_metres):
    lf = read_report_header(five_metres)
    crlf = read_report_header(five_metres[:4096].replace(b"\n", b"\r\n"))
    assert (crlf.fields, crlf.readings) == (lf.fields, lf.readings)
    assert crlf.end == lf.end + len(lf.fields)


def test_a_byte_order_mark_is_no_part_of_the_first_name(five_metres):
    marked = b"\xef\xbb\xbf" + five_metres
    assert looks_like_report(marked)
    header = read_report_header(marked)
    assert header.fields == read_report_header(five_metres).fields
    assert five_metres[header.end :].startswith(b"\n   Tran")


# --- splitting ---


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('"Client: : ?"', ("Client:", "?")),
        ('"Client: : "', ("Client:", "")),
        ('"Client: :"', ("Client:", "")),
        ('"Client : a : b"', ("Client", "a : b")),
        ('"Client :  two  blanks "', ("Client", " two  blanks ")),
        ('"Tran  Test   Freq : 7.3 Hz"', ("Tran Test Freq", "7.3 Hz")),
        ('"Client : the "big" one"', ("Client", 'the "big" one')),
        ('"Time:of:day : 15:41:05"', ("Time:of:day", "15:41:05")),
    ],
)
def test_a_line_splits_at_its_first_blank_colon_blank(line, field):
    assert read_report_header(report(line)).fields[1] == field


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_that_are_no_name_and_value_are_kept_apart_and_end_nothing(ending):
    rows = ('"Monitor Log(s)"', "Jun 26 /26 15:00:00\tJun 26 /26 16:00:00\tStopped")
    header = read_report_header(report(*rows, '"Tran PPV : 1.0 mm/s"', ending=ending))
    assert header.other_lines == rows
    assert header.value("tran ppv") == "1.0 mm/s"


def test_a_value_is_found_by_its_name_in_any_case_and_the_first_one_counts():
    header = read_report_header(report('"Setup : a"', '"SETUP : b"'))
    assert header.value("setup") == "a"
    assert header.value("nothing") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_a_text_reads_alike_in_any_code_page(encoding):
    data = report('"Client: : Kießling"').decode().encode(encoding)
    header = read_report_header(data)
    assert header.value("Client:") == "Kießling"
    assert header.fields[0] == ("Event Type", "Full Waveform")


# --- titles ---

SIX = ("operator", "setup", "location", "client", "user_name", "general")
FOUR = ("project", "client", "user_name", "location")


@pytest.mark.parametrize("quantities", [SIX, FOUR])
def test_titles_are_read_by_position_whatever_their_labels_say(quantities):
    titles = [f'"Label {position}: : value {position}"' for position in range(len(quantities))]
    readings = readings_of(report('"Units : in/s and dB(L)"', *titles, '"Geo Range : 10.000 in/s"'))
    for position, quantity in enumerate(quantities):
        assert readings[quantity, ""] == Reading(quantity=quantity, text=f"value {position}")


def test_a_title_whose_label_is_named_like_a_measurement_stays_a_title():
    data = report(
        '"Units : in/s and dB(L)"',
        '"Tran PPV : a"',
        '"Client: : b"',
        '"User Name: : c"',
        '"Record Time : d"',
        '"Geo Range : 10.000 in/s"',
        '"Tran PPV : 0.5 in/s"',
    )
    readings = readings_of(data)
    assert readings["project", ""].text == "a"
    assert readings["location", ""].text == "d"
    assert readings["ppv", "Tran"].number == 0.5
    assert ("record_time", "") not in readings


def test_titles_in_another_number_are_fields_but_no_readings():
    data = report('"Units : mm/s and "', '"Client: : a"', '"Trigger : b"', '"Geo Range : 254.0 mm/s"')
    assert read_report_header(data).value("Client:") == "a"
    assert readings_of(data).keys() == {("units", ""), ("geo_range", ""), ("software", "")}


# --- values that are no numbers, and forms known from descriptions ---


@pytest.mark.parametrize(
    ("text", "number", "unit", "state"),
    [
        ("OORANGE", None, "", ValueState.OVER_RANGE),
        ("***", None, "", ValueState.ABSENT),
        ("N/A", None, "", ValueState.ABSENT),
        ("", None, "", ValueState.ABSENT),
        (">100 Hz", 100.0, "Hz", ValueState.ABOVE_LIMIT),
        ("<0.005 in/s", 0.005, "in/s", ValueState.BELOW_THRESHOLD),
    ],
)
def test_values_that_are_no_numbers_are_states(text, number, unit, state):
    name, quantity = ("ZC Freq", "zc_frequency") if unit == "Hz" else ("PPV", "ppv")
    reading = readings_of(report(f'"Vert {name} : {text}"'))[quantity, "Vert"]
    assert reading == Reading(quantity=quantity, channel="Vert", number=number, unit=unit, state=state, text=text)


@pytest.mark.parametrize("name", ["MicL PSPL", "PSPL"])
def test_sound_pressure_is_of_the_microphone(name):
    assert readings_of(report(f'"{name} : 88.0 dB(L)"'))["pspl", "MicL"].number == 88.0


def test_a_histogram_says_the_time_of_its_vector_sum_as_a_clock_time():
    data = report('"Peak Vector Sum Time : 07:15:00"').replace(b"Full Waveform", b"Full Histogram")
    assert read_report_header(data).record_type is RecordType.HISTOGRAM
    assert readings_of(data)["pvs_time", ""] == Reading(quantity="pvs_time", text="07:15:00")


def test_of_two_numbers_for_one_quantity_neither_is_the_reading_and_both_are_fields():
    data = report('"Tran PPV : OORANGE"', '"Tran PPV : 0.1 mm/s"')
    reading = readings_of(data)["ppv", "Tran"]
    assert (reading.number, reading.state) == (None, ValueState.ABSENT)
    assert reading.text == "'OORANGE' and '0.1 mm/s'"
    assert len(read_report_header(data).readings) == 2
    assert [value for name, value in read_report_header(data).fields if name == "Tran PPV"] == [
        "OORANGE",
        "0.1 mm/s",
    ]


MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip


@pytest.mark.parametrize(("number", "month"), list(enumerate(MONTHS, 1)))
def test_every_english_month_is_read(number, month):
    data = report('"Event Time : 0:00:59"', f'"Event Date : {month} 7, 2026"')
    assert read_report_header(data).recorded_at == datetime(2026, number, 7, 0, 0, 59)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ['"Event Time : 15:41:05"'],
        ['"Event Date : June 26, 2026"'],
        ['"Event Time : 15:41:05"', '"Event Date : February 30, 2026"'],
        ['"Event Time : 25:41:05"', '"Event Date : June 26, 2026"'],
        ['"Event Time : 15:41"', '"Event Date : June 26, 2026"'],
        ['"Event Time : 15:41:05"', '"Event Date : Juni 26, 2026"'],
        ['"Event Time : 15:41:05"', '"Event Date : 2026-06-26"'],
        ['"Event Time : "', '"Event Date : "'],
    ],
)
def test_a_time_that_is_not_wholly_there_is_none_and_never_guessed(lines):
    assert read_report_header(report(*lines)).recorded_at is None


@pytest.mark.parametrize(("text", "serial"), [("be11529", "BE11529"), ("", None), ("UNKNOWN", None), ("11529", None)])
def test_only_a_serial_is_a_serial(text, serial):
    header = read_report_header(report(f'"Serial Number : {text}"'))
    assert (header.serial, header.value("Serial Number")) == (serial, text)


# --- ends and damage ---


def test_a_header_without_its_last_line_ends_at_the_empty_line():
    data = b'"Event Type : Full Waveform"\n"Sample Rate : 1024 sps"\n\n   Tran   \n0.1\n'
    header = read_report_header(data)
    assert len(header.fields) == 2
    assert data[header.end :] == b"\n   Tran   \n0.1\n"


def test_a_header_that_is_cut_short_gives_what_is_there(five_metres):
    whole = read_report_header(five_metres)
    lines = five_metres[: whole.end].splitlines(keepends=True)
    for count in range(1, len(lines)):
        cut = b"".join(lines[:count]) + lines[count][:5]
        assert read_report_header(cut).fields == whole.fields[:count]


def test_a_header_without_end_is_read_up_to_a_limit():
    data = b'"Event Type : Full Waveform"\n' + b'"Note : x"\n' * 200_000
    header = read_report_header(data)
    assert 200_000 < header.end <= 256 * 1024
    assert data[header.end - 1 : header.end] == b"\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x10\x00\x01\x80\x00\x00Instantel\x00\x07\x2c",
        b'"Event Type","Full Waveform"\r\n"Channel","Tran"\r\n',
        b"Event Type : Full Waveform\n",
        b'"Event Type: Full Waveform"\n',
        b"x" * 5000 + b'\n"Event Type : a"\n',
        b'{"Event Type : ": 1}',
    ],
    ids=["nothing", "event file", "THOR", "unquoted", "no blank", "far down", "JSON"],
)
def test_other_files_are_no_reports(data):
    assert not looks_like_report(data)
    with pytest.raises(BadInput, match="not an ASCII report of Blastware, export it again"):
        read_report_header(data)


def test_an_event_type_that_is_cut_off_is_no_report():
    with pytest.raises(BadInput, match="no whole line"):
        read_report_header(b'"Event Type : Full Wavef')


@given(st.lists(st.text(max_size=30), max_size=10), st.sampled_from(["utf-8", "latin-1", "cp1252"]))
def test_any_lines_after_the_first_are_read_without_losing_one(lines, encoding):
    lines = [line.replace("\n", "").replace("\r", "") for line in lines]
    data = ('"Event Type : x"\n' + "\n".join(lines)).encode(encoding, "replace")
    header = read_report_header(data)
    assert header.end <= len(data)
    printed = text_of(data[: header.end]).split("\n")
    assert len(header.fields) + len(header.other_lines) == sum(1 for line in printed if line.strip())


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(data):
    for candidate in (data, b'"Event Type : Full Waveform"\n' + data):
        try:
            header = read_report_header(candidate)
        except BadInput:
            assert candidate is data
        else:
            assert header.record_type in RecordType


# --- values that cannot be ---


def codes_of(*lines):
    return [(one.code, one.message) for one in read_report_header(report(*lines)).findings]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ('"Tran PPV : -0.500 in/s"', "impossible-value", "Tran ppv '-0.500 in/s' cannot be below zero"),
        ('"Peak Vector Sum : -3.1 mm/s"', "impossible-value", "pvs '-3.1 mm/s' cannot be below zero"),
        ('"Tran PPV : 10.30 in/s"', "impossible-value", "is more than a unit with the largest known range, 10 in/s"),
        ('"Tran PPV : 1e9 in/s"', "value-not-understood", "no number is understood in Tran ppv '1e9 in/s'"),
        ('"Tran PPV : 99999999999 in/s"', "impossible-value", "is more than a unit"),
        ('"Tran PPV : 3.1"', "unit-not-known", "the unit of Tran ppv '3.1' is not known"),
        ('"Vert PPV : 3.1 furlong/s"', "unit-not-known", "Vert ppv '3.1 furlong/s'"),
        ('"Long PPV : 51 cm/s"', "unit-not-known", "Long ppv '51 cm/s'"),
        ('"Peak Vector Sum : 0.05 m/s"', "unit-not-known", "pvs '0.05 m/s'"),
        ('"Tran ZC Freq : 0.03 kHz"', "unit-not-known", "Tran zc_frequency '0.03 kHz'"),
        ('"MicL PSPL : 1.2000 bar"', "unit-not-known", "MicL pspl '1.2000 bar'"),
        ('"Pre-trigger Length : -250 msec"', "impossible-setting", "pretrigger '-250 msec'"),
        ('"Geo Range : 31.8"', "impossible-setting", "geo_range '31.8' is none that a unit has"),
        ('"Sample Rate : 0 sps"', "impossible-setting", "sample_rate '0 sps'"),
        ('"Frost : yes"', "line-not-read", '1 line is not read, for this version does not know "Frost"'),
    ],
)
def test_nothing_that_cannot_be_or_is_not_read_is_dropped_without_a_word(line, code, said):
    ((found, message),) = codes_of(line)
    assert found == code and said in message


def test_a_peak_beyond_the_stated_range_is_a_finding_and_one_at_its_rail_is_none():
    assert codes_of('"Geo Range : 31.8 mm/s"', '"Tran PPV : 32.51 mm/s"', '"Peak Vector Sum : 55.1 mm/s"') == []
    ((code, message),) = codes_of('"Geo Range : 31.8 mm/s"', '"Tran PPV : 40.00 mm/s"')
    assert code == "impossible-value" and "a range of 1.25 in/s (31.75 mm/s)" in message
    assert codes_of('"Geo Range : 254.0 mm/s"', '"Tran PPV : 258.3 mm/s"', '"Vert PPV : 10.24 in/s"') == []


def test_a_value_that_stands_there_twice_is_a_finding_where_the_two_differ():
    assert codes_of('"Tran PPV : 1.0 mm/s"', '"Tran PPV : 1.0 mm/s"') == []
    ((code, message),) = codes_of('"Tran PPV : 1.0 mm/s"', '"TRAN  PPV : 2.0 mm/s"')
    assert code == "number-contradiction" and "Tran ppv '1.0 mm/s' and '2.0 mm/s'" in message
    assert "none counts" in message
    ((code, message),) = codes_of('"Sample Rate : 1024 sps"', '"Sample Rate : 2048 sps"')
    assert code == "number-contradiction" and "sample_rate" in message
    ((code, message),) = codes_of('"Calibration : May 1, 2026"', '"Calibration : May 2, 2026"')
    assert code == "value-contradiction" and "the first counts" in message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("10.27 mm/s", "10.3 mm/s"),
        ("0.500 in/s", "12.70 mm/s"),
        ("1.0 mm/s", "1.0mm/s"),
        ("OORANGE", "oorange"),
    ],
)
def test_one_number_that_is_printed_in_two_ways_is_no_contradiction(first, second):
    data = report(f'"Tran PPV : {first}"', f'"Tran PPV : {second}"')
    assert readings_of(data)["ppv", "Tran"].text == first
    assert read_report_header(data).findings == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"PPV : 1.0 mm/s"', '"PPV"'),
        ('"Tram PPV : 1.0"', '"Tram PPV"'),
        ('"Loudest : 5.1 mm/s"', '"Loudest"'),
        ('"Long PPV : 1.0 mm/s', "'\"Long PPV 1.0 mm/s'"),
    ],
)
def test_a_number_of_which_nothing_tells_what_it_is_is_a_finding_of_its_own(line, said):
    ((code, message),) = codes_of(line)
    assert code == "number-not-read" and said in message
