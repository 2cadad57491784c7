"""Files that wait for their event: why, what comes next, and `sfm waiting`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import apsw
import pytest

from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_waveform


def silent(data):
    """A report that does not say when its event was recorded, without which it is none of its own."""
    return data.replace(b"Event Date", b"Date of event")


@pytest.fixture
def event():
    return simulate_waveform(Random(3), seconds=0.3, sample_rate=1024, serial="BE11529")


def test_an_import_says_why_files_wait_and_what_comes_next(sfm, event):
    folder = sfm.folder / "texts"
    folder.mkdir()
    for name in ("M529LK44_AB0_ASCII.TXT", "M529LK45_AB0_ASCII.TXT"):
        (folder / name).write_bytes(silent(ascii_report(event, file_name=name)) + name.encode())
    told = sfm("import", "my quarry.sfm", folder, "--create").stderr
    (line,) = [line for line in told.splitlines() if line.startswith("waiting: ")]
    assert line.startswith("waiting: 2 files, such as ") and "its event is not in the archive yet" in line
    assert "sfm waiting 'my quarry.sfm' lists them" in told or 'sfm waiting "my quarry.sfm" lists them' in told
    assert "waiting for their event  2 files; sfm waiting " in sfm("info", "my quarry.sfm").stdout


def test_waiting_files_are_listed_until_their_event_comes(sfm, event, closed):
    text, file = sfm.folder / "M529LK44_AB0_ASCII.TXT", sfm.folder / "M529LK44.AB0"
    text.write_bytes(silent(ascii_report(event, file_name="M529LK44.AB0")))
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


def damage(path: Path, name: str) -> None:
    """Flip a byte of a received file, where it lies in the archive's file."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    query = (
        "SELECT data FROM file_piece JOIN file_content USING (content_id) JOIN received_file USING (sha256)"
        " WHERE name = ?"
    )
    (packed,) = connection.execute(query, (name,)).fetchone()
    connection.close()
    whole = bytearray(path.read_bytes())
    assert whole.count(packed[:60]) == 1
    whole[whole.index(packed[:60]) + 50] ^= 1
    path.write_bytes(whole)


def test_a_damaged_waiting_file_is_named_and_keeps_no_import_from_its_report(sfm, event, closed):
    at = event.recorded_at + timedelta(hours=1)
    later = simulate_waveform(Random(4), seconds=0.3, sample_rate=1024, serial="BE11529", recorded_at=at)
    for folder, one in (("first", event), ("second", later)):
        (sfm.folder / folder).mkdir()
        (sfm.folder / folder / f"{call_home_name(one)}.TXT").write_bytes(silent(ascii_report(one, file_name="x")))
        (sfm.folder / folder / call_home_name(one)).write_bytes(blastware_file(one))
    texts = [f"{folder}/{call_home_name(one)}.TXT" for folder, one in (("first", event), ("second", later))]
    sfm("import", "q.sfm", *texts, "--create")
    damage(sfm.folder / "q.sfm", f"{call_home_name(event)}.TXT")
    result = sfm("waiting", "q.sfm", code=1)
    assert len(result.stdout.splitlines()) == 3 and "Take it from a backup" in result.stderr
    assert sorted(one["damaged"] for one in sfm.json("waiting", "q.sfm", code=1)["waiting"]) == [False, True]
    result = sfm("import", "q.sfm", f"first/{call_home_name(event)}", code=1)
    assert "1 new event" in result.stdout and "history head " in result.stderr
    document = sfm.json("import", "q.sfm", f"second/{call_home_name(later)}", code=1)
    closed("import", document)
    (sentence,) = document["waiting_damaged"]
    assert (document["events_created"], document["anything_rejected"]) == (1, False)
    assert ".TXT (file " in sentence and "Take it from a backup" in sentence
    assert len(sfm.json("waiting", "q.sfm", code=1)["waiting"]) == 1


def test_what_waits_is_read_again_only_when_its_event_has_come(sfm, event):
    name = f"{call_home_name(event)}.TXT"
    (sfm.folder / name).write_bytes(silent(ascii_report(event, file_name="M529LK44.AB0")))
    (sfm.folder / "M529LK44.AB0").write_bytes(blastware_file(event))
    at = event.recorded_at + timedelta(hours=1)
    other = simulate_waveform(Random(4), seconds=0.3, sample_rate=1024, serial="BE11529", recorded_at=at)
    (sfm.folder / call_home_name(other)).write_bytes(blastware_file(other))
    sfm("import", "q.sfm", name, "--create")
    (kept,) = [change for change in sfm.json("history", "q.sfm")["changes"] if change["action"] == "keep file"]
    assert kept["detail"]["tells"] == {
        "serial": "BE11529",
        "recorded_at_local": "",
    }
    damage(sfm.folder / "q.sfm", name)
    assert "damaged" not in sfm("import", "q.sfm", call_home_name(other)).stderr
    assert "damaged, still waiting: " in sfm("import", "q.sfm", "M529LK44.AB0", code=1).stderr


def test_lists_summaries_and_reports_say_how_many_files_wait(sfm, event):
    """A report that no event has is in none of their numbers."""
    (sfm.folder / "M529LK44.AB0").write_bytes(blastware_file(event))
    sfm("import", "q.sfm", "M529LK44.AB0", "--create")
    for command in (("list", "q.sfm"), ("summary", "q.sfm")):
        assert "wait" not in sfm(*command).stderr and sfm.json(*command)["waiting_files"] == 0
    other = simulate_waveform(Random(4), seconds=0.3, sample_rate=1024, serial="BE11530")
    (sfm.folder / "M530LK44_AB0_ASCII.TXT").write_bytes(silent(ascii_report(other, file_name="M530LK44.AB0")))
    sfm("import", "q.sfm", "M530LK44_AB0_ASCII.TXT")
    for command in (("list", "q.sfm"), ("summary", "q.sfm"), ("report", "q.sfm", "-o", "r.pdf")):
        assert "1 file waits for its event: sfm waiting q.sfm" in sfm(*command).stderr
    for command in ("list", "summary"):
        assert sfm.json(command, "q.sfm")["waiting_files"] == 1
