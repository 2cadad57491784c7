"""`sfm check-report`: a report against its own samples, without an archive."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from sfm_archive.analysing import check_report
from sfm_archive.testing import ascii_report, blastware_file, simulate_histogram, simulate_waveform, thor_csv

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii"


@pytest.mark.parametrize(("name", "serial", "rows"), [("5m.TXT", "UM16127", 33493), ("15m.TXT", "UM16121", 23176)])
def test_every_number_of_the_real_exports_comes_out_of_their_samples(sfm, closed, name, serial, rows):
    text = sfm("check-report", REAL / name).stdout
    assert text.startswith(serial) and "DIFFERS" not in text
    assert "byte for byte the table" in text and "not byte" not in text
    assert text.endswith("All 17 printed numbers agree with the samples.\n")
    document = sfm.json("check-report", REAL / name)
    closed("check-report", document)
    assert (document["agree"], document["rewritten"], document["rows"]) == (True, True, rows)


def test_a_number_that_does_not_come_out_is_named(sfm):
    text = (REAL / "15m.TXT").read_text().replace('"Vert PPV : ', '"Vert PPV : 1')
    (sfm.folder / "wrong.txt").write_text(text)
    result = sfm("check-report", "wrong.txt", code=1)
    (line,) = [line.split() for line in result.stdout.splitlines() if line.endswith("DIFFERS")]
    assert line[:2] == ["ppv", "Vert"]
    assert "1 of 17 printed numbers do NOT agree with the samples" in result.stdout


def test_a_table_that_is_written_in_another_way_is_told_and_no_difference(sfm):
    text = (REAL / "15m.TXT").read_bytes().replace(b"\t", b" \t", 50)
    (sfm.folder / "blanks.txt").write_bytes(text)
    assert "not byte for byte the table" in sfm("check-report", "blanks.txt").stdout


def test_a_csv_of_thor_is_checked_too(sfm):
    event = simulate_waveform(Random(5), seconds=1.0, sample_rate=1024, loudness="ordinary")
    (sfm.folder / "thor.csv").write_bytes(thor_csv(event))
    document = sfm.json("check-report", "thor.csv")
    assert document["agree"] is True and document["rewritten"] is None


@pytest.mark.parametrize(
    ("data", "says", "code"),
    [
        (ascii_report(simulate_histogram(Random(1), count=4), file_name="h"), "no table of samples", 1),
        (b"nothing of the kind", "h.txt: ", 1),
        (None, "h.txt does not exist", 3),
    ],
)
def test_what_holds_no_samples_is_refused_by_name(sfm, data, says, code):
    if data is not None:
        (sfm.folder / "h.txt").write_bytes(data)
    error = sfm.error("check-report", "h.txt", code=code)
    assert says in error and "h.txt" in error


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("loudness", ["flat", "quiet", "ordinary", "loud", "clipped"])
def test_no_export_of_a_simulated_unit_speaks_against_the_rules(loudness, seed):
    event = simulate_waveform(Random(seed), seconds=1.0, sample_rate=1024, loudness=loudness)
    assert check_report(ascii_report(event, file_name="x")).agreement.value in ("agree", "nothing compared")
    assert check_report(thor_csv(event)).agreement.value in ("agree", "nothing compared")


def test_a_report_that_is_cut_off_proves_nothing(sfm):
    data = (REAL / "5m.TXT").read_bytes()
    for size in (len(data) // 2, len(data) // 2 + 3):
        (sfm.folder / "half.txt").write_bytes(data[:size])
        text = sfm("check-report", "half.txt", code=1).stdout
        assert text.startswith("the report is cut off: ") and "not compared" in text
        assert "DIFFERS" not in text and "Please send" not in text
        assert sfm.json("check-report", "half.txt", code=1)["verdict"] == "cut off"


def test_a_ctrl_z_behind_a_report_is_none_of_it(sfm):
    """Programs of DOS end a text so."""
    data = (REAL / "5m.TXT").read_bytes()
    Path("whole.txt").write_bytes(data)
    whole = sfm("check-report", "whole.txt").stdout
    for end in (b"\x1a", b"\r\n\x1a\r\n"):
        Path("whole.txt").write_bytes(data + end)
        assert sfm("check-report", "whole.txt").stdout == whole
    Path("whole.txt").write_bytes(data[: len(data) // 2] + b"\x1a")
    assert sfm("check-report", "whole.txt", code=1).stdout.startswith("the report is cut off: ")


@pytest.mark.posix("a named pipe")
def test_a_pipe_is_not_waited_for(sfm, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is not a regular file" in sfm.error("check-report", str(pipe), code=2)
    event_file = tmp_path / "M529LK44.AB0"
    event_file.write_bytes(b"x")
    assert "is not a regular file" in sfm.error("check-file", str(event_file), "--report", str(pipe), code=2)


def _changed(data, wanted, bad, row=None):
    """The report with one of its numbers replaced; `row`: of the cells' rows, counted from the end."""
    if row is None:
        assert wanted in data
        return data.replace(wanted, bad, 1)
    lines = data.split(b"\r\n")
    separator = b"\t" if b"\t" in lines[-row] else b","
    cells = lines[-row].split(separator)
    cells[1] = bad.ljust(10) if separator == b"\t" else b'"' + bad + b'"'
    lines[-row] = separator.join(cells)
    return b"\r\n".join(lines)


_EVENT = simulate_waveform(Random(5), seconds=1.0, sample_rate=1024, loudness="ordinary")
_DIALECTS = {"text": ascii_report(_EVENT, file_name="x"), "csv": thor_csv(_EVENT)}
_PEAK = {"text": b"Vert PPV : 1.705", "csv": b'"31.242'}
_TIME = {"text": b"Record Time : 1.000", "csv": b'"Record Time","1.000'}
_WIDE = "\uff10.\uff11\uff12".encode()
_NO_NUMBERS = [b"nan", b"inf", b"-inf", b"1e400", b"1e-3", _WIDE, "0.5\uff11".encode(), b"1_0.0"]


