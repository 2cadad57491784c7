"""What a killed program left of a file that it was writing is removed by the next one that writes into the folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

KILLED = """
    import os, sys
    from pathlib import Path
    from sfm_archive.files.writing import new_file
    with new_file(Path(sys.argv[1]) / "backup of yesterday.sfm") as unfinished:
        unfinished.write_bytes(bytes(1000))
        for ending in ("-journal", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + ending).write_bytes(b"beside it")
        os._exit(9)
"""

COMMANDS = {
    "backup": ("backup", "QUARRY", "out/new.sfm"),
    "seal": ("seal", "QUARRY", "out/new.sfm"),
    "salvage": ("salvage", "QUARRY", "out/new.sfm"),
    "extract": ("extract", "QUARRY", "out/new.sfm"),
    "create": ("create", "out/new.sfm"),
    "report": ("report", "QUARRY", "1", "-o", "out/new.pdf"),
    "plot": ("plot", "QUARRY", "1", "-o", "out/new.png"),
    "export-data": ("export-data", "QUARRY", "out", "1", "--format", "csv"),
    "write": ("write", "QUARRY", "1", "--as", "csv", "--to", "out"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_next_program_removes_it(sfm, quarry, command):
    out = sfm.folder / "out"
    out.mkdir()
    subprocess.run([sys.executable, "-c", dedent(KILLED), str(out)], check=False, timeout=60)
    left = {path.name for path in out.iterdir()}
    assert len(left) == 4
    sfm(*(str(quarry) if word == "QUARRY" else word for word in COMMANDS[command]))
    there = {path.name for path in out.iterdir()}
    assert there and not there & left


def test_what_a_program_is_writing_now_stays(sfm, quarry):
    from sfm_archive.files.writing import new_file

    with new_file(Path("slow.sfm")) as unfinished:
        sfm("backup", quarry, "quick.sfm")
        assert unfinished.exists()
    assert Path("slow.sfm").exists()
