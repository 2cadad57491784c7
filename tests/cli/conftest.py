"""A small archive made of the demo's captures, and ways to run `sfm` on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sfm_archive.cli import main
from sfm_archive.cli.json_reference import FREE_FORM, JSON_KEYS
from sfm_archive.demo import captures

SFM = Path(sysconfig.get_path("scripts")) / ("sfm.exe" if os.name == "nt" else "sfm")


@dataclass(frozen=True)
class Sfm:
    """Runs commands in this process, from a folder of their own."""

    folder: Path

    def __call__(self, *arguments: str | Path, code: int = 0) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, (result.exit_code, result.stdout, result.stderr)
        return result

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code).stdout)

    def error(self, *arguments: str | Path, code: int) -> str:
        """The one sentence of an error."""
        result = self(*arguments, code=code)
        assert result.stdout == ""
        first, *rest = result.stderr.splitlines()
        assert first.startswith("Error: ") and not rest, result.stderr
        return first.removeprefix("Error: ")

    def usage_error(self, *arguments: str | Path) -> str:
        result = self(*arguments, code=2)
        usage, _, _, last = result.stderr.splitlines()
        assert usage.startswith("Usage: sfm ")
        return last.removeprefix("Error: ")


@pytest.fixture
def sfm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sfm:
    monkeypatch.chdir(tmp_path)
    return Sfm(tmp_path)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's captures imported; every test that asks for `quarry` gets a copy."""
    path = tmp_path_factory.mktemp("cli") / "quarry.sfm"
    Sfm(path.parent)("import", path, "--create", "--actor", "tester", *captures())
    return path


@pytest.fixture
def quarry(sfm: Sfm, imported: Path) -> str:
    """Name of an archive of seven events in the current folder."""
    shutil.copyfile(imported, sfm.folder / "quarry.sfm")
    return "quarry.sfm"


@pytest.fixture
def process(sfm: Sfm) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `sfm` as a process of its own, as installed."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SFM), *map(str, arguments)],
            cwd=sfm.folder,
            env={**os.environ, "PYTHONUTF8": "1", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


def paths(value: Any, command: str, at: str = "") -> set[str]:
    """The keys of a JSON document in the form of JSON_KEYS."""
    if isinstance(value, dict) and f"{command} {at}" not in FREE_FORM:
        inner = {key: paths(member, command, f"{at}.{key}" if at else key) for key, member in value.items()}
        return set().union(*inner.values()) if inner else {at}
    if isinstance(value, list):
        found = [paths(member, command, f"{at}[]") for member in value if isinstance(member, dict)]
        return set().union(*found) if found else {at}
    return {at}


@pytest.fixture
def closed() -> Callable[[str, Any], None]:
    """Checks that a document has exactly the documented keys; lists without members stand for their keys."""

    def check(command: str, document: Any) -> None:
        documented = JSON_KEYS[command]
        found = paths(document, command)
        known = {key.removesuffix("?") for key in documented}
        empty = {key for key in found if any(other.startswith(f"{key}[].") for other in known)}
        assert found - known - empty == set()
        needed = {key for key in documented if not key.endswith("?")}
        absent = needed - found
        assert {key for key in absent if not any(key.startswith(f"{start}[]") for start in empty)} == set()

    return check
