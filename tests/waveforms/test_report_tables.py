"""Reports whole: real exports, words in tables, MiniMate and histogram forms, line ends, units; writing them again."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path
from random import Random

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.model.readings import ValueState
from sfm_archive.testing import ascii_report, simulate_histogram, simulate_waveform
from sfm_archive.waveforms import (
    decode_event,
    header_text,
    quantities_of,
    read_report,
    waveform_fields,
    write_report,
)
from sfm_archive.waveforms.interval_tables import read_date
from sfm_archive.waveforms.sample_tables import words
from sfm_archive.waveforms.table_rows import NO_WHOLE_TABLE, doubled_columns

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii"


@pytest.fixture(scope="module", params=["5m.TXT", "15m.TXT"])
def real(request):
    return (REAL / request.param).read_bytes()


# --- real exports ---


def test_a_real_table_is_read_in_whole(real):
    report = read_report(real)
    rows = {"UM16127": 33493, "UM16121": 23176}[report.header.serial]
    assert report.samples.channels == ("Tran", "Vert", "Long")
    assert report.samples.values.shape == (3, rows)
    assert (report.samples.sample_rate, report.samples.pretrigger) == (4096, 2048)
    assert set(report.samples.units) == {"mm/s"}
    assert report.findings == () and report.newline == b"\n" and report.intervals is None
    last = real.decode().splitlines()[-1].split("\t")
    assert report.samples.values[:, -1].tolist() == [float(cell) for cell in last]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_counts_times_quantum_write_a_real_file_byte_for_byte(real, newline):
    data = real.replace(b"\n", newline)
    report = read_report(data)
    traces = report.samples.traces()
    assert traces.samples.dtype == np.int32 and set(traces.quantum) == {0.007881822}
    assert report.newline == newline
    assert write_report(report.header_bytes, traces, newline) == data


def test_printed_numbers_alone_write_a_real_file_byte_for_byte_too(real):
    report = read_report(real)
    traces = report.samples.traces(restore=False)
    assert set(traces.quantum) == {1.0}
    assert write_report(report.header_bytes, traces) == real


def test_printed_digits_tell_half_a_unit_of_each_cell(real):
    table = read_report(real).samples
    assert (table.decimals == np.where(np.abs(table.values) < 10, 3, 2)).all()


def test_a_real_table_reads_in_a_fraction_of_a_second(real):
    read_report(real)
    began = time.process_time()
    read_report(real)
    assert time.process_time() - began < 1


# --- words, broken rows ---


def report(*rows, names=("Tran", "Vert"), units="in/s and dB(L)", extra=(), ending="\n"):
    head = ['"Event Type : Full Waveform"', f'"Units : {units}"', '"Sample Rate : 1024 sps"', *extra]
    lines = [*head, '"PC SW Version : V 10.74"', "", "\t".join(name.center(10) for name in names)]
    lines += ["\t".join(cell.ljust(10) for cell in row) for row in rows]
    return read_report(ending.join([*lines, ""]).encode("latin-1"))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_words_in_a_table_are_states_and_numbers_beside_them_stay(ending):
    table = report(("0.005", "OORANGE"), ("***", "-0.010"), ("N/A", "<0.005"), ending=ending).samples
    assert table.values[0, 0] == 0.005 and table.values[1, 1] == -0.010
    assert words(table, ValueState.OVER_RANGE).tolist() == [[False] * 3, [True, False, False]]
    assert words(table, ValueState.ABSENT)[0].tolist() == [False, True, True]
    assert words(table, ValueState.BELOW_THRESHOLD)[1, 2] and np.isnan(table.values[1, 2])


def test_an_over_range_cell_makes_the_channel_over_range():
    table = report(("0.005", "OORANGE"), ("-0.005", "0.010"), ("0.005", "0.010")).samples
    readings = {(r.quantity, r.channel): r for r in quantities_of(table.traces())}
    assert readings["ppv", "Vert"].state is ValueState.OVER_RANGE
    assert readings["time_of_peak", "Vert"].number == 0
    assert readings["zc_frequency", "Vert"].state is ValueState.ABSENT
    assert readings["ppv", "Tran"].number == pytest.approx(0.005)


def test_a_row_of_another_length_is_a_finding():
    found = report(("0.005", "0.010"), ("0.005",), ("0.005", "0.010", "0.1"))
    assert found.samples.values.shape == (2, 3)
    assert [finding.code for finding in found.findings] == ["broken-row"]
    assert "row 2" in found.findings[0].message


def test_one_number_too_few_and_one_too_many_do_not_cancel_out():
    found = report(("0.005",), ("0.005", "0.010", "0.1"))
    assert [finding.code for finding in found.findings] == ["broken-row"]


def test_a_table_of_another_length_than_the_header_says_is_a_finding():
    found = report(("0.005", "0.1"), extra=('"Pre-trigger Length : -0.250 sec"', '"Record Time : 1.0 sec"'))
    assert [finding.code for finding in found.findings] == ["cut-off"]
    assert found.samples.pretrigger == 256
    found = report(*[("0.005", "0.1")] * 9, extra=('"Pre-trigger Length : -0.001 sec"', '"Record Time : 0.002 sec"'))
    assert [finding.code for finding in found.findings] == ["row-count"]


def test_one_channel_alone_and_names_in_other_letters():
    assert report(("0.005",), names=("VERT",)).samples.channels == ("Vert",)


def test_a_report_without_a_table():
    found = report(names=("Project",))
    assert found.samples is None and found.intervals is None


def test_a_rate_that_nobody_tells_is_asked_for():
    data = b'"Event Type : Full Waveform"\n"PC SW Version : V"\n\n   Tran   \n0.005     \n'
    table = read_report(data).samples
    with pytest.raises(UsageError):
        table.traces()
    assert table.traces(sample_rate=1024).sample_rate == 1024


# --- units and restored counts ---


def test_imperial_minimate_counts_are_restored():
    traces = report(("0.005", "-0.010"), ("10.24", "0.000")).samples.traces()
    assert traces.quantum == (0.005, 0.005) and traces.units == ("in/s", "in/s")
    assert traces.samples.tolist() == [[1, 2048], [-2, 0]]


def test_numbers_of_no_known_quantum_stay_as_printed():
    traces = report(("0.003", "-0.011")).samples.traces()
    assert traces.quantum == (1.0, 1.0) and traces.values("Vert").tolist() == [-0.011]


@pytest.mark.parametrize(
    ("units", "cells", "unit"),
    [
        ("in/s and dB(L)", ("95.3", "101.2"), "dB(L)"),
        ("in/s and dB(L)", ("-0.250", "0.500"), "Pa"),
        ("in/s and dB(L)", ("0.250", "0.500"), "Pa"),
        ("mm/s and pa.(L)", ("0.250", "0.500"), "Pa"),
        ("in/s and psi(L)", ("0.001", "-0.002"), "psi"),
    ],
)
def test_the_microphones_column_is_pressure_where_its_numbers_can_be_no_levels(units, cells, unit):
    table = report(*[("0.005", cell) for cell in cells], names=("Tran", "MicL"), units=units).samples
    assert table.units[1] == unit
    quantities_of(table.traces())


# --- MiniMate, from descriptions ---


def test_monitor_log_rows_in_the_header():
    found = report(
        ("0.005", "0.1"),
        extra=('"Monitor Log(s)"', "Apr 23 /26 15:50:00\tApr 23 /26 15:56:35\tEvent recorded. ( Vert )"),
    )
    (row,) = found.monitor_log
    assert (row.started, row.stopped) == ("Apr 23 /26 15:50:00", "Apr 23 /26 15:56:35")
    assert row.text == "Event recorded. ( Vert )"
    assert found.samples is not None


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_simulated_minimate_report_gives_the_samples_of_its_event(line_end):
    event = simulate_waveform(Random(1), seconds=1.0, sample_rate=1024, loudness="ordinary")
    found = read_report(ascii_report(event, file_name="M529LK44.AB0", line_end=line_end))
    assert found.findings == ()
    traces = found.samples.traces()
    assert traces.samples.tolist() == [list(channel) for channel in event.motion.channels]
    assert found.samples.units[3] == "Pa"


def test_histogram_rows():
    event = simulate_histogram(Random(2), count=40, interval_seconds=60, recorded_at=datetime(2026, 5, 1, 23, 50, 30))
    found = read_report(ascii_report(event, file_name="M529LK44.AB0H"))
    assert found.samples is None
    table = found.intervals
    assert (len(table.rows), table.unit, table.other_lines) == (40, "in/s", ())
    assert table.rows[0].time_text == "23:51:30" and table.rows[0].at == datetime(2026, 5, 1, 23, 51, 30)
    # Behind midnight the day is the next one.
    assert table.rows[-1].at == datetime(2026, 5, 2, 0, 30, 30)
    assert table.peaks().shape == table.frequencies().shape == (3, 40)


def test_histogram_rows_with_words_and_further_columns():
    rows = "June 26, 2026\n10:00:05\t0.005\t>100\tOORANGE\tN/A\t<0.005\t12.5 Hz\t95.3\t0.010\n10:00:10\t0.1\t5.0\n"
    data = b'"Event Type : Full Histogram"\n"Units : in/s and dB(L)"\n"PC SW Version : V"\n\n' + rows.encode()
    found = read_report(data)
    first, second = found.intervals.rows
    assert [cell.state for cell in first.peaks] == [
        ValueState.OK,
        ValueState.OVER_RANGE,
        ValueState.BELOW_THRESHOLD,
    ]
    assert first.frequencies[0].state is ValueState.ABOVE_LIMIT and first.frequencies[2].number == 12.5
    assert first.further == ("95.3", "0.010")
    assert len(second.peaks) == 1 and [finding.code for finding in found.findings] == ["broken-row"]


# --- writing ---


def test_header_lines_of_a_real_report_are_written_byte_for_byte(real):
    end = read_report_header(real).end
    lines = real[:end].decode().splitlines()
    pairs = [tuple(line.strip('"').split(" : ", 1)) for line in lines]
    assert header_text(pairs, b"\n") == real[:end]


def test_a_header_value_of_two_lines_is_refused():
    with pytest.raises(UsageError):
        header_text([("Client:", "a\nb")])


def test_the_text_of_a_decoded_event_reads_back_as_its_counts_and_quantities():
    event = simulate_waveform(Random(3), seconds=1.0, sample_rate=1024, loudness="clipped")
    traces = decode_event(event.memory).waveform.traces()
    readings = quantities_of(traces)
    fields = waveform_fields(
        traces, readings, serial="BE11529", recorded_at=datetime(2026, 4, 23, 15, 56, 35), file_name="M529LK44.AB0",
        notes=[("Project:", "North"), ("Client:", "?"), ("User Name:", ""), ("Seis Loc:", "gate")],
        range_text="10.000 in/s",
    )  # fmt: skip
    back = read_report(write_report(header_text(fields), traces, b"\r\n"))
    assert back.findings == ()
    assert (back.header.serial, back.header.recorded_at) == ("BE11529", datetime(2026, 4, 23, 15, 56, 35))
    reported = {(r.quantity, r.channel): r for r in back.header.readings}
    assert reported["project", ""].text == "North"
    for reading in readings:
        if (reading.quantity, reading.channel) in reported:
            assert reported[reading.quantity, reading.channel].state is reading.state
    restored = back.samples.traces()
    over = (traces.samples == 2047) | (traces.samples == -2048)
    assert over.any() and (restored.over_range == over).all()
    # From 10 in/s on two counts can print alike.
    below = np.abs(traces.samples) < 2000
    assert (restored.samples[below] == traces.samples[below]).all()
    assert np.abs(restored.samples[~over] - traces.samples[~over]).max() <= 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("June 26, 2026", date(2026, 6, 26)),
        ("Jun 26 /26", date(2026, 6, 26)),
        ("2026-06-26", date(2026, 6, 26)),
        ("Junk 5, 2026", None),
        ("Mayor 1, 2026", None),
        ("June 31, 2026", None),
    ],
)
def test_a_date_line_names_a_month(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    "names",
    [
        ("Tran", "Vert", "Long", "MicL", "Tran", "Vert", "Long", "MicL"),
        ("Tran1", "Vert1", "Long1", "MicL1", "Tran2", "Vert2", "Long2", "MicL2"),
    ],
)
def test_a_table_of_eight_channels_is_refused_by_name(names):
    (finding,) = doubled_columns(names)
    assert finding.code in NO_WHOLE_TABLE and "eight-channel, not supported" in finding.message
    assert doubled_columns(names[:4]) == ()
