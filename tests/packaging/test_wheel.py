"""The wheel, built from this checkout and installed where no checkout is, works the same.

Set SFM_ARCHIVE_WHEEL to the path of a wheel to test that one (CI builds it once for all systems). These tests
fetch from the package index: hatchling to build, the dependencies to install.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

import pytest

from sfm_archive.base.version import __version__

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
EXE = ".exe" if os.name == "nt" else ""
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "__pycache__", "*.pyc", "*.egg-info", "dist", "build", "demo-out", "tests", "docs", "benchmarks"
)

pytestmark = pytest.mark.packaging


@dataclass(frozen=True, slots=True)
class Installation:
    """A Python environment, and a folder outside of every checkout to run it in."""

    scripts: Path
    work: Path

    def run(self, program: str, *arguments: str | Path) -> str:
        """Standard output of a program that has to succeed."""
        command = [str(self.scripts / f"{program}{EXE}"), *map(str, arguments)]
        return run(command, self.work)

    def encoders(self) -> dict[str, dict[str, object]]:
        listed = json.loads(self.run("sfm", "encoders", "--json"))["encoders"]
        return {encoder["name"]: encoder for encoder in listed}

    def demo(self, folder: Path) -> dict[str, bytes]:
        """Run the main job; every exported event file by its `<serial>/<name>`."""
        self.run("sfm", "demo", folder)
        assert (folder / "demo.sfm").is_file()
        exported = folder / "blastware"
        return {
            path.relative_to(exported).as_posix(): path.read_bytes()
            for path in sorted(exported.rglob("*"))
            if path.is_file()
        }


def run(command: list[str], cwd: Path) -> str:
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    environment = {**kept, "PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def build_wheel(source: Path, target: Path) -> Path:
    run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(target), str(source)],
        target.parent,
    )
    (wheel,) = target.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Installation:
    run([sys.executable, "-m", "venv", str(folder / "venv")], folder)
    installation = Installation(folder / "venv" / SCRIPTS, folder / "work")
    installation.work.mkdir()
    installation.run("python", "-m", "pip", "install", "--quiet", wheel)
    return installation


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if given := os.environ.get("SFM_ARCHIVE_WHEEL"):
        return Path(given).resolve(strict=True)
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel") / "dist")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(wheel, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What runs these tests: the checkout, installed editable by bootstrap.py."""
    return Installation(Path(sysconfig.get_path("scripts")), tmp_path_factory.mktemp("here"))


def files_to_ship() -> set[str]:
    """Every file of the packages in the checkout, by its place in the wheel, and the schema."""
    found = {"sfm_archive/schema.sql"}
    for base, start in ((ROOT, ROOT / "sfm_archive"), (ROOT / "plugins", ROOT / "plugins")):
        for path in start.rglob("*"):
            inner = path.relative_to(base)
            if path.is_file() and "__pycache__" not in inner.parts:
                found.add(inner.as_posix())
    return found


def test_the_wheel_holds_exactly_the_packages_and_the_schema(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        schema = archive.read("sfm_archive/schema.sql")
    described = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - described == files_to_ship()
    assert schema.splitlines() == (ROOT / "schema.sql").read_bytes().splitlines()
    assert {"LICENSE", "entry_points.txt", "METADATA"} <= {name.rpartition("/")[2] for name in described}


def test_what_a_stranger_needs_is_in_the_wheel(wheel: Path) -> None:
    """Named one by one: the test above would also accept a file that is lost from the checkout."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {
        "sfm_archive/py.typed",
        "sfm_archive/__init__.pyi",
        "sfm_archive/schema.sql",
        "sfm_archive/testing/__init__.py",
        "sfm_archive/web/templates/base.html",
        "sfm_archive/web/static/viewer.js",
    } <= set(names)
    assert {"sfm_blastware/v1.py", "sfm_blastware/v2.py", "sfm_formats/capture.py"} <= set(names)
    captures = [name for name in names if name.startswith("sfm_archive/demo/") and not name.endswith(".py")]
    assert captures, "the demo's captures are not in the wheel"
    assert not [name for name in names if name.split("/")[0] in {"tests", "plugins", "docs", "benchmarks"}]


def test_the_wheel_says_the_version_that_archives_record(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    assert (metadata["Name"], metadata["Version"]) == ("sfm-archive", __version__)


def test_the_installed_wheel_does_not_lean_on_the_checkout(installed: Installation) -> None:
    modules = "sfm_archive, sfm_blastware, sfm_formats"
    program = f"import json, sys, {modules}; print(json.dumps([*(m.__file__ for m in ({modules})), *sys.path]))"
    places = json.loads(installed.run("python", "-c", program))
    assert [place for place in places if Path(place).is_relative_to(ROOT)] == []


def test_the_installed_command_explains_itself(installed: Installation) -> None:
    assert "Usage: sfm" in installed.run("sfm", "--help")


def test_the_installed_encoders_are_those_of_the_checkout(installed: Installation, here: Installation) -> None:
    encoders = installed.encoders()
    assert {"blastware@1", "blastware@2"} <= set(encoders)
    assert encoders == here.encoders()
    for encoder in encoders.values():
        assert (encoder["distribution"], encoder["distribution_version"]) == ("sfm-archive", __version__)


def test_the_installed_main_job_writes_the_bytes_of_the_checkout(
    installed: Installation, here: Installation, tmp_path: Path
) -> None:
    exported = installed.demo(tmp_path / "installed")
    assert exported, "the demo exported nothing"
    assert all(exported.values())
    assert exported == here.demo(tmp_path / "here")


def test_deleting_one_encoder_or_a_folder_of_plugins_removes_exactly_what_it_offers(
    here: Installation, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_SOURCE)
    (checkout / "plugins" / "sfm_blastware" / "v1.py").unlink()
    shutil.rmtree(checkout / "plugins" / "sfm_formats")
    without = install(build_wheel(checkout, tmp_path / "dist"), tmp_path)
    expected = here.encoders()
    del expected["blastware@1"]
    assert without.encoders() == expected