@pytest.mark.parametrize("bad", _NO_NUMBERS)
@pytest.mark.parametrize("dialect", _DIALECTS)
def test_what_is_no_number_is_said_and_agrees_with_nothing(sfm, dialect, bad):
    data = _DIALECTS[dialect]
    name = _PEAK[dialect].rpartition(b" ")[0] + b" " if dialect == "text" else b'"'
    for changed, said in (
        (_changed(data, _PEAK[dialect], name + bad), "no number is understood in "),
        (_changed(data, b"", bad, row=200), "in row 1,082, column 2"),
    ):
        Path("r.txt").write_bytes(changed)
        result = sfm("check-report", "r.txt", code=1)
        assert "agree with the samples" not in result.stdout and "not understood" in result.stdout
        assert said in result.stderr and bad.decode() in result.stderr


@pytest.mark.parametrize("bad", _NO_NUMBERS)
@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_setting_that_is_no_number_is_said(sfm, dialect, bad):
    name = _TIME[dialect][: -len("1.000")]
    Path("r.txt").write_bytes(_changed(_DIALECTS[dialect], _TIME[dialect], name + bad))
    assert "no number is understood in record_time" in sfm("check-report", "r.txt", code=1).stderr


@pytest.mark.parametrize("word", [b"N/A", b"***"])
@pytest.mark.parametrize("dialect", _DIALECTS)
def test_known_words_in_a_table_are_no_findings(sfm, dialect, word):
    Path("r.txt").write_bytes(_changed(_DIALECTS[dialect], b"", word, row=200))
    assert "agree with the samples" in sfm("check-report", "r.txt").stdout


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_one_row_more_than_the_header_tells_is_said(sfm, dialect):
    data = _DIALECTS[dialect]
    Path("r.txt").write_bytes(data + data.split(b"\r\n")[-2] + b"\r\n")
    text = sfm("check-report", "r.txt", code=1).stdout
    assert (
        text.startswith("the table has 1,281 rows where the header's times and rate give 1,280")
        and "not compared" in text
    )


@pytest.mark.parametrize("size", range(1, 6))
@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_report_that_ends_within_its_last_number_is_cut_off(sfm, dialect, size):
    Path("r.txt").write_bytes(_DIALECTS[dialect].rstrip(b'\r\n "')[:-size])
    sfm("check-report", "r.txt", code=1)
    assert sfm.json("check-report", "r.txt", code=1)["verdict"] == "cut off"


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_report_without_its_last_line_end_is_whole(sfm, dialect):
    Path("r.txt").write_bytes(_DIALECTS[dialect].rstrip())
    assert "agree with the samples" in sfm("check-report", "r.txt").stdout


def _twice(dialect, data):
    """With a second number of one channel."""
    if dialect == "text":
        return data.replace(b'"Vert PPV', b'"Tran PPV : 9.999 in/s"\r\n"Vert PPV', 1)
    return data.replace(b'"Channel","Long"', b'"PPV","99.999 mm/s"\r\n"Channel","Long"', 1)


def _without_a_channel(dialect, data):
    return (
        data.replace(b'"Vert PPV', b'"PPV', 1) if dialect == "text" else data.replace(b'"Channel","Vert"\r\n', b"", 1)
    )


def _without_the_first_channel(dialect, data):
    if dialect == "text":
        return data.replace(b'"Tran ZC Freq', b'"Trn ZC Freq', 1)
    return data.replace(b'"Channel","Tran"\r\n', b"", 1)


def _with_a_cut_line(dialect, data):
    lines = data.split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if b"PPV" in line)
    lines[at] = lines[at][:-3]
    return b"\r\n".join(lines)


def _with_a_channel_doubled(dialect, data):
    if dialect == "text":
        return data.replace(b'"Vert PPV', b'"Tran PPV', 1)
    return data.replace(b'"Channel","Long"\r\n', b'"Channel","Long"\r\n' * 2, 1)


@pytest.mark.parametrize("dialect", _DIALECTS)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_twice, "prints more than one number of"),
        (_without_a_channel, None),
        (_without_the_first_channel, "not read"),
        (_with_a_cut_line, "not read, for it is not whole"),
        (_with_a_channel_doubled, None),
    ],
)
def test_a_number_that_contradicts_another_or_lost_its_channel_agrees_with_nothing(sfm, dialect, spoil, said):
    """Of a doubled line nothing tells which number is right, and what is not read is compared with nothing."""
    whole = _DIALECTS[dialect]
    changed = spoil(dialect, whole)
    assert changed != whole
    Path("r.txt").write_bytes(changed)
    Path("event").write_bytes(blastware_file(_EVENT))
    for command in (("check-report", "r.txt"), ("check-file", "event", "--report", "r.txt")):
        result = sfm(*command, code=1)
        assert (
            "All " not in result.stdout and "agree in all" not in result.stdout and "Please send" not in result.stdout
        )
        assert "contradict each other" in result.stdout
        assert (said or "warning: ") in result.stderr
        assert sfm.json(*command, code=1)["verdict"] == "not understood"


def test_a_rate_that_stands_there_twice_is_named(sfm):
    Path("r.txt").write_bytes(
        _DIALECTS["csv"].replace(b'"Record Time"', b'"Sample Rate","2048 sps"\r\n"Record Time"', 1)
    )
    assert "it prints more than one number of sample_rate '1024 sps' and '2048 sps'" in sfm.error(
        "check-report", "r.txt", code=1
    )
