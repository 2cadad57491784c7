"""Micromates' texts above 10 mm/s print in steps wider than a count: no false alarm, and a real difference is one."""

from __future__ import annotations

import numpy as np
import pytest

import sfm_archive as sfm
from sfm_archive.analysing.report_check import check_report

_Q = 0.007881822
_NAMES = ("Tran", "Vert", "Long")
_NAME = "UM16127_20260701101010.IDFW"


def counts_of(seed):
    draw = np.random.default_rng(seed)
    t = np.arange(2048) / 1024
    envelope = np.exp(-(((t - 1.2) / 0.2) ** 2))
    return [
        np.rint(draw.normal(0, 3, len(t)) + size * envelope * np.sin(2 * np.pi * hertz * t)).astype(int)
        for size, hertz in zip(draw.uniform(1500, 6000, 3), draw.uniform(5, 40, 3), strict=True)
    ]


def printed(value):
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def text_of(counts, more=0.0):
    lines = [
        '"Event Type : Full Waveform"', '"Serial Number : UM16127"', f'"File Name : {_NAME}"',
        '"Event Time : 10:10:10"', '"Event Date : July 1, 2026"', '"Pre-trigger Length : -1.000 sec"',
        '"Record Time : 1.000 sec"', '"Sample Rate : 1024 sps"', '"Units : mm/s and "', '"Geo Range : 254.0 mm/s"',
    ]  # fmt: skip
    for name, own in zip(_NAMES, counts, strict=True):
        lines.append(f'"{name} PPV : {printed(max(abs(own)) * _Q)} mm/s"')
        lines.append(f'"{name} Time of Peak : {int(np.argmax(abs(own))) / 1024 - 1:.3f} sec"')
        lines.append(f'"{name} Peak Acceleration : {max(abs(np.diff(own))) * _Q * 1024 / 9810:.3f} g"')
    total = np.sqrt(sum((own * _Q) ** 2 for own in counts))
    lines += [f'"Peak Vector Sum : {printed(total.max() + more)} mm/s"', '"PC SW Version : V 10.74"', ""]
    lines += ["\t".join(f"   {name}   " for name in _NAMES)]
    lines += ["\t".join(printed(one * _Q).ljust(10) for one in row) for row in zip(*counts, strict=True)]
    return "\r\n".join([*lines, ""]).encode()


def csv_of(counts):
    pairs = {
        "EventType": "Full Waveform", "SerialNumber": "UM16127", "EventDate": "2026-07-01", "EventTime": "10:10:10",
        "SampleRate": "1024 sps", "PreTriggerLength": "-1.000 sec", "RecordTime": "1.000 sec", "GeoRange": "254.0 mm/s",
    }  # fmt: skip
    lines = [f'"{key}","{value}"' for key, value in pairs.items()]
    lines[4:4] = [f'"Channel","{name}"' for name in _NAMES]
    lines += [f'"{name}PPV","{max(abs(own)) * _Q:.3f} mm/s"' for name, own in zip(_NAMES, counts, strict=True)]
    lines += [",".join(f'"{name}"' for name in _NAMES)]
    lines += [",".join(f'"{one * _Q:.3f}"' for one in row) for row in zip(*counts, strict=True)]
    return "\r\n".join([*lines, ""]).encode()


@pytest.mark.parametrize("seed", range(100, 108))
def test_a_sound_text_above_ten_mm_s_agrees_with_itself(seed):
    found = check_report(text_of(counts_of(seed)))
    assert found.agree, [one for one in found.quantities if not one.agrees]


def test_a_vector_sum_that_no_print_allows_is_a_difference():
    assert not check_report(text_of(counts_of(100), more=0.05)).agree


@pytest.mark.parametrize("order", [("TXT", "CSV"), ("CSV", "TXT")])
def test_text_and_csv_of_one_event_do_not_differ(tmp_path, order):
    counts = counts_of(107)
    made = {"TXT": text_of(counts), "CSV": csv_of(counts)}
    with sfm.create(tmp_path / "a.sfm") as archive:
        for ending in order:
            (tmp_path / f"{_NAME}.{ending}").write_bytes(made[ending])
            archive.import_from(tmp_path / f"{_NAME}.{ending}")
        assert archive.count() == 1
        found = archive.analyse()
        assert not [one.message for item in found.items for one in item.findings if one.code == "samples-differ"]
        assert not [one for item in found.items for one in item.differences]


def test_a_csv_of_other_samples_still_differs(tmp_path):
    counts = counts_of(107)
    other = [own.copy() for own in counts]
    other[0][np.argmax(abs(counts[0]))] -= 4
    with sfm.create(tmp_path / "a.sfm") as archive:
        for ending, data in (("TXT", text_of(counts)), ("CSV", csv_of(other))):
            (tmp_path / f"{_NAME}.{ending}").write_bytes(data)
            archive.import_from(tmp_path / f"{_NAME}.{ending}")
        found = archive.analyse()
    assert [one for item in found.items for one in item.findings if one.code == "samples-differ"]
