"""`sfm write`."""

from __future__ import annotations


def test_write(sfm, quarry):
    text = sfm("write", quarry, "3", "--as", "ascii-values").stdout
    assert text.startswith("serial,recorded_at_local,quantity,channel,number,unit,state,text,source\n")
    assert ",ppv,Vert,0.88" in text
    sfm("write", quarry, "3", "--as", "blastware", "--to", "tables")
    sfm("export", quarry, "out", "3")
    (exported,) = [path for path in (sfm.folder / "out").rglob("*") if path.is_file()]
    assert (sfm.folder / "tables" / exported.name).read_bytes() == exported.read_bytes()
    assert "exists already" in sfm.error("write", quarry, "3", "--as", "blastware", "--to", "tables", code=6)
    assert "installed: ascii-values, blastware" in sfm.error("write", quarry, "3", "--as", "xlsx", code=3)
