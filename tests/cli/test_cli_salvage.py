"""`sfm salvage`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import apsw

from sfm_archive.cli.salvage import result
from sfm_archive.maintaining.salvaging.report import Loss, SalvageReport
from tests.cli.conftest import SFM


def test_a_sound_archive_comes_over_whole(sfm, quarry, closed):
    document = sfm.json("salvage", quarry, "new.sfm", "--actor", "tester")
    closed("salvage", document)
    assert document["lossless"] and document["saved"]["events"] == 7
    assert document["old_head"] == sfm.json("info", quarry)["history_head"]
    assert document["history_head"] == sfm.json("info", "new.sfm")["history_head"]
    assert sfm.json("verify", "new.sfm")["ok"]


def test_what_is_lost_is_listed(sfm, quarry, closed):
    data = Path(quarry).read_bytes()
    Path("cut.sfm").write_bytes(data[: len(data) * 2 // 3])
    result = sfm("salvage", "cut.sfm", "new.sfm", code=5)
    assert "lost: event " in result.stdout and "; take it from a backup" in result.stdout
    assert sfm.json("verify", "new.sfm")["ok"]
    closed("salvage", sfm.json("salvage", "cut.sfm", "other.sfm", code=5))


def test_what_is_no_archive_gives_none(sfm):
    Path("text").write_text("no archive" * 1000)
    assert "nothing was made" in sfm.error("salvage", "text", "new.sfm", code=6)
    assert "does not exist" in sfm.error("salvage", "nowhere", "new.sfm", code=3)
    assert [path.name for path in sfm.folder.iterdir()] == ["text"]


def test_a_file_whose_row_was_altered_is_named_with_what_is_left_of_it(sfm, quarry):
    """Two files of one change, each with another name than the history has of it."""
    sources = Path("received")
    sources.mkdir()
    for name in ("combo.bin", "other.bin"):
        (sources / name).write_bytes(name.encode() * 50)
    sfm("import", quarry, "received", code=1)
    connection = apsw.Connection(quarry)
    name, text = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'received_file_is_never_changed'"
    ).fetchone()
    rows = connection.execute("SELECT file_id, lower(hex(sha256)), name FROM received_file").fetchall()
    connection.execute(f"DROP TRIGGER {name}; UPDATE received_file SET name = 'x' || name; {text}")
    connection.close()
    document = sfm.json("salvage", quarry, "new.sfm", code=5)
    said = [loss["message"] for loss in document["losses"] if "was altered: it reads" in loss["message"]]
    assert len(rows) > 1
    for _, sha256, own in rows:
        assert any(f"'x{own}', SHA-256 {sha256}" in message for message in said), own


def test_of_very_many_losses_the_text_lists_the_first_and_their_number():
    loss = Loss(event_id=0, subject="received file", message="its row is lost", advice="import it again")
    report = SalvageReport(
        path="a", target="b", saved={}, losses=(loss,) * 1000, unreadable_rows=0, old_archive_id="", old_length=1,
        old_head="", chain_holds=False, history_head="", was_sealed=False,
    )  # fmt: skip
    lines = result(report).splitlines()
    assert len(lines) < 220 and "and 800 more; --json lists all" in lines and lines[-1] == "1,000 lost"


def test_a_salvage_that_is_killed_leaves_the_old_file_and_no_half_of_a_new_one(sfm, quarry):
    """At many moments, until one comes to its end."""
    before, wait_s, ended = Path(quarry).read_bytes(), 0.3, False
    while not ended:
        process = subprocess.Popen([*SFM, "salvage", quarry, "new.sfm"], stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=wait_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.wait()
        assert Path(quarry).read_bytes() == before
        left = {path.name for path in sfm.folder.iterdir() if not path.name.startswith(".sfm-")} - {quarry}
        assert left <= {"new.sfm"}
        ended = bool(left)
        wait_s *= 1.3
    document = sfm.json("verify", "new.sfm")
    assert document["ok"] and document["checked"]["events"] == 7
