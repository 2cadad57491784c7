"""The older store as programs left it: names, shapes of sidecars, faulty files from faulty streams."""

import json
import pickle
import pickletools
from datetime import datetime
from random import Random

import pytest

from sfm_archive.testing import (
    ascii_report,
    blastware_file,
    call_home_name,
    doubled_start,
    read_out,
    report_file_name,
    simulate_histogram,
    simulate_memory,
    simulate_waveform,
    synthetic_motion,
    write_older_store,
)
from sfm_archive.testing.reports import zero_crossing_hz


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        (datetime(2026, 4, 1, 0, 28, 12), "M529LIY6.N00W"),
        (datetime(2026, 4, 23, 15, 56, 35), "M529LK44.AB0W"),
        (datetime(2026, 5, 11, 17, 57, 7), "M529LL1L.V70W"),
        (datetime(2026, 5, 1, 13, 16, 34), "M529LKIQ.7M0W"),
    ],
)
def test_published_names(moment, name):
    assert call_home_name(simulate_waveform(Random(1), seconds=1, serial="BE11529", recorded_at=moment)) == name


@pytest.mark.parametrize(
    ("serial", "moment"),
    [
        ("BE25000", datetime(2026, 1, 1)),
        ("BE11529", datetime(2053, 12, 24, 5, 45, 36)),
        ("BE1", datetime(1984, 1, 1)),
    ],
)
def test_names_that_the_rule_does_not_give_are_refused(serial, moment):
    event = simulate_histogram(Random(1), serial=serial, recorded_at=moment, count=2)
    with pytest.raises(ValueError, match=serial):
        call_home_name(event)


def test_last_second_that_has_a_name():
    moment = datetime(2053, 12, 24, 5, 45, 35)
    assert call_home_name(simulate_histogram(Random(1), serial="BE18003", recorded_at=moment)) == "T003ZZZZ.ZZ0H"


def test_a_good_store_holds_good_files(tmp_path):
    events = simulate_memory(Random(1), 4, "BE11529")
    stored = write_older_store(tmp_path / "store", events, random=Random(2), hdf5=True)
    for entry, event in zip(stored, events, strict=True):
        folder = tmp_path / "store" / "BE11529"
        assert (folder / entry.filename).read_bytes() == blastware_file(event)
        document = pickle.loads((folder / f"{entry.filename}.a5.pkl").read_bytes())
        assert set(document) == {"version", "frames"}
        assert document["version"] == 1
        for frame, plain in zip(entry.frames, document["frames"], strict=True):
            assert {name: getattr(frame, name) for name in plain} == plain
            assert list(plain) == ["sub", "page_hi", "page_lo", "data", "chk_byte", "checksum_valid"]
            assert {type(value) for value in plain.values()} == {int, bytes, bool}
        assert set(json.loads((folder / f"{entry.filename}.sfm.json").read_text())) >= {
            "peaks",
            "source",
            "review",
        }
        for path, content in entry.files.items():
            assert (tmp_path / "store" / path).read_bytes() == content
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 20


def test_pickles_name_no_class(tmp_path):
    (entry,) = write_older_store(tmp_path, simulate_memory(Random(1), 1), random=Random(2))
    sidecar = next(content for path, content in entry.files.items() if path.endswith(".pkl"))
    names = {opcode.name for opcode, _, _ in pickletools.genops(sidecar)}
    assert not names & {"GLOBAL", "STACK_GLOBAL", "REDUCE", "NEWOBJ", "BUILD", "INST", "OBJ"}


def test_a_faulty_stream_gives_the_faulty_file(tmp_path):
    events = [simulate_waveform(Random(1), seconds=3, motion=synthetic_motion(Random(1), loudness="loud"))]
    (entry,) = write_older_store(
        tmp_path, events, random=Random(2), frames_of=lambda event: doubled_start(read_out(event))
    )
    data = (tmp_path / events[0].serial / entry.filename).read_bytes()
    assert data[0x1016:][:4] == b"STRT"
    assert data != blastware_file(events[0])


def test_other_names_can_be_given(tmp_path):
    events = simulate_memory(Random(1), 1, "BE11529")
    (entry,) = write_older_store(
        tmp_path, events, random=Random(2), name_of=lambda event: call_home_name(event)[:-1], reports=False
    )
    assert entry.filename[-1] == "0"
    assert sorted(entry.files) == [f"BE11529/{entry.filename}{end}" for end in ("", ".a5.pkl", ".sfm.json")]


def test_report_has_the_published_shape():
    assert report_file_name("M529LK44.AB0") == "M529LK44_AB0_ASCII.TXT"
    event = simulate_waveform(Random(3), motion=synthetic_motion(Random(3), seconds=1, loudness="clipped"))
    header, _, table = ascii_report(event, file_name="X").decode().partition("\r\n\r\n")
    assert header.splitlines()[-1] == '"PC SW Version : V 10.74"'
    assert f'"Project: : {event.project}"' in header
    assert "OORANGE" in header
    rows = table.splitlines()
    assert rows[0] == "   Tran   \t   Vert   \t   Long   \t   MicL   "
    assert len(rows) == 1 + len(event.motion.tran)
    assert {len(cell) for row in rows for cell in row.split("\t")} == {10}


def test_histogram_report_has_one_row_for_each_interval():
    event = simulate_histogram(Random(3), count=20)
    text = ascii_report(event, file_name="X", line_end="\n").decode()
    rows = text.partition("\n\n")[2].splitlines()
    assert len(rows) == 21
    assert {len(row.split("\t")) for row in rows[1:]} == {7}


def test_zero_crossing_frequency_counts_one_half_wave():
    assert zero_crossing_hz([0, 1, 5, 2, 0, -3, -1], 1024) == pytest.approx(1024 / 6)
    assert zero_crossing_hz([3, 1, 0], 1024) is None
    assert zero_crossing_hz([0, 0, 0], 1024) is None
