"""`sfm export`."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from pathlib import Path
from random import Random

import apsw
import pytest

from sfm_archive.cli.opening import Access
from sfm_archive.testing import capture, odd_streams, simulate_waveform


def exported(folder="out"):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def test_a_folder_for_blastware(sfm, quarry):
    result = sfm("export", quarry, "out", code=1)
    assert result.stdout == (
        "events  outcome\n     6  written\n     1  not encodable\n     7  selected; 35.7 kB written to out\n"
    )
    refusal, recorded = [line for line in result.stderr.splitlines() if not line.startswith("history head")]
    assert recorded == "recorded as hand-over 1"
    assert refusal.startswith("not encodable: event 2: blastware@2 refuses the frames: ")
    assert exported() == [
        "BE11529/M529LL33.JM0W",
        "BE11529/M529LL3G.O00H",
        "BE11529/M529LL4X.MX0W",
        "BE14036/P036LL33.JN0W",
        "BE14036/P036LL3K.U00H",
        "BE9413/K413LJU3.C00H",
    ]


def test_a_file_of_frames_that_are_not_the_whole_event_is_said_and_a_finding(sfm):
    random = Random(2)
    event = simulate_waveform(random, serial="BE11529")
    data = capture(random, [event], wire_of=lambda one: odd_streams.end_too_near(random, one))
    Path("BE11529").mkdir()
    Path("BE11529/raw_s3_1.bin").write_bytes(data)
    sfm("create", "torn.sfm")
    sfm("import", "torn.sfm", "BE11529")
    for outcome in ("written", "unchanged"):
        result = sfm("export", "torn.sfm", "out", code=1)
        assert f"1  {outcome}\n" in result.stdout
        assert "look at: BE11529/" in result.stderr and "event 1: its frames are not the whole event" in result.stderr
    (item,) = sfm.json("export", "torn.sfm", "out", "--dry-run", code=1)["items"]
    assert [one["code"] for one in item["findings"]].count("not-whole") == 1
    # Made again as it was handed over, which said so: a note.
    assert "event 1: its frames are not the whole event" in sfm("export", "torn.sfm", "again", "--like", "1").stderr
    (item,) = sfm.json("export", "torn.sfm", "again", "--like", "1")["items"]
    assert [(one["code"], one["severity"]) for one in item["findings"]] == [("not-whole", "note")]


def test_again_nothing_is_touched(sfm, quarry):
    sfm("export", quarry, "out", code=1)
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")}
    document = sfm.json("export", quarry, "out", code=1)
    assert (document["totals"]["unchanged"], document["bytes_written"]) == (6, 0)
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")} == before


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    document = sfm.json("export", quarry, "out", code=1)
    closed("export", document)
    for item in document["items"]:
        if item["path"] and item["sha256"]:
            data = Path("out", item["path"]).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (item["sha256"], item["size"])


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["--serial", "BE14036"], ["BE14036/P036LL33.JN0W", "BE14036/P036LL3K.U00H"]),
        (["--type", "waveform", "--since", "2026-05-13"], ["BE11529/M529LL4X.MX0W"]),
        (["1"], ["BE9413/K413LJU3.C00H"]),
        (["K413LJU3.C00H", "3"], ["BE11529/M529LL33.JM0W", "BE9413/K413LJU3.C00H"]),
        (["1", "--names", "manual"], ["BE9413/K413LJU3.C00"]),
        (["2", "--encoder", "blastware@1"], ["BE9413/K413LJW8.9Q0W"]),
    ],
)
def test_a_selection(sfm, quarry, arguments, files):
    sfm("export", quarry, "out", *arguments)
    assert exported() == files


def test_a_dry_run_writes_nothing(sfm, quarry):
    result = sfm("export", quarry, "out", "--dry-run", code=1)
    assert "     7  selected; 35.7 kB would be written to out\n" in result.stdout
    assert not Path("out").exists()


def test_a_different_file_stays_until_told_otherwise(sfm, quarry):
    sfm("export", quarry, "out", "1")
    path = Path("out/BE9413/K413LJU3.C00H")
    made = path.read_bytes()
    path.write_bytes(b"mine")
    result = sfm("export", quarry, "out", "1", code=1)
    assert result.stderr.startswith("different file in the way: ")
    assert path.read_bytes() == b"mine"
    assert sfm.json("export", quarry, "out", "1", "--overwrite")["totals"]["replaced"] == 1
    assert path.read_bytes() == made


def test_the_manifest_is_announced(sfm, quarry):
    result = sfm("export", quarry, "out", "--serial", "BE14036", "--manifest")
    path = Path("out", "SHA256SUMS")
    assert f"sums in {path}; check them with: sha256sum -c SHA256SUMS\n" in result.stderr
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_an_encoder_that_is_not_installed(sfm, quarry):
    sentence = sfm.error("export", quarry, "out", "--encoder", "blastware@9", code=3)
    assert sentence.startswith("encoder blastware@9 is not installed")


def test_an_event_that_is_not_there(sfm, quarry):
    assert sfm.error("export", quarry, "out", "99", code=3).startswith("quarry.sfm holds no event 99; ")
    assert not Path("out").exists()


def test_another_encoders_work_is_recorded_and_the_new_head_told(sfm, quarry):
    first = sfm("export", quarry, "out", "1", "--encoder", "blastware@1")
    assert "history head " in first.stderr
    again = sfm("export", quarry, "out", "1", "--encoder", "blastware@1")
    assert "history head " not in again.stderr


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the user may write everywhere here")
def test_a_read_only_archive_is_exported_all_the_same(sfm, quarry):
    Path(quarry).chmod(stat.S_IRUSR)
    sfm.folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with Access(path=Path(quarry), wait_s=1).to_write_if_possible() as archive:
            assert archive.read_only
    finally:
        sfm.folder.chmod(stat.S_IRWXU)


def test_where_the_system_says_read_only_the_archive_is_opened_so(sfm, quarry, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with Access(path=Path(quarry), wait_s=1).to_write_if_possible() as archive:
        assert archive.read_only
    sfm("export", quarry, "out", "1", "--encoder", "blastware@1")
    assert exported() == ["BE9413/K413LJU3.C00H"]


def test_one_cause_for_many_events_is_said_once_with_their_number(sfm, quarry, monkeypatch):
    """An archive whose pinned encoder is gone said the same sentence ten thousand times."""
    number = len(json.loads(sfm("list", quarry, "--json").stdout)["events"])
    assert number > 1
    sfm("reencode", quarry, "--encoder", "blastware@3")
    sfm("encoders", quarry, "--pin", "blastware@3")
    monkeypatch.setenv("SFM_PLUGINS", "blastware-1")
    result = sfm("export", quarry, "elsewhere", code=1)
    told = [line for line in result.stderr.splitlines() if "blastware@3 is not installed" in line]
    assert len(told) == 1
    # One event's frames are recorded as refused: that is its reason, whichever encoders are installed.
    assert f"({number - 1} events)" in told[0]


def test_an_archive_that_stays_busy_is_not_called_read_only(sfm, quarry):
    """Somebody reads it all the while, so that it cannot be switched to its log."""
    reader = apsw.Connection(str(quarry))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM event").fetchall()
    told = sfm("export", quarry, "out", "1", "--wait", "0.2").stderr
    assert "no hand-over record was left: the archive could only be opened for reading (" in told
    assert "another program" in told and "read-only" not in told
    reader.close()
