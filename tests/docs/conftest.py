"""What the pages of docs/ say, taken out of them so that it can be run and checked."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Block = Callable[[str, str], str]
"""A page below docs/ and the words behind its fence (`python reader`) → the one code block that has them."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def block() -> Block:
    def find(page: str, fence: str) -> str:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        found = re.findall(rf"^```{re.escape(fence)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert len(found) == 1, f"docs/{page} has {len(found)} blocks ```{fence}"
        return str(found[0])

    return find


@pytest.fixture(scope="session")
def run_python() -> Run:
    """Run Python as a stranger would: in a process of its own, `paths` in front of what is installed."""

    def run(*arguments: object, paths: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
        before = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}; sys.argv = sys.argv[1:];"
        code = before + "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
        command = [sys.executable, "-X", "utf8", "-c", code, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)

    return run
