"""`sfm check-file`: an event file and its report, without an archive."""

from __future__ import annotations

from random import Random

import pytest

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
    assert "the event file is of" in sfm("check-file", file, "--report", "other.txt", code=1).stdout
    assert "not an ASCII report" in sfm.error("check-file", file, "--report", file, code=1)
    assert "do not begin as a Blastware event file" in sfm.error("check-file", report, "--report", report, code=1)


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
