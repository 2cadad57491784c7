"""Transcripts of the pages are what the commands say, one after the other."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfm_archive.cli import main
from sfm_archive.demo import captures

DOCS = Path(__file__).parents[2] / "docs"


def run(line: str) -> tuple[int, str]:
    """A command's exit code, and all that it says."""
    result = CliRunner().invoke(main, shlex.split(line))
    return result.exit_code, result.output


def the_demo() -> None:
    """In the folder sfm-demo."""
    assert run("demo")[0] == 0


def a_site() -> None:
    """A unit at a point with limits, none of whose events has come yet, and two downloads."""
    first, second, third = captures()
    shutil.copy(second, "thursday.bin")
    shutil.copy(third, "friday.bin")
    for line in (
        f'import north.sfm "{first}" --create',
        "job add north.sfm North",
        "point add north.sfm North School",
        "unit north.sfm BE11529 --calibrated 2026-02-11 --valid 12months",
        "place north.sfm BE11529 --at School --from 2026-05-01",
        "point limits north.sfm School --limits 0.4in/s",
    ):
        code, said = run(line.replace("\\", "/"))
        assert code == 0, (line, said)


def two_archives() -> None:
    """A point with an address in the one."""
    first, second, third = captures()
    shutil.copy(second, "thursday.bin")
    for line in (
        f'import south.sfm "{first}" --create',
        f'import north.sfm thursday.bin "{third}" --create',
        "job add north.sfm North",
        "point add north.sfm North School --address 'Church Street 1'",
        "place north.sfm BE11529 --at School --from 2026-05-01",
    ):
        assert run(line.replace("\\", "/"))[0] in (0, 1), line


@pytest.mark.parametrize(
    ("page", "section", "commands", "prepare"),
    [
        ("trust.md", "### Sealed is sealed", 8, the_demo),
        ("review-and-search.md", "## What came since", 4, a_site),
        ("review-and-search.md", "## An address, a file or a hash in many archives", 3, two_archives),
    ],
)
def test_a_page_is_what_the_commands_say(
    page: str,
    section: str,
    commands: int,
    prepare: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare()
    text = (DOCS / page).read_text(encoding="utf-8").split(f"{section}\n")[1].split("\n## ")[0]
    told = re.findall(r"^\$ sfm (.*(?:\n[^$`].*)*)", text, re.MULTILINE)
    assert len(told) == commands
    for block in told:
        line, *said = block.split("\n")
        code, output = run(line)
        wanted = 6 if said and said[0].startswith("Error") else 3 if "gone.sfm" in line else 0
        assert code == wanted, (line, output)
        for one in said:
            words = one.replace("…", " ").split()  # columns are as wide as the terminal has room
            assert [word for word in words if word not in output] == [], (line, one, output)
