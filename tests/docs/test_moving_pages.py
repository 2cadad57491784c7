"""The transcripts of the pages about merging are what the commands print."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("two-laptops-and-an-office.md", "merge.md", "extract.md")
CAPTURES = {"april": "20260420_074512", "north": "20260513_161204", "south": "20260513_164930"}


def transcripts() -> list[tuple[str, list[str]]]:
    """Every command of the pages in their order, with the lines that stand below it."""
    found: list[tuple[str, list[str]]] = []
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
            for line in block.splitlines():
                if line.startswith("$ "):
                    found.append((line[2:], []))
                else:
                    found[-1][1].append(line)
    return found


def masked(line: str) -> str:
    """Without hashes and ids, which are others in every run."""
    return re.sub(r"\b[0-9a-f]{12,64}\b", "#", line.rstrip())


@pytest.mark.posix("the pages show a shell's cp")
def test_the_pages_show_what_the_commands_print(tmp_path: Path) -> None:
    for name, of in CAPTURES.items():
        shutil.copyfile(ROOT / "sfm_archive" / "demo" / f"raw_s3_{of}.bin", tmp_path / f"{name}.bin")
    shown = 0
    for line, below in transcripts():
        words = shlex.split(line)
        command = [sys.executable, "-m", "sfm_archive", *words[1:]] if words[0] == "sfm" else words
        done = subprocess.run(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60
        )
        assert done.returncode in (0, 1), (line, done.stdout)
        if below:
            shown += 1
            assert [*map(masked, done.stdout.splitlines())] == [*map(masked, below)], line
    assert shown >= 8
