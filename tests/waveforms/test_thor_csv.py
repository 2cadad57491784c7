"""THOR's CSV, in the form that its description gives."""

from __future__ import annotations

from datetime import datetime

import pytest

from sfm_archive.errors import BadInput
from sfm_archive.formats.readings import ValueState
from sfm_archive.formats.thor import looks_like_thor
from sfm_archive.waveforms import quantities_of, read_report, read_thor

TEXT = """"Serial Number","UM16127"
"Event Date","2026-06-26 15:41:05"
"Sample Rate","4096 sps"
"Pre-Trigger","-0.500 sec"
"Trigger","Vert"
"Peak Vector Sum","31.68 mm/s"
"Peak Vector Sum Time","0.030 sec"
"Channel","Tran"
"PPV","<0.127 mm/s"
"ZC Frequency","N/A"
"Channel","Vert"
"PPV","22.52 mm/s"
"ZC Frequency",">100 Hz"
"Time of Peak","0.030 sec"
"Channel","MicL"
"PSPL","140.1 dB(L)"
"Tran","Vert","MicL"
"0.008","-0.016","0.25"
"0.000","0.024","-1.50"
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_channels_and_samples(ending):
    found = read_thor(TEXT.replace("\n", ending).encode())
    assert (found.header.serial, found.header.recorded_at) == ("UM16127", datetime(2026, 6, 26, 15, 41, 5))
    readings = {(r.quantity, r.channel): r for r in found.header.readings}
    assert readings["ppv", "Tran"].state is ValueState.BELOW_THRESHOLD and readings["ppv", "Tran"].number == 0.127
    assert readings["ppv", "Vert"].number == 22.52 and readings["pspl", "MicL"].unit == "dB(L)"
    assert readings["zc_frequency", "Vert"].state is ValueState.ABOVE_LIMIT
    assert (readings["pvs", ""].number, readings["pvs_time", ""].number) == (31.68, 0.03)
    table = found.samples
    assert table.channels == ("Tran", "Vert", "MicL") and table.units == ("mm/s", "mm/s", "Pa")
    assert table.values.tolist() == [[0.008, 0.0], [-0.016, 0.024], [0.25, -1.5]]
    assert (table.sample_rate, table.pretrigger, found.findings) == (4096, 2048, ())
    assert len(found.header.fields) == 16
    assert quantities_of(table.traces())


def test_words_among_the_samples_are_states():
    table = read_thor(TEXT.replace('"-0.016"', '"OORANGE"').encode()).samples
    assert table.values[0].tolist() == [0.008, 0.0]
    assert table.traces().over_range.tolist() == [[False, False], [True, False], [False, False]]


def test_a_csv_without_samples_and_one_of_another_kind():
    assert read_thor(TEXT.split('"Tran","Vert"')[0].encode()).samples is None
    for other in (b"", b"a,b\n1,2\n", b'"Event Type : Full Waveform"\n', b'"a","b"\n"c","d"\n'):
        assert not looks_like_thor(other)
        with pytest.raises(BadInput):
            read_thor(other)
    with pytest.raises(BadInput):
        read_report(TEXT.encode())
