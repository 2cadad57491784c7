"""`sfm check-file`: an event file and its report, without an archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from sfm_archive.analysing import check_file
from sfm_archive.testing import ascii_report, blastware_file, simulate_histogram, simulate_waveform, thor_csv


@pytest.fixture
def pair(sfm):
    event = simulate_waveform(Random(3), seconds=1.0, sample_rate=1024, loudness="ordinary")
    (sfm.folder / "M529LK44.AB0").write_bytes(blastware_file(event))
    (sfm.folder / "M529LK44_AB0_ASCII.TXT").write_bytes(ascii_report(event, file_name="M529LK44.AB0"))
    return "M529LK44.AB0", "M529LK44_AB0_ASCII.TXT"


def test_a_pair_agrees(sfm, pair, closed):
    file, report = pair
    text = sfm("check-file", file, "--report", report).stdout
    assert "The file and its report agree in all" in text and "DIFFERS" not in text
    document = sfm.json("check-file", file, "--report", report)
    assert document["agree"] is True and document["compared"] > 4 * 1280
    assert [c["differing"] for c in document["samples"]["channels"]] == [0, 0, 0, 0]
    closed("check-file", document)


def test_where_they_part_is_printed(sfm, pair):
    file, report = pair
    path = sfm.folder / report
    lines = path.read_bytes().split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if line.strip().startswith(b"Tran")) + 1 + 77
    cells = lines[at].split(b"\t")
    cells[1] = b"9.999     "
    lines[at] = b"\t".join(cells)
    text = b"\r\n".join(lines).replace(b'"Vert PPV : ', b'"Vert PPV : 1')
    path.write_bytes(text)
    result = sfm("check-file", file, "--report", report, code=1)
    assert "NOT agree" in result.stdout and "DIFFERS" in result.stdout
    (vert,) = [line.split() for line in result.stdout.splitlines() if line.startswith("Vert ")]
    assert vert[2:4] == ["1", "77"]
    document = sfm.json("check-file", file, "--report", report, code=1)
    assert document["samples"]["channels"][1]["first"] == 77


def test_a_histogram_and_its_report(sfm):
    event = simulate_histogram(Random(4), count=40)
    (sfm.folder / "h").write_bytes(blastware_file(event))
    (sfm.folder / "h.txt").write_bytes(ascii_report(event, file_name="h"))
    text = sfm("check-file", "h", "--report", "h.txt").stdout
    assert "40 intervals decoded, 40 in the report" in text and "0 differ" in text


def test_another_event_and_other_files_are_told(sfm, pair):
    file, report = pair
    other = simulate_waveform(Random(9), seconds=1.0, sample_rate=1024)
    (sfm.folder / "other.txt").write_bytes(ascii_report(other, file_name="x"))
    text = sfm("check-file", file, "--report", "other.txt", code=1).stdout
    assert text.startswith("the event file is of") and "NOT of the same event" in text and "Please send" not in text
    document = sfm.json("check-file", file, "--report", "other.txt", code=1)
    assert (document["verdict"], document["agree"]) == ("other event", False)
    assert "neither an ASCII report" in (told := sfm.error("check-file", file, "--report", file, code=1))
    assert told.startswith(f"{file}: ")
    told = sfm.error("check-file", report, "--report", report, code=1)
    assert told.startswith(f"{report}: ") and "do not begin as a Blastware event file" in told
    assert sfm.error("check-file", "gone", "--report", report, code=3) == "gone does not exist; check the path"
    assert sfm.error("check-file", file, "--report", "gone.txt", code=3).startswith("gone.txt ")
    assert sfm.error("check-file", ".", "--report", report, code=2).startswith(". is not a regular file; ")


@pytest.mark.parametrize("which", ["event file", "report"])
def test_what_is_cut_off_is_said_first_and_no_report_is_asked_for(sfm, pair, which):
    file, report = pair
    path = sfm.folder / (file if which == "event file" else report)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    text = sfm("check-file", file, "--report", report, code=1).stdout
    assert (
        text.startswith(f"the {which} is cut off: ")
        and "proves nothing, for or against the decoder" in text
        and "CONTRIBUTING" not in text
    )
    assert sfm.json("check-file", file, "--report", report, code=1)["verdict"] == "cut off"


def test_a_histogram_report_that_is_cut_off_is_told(sfm):
    event = simulate_histogram(Random(4), count=40)
    (sfm.folder / "h").write_bytes(blastware_file(event))
    report = ascii_report(event, file_name="h")
    (sfm.folder / "h.txt").write_bytes(b"\r\n".join(report.split(b"\r\n")[:-15]))
    text = sfm("check-file", "h", "--report", "h.txt", code=1).stdout
    assert text.startswith("the report is cut off: it has 2") and "of 40 intervals" in text


def test_a_report_without_a_table_is_said_to_compare_no_sample(sfm, pair, closed):
    file, report = pair
    path = sfm.folder / report
    path.write_bytes(path.read_bytes().partition(b"\r\n\r\n")[0] + b"\r\n")
    text = sfm("check-file", file, "--report", report).stdout
    assert "so none was compared" in text and "numbers; no sample or interval was compared" in text
    closed("check-file", sfm.json("check-file", file, "--report", report))


def test_what_agrees_differs_by_nothing_and_a_histogram_has_no_pre_trigger(sfm, pair):
    file, report = pair
    channels = sfm.json("check-file", file, "--report", report)["samples"]["channels"]
    assert all(channel["largest"] == 0 for channel in channels)
    event = simulate_histogram(Random(4), count=4)
    (sfm.folder / "h").write_bytes(blastware_file(event))
    (sfm.folder / "h.txt").write_bytes(ascii_report(event, file_name="h"))
    assert "pre-trigger" not in sfm("check-file", "h", "--report", "h.txt").stdout
    assert sfm.json("check-file", "h", "--report", "h.txt")["assumed"] == []


def test_our_own_text_proves_nothing(sfm, pair):
    file, _ = pair
    sfm("import", "q.sfm", file, "--create")
    sfm("export-data", "q.sfm", "made", "--format", "txt")
    (text,) = (sfm.folder / "made").rglob("*.TXT")
    assert "compared with themselves" in sfm("check-file", file, "--report", text).stdout
    assert sfm.json("check-file", file, "--report", text)["verdict"] == "own text"


def test_a_csv_of_thor_is_taken_as_the_text_is(sfm, closed):
    event = simulate_waveform(Random(5), seconds=0.5, sample_rate=1024, loudness="clipped")
    (sfm.folder / "event").write_bytes(blastware_file(event))
    (sfm.folder / "thor.csv").write_bytes(thor_csv(event))
    assert "agree in all" in sfm("check-file", "event", "--report", "thor.csv").stdout
    document = sfm.json("check-file", "event", "--report", "thor.csv")
    assert [c["unit"] for c in document["samples"]["channels"]] == ["mm/s", "mm/s", "mm/s", "Pa"]
    closed("check-file", document)
    (sfm.folder / "thor.csv").write_bytes(thor_csv(event).replace(b'"PPV","OORANGE"', b'"PPV","1.000 mm/s"'))
    assert "DIFFERS" in sfm("check-file", "event", "--report", "thor.csv", code=1).stdout


@pytest.mark.parametrize(("seconds", "verdict"), [(-2, "agree"), (1, "agree"), (2, "agree"), (3, "other event")])
def test_a_report_whose_time_is_rounded_to_another_second_is_of_the_same_event(sfm, seconds, verdict):
    """As an import joins it: a trigger and the start of its record may round to other seconds."""
    event = simulate_waveform(Random(3), seconds=1.0, sample_rate=1024, loudness="ordinary")
    later = replace(event, recorded_at=event.recorded_at + timedelta(seconds=seconds))
    (sfm.folder / "M529LK44.AB0").write_bytes(blastware_file(event))
    (sfm.folder / "report.txt").write_bytes(ascii_report(later, file_name="M529LK44.AB0"))
    code = 0 if verdict == "agree" else 1
    assert sfm.json("check-file", "M529LK44.AB0", "--report", "report.txt", code=code)["verdict"] == verdict


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_a_cut_file_lacks_is_called_a_difference(seed):
    """Cut anywhere, within a number too: what is there agrees. (In the very last row nothing tells.)"""
    random = Random(seed)
    event = simulate_waveform(random, seconds=0.5, sample_rate=1024, loudness="ordinary")
    histogram = simulate_histogram(random, count=40)
    pairs = [
        (blastware_file(event), thor_csv(event)),
        (blastware_file(event), ascii_report(event, file_name="x")),
        (blastware_file(histogram), ascii_report(histogram, file_name="h")),
    ]
    for file, report in pairs:
        for part in (0.55, 0.7, random.uniform(0.5, 0.97), 0.97):
            cut = check_file(file, report[: int(len(report) * part)])
            assert cut.agreement.value == "cut off"
            assert all(one.agrees for one in cut.quantities)
            assert cut.samples is None or not any(one.differing for one in cut.samples.channels)
            assert cut.intervals is None or not cut.intervals.differences
            torn = check_file(file[: int(len(file) * part)], report)
            assert torn.cut_off and not torn.quantities and torn.agreement.value == "cut off"
