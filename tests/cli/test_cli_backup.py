"""`sfm backup`."""

from __future__ import annotations

from pathlib import Path

import sfm_archive


def flip_in_frames(path):
    """One byte inside the stored frames of an event, as a failing disk does it."""
    data = bytearray(Path(path).read_bytes())
    with sfm_archive.open(path, read_only=True) as archive:
        connection = archive.store.connection
        (blob,) = connection.execute("SELECT data FROM frames WHERE event_id = 3").fetchone()
    data[bytes(data).index(blob[40:72]) + 16] ^= 0x10
    Path(path).write_bytes(data)


def test_a_copy_is_proved_and_named(sfm, quarry):
    result = sfm("backup", quarry, "copy.sfm")
    head = sfm.json("info", quarry)["history_head"]
    assert head in result.stderr and "verified        full" in result.stdout
    assert sfm.json("info", "copy.sfm")["history_head"] == head
    assert sorted(path.name for path in sfm.folder.iterdir()) == ["copy.sfm", "quarry.sfm"]


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    document = sfm.json("backup", quarry, "copy.sfm", "--quick")
    closed("backup", document)
    assert document["verified"] == "quick" and document["events"] == 7


def test_a_folder_gets_a_file_of_the_same_name(sfm, quarry):
    Path("disk").mkdir()
    sfm("backup", quarry, "disk")
    assert sfm("verify", "disk/quarry.sfm").exit_code == 0
    assert "exists already" in sfm.error("backup", quarry, "disk", code=6)


def test_nothing_is_replaced(sfm, quarry):
    Path("mine").write_bytes(b"mine")
    assert "exists already" in sfm.error("backup", quarry, "mine", code=6)
    assert "exists already" in sfm.error("backup", quarry, quarry, code=6)
    assert Path("mine").read_bytes() == b"mine"


def test_a_damaged_archive_gives_no_copy(sfm, quarry):
    flip_in_frames(quarry)
    sentence = sfm.error("backup", quarry, "copy.sfm", code=5)
    assert "salvage" in sentence and "removed" in sentence
    assert [path.name for path in sfm.folder.iterdir()] == ["quarry.sfm"]


def test_a_folder_that_is_not_there(sfm, quarry):
    assert "cannot be written" in sfm.error("backup", quarry, "nowhere/copy.sfm", code=6)


def test_a_copy_is_of_one_moment_while_others_save(sfm, quarry):
    with sfm_archive.open(quarry) as archive:
        archive.state_time_zone("BE11529", "America/Denver")
        sfm("backup", quarry, "copy.sfm")
        archive.state_time_zone("BE11529", "Europe/Berlin")
        assert sfm.json("zones", "copy.sfm")["zones"] == {"BE11529": "America/Denver"}
