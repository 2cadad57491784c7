"""`sfm seal`."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def test_one_read_only_file_with_its_sheet(sfm, quarry):
    before = Path(quarry).read_bytes()
    sfm("seal", quarry, "sealed.sfm", "--actor", "Zoë")
    assert Path(quarry).read_bytes() == before
    sheet = Path("sealed.sfm.verification.txt").read_text(encoding="utf-8")
    data = Path("sealed.sfm").read_bytes()
    info = sfm.json("info", "sealed.sfm")
    for said in (hashlib.sha256(data).hexdigest(), info["history_head"], info["archive_id"], "Zoë", str(len(data))):
        assert said in sheet
    assert data[18:20] == b"\x01\x01", "rollback mode: one file"
    if os.name != "nt":
        for name in ("sealed.sfm", "sealed.sfm.verification.txt"):
            assert stat.S_IMODE(Path(name).stat().st_mode) == 0o444
    assert "everything is intact" in sfm("verify", "sealed.sfm").stdout
    assert len(list(sfm.folder.iterdir())) == 3


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    closed("seal", sfm.json("seal", quarry, "sealed.sfm"))


def test_neither_file_nor_sheet_is_replaced(sfm, quarry):
    Path("a.sfm.verification.txt").write_text("mine")
    assert "a.sfm.verification.txt exists already" in sfm.error("seal", quarry, "a.sfm", code=6)
    Path("b.sfm").write_text("mine")
    assert "b.sfm exists already" in sfm.error("seal", quarry, "b.sfm", code=6)
    assert not Path("a.sfm").exists() and not Path("b.sfm.verification.txt").exists()


def test_a_target_that_names_no_file_is_a_sentence(sfm, quarry):
    assert "names no file" in sfm.error("seal", quarry, "/" if os.sep == "/" else "\\", code=2)
