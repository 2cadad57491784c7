"""The transcript about sealed archives in docs/trust.md is what the commands say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfm_archive.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"


def test_the_commands_about_a_sealed_archive_say_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["demo"]).exit_code == 0
    section = PAGE.read_text(encoding="utf-8").split("### Sealed is sealed\n")[1].split("\n## ")[0]
    told = re.findall(r"^(\$ sfm .*(?:\n[^$`].*)*)", section, re.MULTILINE)
    assert len(told) == 8
    for block in told:
        command, *said = block.split("\n")
        result = CliRunner().invoke(main, shlex.split(command)[2:])
        assert result.exit_code == (6 if said[0].startswith("Error") else 0), (command, result.output)
        for line in said:
            words = line.replace("…", " ").split()  # columns are as wide as the terminal has room
            assert [word for word in words if word not in result.output] == [], (command, line, result.output)
