"""The 0C record: label-relative values, whatever else its bytes spell."""

from __future__ import annotations

import struct
from contextlib import suppress
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.records import read_event_record
from sfm_archive.model.readings import QUANTITIES, ValueState
from sfm_archive.testing.replies import event_record
from sfm_archive.testing.trailer import device_time

WHEN = datetime(2026, 4, 1, 0, 28, 12)


def record(labels: dict[str, float], project: str = "", pvs: float = 1.5) -> bytes:
    parts = [device_time(WHEN), b"\x01\x02", struct.pack(">f", pvs), bytes(8)]
    for label, peak in labels.items():
        parts += [label.encode(), b"\x01\x02", struct.pack(">f", peak), b"\x05"]
    parts += [b"Project:", b"\x00\x00", project.encode("latin-1"), b"\x00"]
    return b"".join(parts).ljust(210, b"\xee")


def values(content: bytes) -> dict[tuple[str, str], float | str]:
    return {
        (reading.quantity, reading.channel): reading.text if reading.number is None else reading.number
        for reading in read_event_record(content).readings
    }


def test_the_published_time_vector_is_the_records_time() -> None:
    content = bytes.fromhex("01 04 07 ea 00 00 1c 0c") + bytes(202)
    assert read_event_record(content).recorded_at == WHEN


@pytest.mark.parametrize("seed", range(60))
def test_the_simulators_record_reads_back_whatever_the_project_is_called(seed: int) -> None:
    random = Random(seed)
    event = testing.simulate_histogram(random, count=4)
    read = read_event_record(event_record(random, event))
    assert read.recorded_at == event.recorded_at
    assert read.findings == ()
    found = {(r.quantity, r.channel): (r.number, r.unit, r.text) for r in read.readings}
    f32 = {name: struct.unpack(">f", struct.pack(">f", peak))[0] for name, peak in event.peaks._asdict().items()}
    assert found == {
        ("ppv", "Tran"): (f32["tran"], "in/s", ""),
        ("ppv", "Vert"): (f32["vert"], "in/s", ""),
        ("ppv", "Long"): (f32["long"], "in/s", ""),
        ("pspl", "MicL"): (f32["micl"], "psi", ""),
        ("pvs", ""): (f32["pvs"], "in/s", ""),
        ("project", ""): (None, "", event.project),
    }
    assert {reading.quantity for reading in read.readings} <= QUANTITIES
    assert {reading.state for reading in read.readings} == {ValueState.OK}


@pytest.mark.parametrize(
    "project", ["Long Hill", "Long  \x39\x20\x30\x31 Hill", "Transit Tunnel 12", "Vertex MicL Tran"]
)
def test_a_projects_name_is_never_taken_for_a_channel(project: str) -> None:
    # The channel named in the project is switched off: its label stands nowhere else.
    labels = {name: 0.25 for name in ("Tran", "Vert", "Long", "MicL") if name not in project}
    read = values(record(labels, project))
    assert read[("project", "")] == project.strip()
    assert {channel for quantity, channel in read if quantity in ("ppv", "pspl")} == set(labels)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0, 1e30, 40.5])
def test_a_peak_that_no_unit_measures_is_left_out_and_told(number: float) -> None:
    read = read_event_record(record({"Tran": number, "Vert": 0.5}))
    assert [finding.code for finding in read.findings] == ["impossible-value"]
    assert "Tran" in read.findings[0].message
    assert ("ppv", "Vert") in {(r.quantity, r.channel) for r in read.readings}
    assert ("ppv", "Tran") not in {(r.quantity, r.channel) for r in read.readings}


def test_a_label_at_the_very_end_has_no_value() -> None:
    for cut in range(4):
        assert ("ppv", "Tran") not in values(
            bytes(record({})[:190]) + bytes(10) + b"Tran\x01\x02\x3e\x80\x00\x00"[: 6 + cut]
        )
    assert values(bytes(record({})[:190]) + bytes(10) + b"Tran\x01\x02\x3e\x80\x00\x00")[("ppv", "Tran")] == 0.25


def test_an_empty_project_is_no_reading() -> None:
    assert ("project", "") not in values(record({"Tran": 0.1}).replace(b"\xee", b"\x00"))


@given(st.binary(max_size=260))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    assert read_event_record(device_time(WHEN) + content).recorded_at == WHEN
    with suppress(BadInput):
        read_event_record(content)


@pytest.mark.parametrize(
    ("peak", "state"), [(10.23, "ok"), (10.235, "over-range"), (10.24, "over-range"), (12.0, "over-range")]
)
def test_a_peak_at_the_rail_of_the_normal_range_is_over_range_and_no_number(peak: float, state: str) -> None:
    read = read_event_record(record({"Tran": peak, "Vert": 0.5}))
    tran, vert = (next(r for r in read.readings if (r.quantity, r.channel) == ("ppv", c)) for c in ("Tran", "Vert"))
    assert (tran.state.value, tran.number is None) == (state, state == "over-range")
    assert tran.text == (f"{peak:g} in/s" if state == "over-range" else "")
    assert vert.state is ValueState.OK


def test_an_eight_channel_record_is_refused_by_name_and_its_peaks_are_not_read() -> None:
    peaks = {"Tran": 0.5, "Vert": 0.25, "Long": 0.125, "MicL": 0.001}
    parts = [device_time(WHEN), b"\x01\x02", struct.pack(">f", 1.5), bytes(8)]
    for label, peak in [*peaks.items(), *peaks.items()]:
        parts += [label.encode(), b"\x01\x02", struct.pack(">f", peak), b"\x05"]
    found = read_event_record(b"".join(parts) + b"Project:\0\0Long Tran Vert MicL\0")
    assert [one.quantity for one in found.readings] == ["project"]
    (finding,) = found.findings
    assert finding.code == "eight-channel" and "eight-channel, not supported" in finding.message


def test_a_project_that_spells_channels_makes_no_eight_channels() -> None:
    content = record({"Tran": 0.5, "Vert": 0.25, "Long": 0.1, "MicL": 0.001}, project="Tran Vert Long MicL")
    assert read_event_record(content).findings == ()
