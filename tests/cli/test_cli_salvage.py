"""`sfm salvage`."""

from __future__ import annotations

from pathlib import Path


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
