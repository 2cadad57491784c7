"""Files that wait for their event: why, what comes next, and `sfm waiting`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from sfm_archive.testing import ascii_report, blastware_file, simulate_waveform


@pytest.fixture
def event():
    return simulate_waveform(Random(3), seconds=0.3, sample_rate=1024, serial="BE11529")


def test_an_import_says_why_files_wait_and_what_comes_next(sfm, event):
    folder = sfm.folder / "texts"
    folder.mkdir()
    for name in ("M529LK44_AB0_ASCII.TXT", "M529LK45_AB0_ASCII.TXT"):
        (folder / name).write_bytes(ascii_report(event, file_name=name) + name.encode())
    told = sfm("import", "my quarry.sfm", folder, "--create").stderr
    (line,) = [line for line in told.splitlines() if line.startswith("waiting: ")]
    assert line.startswith("waiting: 2 files, such as ") and "its event is not in the archive yet" in line
    assert "sfm waiting 'my quarry.sfm' lists it" in told or 'sfm waiting "my quarry.sfm" lists it' in told
    assert "waiting for their event  2 files; sfm waiting " in sfm("info", "my quarry.sfm").stdout


def test_waiting_files_are_listed_until_their_event_comes(sfm, event, closed):
    text, file = sfm.folder / "M529LK44_AB0_ASCII.TXT", sfm.folder / "M529LK44.AB0"
    text.write_bytes(ascii_report(event, file_name="M529LK44.AB0"))
    file.write_bytes(blastware_file(event))
    assert "waiting: " + str(text) in sfm("import", "q.sfm", text, "--create").stderr
    result = sfm("waiting", "q.sfm")
    title, line = result.stdout.splitlines()
    assert title.startswith("received (UTC)") and "M529LK44_AB0_ASCII.TXT  BE11529" in line and "M529LK44.AB0" in line
    assert "M529LK44_AB0_ASCII.TXT: its event is not in the archive yet" in result.stderr
    document = sfm.json("waiting", "q.sfm")
    closed("waiting", document)
    assert document["waiting"][0]["serial"] == "BE11529" and document["waiting"][0]["kind"] == "report"
    sfm("import", "q.sfm", file)
    result = sfm("waiting", "q.sfm")
    assert (result.stdout, result.stderr) == ("", "0 files waiting\n")
    assert sfm.json("waiting", "q.sfm")["waiting"] == []


def test_a_report_of_a_micromate_is_said_to_wait_for_what_is_not_read(sfm):
    real = Path(__file__).parent.parent / "data" / "blastware-ascii" / "5m.TXT"
    told = sfm("import", "q.sfm", real, "--create").stderr
    assert "UM16127_20260626154105.IDFW, a Micromate's (Series IV) event file, which this version does not read" in told
    _, line = sfm("waiting", "q.sfm").stdout.splitlines()
    assert line.endswith("5m.TXT  UM16127  2026-06-26 15:41:05")
