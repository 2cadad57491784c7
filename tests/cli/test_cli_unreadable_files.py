"""A file that may not be read: exit code 6 and a sentence that names it, whichever command is given it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sfm_archive.demo import captures

pytestmark = pytest.mark.posix("permissions")

COMMANDS = {
    "list": "list CLOSED",
    "info": "info CLOSED",
    "show": "show CLOSED 1",
    "verify": "verify CLOSED",
    "export": "export CLOSED out",
    "report": "report CLOSED -o new.pdf",
    "backup": "backup CLOSED new.sfm",
    "compact": "compact CLOSED",
    "rebuild": "rebuild CLOSED --dry-run",
    "import": "import CLOSED QUARRY",
    "salvage": "salvage CLOSED new.sfm",
    "merge": "merge QUARRY CLOSED",
    "extract": "extract CLOSED new.sfm",
    "check-report": "check-report CLOSED",
    "check-file": "check-file CLOSED --report CLOSED",
    "diff": "diff QUARRY 1 CLOSED",
    "leave out": "import QUARRY --leave-out CLOSED --reason none",
    "limits": "summary QUARRY --limits CLOSED",
}


@pytest.fixture
def open_folder(quarry, sfm) -> Iterator[Path]:
    """A folder that everybody may read and write; pytest's own is closed to others."""
    with TemporaryDirectory(prefix="sfm-rights-") as made:
        folder = Path(made)
        for name in ("closed", "quarry.sfm"):
            shutil.copyfile(sfm.folder / quarry, folder / name)
            (folder / name).chmod(0o666)
        folder.chmod(0o777)
        (folder / "closed").chmod(0)
        yield folder


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_named(sfm, open_folder, as_nobody, command, monkeypatch):
    # Only root can act as nobody for a while, and is asked as root then: who is nobody all the time is not.
    monkeypatch.setattr(os, "access", partial(os.access, effective_ids=True))
    given = {"CLOSED": open_folder / "closed", "QUARRY": open_folder / "quarry.sfm"}
    given |= {"out": open_folder / "out", "new.sfm": open_folder / "new.sfm", "new.pdf": open_folder / "new.pdf"}
    line = [given.get(part, part) for part in COMMANDS[command].split()]
    with as_nobody():
        said = sfm.error(*line, code=6)
    assert said.startswith(str(given["CLOSED"])) and "permission denied" in said.lower()
    assert sorted(path.name for path in open_folder.iterdir()) == ["closed", "quarry.sfm"]


def test_of_many_files_it_is_the_one_that_is_rejected(sfm, open_folder, as_nobody):
    received = open_folder / "received"
    received.mkdir()
    for source in captures():
        shutil.copyfile(source, received / Path(source).name)
    first = sorted(received.iterdir())[0]
    first.chmod(0)
    received.chmod(0o755)
    with as_nobody():
        result = sfm("import", open_folder / "quarry.sfm", received, code=1)
    assert f"rejected: {first}: the file cannot be read: Permission denied" in result.stderr
