"""The commands about blasts on the page about jobs run, one after the other."""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main
from tests.sites.conftest import UNIT, save_waveform

PAGE = Path(__file__).parents[2] / "docs" / "jobs.md"


def commands() -> list[str]:
    """Those of the section on blasts, without their notes."""
    section = PAGE.read_text(encoding="utf-8").split("## Blasts\n")[1].split("\n## ")[0]
    return [line.partition("    #")[0] for line in re.findall(r"^\$ (sfm blast .*)$", section, re.MULTILINE)]


def test_the_commands_about_blasts_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blasts.csv").write_text("time,name,charge (kg)\n2026-05-06 11:30,19,80\n", encoding="utf-8")
    with sfm.create("quarry.sfm") as archive:
        sfm.add_job(archive, "North Quarry", zone="Europe/Berlin")
        sfm.add_point(archive, "North Quarry", "Church", coordinates="47.1,8.2")
        for minute in range(12):
            save_waveform(archive, datetime(2026, 5, 4, 11, 30 + minute))
        sfm.place(archive, UNIT, at="Church", since=datetime(2026, 5, 1))
    assert len(commands()) > 6
    for command in commands():
        result = CliRunner().invoke(main, shlex.split(command)[1:])
        assert result.exit_code == 0, (command, result.output, result.exception)
