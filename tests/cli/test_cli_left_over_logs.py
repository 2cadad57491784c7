"""Commands that make an archive, at a path where a log of another one was left: exit code 6, and nothing is made."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sfm_archive.cli import COMMANDS
from sfm_archive.demo import captures

MAKERS = {
    "create": "create new.sfm",
    "import": "import new.sfm CAPTURE --create",
    "backup": "backup QUARRY new.sfm",
    "seal": "seal QUARRY new.sfm",
    "salvage": "salvage QUARRY new.sfm",
    "extract": "extract QUARRY new.sfm",
}
PICTURES = {"attenuation", "coverage", "firm", "handovers", "job", "page", "plot", "report", "unit"}
OTHERS = set(COMMANDS) - set(MAKERS) - {"demo"}


@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
@pytest.mark.parametrize("command", MAKERS)
def test_it_is_refused(sfm, quarry, command, ending):
    target = sfm.folder / "new.sfm"
    left = target.with_name(f"{target.name}{ending}")
    left.write_bytes(b"of another archive")
    line = {"QUARRY": quarry, "CAPTURE": captures()[0]}
    said = sfm.error(*(line.get(word, word) for word in MAKERS[command].split()), code=6)
    assert said.startswith(f"new.sfm was not made: {left.name} ") and said.endswith("try again")
    assert left.read_bytes() == b"of another archive"
    assert not target.exists() and not list(sfm.folder.glob("*.verification.txt"))


def test_a_demo_is_not_made_beside_anything(sfm):
    (sfm.folder / "demo").mkdir()
    (sfm.folder / "demo" / "demo.sfm-wal").write_bytes(b"of another archive")
    assert "demo holds other files and no demo; it was not touched" in sfm.error("demo", "demo", code=6)


def test_no_other_command_makes_an_archive(sfm, quarry):
    """One that is added is added above, or has no path of a new archive among its arguments: what `PICTURES` write is
    a picture, a PDF or pages."""
    import click

    from sfm_archive.cli import main

    context = click.Context(main)
    for name in OTHERS:
        command = main.get_command(context, name)
        parts = [command]
        if isinstance(command, click.Group):
            parts += [command.get_command(context, part) for part in command.list_commands(context)]
        for part in parts:
            names = {one.name for one in part.params}
            assert not names & {"new", "target"} or name in PICTURES, f"{name} {part.name}"


KILLED = """
import os, sys
import sfm_archive as sfm
archive = sfm.open(sys.argv[1])
archive.pin_encoder("blastware@1")
os.kill(os.getpid(), 9)
"""


@pytest.mark.posix("signals")
def test_a_backup_in_the_place_of_a_broken_archive(sfm, quarry):
    """The way that damaged the backup: behind a killed writer the archive is moved away, and its log stays."""
    shutil.copyfile(quarry, "older.sfm")
    subprocess.run([sys.executable, "-c", KILLED, quarry], check=False, timeout=60)
    Path(quarry).rename("broken.sfm")
    said = sfm.error("backup", "older.sfm", quarry, code=6)
    assert said.startswith("quarry.sfm was not made: quarry.sfm-wal is left over there")
    shutil.copyfile("older.sfm", quarry)
    for command in ("list", "verify", "info"):
        said = sfm.error(command, quarry, code=6)
        assert said.startswith("quarry.sfm was not opened: quarry.sfm-wal beside it is the log of another archive")
    Path("quarry.sfm-wal").rename("broken.sfm-wal")
    assert "blastware@1" in sfm("encoders", "broken.sfm").stdout
    sfm("verify", "broken.sfm")
    sfm("verify", quarry)
