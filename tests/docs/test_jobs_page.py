"""The commands about blasts on the page about jobs run, one after the other."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
from tests.sites.conftest import UNIT, save_waveform

PAGE = Path(__file__).parents[2] / "docs" / "jobs.md"


def commands() -> list[str]:
    """Those of the section on blasts, without their notes."""
    section = PAGE.read_text(encoding="utf-8").split("## Blasts\n")[1].split("\n## ")[0]
    return [line.partition("    #")[0] for line in re.findall(r"^\$ (sfm blast .*)$", section, re.MULTILINE)]


REAL = PAGE.parents[1] / "tests" / "data" / "blastware-ascii"


def test_the_report_of_two_real_exports_is_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("5m.TXT", "15m.TXT"):
        shutil.copy(REAL / name, name)
    section = PAGE.read_text(encoding="utf-8").split("### One blast, two points\n")[1]
    told = re.findall(r"^(\$ sfm .*(?:\n[^$`].*)*)", section, re.MULTILINE)
    assert len(told) == 11
    for block in told:
        command, *said = block.split("\n")
        result = CliRunner().invoke(main, shlex.split(command)[2:])
        assert result.exit_code == 0, (command, result.output, result.exception)
        for line in said:
            assert line.partition(" (")[0] in result.output, (line, result.output)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader("trial.pdf").pages]
    assert len(pages) == 6 and "Scaled distance," not in " ".join(pages)
    for said in (
        "5 m 1 5.0 m Vert 22.52 mm/s 29.3 Hz 21.5 Long 103.4 % exceeded 31.68 mm/s",
        "15 m 2 15.0 m Long 15.29 mm/s 34.7 Hz 32.4 Long 47.3 % within 15.92 mm/s",
        "5 m Vibration: DIN 4150-3 line 1, commercial and industrial buildings 1 0 1 0 0 0 1 0 %",
        "15 m Vibration: DIN 4150-3 line 1, commercial and industrial buildings 1 1 0 0 0 0 1 100 %",
    ):
        assert said in pages[1], (said, pages[1])


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
