"""Packages that are not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sfm_archive import Archive
from sfm_archive.base.extras import optional_packages
from sfm_archive.errors import UsageError


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UsageError, match=r"pip install 'sfm-archive\[formats\]'"), optional_packages("this"):
        raise ModuleNotFoundError("no", name="h5py")
    with pytest.raises(ModuleNotFoundError), optional_packages("this"):
        raise ModuleNotFoundError("no", name="sfm_archive.gone")


def without_numpy(code: str, folder: Path) -> str:
    """What Python says at the end where numpy is not installed."""
    blocked = "import sys; sys.modules['numpy'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", blocked + code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode != 0
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["analyse", "a.sfm"], "waveforms"),
        (["plot", "a.sfm", "1"], "waveforms"),
        (["plot", "a.sfm", "1", "-o", "a.png"], "plots"),
        (["report", "a.sfm", "-o", "a.pdf"], "plots"),
        (["export-data", "a.sfm", "out", "--format", "csv"], "waveforms"),
        (["export-data", "a.sfm", "out", "--format", "hdf5"], "formats"),
        (["export-data", "a.sfm", "out", "--format", "miniseed"], "obspy"),
    ],
    ids=" ".join,
)
def test_one_installation_is_enough_for_a_command(command, extra, tmp_path):
    said = without_numpy(f"from sfm_archive.cli import main; main({command!r})", tmp_path)
    assert said.startswith("Error: sfm ") and f"sfm-archive[{extra}]" in said


@pytest.mark.parametrize(("call", "extra"), [("analyse()", "waveforms"), ("stream(1)", "obspy")])
def test_so_it_is_for_a_program(call, extra, tmp_path):
    Archive.create(tmp_path / "a.sfm").close()
    said = without_numpy(f"import sfm_archive as sfm; sfm.open('a.sfm').{call}", tmp_path)
    assert "NotInstalled: archive." in said and f"sfm-archive[{extra}]" in said
