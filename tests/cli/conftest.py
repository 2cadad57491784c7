"""A small archive made of the demo's captures, and ways to run `sfm` on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from sfm_archive.cli import main
from sfm_archive.demo import captures

_INSTALLED = Path(sysconfig.get_path("scripts")) / ("sfm.exe" if os.name == "nt" else "sfm")
SFM = [str(_INSTALLED)] if _INSTALLED.exists() or os.name != "nt" else [sys.executable, "-m", "sfm_archive"]
"""`sfm` as installed; where Windows' Python runs under Wine, nothing is installed."""


SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-schema" / "sfm.json").read_bytes())


def conforms(command: str, document: Any) -> None:
    """Raises ValidationError for a document that has other keys or types than the schema's definition for a command."""
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{command}", "$defs": SCHEMA["$defs"]})
    validator.validate(document)


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
        """The document that a command prints; it is what the published schema says."""
        document = json.loads(self(*arguments, "--json", code=code).stdout)
        conforms(str(arguments[0]), document)
        return document

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


@pytest.fixture(autouse=True)
def own_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test's own defaults stand, should it set some."""
    path = tmp_path / "own" / "config.toml"
    monkeypatch.setenv("SFM_CONFIG", str(path))
    return path


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
            [*SFM, *map(str, arguments)],
            cwd=sfm.folder,
            env={**os.environ, "PYTHONUTF8": "1", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def calls_with(quarry: str) -> Callable[[str, str], list[list[str]]]:
    """A command, a text in place of each of its arguments and options in turn, beside the archive and event 1."""

    def made(command: str, text: str) -> list[list[str]]:
        found = main.get_command(click.Context(main), command)
        assert found is not None
        arguments = [one for one in found.params if isinstance(one, click.Argument)]
        archives = ("archive", "access", "damaged")
        usual = [quarry if one.name in archives else "1" for one in arguments]
        needed = [word for word, one in zip(usual, arguments, strict=True) if one.required]
        options = [one for one in found.params if isinstance(one, click.Option) and not one.is_flag]
        # A watch goes on until it is ended.
        start = [command, *(["--once", "--settle", "0.1s"] if command == "watch" else [])]
        return [
            *([*start, *usual[:at], text] for at in range(len(usual))),
            *([*start, *needed[:at], text, *needed[at + 1 :]] for at in range(len(needed))),
            *([*start, *needed, one.opts[0], text] for one in options if one.opts[0] != "--processes"),
        ]

    return made


@pytest.fixture
def closed() -> Callable[[str, Any], None]:
    """Checks a document by the published schema of its command."""
    return conforms
