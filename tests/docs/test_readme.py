"""The commands of the first pages run on the demo, find something there, and end with 0."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sfm_archive.cli import main
from sfm_archive.demo import run_demo

ROOT = Path(__file__).parents[2]
PLACES = {"FOLDER": "folder", "COPY": "copy.sfm"}


def commands() -> list[str]:
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("| you want to | command |")[1].split("\n\n")[0]
    found = re.findall(r"`(sfm [^`]+)`", table)
    page = (ROOT / "docs" / "review-and-search.md").read_text(encoding="utf-8")
    found += re.findall(r"^\$ (sfm (?:list|report|export|summary) .*)$", page, re.MULTILINE)
    found = [command.partition(" | ")[0] for command in found]  # what a pipe's other end does is not ours
    # What is shown on another archive is in test_transcripts.py.
    return [one for one in found if not one.startswith(("sfm create", "sfm import")) and "north.sfm" not in one]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    run_demo(folder)
    return folder / "demo.sfm"


def run(command: str) -> Result:
    return CliRunner().invoke(main, [PLACES.get(word, word) for word in shlex.split(command)[1:]])


@pytest.mark.parametrize("command", commands())
def test_what_the_page_shows_works_on_the_demo(
    command: str, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(demo, tmp_path / "quarry.sfm")
    monkeypatch.chdir(tmp_path)
    if command.startswith("sfm job report"):  # of a job that a line above it states
        run(next(stated for stated in commands() if stated.startswith("sfm job add")))
    result = run(command)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "0 of 0 shown" not in result.output


def test_there_are_commands_to_run() -> None:
    assert len(commands()) > 15
