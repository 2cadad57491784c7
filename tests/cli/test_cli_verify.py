"""`sfm verify`."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest


def damage(path):
    """Flip one byte inside the stored frames of an event, as a failing disk does."""
    data = bytearray(Path(path).read_bytes())
    connection = sqlite3.connect(path)
    (blob,) = connection.execute("SELECT data FROM frames WHERE event_id = 3").fetchone()
    connection.close()
    at = bytes(data).find(blob[40:72])
    assert at > 0
    data[at + 16] ^= 0x10
    Path(path).write_bytes(data)


def test_a_sound_archive(sfm, quarry):
    result = sfm("verify", quarry)
    lines = result.stdout.splitlines()
    assert lines[0] == "checked  what"
    assert lines[-2] == "everything is intact"
    assert lines[-1] == f"history head {sfm.json('info', quarry)['history_head']}"
    assert all(re.fullmatch(r" *[\d,]+  [a-z].*", line) for line in lines[1:-2])


def test_damage_is_named_and_ends_with_5(sfm, quarry):
    damage(quarry)
    result = sfm("verify", quarry, code=5)
    assert re.search(r"^damaged: event 3, frames revision 1: ", result.stdout, re.MULTILINE)
    assert re.search(r"^\d+ damaged$", result.stdout, re.MULTILINE)
    assert "everything is intact" not in result.stdout


def spoil_summary(path):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE event_summary SET tran_nm_s = coalesce(tran_nm_s, 0) + 1 WHERE event_id = 3")
    connection.commit()
    connection.close()


def test_a_derived_row_is_out_of_date_and_not_damaged(sfm, quarry):
    """Nobody is sent to a backup or to salvage for a row that rebuild makes again."""
    spoil_summary(quarry)
    lines = sfm("verify", quarry, code=5).stdout.splitlines()
    (told,) = [line for line in lines if line.startswith("out of date: event 3, summary: ")]
    assert "; sfm rebuild makes it again" in told
    assert not any(line.startswith("damaged:") for line in lines) and lines[-2] == "1 out of date"
    sentence = sfm.error("backup", quarry, "copy.sfm", code=5)
    assert "out of date" in sentence and sentence.rstrip().endswith("run sfm rebuild quarry.sfm")
    assert "salvage" not in sentence
    connection = sqlite3.connect(quarry)
    connection.execute("DELETE FROM event_summary WHERE event_id = 3")
    connection.commit()
    connection.close()
    sentence = sfm.error("compact", quarry, code=5)
    assert sentence.rstrip().endswith("run sfm rebuild quarry.sfm")
    sfm("rebuild", quarry)
    sfm("verify", quarry)


def test_a_derived_row_of_damaged_evidence_may_be_the_right_one(sfm, quarry):
    damage(quarry)
    spoil_summary(quarry)
    lines = sfm("verify", quarry, code=5).stdout.splitlines()
    (told,) = [line for line in lines if line.startswith("out of date: event 3, summary: ")]
    assert "look at the damage first" in told and "sfm rebuild makes it again" not in told
    assert lines[-2].endswith(" damaged, 1 out of date")


@pytest.mark.parametrize("code", [0, 5])
def test_json_has_exactly_the_documented_keys(sfm, quarry, closed, code):
    if code:
        damage(quarry)
    document = sfm.json("verify", quarry, code=code)
    closed("verify", document)
    assert document["ok"] is (code == 0)
    assert bool(document["findings"]) is not document["ok"]


def test_a_damaged_event_is_not_exported(sfm, quarry):
    damage(quarry)
    document = sfm.json("export", quarry, "out", "3", code=5)
    assert document["totals"]["damaged"] == 1
    assert [path for path in Path("out").rglob("*") if path.is_file()] == []


def test_a_sample_of_nothing_is_not_called_intact(sfm, quarry):
    said = sfm("verify", quarry, "--sample", "0.000001%").stdout
    assert "nothing fell into it" in said and "intact" not in said
    assert sfm.json("verify", quarry, "--sample", "0.000001%")["nothing_fell_into_it"] is True
    quick = sfm("verify", quarry, "--quick").stdout
    assert "sfm verify checks the stored bytes, and the rows that lists read, too" in quick


@pytest.mark.posix("a link that leads to itself")
def test_a_link_loop_is_a_sentence(sfm):
    (sfm.folder / "loop").symlink_to("loop")
    for more in ((), ("--resume",), ("--sample", "5%")):
        assert "cannot be read" in sfm.error("verify", "loop", *more, code=6)
