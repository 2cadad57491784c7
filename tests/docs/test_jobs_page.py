"""The commands about blasts on the page about jobs run, one after the other."""

from __future__ import annotations

import math
import re
import shlex
import shutil
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
from tests.reporting.period.conftest import OTHER, quiet, save_histogram, save_report
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
        "1 5.0 m Vert 22.52 mm/s 29.3 Hz 21.5 Long 103.4 % exceeded 31.68 mm/s",
        "2 15.0 m Long 15.29 mm/s 34.7 Hz 25.4 Vert 48.9 % within 15.92 mm/s",
        "held against the limit: Long 22.21 mm/s at 12.96 Hz",
        "5 m Vibration: DIN 4150-3 line 1, commercial and industrial buildings 1 0 1 0 0 0 1 0 %",
        "15 m Vibration: DIN 4150-3 line 1, commercial and industrial buildings 1 1 0 0 0 0 1 100 %",
    ):
        assert said in pages[1], (said, pages[1])


def told_by_page(begin: str) -> list[str]:
    """A block of the page: the command that begins so, and what the page says that it prints."""
    (found,) = re.findall(rf"^\$ ({re.escape(begin)}.*(?:\n[^$`].*)*)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found).splitlines()


def printed(command: str) -> list[str]:
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, (command, result.output, result.exception)
    return [line.rstrip() for line in result.output.splitlines() if line]


def assert_is_printed(told: list[str], lines: list[str]) -> None:
    """Line by line; `…` stands for any number of lines, and sizes of files depend on the fonts of a computer."""
    rest = [re.sub(r"[\d,]+ bytes", "bytes", line) for line in lines]
    skips = False
    for line in filter(None, told):
        if line == "…":
            skips = True
            continue
        wanted = re.sub(r"[\d,]+ bytes", "bytes", line)
        assert wanted in (rest if skips else rest[:1]), (line, rest[:3])
        rest = rest[rest.index(wanted) + 1 :]
        skips = False


@pytest.fixture
def in_quarry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def quarry_of_may() -> None:
    """Four blasts of May, one above the limit, one quiet, one of which nothing is known; and a truck."""
    at = [datetime(2026, 5, day, 11, 30) for day in (4, 12, 15, 27)]
    with sfm.create("quarry.sfm", actor="A. Miller") as archive:
        shots = [
            save_report(archive, at[0], (2.1, 4.2, 1.9), 20.0, level_db=112.0, trigger=0.51),
            save_report(archive, at[1], (3.3, 8.3, 2.4), 18.0, level_db=116.5, trigger=0.51),
        ]
        save_histogram(archive, datetime(2026, 5, 15, 7), quiet(120), trigger=0.51)
        save_report(archive, datetime(2026, 5, 21, 9, 12, 40), (2.2, 9.4, 3.1), 14.0, level_db=99.0, trigger=0.51)
        sfm.add_job(archive, "North Quarry", client="Rock Ltd", units="mm/s", zone="Europe/Berlin")
        sfm.add_point(archive, "North Quarry", "Church", address="Church Street 1", coordinates="47.1,8.2")
        sfm.limit_point(archive, "North Quarry/Church", limits=["din-4150-3-line-2"], airblast="120dB")
        sfm.place(archive, UNIT, at="North Quarry/Church", since=datetime(2026, 5, 1, 8))
        for number, moment in enumerate(at):
            sfm.add_blast(
                archive, "North Quarry", moment, name=str(17 + number), charge="120 kg", coordinates="47.1035,8.2029"
            )
        for number, event in enumerate(shots, start=1):
            sfm.confirm_blast(archive, number, [event])


def test_the_report_in_text_is_what_the_page_says(in_quarry: Path) -> None:
    quarry_of_may()
    command, *told = told_by_page('sfm job report quarry.sfm "North Quarry"')
    assert_is_printed(told, printed(command))


def test_the_report_as_a_file_is_what_the_page_says(in_quarry: Path) -> None:
    quarry_of_may()
    command, *told = told_by_page("sfm job report quarry.sfm 1 ")
    assert_is_printed(told, printed(command))


def test_the_laws_of_attenuation_are_what_the_page_says(in_quarry: Path) -> None:
    """Eighteen blasts that two units recorded, around laws of powers of the scaled distance."""
    random = Random(17)
    with sfm.create("quarry.sfm", actor="A. Miller") as archive:
        events, blasts = [], []
        for number in range(18):
            at, charge = datetime(2026, 5, 4 + number, 11, 30), random.choice((40, 80, 120, 200))
            far = {"Church": random.randint(127, 400), "School": random.randint(300, 900)}
            for serial, metres in zip((UNIT, OTHER), far.values(), strict=True):
                scaled, cube = metres / charge**0.5, metres / charge ** (1 / 3)
                peak = 900 * scaled**-1.5 * 10 ** random.gauss(0, 0.1)
                level = 20 * math.log10(200 / cube * 10 ** random.gauss(0, 0.05) / 20e-6)
                events.append(
                    save_report(archive, at, (0.3 * peak, peak, 0.5 * peak), 20.0, serial=serial, level_db=level)
                )
            blasts.append((at, charge, far))
        sfm.add_job(archive, "North Quarry", units="mm/s", zone="Europe/Berlin")
        for point, serial in (("Church", UNIT), ("School", OTHER)):
            sfm.add_point(archive, "North Quarry", point)
            sfm.place(archive, serial, at=f"North Quarry/{point}", since=datetime(2026, 5, 1, 8))
        for number, (at, charge, far) in enumerate(blasts):
            said = [(point, f"{metres} m") for point, metres in far.items()]
            sfm.add_blast(archive, "North Quarry", at, name=str(17 + number), charge=f"{charge} kg", distances=said)
            last = number == len(blasts) - 1  # of which one unit recorded nothing
            sfm.confirm_blast(archive, number + 1, events[2 * number : 2 * number + 2 - last])
    command, *told = told_by_page("sfm attenuation quarry.sfm")
    assert_is_printed(told, printed(command))


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
