"""The plug-ins that docs/writing-a-plugin.md shows, as installed ones."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from sfm_archive.plugins.hookspecs import PROJECT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-a-plugin.md"


@pytest.fixture
def documented(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], EntryPoint]:
    """The entry point of the plug-in in the page's block ```python WORD."""

    def find(word: str) -> EntryPoint:
        text = PAGE.read_text(encoding="utf-8")
        (code,) = re.findall(rf"^```python {word}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        module = ModuleType(f"documented_{word}")
        exec(code, module.__dict__)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint("documented", module.__name__, PROJECT)

    return find
