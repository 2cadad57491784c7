"""docs/example-plugin/ as a stranger uses it: built, installed beside the wheel, tried, used, and taken away again.

Set SFM_ARCHIVE_WHEEL to the path of a wheel to test that one. Fetches from the package index, as test_wheel.py does.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "example-plugin"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
EXE = ".exe" if os.name == "nt" else ""

pytestmark = pytest.mark.packaging

FILL = """\
import sys
from random import Random
import sfm_archive as sfm
from sfm_archive import testing

random = Random(1)
with sfm.create(sys.argv[1]) as archive, archive.batch():
    for number in range(60):
        made = testing.simulate_histogram(random, count=20)
        event = sfm.Event(serial=made.serial, recorded_at=made.recorded_at, start_key=made.start_key)
        frames = testing.read_out(made)
        archive.save(event, testing.corrupted_byte(frames, 0, random) if number == 7 else frames)
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python environment that knows no checkout, and a folder to work in."""

    scripts: Path
    work: Path

    def run(self, program: str, *arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        forgotten = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
        kept = {key: value for key, value in os.environ.items() if key not in forgotten}
        done = subprocess.run(
            [str(self.scripts / f"{program}{EXE}"), *map(str, arguments)],
            cwd=self.work,
            env={**kept, "PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        assert done.returncode == code, (
            f"{program} {arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        return json.loads(self.run("sfm", *arguments, "--json", code=code).stdout)

    def files(self, folder: str, *options: str, code: int = 0) -> dict[str, str]:
        """Hash of every file of an export, by its name."""
        self.run("sfm", "export", "quarry.sfm", folder, *options, code=code)
        paths = [path for path in (self.work / folder).rglob("*") if path.is_file()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def wheel_of(source: Path, target: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *options, "-w", str(target), str(source)]
    subprocess.run(command, check=True, timeout=240, stdin=subprocess.DEVNULL)
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("example")
    given = os.environ.get("SFM_ARCHIVE_WHEEL")
    own = Path(given).resolve(strict=True) if given else wheel_of(ROOT, folder / "own")
    copied = shutil.copytree(EXAMPLE, folder / "copied", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    example = wheel_of(copied, folder / "built")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True, timeout=240)
    made = Environment(folder / "venv" / SCRIPTS, folder / "work")
    made.work.mkdir()
    made.run("python", "-m", "pip", "install", "-q", own, example, "pytest")
    shutil.copy(EXAMPLE / "test_blastware_99.py", made.work)
    return made


def test_the_example_is_under_60_lines() -> None:
    lines = [
        line
        for path in (EXAMPLE / "sfm_blastware_99.py", EXAMPLE / "test_blastware_99.py", EXAMPLE / "pyproject.toml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    assert len(lines) < 60


def test_the_example_from_its_build_to_its_removal(environment: Environment) -> None:
    # Found through its entry point, and conforming.
    encoders = {one["name"]: one for one in environment.json("encoders")["encoders"]}
    assert encoders["blastware@99"]["distribution"] == "sfm-blastware-99"
    assert environment.json("encoders")["load_errors"] == []
    suite = environment.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_blastware_99.py").stdout
    assert "passed" in suite
    assert "times the time of blastware@2" in suite

    # Tried on a whole archive, in processes, before anything changes.
    (environment.work / "fill.py").write_text(FILL, encoding="utf-8")
    environment.run("python", "fill.py", "quarry.sfm")
    before = environment.files("before", code=1)  # one event is torn, which an export says
    archive = (environment.work / "quarry.sfm").read_bytes()
    options = ["--encoder", "blastware@99", "--dry-run", "--processes", "2"]
    report = environment.json("reencode", "quarry.sfm", *options, code=1)
    assert {word: number for word, number in report["totals"].items() if number} == {"same": 59, "now failing": 1}
    assert report["distribution"]["reasons"] == {"checksum": 1}
    assert (environment.work / "quarry.sfm").read_bytes() == archive

    # Recorded, switched to, exported with, switched away from.
    assert environment.json("reencode", "quarry.sfm", "--encoder", "blastware@99", code=1)["recorded"] == 60
    environment.run("sfm", "encoders", "quarry.sfm", "--pin", "blastware@99")
    strict = environment.files("strict", code=1)
    (refused,) = set(before) - set(strict)
    assert strict == {name: digest for name, digest in before.items() if name != refused}
    environment.run("sfm", "encoders", "quarry.sfm", "--pin", "blastware@2")
    assert environment.files("after", code=1) == before
    assert environment.json("verify", "quarry.sfm")["ok"]

    # Taken away while the archive pins it: everything that does not need it works, the rest says what to install.
    environment.run("sfm", "encoders", "quarry.sfm", "--pin", "blastware@99")
    environment.run("python", "-m", "pip", "uninstall", "-q", "-y", "sfm-blastware-99")
    assert environment.json("list", "quarry.sfm")["matching"] == 60
    shown = environment.json("show", "quarry.sfm", "1")
    assert "sfm-blastware-99" in {record["distribution"] for record in shown["encodings"]}
    assert environment.files("named", "--encoder", "blastware@2") == before
    sentence = environment.run(
        "sfm", "export", "quarry.sfm", "gone", "1", "--overwrite", "--encoder", "blastware@99", code=3
    )
    assert "blastware@99 is not installed" in sentence.stderr
    assert "has it from the package sfm-blastware-99 1.0.0: install that" in sentence.stderr
    told = environment.run("sfm", "encoders", "quarry.sfm").stderr
    assert "pins blastware@99, which is not installed: install its package" in told


def test_the_project_of_the_page_builds_under_any_name(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "writing-a-plugin.md").read_text(encoding="utf-8")
    project, module = (page.split(f"```{language} plugin\n")[1].split("```")[0] for language in ("toml", "python"))
    for name in ("sfm-event-memory", "quarry-tools"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pyproject.toml").write_text(project.replace("sfm-event-memory", name), encoding="utf-8")
        (folder / "sfm_event_memory.py").write_text(module, encoding="utf-8")
        with zipfile.ZipFile(wheel_of(folder, tmp_path / f"built-{name}")) as wheel:
            assert "sfm_event_memory.py" in wheel.namelist()
            assert wheel.read("sfm_event_memory.py").decode("utf-8") == module
